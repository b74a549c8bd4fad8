/**
 * XML forbids `--` inside a comment, and so its parser goes on to the next `-->` when one ends with `--->`. Public collections
 * have both; what stands behind such a comment must not vanish with it. So dashes inside comments become blanks beforehand.
 */

const ENDS = { '<!--': '-->', '<![CDATA[': ']]>' } as const
type Opening = keyof typeof ENDS

/** A beginning or an end may be cut in two by the end of a piece: so much of it waits for the next one. */
const CUT_MAX = 8

/** The same pieces, as long as they were: positions do not change. */
export function* withoutDashes(pieces: Iterable<string>): Generator<string> {
  let inside: Opening | undefined
  let rest = ''
  for (const piece of pieces) {
    const text = rest + piece
    let out = ''
    let from = 0
    for (;;) {
      const at = inside === undefined ? openingIn(text, from) : text.indexOf(ENDS[inside], from)
      const until = at >= 0 ? at : Math.max(from, text.length - CUT_MAX)
      const passed = text.slice(from, until)
      out += inside === '<!--' ? passed.replaceAll('-', ' ') : passed
      from = until
      if (at < 0) break
      const mark: string = inside === undefined ? openingAt(text, at) : ENDS[inside]
      out += mark
      from += mark.length
      inside = inside === undefined ? (mark as Opening) : undefined
    }
    rest = text.slice(from)
    yield out
  }
  yield rest
}

function openingIn(text: string, from: number): number {
  for (let at = text.indexOf('<!', from); at >= 0; at = text.indexOf('<!', at + 2))
    if (text.startsWith('<!--', at) || text.startsWith('<![CDATA[', at)) return at
  return -1
}

const openingAt = (text: string, at: number): Opening => (text.startsWith('<!--', at) ? '<!--' : '<![CDATA[')
