/**
 * Takes secrets out of text that comes in pieces, wherever the pieces and the lines break.
 *
 *   R1. However a text is cut into chunks, no form of a secret is in what comes out; line breaks inside a form do not hide it.
 *   R2. What comes out is the text with each hit replaced by `[secret NAME]`; without hits it is the text.
 *   R3. Text is held back only while it may be the beginning of a secret. A line that ends with less than three characters
 *       of one goes out (a live log must not lag); should the rest follow in the next line, the rest is taken out.
 */
import { withoutBreaks } from './forms.ts'

export interface Form {
  readonly text: string
  /** The secret's name. */
  readonly name: string
}

interface Hit {
  readonly from: number
  readonly to: number
  readonly name: string
}

const SHORT_PREFIX = 2

/** State of one stream of text. Not a class: it is folded by `feed`. */
export interface Redaction {
  /** Held back, and before it the `shown` last characters that went out already. */
  readonly text: string
  readonly shown: number
}

export const NOTHING_HELD: Redaction = { text: '', shown: 0 }

/** The text that may go out now, and what is held back. `end`: nothing follows, so nothing is held. */
export function feed(
  held: Redaction,
  chunk: string,
  forms: readonly Form[],
  more: 'more' | 'end',
): { readonly out: string; readonly held: Redaction } {
  const text = held.text + chunk
  if (forms.length === 0) return { out: text.slice(held.shown), held: NOTHING_HELD }
  const { plain, at } = strip(text)
  const hits = hitsIn(plain, forms)
  const wanted = more === 'end' ? plain.length : plain.length - heldBack(plain, text, forms)
  // A hit is replaced as a whole: never cut one in two.
  const limit = hits.reduce((end, hit) => (hit.from < end && end < hit.to ? hit.from : end), wanted)
  const cut = limit >= plain.length ? text.length : (at[limit] ?? text.length)
  const out = render(
    text,
    held.shown,
    cut,
    hits.filter(hit => hit.from < limit),
    at,
  )
  const context = Math.min(limit, endOfHits(hits, limit) === limit ? 0 : SHORT_PREFIX)
  const start = context === 0 ? cut : (at[limit - context] ?? cut)
  return { out, held: { text: text.slice(start), shown: Math.max(cut, held.shown) - start } }
}

/** `text`, which is whole, without secrets. */
export const redactWhole = (text: string, forms: readonly Form[]): string => feed(NOTHING_HELD, text, forms, 'end').out

/** The name of a secret that is in `text` in one of its forms. */
export function secretIn(text: string, forms: readonly Form[]): string | undefined {
  if (forms.length === 0) return undefined
  const plain = /[\r\n]/.test(text) ? withoutBreaks(text) : text
  return forms.find(form => plain.includes(form.text))?.name
}

/** `text` without line breaks, and where each of its characters stood. */
function strip(text: string): { readonly plain: string; readonly at: readonly number[] } {
  const at: number[] = []
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== 10 && code !== 13) at.push(index)
  }
  return { plain: at.length === text.length ? text : withoutBreaks(text), at }
}

/** All hits, joined where they overlap, in order. */
function hitsIn(plain: string, forms: readonly Form[]): readonly Hit[] {
  const found: Hit[] = []
  for (const form of forms) {
    for (let from = plain.indexOf(form.text); from >= 0; from = plain.indexOf(form.text, from + 1)) {
      found.push({ from, to: from + form.text.length, name: form.name })
    }
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to)
  const joined: Hit[] = []
  for (const hit of found) {
    const last = joined.at(-1)
    if (last !== undefined && hit.from < last.to) joined[joined.length - 1] = { ...last, to: Math.max(last.to, hit.to) }
    else joined.push(hit)
  }
  return joined
}

/** How many characters at the end of `plain` may be the beginning of a form (R3). */
function heldBack(plain: string, text: string, forms: readonly Form[]): number {
  const tail = longestPrefixAtEnd(plain, forms)
  const lineIsWhole = text.endsWith('\n')
  return lineIsWhole && tail <= SHORT_PREFIX ? 0 : tail
}

function longestPrefixAtEnd(plain: string, forms: readonly Form[]): number {
  const last = plain.at(-1)
  let longest = 0
  for (const { text } of forms) {
    for (let count = Math.min(text.length - 1, plain.length); count > longest; count--) {
      if (text[count - 1] === last && plain.endsWith(text.slice(0, count))) longest = count
    }
  }
  return longest
}

const endOfHits = (hits: readonly Hit[], limit: number): number =>
  hits.reduce((end, hit) => (hit.from < limit ? Math.min(hit.to, limit) : end), -1)

function render(text: string, shown: number, cut: number, hits: readonly Hit[], at: readonly number[]): string {
  let out = ''
  let from = shown
  for (const hit of hits) {
    const start = at[hit.from] ?? 0
    const end = (at[hit.to - 1] ?? 0) + 1
    if (end <= from) continue
    out += text.slice(from, Math.max(from, start)) + `[secret ${hit.name}]`
    from = end
  }
  return out + text.slice(from, Math.max(from, cut))
}
