/**
 * Changes to a text, kept as a list, so that every position in the new text leads back to the old one without a source map.
 *
 *   E1. Edits do not overlap; at one offset they stand in the order in which they were made.
 *   E2. What an edit inserts maps to the offset at which it stands.
 */
import { lastNotAfter } from '../../util/sorted.ts'

/** `[kept, removed, inserted]` lengths in UTF-16 units, flat, in order: plain JSON that a bundle carries. */
export type EditMap = readonly number[]

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export class Edits {
  readonly #edits: Edit[] = []

  insert(offset: number, text: string): void {
    this.#edits.push({ start: offset, end: offset, text })
  }

  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text })
  }

  apply(source: string): { readonly code: string; readonly map: EditMap } {
    const ordered = this.#edits.sort((a, b) => a.start - b.start)
    const map: number[] = []
    let code = ''
    let cursor = 0
    for (const edit of ordered) {
      code += source.slice(cursor, edit.start) + edit.text
      map.push(edit.start - cursor, edit.end - edit.start, edit.text.length)
      cursor = edit.end
    }
    return { code: code + source.slice(cursor), map }
  }
}

/** A function from offsets in the new text to offsets in the old one. */
export function originOf(map: EditMap): (offset: number) => number {
  const generated: number[] = [0]
  const original: number[] = [0]
  for (let index = 0; index < map.length; index += 3) {
    const [kept = 0, removed = 0, inserted = 0] = map.slice(index, index + 3)
    const at = generated.at(-1)! + kept
    const from = original.at(-1)! + kept
    // Two entries an edit: what is inserted stays at one offset, what follows moves on again.
    generated.push(at, at + inserted)
    original.push(from, from + removed)
  }
  return offset => {
    const index = lastNotAfter(generated, offset)
    const inserted = index % 2 === 1
    return original[index]! + (inserted ? 0 : offset - generated[index]!)
  }
}
