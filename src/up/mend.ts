/**
 * Files of which some have another content, but of which none has come or gone: what a look at them would find is what the
 * last one found, but for these. To walk through 10,000 files for one that was edited is what a reaction would spend most
 * of its time on.
 *
 *   V7. What is mended is what a real look would find.
 */
import { relative, sep } from 'node:path'
import type { Outcome } from '../core/index.ts'
import type { Source } from '../core/graph/graph.ts'
import { LocalFiles, type Stamps, type ValueStore } from '../values/index.ts'
import type { Looks } from './looks.ts'

export interface Mending {
  readonly looks: Looks
  readonly stamps: Stamps
  readonly values: ValueStore
  /** What was given last, as it was before it was kept. */
  readonly found: Map<string, LocalFiles>
}

/** The outcome of a look at the source; undefined: one must really look. */
export async function mended(key: string, source: Source, mending: Mending): Promise<Outcome | undefined> {
  const { looks, stamps, values, found } = mending
  const outdated = source.kind === 'files' ? looks.outdated(key) : undefined
  if (outdated?.outcome.kind !== 'succeeded') return undefined
  try {
    const before = found.get(key) ?? (await values.decode(outdated.outcome.output))
    if (!(before instanceof LocalFiles)) return undefined
    const places = placesOf(before, outdated.files)
    if (!places) return undefined
    const contents = [...before.contents]
    // At once, with what is believed: what changes from now on is another change.
    looks.mending(
      key,
      places.map(({ path, place }) => {
        const content = stamps.hashNow(path)
        contents[place] = content
        return [path, content.hash]
      }),
    )
    const after = new LocalFiles(
      before.cwd,
      before.paths.map((path, place) => [path, contents[place] ?? { hash: '', sizeBytes: 0 }]),
    )
    found.set(key, after)
    const outcome: Outcome = { kind: 'succeeded', output: await values.encode(after, { task: 'files' }) }
    looks.gave(key, outcome)
    return outcome
  } catch {
    // It has gone, or cannot be read: a real look says what that means.
    found.delete(key)
    return undefined
  }
}

/** By bisection: the paths are sorted. undefined: one of them is none of the files (it says which files are left out). */
function placesOf(
  { cwd, paths }: LocalFiles,
  files: readonly string[],
): readonly { readonly path: string; readonly place: number }[] | undefined {
  const places = files.map(path => ({ path, place: indexIn(paths, relative(cwd, path).split(sep).join('/')) }))
  return places.some(({ place }) => place < 0) ? undefined : places
}

function indexIn(sorted: readonly string[], wanted: string): number {
  let [low, high] = [0, sorted.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = sorted[middle] ?? ''
    if (found === wanted) return middle
    if (found < wanted) low = middle + 1
    else high = middle - 1
  }
  return -1
}
