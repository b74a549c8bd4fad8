/** The same step in two versions: by its id, but for steps that were renamed. */
import type { StepId } from '../../core/index.ts'

/** Paths of steps, as ids have them without keys and branches: what a step was called, and what it is called now. */
export interface Renamed {
  readonly [before: string]: string
}

export interface Ids {
  /** What a step of the new version was called then. Takes paths of scopes, too. */
  then(step: StepId): StepId
  now(step: StepId): StepId
}

export function idsOf(renamed: Renamed): Ids {
  const entries = Object.entries(renamed).filter(([before, after]) => before !== after)
  if (entries.length === 0) return { then: step => step, now: step => step }
  const forward = new Map(entries)
  const back = new Map(entries.map(([before, after]) => [after, before]))
  return { then: remembered(step => walked(step, back)), now: remembered(step => walked(step, forward)) }
}

/** Each segment is looked up by the whole path up to it; only its own last name is put in its place. */
function walked(step: StepId, names: ReadonlyMap<string, string>): StepId {
  let path = ''
  return step
    .split('/')
    .map(segment => {
      const end = segment.search(/[.[]/)
      const [node, mark] = end < 0 ? [segment, ''] : [segment.slice(0, end), segment.slice(end)]
      path = path === '' ? node : `${path}/${node}`
      const other = names.get(path) ?? names.get(node)
      return other === undefined ? segment : `${other.slice(other.lastIndexOf('/') + 1)}${mark}`
    })
    .join('/')
}

/** Runs of one workflow have the same steps again and again. */
const REMEMBERED_MAX = 50_000

function remembered(of: (step: StepId) => StepId): (step: StepId) => StepId {
  const known = new Map<StepId, StepId>()
  return step => {
    const found = known.get(step)
    if (found !== undefined) return found
    if (known.size >= REMEMBERED_MAX) known.clear()
    const made = of(step)
    known.set(step, made)
    return made
  }
}
