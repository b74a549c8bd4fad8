/**
 * For debuggers: what leads from the code that runs to the text that the user wrote, as it was when the bundle was made.
 *
 * On the usual path nobody pays for a map: positions are led back by the list of edits. A debugger knows only source maps
 * (ECMA-426), so one is made for it, from the same list, with the text inside: the file itself may have changed or gone.
 */
import type { ScriptModule } from './bundle.ts'
import { lineStarts, placeOf } from './instrument/lines.ts'

/** An offset in the code, and the place in the user's text that it came from; lines and columns count from 1. */
type Point = readonly [offset: number, line: number, column: number]

/** The code of a module with its map; `url` is that of the user's file. */
export function withSourceMap(module: ScriptModule, url: string): string {
  const map = { version: 3, sources: [url], sourcesContent: [module.source], names: [], mappings: mappingsOf(module) }
  const data = Buffer.from(JSON.stringify(map)).toString('base64')
  return `${module.code}\n//# sourceMappingURL=data:application/json;base64,${data}`
}

function mappingsOf(module: ScriptModule): string {
  const starts = lineStarts(module.code)
  const lines = starts.map((): string[] => [])
  let before = { line: 1, column: 1 }
  let row = 0
  let last = 1
  for (const [offset, line, column] of pointsOf(module)) {
    const at = placeOf(starts, offset)
    if (at.line !== row) {
      row = at.line
      last = 1
    }
    lines[at.line - 1]!.push([at.column - last, 0, line - before.line, column - before.column].map(vlq).join(''))
    last = at.column
    before = { line, column }
  }
  return lines.map(segments => segments.join(',')).join(';')
}

/** In the order of their offsets. */
function pointsOf({ code, source, map, lowered }: ScriptModule): readonly Point[] {
  const pieces = piecesOf(map, code.length)
  return lowered ? loweredPoints(pieces, lowered) : plainPoints(pieces, code, source)
}

/** Code that stands in the source as it is: `[offset in the code, offset in the source, length]`. */
type Piece = readonly [generated: number, original: number, length: number]

function piecesOf(map: ScriptModule['map'], codeLength: number): readonly Piece[] {
  const pieces: Piece[] = []
  let generated = 0
  let original = 0
  for (let index = 0; index < map.length; index += 3) {
    const [kept = 0, removed = 0, inserted = 0] = map.slice(index, index + 3)
    pieces.push([generated, original, kept])
    generated += kept + inserted
    original += kept + removed
  }
  return [...pieces, [generated, original, codeLength - generated] as const].filter(([, , length]) => length > 0)
}

/** A point where each piece begins, and one for each further line of it. */
function plainPoints(pieces: readonly Piece[], code: string, source: string): readonly Point[] {
  const starts = lineStarts(source)
  return pieces.flatMap(([generated, original, length]) =>
    [0, ...lineStarts(code.slice(generated, generated + length)).slice(1)].map((into): Point => {
      const { line, column } = placeOf(starts, original + into)
      return [generated + into, line, column]
    }),
  )
}

/** Lowered text knows its places already: those that have come through are where the edits moved them. */
function loweredPoints(pieces: readonly Piece[], lowered: readonly number[]): readonly Point[] {
  const points: Point[] = []
  let index = 0
  for (const [generated, original, length] of pieces) {
    while (index < lowered.length && lowered[index]! < original) index += 3
    for (; index < lowered.length && lowered[index]! < original + length; index += 3)
      points.push([generated + lowered[index]! - original, lowered[index + 1]!, lowered[index + 2]!])
  }
  return points
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A number as base 64 digits of five bits, the sign in the lowest, the sixth bit saying that more follow. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const digit = rest & 31
    rest >>>= 5
    text += BASE64[rest > 0 ? digit | 32 : digit]
  } while (rest > 0)
  return text
}
