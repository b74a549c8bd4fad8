/**
 * All that a run has given, in a folder:
 *
 *     index.json          what is whose: written last, so a checkout without it is not whole
 *     state.json          what each step was doing, and what the run waited for
 *     arguments.json      what the run was given
 *     result.json         what it gave, or result.error.json
 *     steps/<path>.json   what a step gave, or <path>.error.json; long text as .txt, bytes as .bin
 *     logs/<path>.txt     what it printed
 *     files/…             the files that steps wrote, as the run left them
 */
import type { Fault, ValueRef } from '../../core/index.ts'
import { everyStep, type RunView, type StepState, type StepView } from '../../observe/index.ts'
import type { RunRow, Store } from '../../store/index.ts'
import type { Json } from '../../util/json.ts'
import { waitsOf } from '../render/waits.ts'
import { type LaidFile, newWritten, unlessGone } from './files.ts'
import { keptIn, shownJson } from './handles.ts'
import { layLogs } from './logs.ts'
import { type Names, newNames } from './names.ts'
import { type PastRun, type PastStep, refOf } from './past.ts'
import type { Target } from './target.ts'
import { faultJson, formOf, jsonText, type LaidValue, layValue, SHOWN_BYTES_MAX } from './values.ts'

export interface Checkout {
  readonly steps: number
  readonly values: number
  readonly files: number
  readonly bytes: number
  /** What the store no longer has. */
  readonly gone: readonly { readonly what: string; readonly why: string }[]
}

interface Giving {
  readonly store: Store
  readonly row: RunRow
  readonly past: PastRun
  readonly target: Target
  /** `''`: what is the run's own. */
  readonly isWanted: (step: string) => boolean
  /** Whose process runs it, if any does. */
  readonly owner: string | undefined
}

