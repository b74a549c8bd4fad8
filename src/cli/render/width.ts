/**
 * Columns on a terminal, and cutting by them. Agrees with the package string-width but for conjoining Hangul jamo (a test holds them
 * together), which is not used because it makes an `Intl.Segmenter` when it is imported: 25 ms of every start, for text that is nearly
 * always plain. Here the segmenter is made with the first text that needs one.
 */
import { eastAsianWidth } from 'get-east-asian-width'

/** One column each, and one grapheme each: ASCII, Latin, punctuation, arrows, and the signs that our own pages use. */
const SIMPLE = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25cf\u2713\u2717]*$/
const ESCAPE = /\x1b\[[\d;:]*m/g

const INVISIBLE =
  /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]$/u
/** Drawn as a picture, two columns wide. */
const PICTURE =
  /^\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Extended_Pictographic}.*\u200d\p{Extended_Pictographic}|^[\d#*]\u20e3$/u
/** Takes room of its own although it belongs to the character before. */
const SPACING = /\p{Spacing_Mark}|[\uff00-\uffef]/u

/** Columns that `text` takes; colour codes take none. */
export function widthOf(text: string): number {
  if (SIMPLE.test(text)) return text.length
  const bare = text.replace(ESCAPE, '')
  return SIMPLE.test(bare) ? bare.length : graphemes(bare).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0)
}

/** The part of `text` in columns `from` (included) to `to` (excluded). A wide character cut at `from` becomes a space, at `to` nothing. */
export function sliceColumns(text: string, from: number, to: number): string {
  if (SIMPLE.test(text)) return text.slice(from, to)
  let column = 0
  let part = ''
  for (const grapheme of graphemes(text)) {
    const end = column + graphemeWidth(grapheme)
    if (column >= from && end <= to) part += grapheme
    else if (column < from && end > from) part += ' '.repeat(Math.max(0, Math.min(end, to) - from))
    if (end > to) break
    column = end
  }
  return part
}

let segmenter: Intl.Segmenter | undefined

function graphemes(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function graphemeWidth(grapheme: string): number {
  if (PICTURE.test(grapheme)) return 2
  const [base, ...rest] = Array.from(grapheme).filter(character => !INVISIBLE.test(character))
  if (base === undefined) return 0
  return [base, ...rest.filter(character => SPACING.test(character))].reduce(
    (sum, character) => sum + eastAsianWidth(character.codePointAt(0) ?? 0),
    0,
  )
}
