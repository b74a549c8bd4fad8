/** The same step in two versions: by its id, but for steps that were renamed or moved to another region. */
import type { StepId } from '../../core/index.ts'

/** Paths of steps, as ids have them (`tests[*]/triage`): what a step was called, and what it is called now. */
export interface Renamed {
  readonly [before: string]: string
}

export interface Ids {
  /** What a step of the new version was called then. Takes paths of scopes, too. */
  then(step: StepId): StepId
  now(step: StepId): StepId
}

export function idsOf(renamed: Renamed): Ids {
  const entries = Object.entries(renamed)
    .map(([before, after]) => [bare(before), bare(after)] as const)
    .filter(([before, after]) => before !== after)
  if (entries.length === 0) return { then: step => step, now: step => step }
  const forward = new Map(entries)
  const back = new Map(entries.map(([before, after]) => [after, before]))
  return { then: remembered(step => renamedBy(back, step)), now: remembered(step => renamedBy(forward, step)) }
}

/** Without keys, items and turns, and without the name of an only region: they are the same in both. */
const bare = (path: string): string => path.replaceAll(/\[[^\]]*\]/g, '').replaceAll(/\.body(?=\/)/g, '')

/** Each segment is looked up by the path up to it; what is not renamed stays in what is around it. */
function renamedBy(names: ReadonlyMap<string, string>, step: StepId): StepId {
  if (step === '') return step
  const end = step.lastIndexOf('/', step.length - 2) + 1
  const [around, own] = [step.slice(0, end), step.slice(end)]
  const [, node = own, mark = ''] = /^([^.[/]+)(.*)$/.exec(own) ?? []
  const other = names.get(bare(around) + node)
  if (other === undefined) return renamedBy(names, around) + own
  const otherEnd = other.lastIndexOf('/') + 1
  const otherAround = other.slice(0, otherEnd)
  const isBeside = otherAround === bare(renamedBy(names, around))
  // Elsewhere it has other scopes around it: their keys are not known, so there must be none.
  return (isBeside ? renamedBy(names, around) : otherAround) + other.slice(otherEnd) + mark
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