export async function giveRun(giving: Giving): Promise<Checkout> {
  const { store, row, past, target, isWanted } = giving
  const names = { steps: newNames(), logs: newNames() }
  // In an order that does not hang on when steps ended.
  const wanted = [...past.steps.values()].filter(({ id }) => isWanted(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const steps: IndexedStep[] = []
  for (const step of wanted) steps.push(await giveStep(giving, step, names.steps))
  const files = await giveFiles(giving, wanted)
  const logs = await layLogs(target, {
    store: store.path,
    run: row.run,
    untilMs: past.untilMs,
    nameOf: id => (isWanted(id) ? logName(names.logs, past, id) : undefined),
  })
  if (isWanted('')) await put(target, 'arguments.json', await argumentsJson(giving))
  const result = past.end && isWanted('') ? await giveResult(giving, past.end) : undefined
  await put(target, 'state.json', stateJson(giving))
  const index = {
    v: 1,
    run: row.run,
    workflow: row.workflow,
    ...(row.version === undefined ? {} : { version: row.version }),
    file: row.file,
    seq: past.seq,
    at: instant(past.atMs),
    status: statusOf(giving),
    ...(result ? { result } : {}),
    steps: steps.map(step => ({ ...step, ...(logs.has(step.step) ? { log: logs.get(step.step) } : {}) })),
    files,
  }
  await put(target, 'index.json', index)
  return summaryOf(steps, result, files)
}

const logName = (names: Names, { steps }: PastRun, id: string): string =>
  id === '' ? 'log.txt' : `logs/${names.of(id, steps.get(id)?.path ?? id, '.txt')}`

/** Fields without a value are left out, as JSON does. */
const put = (target: Target, at: string, json: Json | object): Promise<'placed' | 'damaged'> =>
  target.file(at, { kind: 'bytes', bytes: jsonText(json as Json) })

const instant = (ms: number): string => new Date(ms).toISOString()

/** One step instance in the index. */
interface IndexedStep {
  readonly step: string
  readonly path: string
  readonly kind: string
  readonly status: string
  readonly attempts: number
  readonly attempt?: number
  readonly worker?: string
  readonly startedAt?: string
  readonly endedAt?: string
  /** Of the event that tells of its end. */
  readonly seq?: number
  readonly origin?: Json
  readonly redrives?: number
  readonly value?: LaidValue
  readonly error?: string
  readonly failures?: readonly Json[]
}

async function giveStep({ store, past, target }: Giving, step: PastStep, names: Names): Promise<IndexedStep> {
  const { id, path, kind, attempts, worker, startedAtMs, end, failures } = step
  const nameOf = (ending: string): string => `steps/${names.of(id, path, ending)}`
  const outcome = end?.outcome
  const fault = outcome?.kind === 'failed' ? outcome.fault : undefined
  if (fault) await put(target, nameOf('.error.json'), await faultJson(fault, store.blobs))
  const value = outcome?.kind === 'succeeded' ? await layValue(target, store.blobs, outcome.output, nameOf) : undefined
  return {
    step: id,
    path,
    kind,
    status: stepStatus(past.view, step),
    attempts,
    ...(end && end.attempt > 0 ? { attempt: end.attempt } : {}),
    ...(worker === undefined ? {} : { worker }),
    ...(startedAtMs === undefined ? {} : { startedAt: instant(startedAtMs) }),
    ...(end ? { endedAt: instant(end.atMs), seq: end.seq } : {}),
    ...(end?.origin ? { origin: end.origin as unknown as Json } : {}),
    ...(end && end.redrives > 0 ? { redrives: end.redrives } : {}),
    ...(value ? { value } : {}),
    ...(fault ? { error: nameOf('.error.json') } : {}),
    ...(failures.length > 0
      ? {
          failures: failures.map(each => ({ attempt: each.attempt, ...faultLine(each.fault), at: instant(each.atMs) })),
        }
      : {}),
  }
}

const faultLine = ({ code, message }: Fault) => ({ code, message })

/** Where the run was redriven, a step may have given what it gave before that. */
const stepStatus = ({ steps }: RunView, { id, end }: PastStep): string =>
  steps.get(id)?.state.kind ?? end?.outcome.kind ?? 'running'

/** In the order in which they were written. */
async function giveFiles({ store, target }: Giving, steps: readonly PastStep[]): Promise<readonly LaidFile[]> {
  const written = newWritten()
  const gone: LaidFile[] = []
  for (const { id, path, end } of [...steps].sort((a, b) => (a.end?.seq ?? 0) - (b.end?.seq ?? 0)))
    for (const ref of refsOf(end)) {
      const why = await unlessGone(async () => {
        for (const handle of await keptIn(ref, store.blobs, SHOWN_BYTES_MAX)) written.add(id, handle)
        return 'placed'
      })
      if (why !== undefined) gone.push({ path, step: id, kind: 'file', hash: ref.hash, gone: why })
    }
  return [...(await written.lay(target, store.blobs)), ...gone]
}

const refsOf = (end: PastStep['end']): readonly ValueRef[] =>
  end?.outcome.kind === 'succeeded' ? [...(end.outcome.wrote ?? []), end.outcome.output] : []

/** By name; what is no data lies in a file of its own. */
async function argumentsJson({ store, past, target }: Giving): Promise<Json> {
  const names = newNames()
  const shown: [string, Json][] = []
  for (const [name, bound] of Object.entries(past.args)) {
    const ref = refOf(bound)
    if (ref) shown.push([name, await argumentJson(store, ref, ending => names.of(name, name, ending), target)])
  }
  return Object.fromEntries(shown)
}

async function argumentJson(
  { blobs }: Store,
  ref: ValueRef,
  nameOf: (ending: string) => string,
  target: Target,
): Promise<Json> {
  let json: Json = null
  if (formOf(ref).kind !== 'json')
    return (await layValue(target, blobs, ref, ending => `arguments/${nameOf(ending)}`)) as unknown as Json
  const gone = await unlessGone(async () => {
    json = await shownJson(ref, blobs)
    return 'placed'
  })
  return gone === undefined ? json : { gone }
}

type End = NonNullable<PastRun['end']>

async function giveResult({ store, target }: Giving, { output, fault }: End): Promise<LaidValue | undefined> {
  if (fault) await put(target, 'result.error.json', await faultJson(fault, store.blobs))
  return output && layValue(target, store.blobs, output, ending => `result${ending}`)
}

const statusOf = ({ row, past, owner }: Giving): string =>
  past.view.status === 'running' && row.endedAtMs === undefined && owner === undefined && past.seq === row.lastSeq
    ? 'paused'
    : past.view.status

function stateJson(giving: Giving): object {
  const { past, row, owner, isWanted } = giving
  const { view } = past
  const inView = [...everyStep(view, view.root)].filter(({ id }) => isWanted(id))
  const seen = new Set(inView.map(({ id }) => id))
  // The view forgets old turns of a loop.
  const dropped = [...past.steps.values()].filter(({ id }) => isWanted(id) && !seen.has(id))
  return {
    run: row.run,
    seq: past.seq,
    at: instant(past.atMs),
    status: statusOf(giving),
    ...(owner === undefined ? {} : { owner }),
    waits: waitsOf(view),
    steps: [
      ...inView.map(step => stepState(step, past.steps.get(step.id))),
      ...dropped.map(step => ({ step: step.id, path: step.path, kind: step.kind, status: stepStatus(view, step) })),
    ],
  }
}

const stepState = ({ id, path, kind, state, attempts }: StepView, past: PastStep | undefined) => ({
  step: id,
  path,
  kind,
  status: state.kind,
  ...(attempts > 0 ? { attempts } : {}),
  ...(past?.worker === undefined ? {} : { worker: past.worker }),
  ...sinceOf(state),
})

const sinceOf = (state: StepState): object => ({
  ...('sinceMs' in state ? { since: instant(state.sinceMs) } : {}),
  ...('atMs' in state ? { since: instant(state.atMs) } : {}),
  ...('what' in state ? { waitsFor: state.what } : {}),
  ...('retryAtMs' in state ? { retryAt: instant(state.retryAtMs) } : {}),
  ...('fault' in state ? { error: faultLine(state.fault) } : {}),
})

function summaryOf(steps: readonly IndexedStep[], result: LaidValue | undefined, files: readonly LaidFile[]): Checkout {
  const values = [
    ...steps.flatMap(({ step, value }) => (value ? [{ what: step, ...value }] : [])),
    ...(result ? [{ what: 'result', ...result }] : []),
  ]
  const all = [...values, ...files.map(file => ({ what: file.path, ...file }))]
  return {
    steps: steps.length,
    values: values.filter(({ at }) => at !== undefined).length,
    files: files.filter(({ at }) => at !== undefined).length,
    bytes: all.reduce((sum, each) => sum + (each.at === undefined ? 0 : (each.sizeBytes ?? 0)), 0),
    gone: all.flatMap(({ what, gone }) => (gone === undefined ? [] : [{ what, why: gone }])),
  }
}
