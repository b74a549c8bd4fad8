/** `tutti impact`: all that follows from a file, a variable of the environment, or a step. Runs nothing. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { impactTime, likeOf } from '../../analysis/index.ts'
import { type Affected, affectedBy, holdsOthers, type PlacedNode, placedNodes } from '../../core/index.ts'
import { reachedBy } from '../../run/changed.ts'
import { scopeOf } from '../../run/fresh.ts'
import { pastDurations } from '../../run/past.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Trace } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import { baseOf } from '../../values/index.ts'
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { type Expected, renderImpact, type Subject } from '../render/impact.ts'
import { type StoreFlags, storeFolder, withStoreIfThere } from '../store.ts'
import { roomOf, slotsOf, usualSlots } from './timing.ts'
import { readWords } from './words.ts'

interface ImpactFlags extends StoreFlags {
  readonly json?: boolean
}

export async function impactCommand(
  io: Io,
  [what = '', ...words]: readonly string[],
  flags: ImpactFlags,
): Promise<number> {
  const { file, workflow } = readWords(io, words)
  const loaded = await loadFile(file, io.cwd, { reading: io.reading })
  const runnable = loaded.runnable(chooseWorkflow(loaded, workflow))
  const folder = storeFolder(io, flags, file)
  const known = await withStoreIfThere(folder, async store => ({
    traces: store.traces.current(scopeOf(runnable)),
    past: await pastDurations(store, runnable),
    slots: await slotsOf(store, runnable),
  }))
  const { traces = [], past = NO_PAST, slots = usualSlots() } = known ?? {}
  const origin = await originOf(what, { io, runnable, modules: loaded.built.files, traces, folder })
  const steps = affectedBy(runnable.graph, origin.isChanged)
  const time = past.size === 0 ? undefined : impactTime(runnable.graph, steps, past, roomOf(slots))
  const expected = { past: ofAllItems(past), time }
  if (flags.json) io.out(`${JSON.stringify(impactJson(origin.shown, steps, expected))}\n`)
  else io.out(renderImpact(origin.shown, steps, expected, io.outScreen))
  return EXIT.succeeded
}

const NO_PAST: ReadonlyMap<string, number> = new Map()

/** By path in the graph: what all its items and turns took together. */
function ofAllItems(past: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const [step, ms] of past) sums.set(likeOf(step), (sums.get(likeOf(step)) ?? 0) + ms)
  return sums
}

const impactJson = (shown: Subject, steps: readonly Affected[], { past, time }: Expected) => ({
  ...shown,
  steps: steps.map(each => stepJson(each, past)),
  ...(time ? { expected: time } : {}),
})

const stepJson = ({ path, shown, node, from }: Affected, msOf: ReadonlyMap<string, number>) => ({
  step: path,
  name: shown,
  kind: node.kind,
  ...(from === undefined ? {} : { from }),
  ...(msOf.has(path) ? { lastMs: msOf.get(path) } : {}),
})

interface Origin {
  readonly shown: Subject
  readonly isChanged: (step: PlacedNode) => boolean
}

interface Asked {
  readonly io: Io
  readonly runnable: Runnable
  readonly modules: readonly string[]
  readonly traces: readonly Trace[]
  readonly folder: string
}

/** A step goes before a variable, and that before a file; `$NAME` is a variable, `./name` a file. Refuses with STEP_UNKNOWN. */
async function originOf(what: string, asked: Asked): Promise<Origin> {
  const steps = [...placedNodes(asked.runnable.graph.root)]
  const step = steps.find(({ path, shown }) => path === what || shown === what) ?? oneCalled(what, steps)
  if (step) return { shown: { kind: 'step', step: step.shown }, isChanged: isIn(step) }
  const name = what.replace(/^\$/, '')
  const hangsOn = ({ node }: PlacedNode): boolean =>
    (node.kind === 'source' && node.source.kind === 'env' && node.source.name === name) ||
    (node.policy.env?.includes(name) ?? false)
  if (steps.some(hangsOn)) return { shown: { kind: 'env', name }, isChanged: hangsOn }
  const file = resolve(asked.io.cwd, what)
  const base = baseOf(asked.folder, asked.runnable.cwd)
  const reads = new Map(asked.traces.map(trace => [trace.step, trace.reads]))
  const reached = await reachedBy(asked.runnable, {
    files: [file],
    modules: asked.modules,
    readsOf: path => (reads.get(path) ?? []).map(([read]) => resolve(base, read)),
  })
  if (reached.size === 0 && !existsSync(file)) return refuseUnknown(what, steps)
  return {
    shown: { kind: 'file', path: relative(asked.io.cwd, file) || '.' },
    isChanged: ({ path }) => reached.has(path),
  }
}

/** The only step of that name, wherever it stands. */
function oneCalled(what: string, steps: readonly PlacedNode[]): PlacedNode | undefined {
  const found = steps.filter(({ node }) => node.id === what || node.name === what)
  if (found.length < 2) return found[0]
  return refuse('STEP_AMBIGUOUS', `Several steps are called ${what}`, {
    hint: `Name one: ${found
      .slice(0, 8)
      .map(({ shown }) => shown)
      .join(', ')}.`,
  })
}

/** A call, a choice and the like stand for all that is in them. */
const isIn =
  (holder: PlacedNode) =>
  ({ path, node }: PlacedNode): boolean =>
    path === holder.path ||
    (holdsOthers(holder.node) &&
      !holdsOthers(node) &&
      path.startsWith(holder.path) &&
      '/[.'.includes(path[holder.path.length] ?? ''))

function refuseUnknown(what: string, steps: readonly PlacedNode[]): never {
  const names = steps.flatMap(({ shown, node }) => [
    shown,
    node.name,
    ...(node.kind === 'source' && node.source.kind === 'env' ? [`$${node.source.name}`] : []),
  ])
  const near = nearestName(what, names)
  refuse('STEP_UNKNOWN', `${what} is no step, no variable and no file of this workflow`, {
    hint: near ? `Did you mean ${near}?` : `The steps: ${[...new Set(names)].slice(0, 20).join(', ')}.`,
  })
}
