/** `tutti provenance`: the steps and inputs that a value of a run hangs on, and no others. Runs nothing. */
import { type Found, type Provenance, provenanceOf, type RanStep, type RunRecord } from '../../analysis/index.ts'
import type { Path } from '../../core/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { provenanceDot, provenanceJson, renderProvenance, type ValueAsked } from '../render/provenance.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { recordOf } from './recorded-run.ts'
import { stepsIn } from './stored-run.ts'

interface ProvenanceFlags extends StoreFlags {
  readonly json?: boolean
  readonly dot?: boolean
}

export const provenanceCommand = (
  io: Io,
  run: string,
  what: string | undefined,
  flags: ProvenanceFlags,
): Promise<number> =>
  withStore(io, flags, async store => {
    const record = await recordOf(store, findRun(store, run))
    const asked = askedFor(record, what ?? '')
    const provenance = provenanceOf(record, asked)
    if (flags.json) io.out(`${JSON.stringify(provenanceJson(asked, provenance.found))}\n`)
    else if (flags.dot) io.out(provenanceDot(asked, provenance.found, hangsOn(provenance)))
    else io.out(renderProvenance(asked, provenance.found, io.outScreen))
    return EXIT.succeeded
  })

/** A step and a path into its value; nothing, or what begins with a dot, is the run's result. Refuses STEP_UNKNOWN, STEP_AMBIGUOUS, STEP_HAS_NO_VALUE. */
function askedFor(record: RunRecord, what: string): ValueAsked {
  const { run } = record
  if (what === '' || what.startsWith('.')) return { run, path: pathOf(what) }
  const steps = [...record.steps.values()].map(step => ({ id: step.id, path: step.shown, name: step.node.name, step }))
  const isNamed = (name: string): boolean => steps.some(({ id, path, name: own }) => [id, path, own].includes(name))
  const name = stepNamed(what, isNamed)
  const found = stepsIn({ run, steps: new Map() }, name, steps)
  if (found.length > 1)
    refuse('STEP_AMBIGUOUS', `Several steps of run ${run} are called ${name}`, {
      hint: `Name one: ${found
        .slice(0, 8)
        .map(({ path }) => path)
        .join(', ')}.`,
    })
  return { run, step: begun(record, found[0]!.step), path: pathOf(what.slice(name.length)) }
}

function begun({ run }: RunRecord, step: RanStep): RanStep {
  if (step.startedAtMs !== undefined) return step
  return refuse('STEP_HAS_NO_VALUE', `Step ${step.shown} has not begun in run ${run}`, {
    hint: `tutti show ${run} says why.`,
  })
}

/** Names may have dots, too: the longest beginning that is a step; what is behind it is a path into its value, never of steps. */
function stepNamed(what: string, isNamed: (name: string) => boolean): string {
  for (let end = what.length; end > 0 && !what.slice(end).includes('/'); end = what.lastIndexOf('.', end - 1))
    if (isNamed(what.slice(0, end))) return what.slice(0, end)
  return what.includes('/') ? what : (what.split('.')[0] ?? what)
}

const pathOf = (text: string): Path => text.split('.').filter(each => each !== '')

/** Of everything found, what it hangs on with nothing else found in between. */
function hangsOn({ found, tape }: Provenance): readonly (readonly number[])[] {
  const { tape: nodes, sources } = tape()
  const before = (node: number): readonly number[] => {
    const [seen, reached, pending] = [new Set<number>([node]), new Set<number>(), [node]]
    for (let at = pending.pop(); at !== undefined; at = pending.pop())
      for (const next of nodes.before.subarray(nodes.start[at]!, nodes.start[at + 1]!)) {
        if (seen.has(next)) continue
        seen.add(next)
        if (sources[next]! >= 0) reached.add(sources[next]!)
        else pending.push(next)
      }
    return [...reached]
  }
  const rows: (readonly number[])[] = found.map((_: Found) => [])
  for (let node = 0; node < nodes.count; node++) if (sources[node]! >= 0) rows[sources[node]!] = before(node)
  return rows
}
