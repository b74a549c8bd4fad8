/** A definition as text: its value, and where each part of it stands. A definition that code gives has no text, only paths. */
import type { Position } from '../../util/diagnostic.ts'
import { lastNotAfter } from '../../util/sorted.ts'

/** The way from the whole definition to a part of it. */
export type Path = readonly (string | number)[]

export interface Source {
  readonly value: unknown
  /** Names that one object has twice or more often: each place but the first. JSON's last one counts. */
  readonly repeated: readonly Repeated[]
  /** Of what stands at `path`; of the closest part around it that there is, when it is missing. */
  at(path: Path): Position
  /** Of the sign `offset` of the text at `path`; of the text, where it is written in another way than it reads. */
  inside(path: Path, offset: number): Position
  /** Of the name of the field at `path`. */
  nameAt(path: Path): Position
}

export interface Repeated {
  /** Of the field that is there again. */
  readonly path: Path
  readonly at: Position
}

/** As AWS shows it: `/States/Wait/Seconds`, the whole is `/`. */
export const showPath = (path: Path): string =>
  `/${path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `/${part}`)).join('')}`

/** Offsets of a text as lines and columns. */
export function newPositions(file: string, text: string): (offset: number) => Position {
  let starts: readonly number[] | undefined
  return offset => {
    starts ??= lineStarts(text)
    const line = lastNotAfter(starts, Math.min(offset, text.length))
    return { file, line: line + 1, column: Math.min(offset, text.length) - starts[line]! + 1 }
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
