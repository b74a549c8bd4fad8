/** `tutti why`: why a step ran in a run, or did not. */
import { calledStep, type Event, type Graph, type Node } from '../../core/index.ts'
import type { StepView } from '../../observe/index.ts'
import { nodeOfStep } from '../../run/downstream.ts'
import { nodeOfCall } from '../../run/keeping.ts'
import type { RunRow, Store, Trace } from '../../store/index.ts'
import { showPosition } from '../../util/diagnostic.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { EXIT } from '../exit.ts'
import { differences, type Side } from '../explain/difference.ts'
import { codeOf, earlierRuns, lastFailure, openPast, type Past } from '../explain/past.ts'
import { kindReason, parametersOf } from '../explain/reasons.ts'
import type { Io } from '../io.ts'
import { renderWhy, type WhyAnswer } from '../render/why.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { foldRun, stepsIn } from './stored-run.ts'

interface WhyFlags extends StoreFlags {
  readonly json?: boolean
}

export const whyCommand = (io: Io, step: string, run: string | undefined, flags: WhyFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    const { view, events, graph } = await foldRun(store, row)
    const past = openPast(store)
    for (const each of stepsIn(view, step)) {
      const answer = await answerFor(each, { store, row, graph, events, past })
      if (flags.json) io.out(`${JSON.stringify(answer)}\n`)
      else io.out(renderWhy(answer, io.outScreen))
    }
    return EXIT.succeeded
  })

interface About {
  readonly store: Store
  readonly row: RunRow
  readonly graph: Graph
  readonly events: readonly Event[]
  readonly past: Past
}

async function answerFor(step: StepView, about: About): Promise<WhyAnswer> {
  const { row, graph, events } = about
  const common = { run: row.run, step: step.id, name: step.path }
  const settled = events.findLast(event => event.kind === 'step.settled' && event.step === step.id)
  const origin = settled?.kind === 'step.settled' ? settled.origin : undefined
  if (origin?.kind === 'run' && origin.run !== row.run)
    return { ...common, did: 'took', from: origin.run, reasons: [TAKEN] }
  const started = events.findLast(event => event.kind === 'attempt.started' && event.step === step.id)
  if (started?.kind !== 'attempt.started') return { ...common, did: 'did not begin', reasons: [notBegun(step, origin)] }
  const node = nodeOfStep(graph, step.id) ?? calledNode(events, step.id)
  const ended = settled?.kind === 'step.settled' ? settled.outcome.kind : 'open'
  const did = ended === 'failed' ? 'failed' : 'ran'
  const reasons = node ? await reasonsFor(node, step.id, started.atMs, about) : ['its workflow was called by a flow']
  return { ...common, did, atMs: started.atMs, reasons }
}

/** What a flow has called stands in no graph, but with its call. */
function calledNode(events: readonly Event[], step: string): Node | undefined {
  for (const event of events)
    if ('call' in event && event.call?.target.kind === 'node' && calledStep(event.call) === step)
      return nodeOfCall(event.call.target.node)
  return undefined
}

const TAKEN = 'nothing that its result hangs on had changed since'

function notBegun(step: StepView, origin: { readonly kind: string } | undefined): string {
  if (origin) return 'the run was driven again, and kept the result that it had'
  switch (step.state.kind) {
    case 'skipped':
      return 'it was passed over: what it waits for gave nothing, or was withdrawn'
    case 'succeeded':
    case 'known':
      return 'it only holds other steps: ask for one of them'
    default:
      return `it needed no attempt (${step.state.kind})`
  }
}

async function reasonsFor(node: Node, step: string, startedAtMs: number, about: About): Promise<readonly string[]> {
  const { store, row, events, past } = about
  if (node.kind !== 'task') return [kindReason(node)]
  if (node.policy.cache === 'off') return ["its task has cache: 'off'"]
  const forced = forcedBy(events, node, step)
  if (forced !== undefined) return [forced]
  const definitions = await past.definitionsOf(row)
  const code = codeOf(node, definitions)
  if (code?.kind === 'open')
    return [
      `its function uses ${code.variable} of a function around it (${showPosition(code.at)}), whose value no other run can know`,
    ]
  const history = store.traces.history(`${row.file}#${row.workflow}`, step)
  const own = history.find(trace => trace.run === row.run)
  const before = history.find(trace => trace.run !== row.run && trace.atMs <= (own?.atMs ?? startedAtMs))
  const failure = await lastFailure(store, { file: row.file, name: row.workflow }, step, row)
  if (failure !== undefined) return [failure]
  if (!before) return [(await ranBefore(about, step)) ? LOST : 'it had never run before']
  const names = parametersOf(definitions?.get(node.task))
  const found = own
    ? await between(before, own, about, names)
    : await differences(loosely(await past.sideOf(before)), loosely(await past.sideOf({ ...before, run: row.run })), {
        names,
        blobs: store.blobs,
      })
  return found.length > 0 ? found : [LOST]
}

const LOST = 'its result was not in the store any more, or what it had written could not be put back'

/** What makes two results of a step two. */
async function between(
  before: Trace,
  own: Trace,
  { store, past }: About,
  names: readonly string[],
): Promise<readonly string[]> {
  const found = await differences(await past.sideOf(before), await past.sideOf(own), { names, blobs: store.blobs })
  if (found.length > 0) return found
  const old = new Map(before.reads)
  return own.reads
    .filter(([path, hash]) => old.get(path) !== hash)
    .slice(0, 4)
    .map(
      ([path, hash]) =>
        `${path}, which it read, ${hash === null ? 'is gone' : old.has(path) ? 'has changed' : 'is read now'}`,
    )
}

/** Where no key was kept: by what is in the logs. */
function loosely({ args = [], code }: Side): Side {
  return {
    parts: {
      code: code?.kind === 'closed' ? code.hash : '',
      args: args.map(arg => canonicalJson(arg as unknown as Json)),
      env: {},
      where: '',
    },
    args,
    ...(code ? { code } : {}),
  }
}

function forcedBy(events: readonly Event[], node: Node, step: string): string | undefined {
  const names = events.flatMap(event => (event.kind === 'run.started' ? (event.fresh ?? []) : []))
  if (names.includes('*') || names.includes(step) || names.includes(node.name)) return '--fresh asked for it'
  const redriven = events.findLast(event => event.kind === 'run.redriven')
  return redriven?.kind === 'run.redriven' && redriven.from.length > 0
    ? `the run was driven again from ${redriven.from.join(', ')}`
    : undefined
}

async function ranBefore({ store, row }: About, step: string): Promise<boolean> {
  for (const earlier of earlierRuns(store, row.file, row.workflow, row))
    for await (const { event } of store.read({ run: earlier.run }))
      if (event.kind === 'step.settled' && event.step === step && event.outcome.kind === 'succeeded') return true
  return false
}
