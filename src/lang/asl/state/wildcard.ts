/** StringMatches: `*` stands for any text, `\*` for the character itself, `\\` for a backslash. */

/** Takes time in proportion to the two lengths at worst: a later `*` never asks an earlier one to give way. */
export function matchesWildcard(text: string, pattern: string): boolean {
  const [first = '', ...rest] = piecesOf(pattern)
  if (rest.length === 0) return text === first
  if (!text.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** The texts between the stars. */
function piecesOf(pattern: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (let at = 0; at < pattern.length; at += 1) {
    const next = pattern[at + 1]
    if (pattern[at] === '*') {
      pieces.push(piece)
      piece = ''
    } else if (pattern[at] === '\\' && (next === '*' || next === '\\')) {
      piece += next
      at += 1
    } else piece += pattern[at]
  }
  return [...pieces, piece]
}
