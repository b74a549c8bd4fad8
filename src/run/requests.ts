/**
 * What anybody may ask of a run, from this process or another: to take a signal, to stop, to try a parked step again. The
 * request goes straight to a run of this process and through the store's mailbox to any other; one that nobody runs now gets
 * it when it is resumed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { type Graph, type Region, regionsOf, type StepId } from '../core/index.ts'
import { currentConfigurations, valueOptions } from '../exec/index.ts'
import type { Mail, Reply, Store } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'
import { valueStore } from '../values/index.ts'
import { decodeGraph } from './launch.ts'
import { receiversOf } from './letters.ts'

export interface RequestOptions {
  /** How long to wait for the run's answer. Default: 10 s. Without one the request stays in the mailbox. */
  readonly waitMs?: number
}

/** `done`: it has happened, durably. `kept`: nobody runs the run now, or its process is busy; it is done as soon as it can. */
export type Delivery = 'done' | 'kept'

const WAIT_MS = 10_000
/** How often the sender looks for its answer. */
const LOOK_MS = 25

interface SentSignal {
  readonly signal: string
  readonly value: unknown
  /** Sent twice under one id it is taken once. */
  readonly id?: string
  /** Only for this wait. */
  readonly step?: StepId
}

/** Refuses with RUN_UNKNOWN, RUN_ENDED, SIGNAL_UNKNOWN, SIGNAL_INVALID, SIGNAL_LOST, and what cannot be kept of a value. */
export async function signalRun(
  store: Store,
  run: string,
  { signal, value, id, step, ...options }: RequestOptions & SentSignal,
): Promise<Delivery> {
  const row = store.runs.get(run)
  if (row) checkSignal(decodeGraph(await store.blobs.get(row.graph)), signal)
  // One that has just begun here is not in the index yet; the engine knows its signals, too.
  else if (!receiversOf(store).has(run)) unknownRun(run)
  const values = valueStore(store.blobs, valueOptions(currentConfigurations(), { cwd: process.cwd() }))
  const kept = await values.encode(value, { task: signal, root: 'signal' })
  const particular = { ...(id === undefined ? {} : { id }), ...(step === undefined ? {} : { step }) }
  return request(store, run, { kind: 'signal', signal, value: kept, ...particular }, options)
}

/** Of the whole run, or one step, or one scope. Refuses with RUN_UNKNOWN, RUN_ENDED and STEP_UNKNOWN. */
export function cancelRun(
  store: Store,
  run: string,
  { reason, step, scope, ...options }: RequestOptions & { reason?: string; step?: StepId; scope?: string } = {},
): Promise<Delivery> {
  const part = { ...(step === undefined ? {} : { step }), ...(scope === undefined ? {} : { scope }) }
  return request(store, run, { kind: 'cancel', reason: reason ?? 'cancelled by the user', ...part }, options)
}

/** Another try for a parked step. Refuses with RUN_UNKNOWN, RUN_ENDED, STEP_UNKNOWN and STEP_NOT_PARKED. */
export const retryStep = (
  store: Store,
  run: string,
  { step, ...options }: RequestOptions & { step: StepId },
): Promise<Delivery> => request(store, run, { kind: 'retry', step }, options)

async function request(store: Store, run: string, mail: Mail, { waitMs = WAIT_MS }: RequestOptions): Promise<Delivery> {
  const here = await receiversOf(store).get(run)?.(mail, `request-${randomUUID()}`)
  if (here) return concluded(here)
  const id = store.mailbox.post(run, mail, 'wanted')
  const untilMs = performance.now() + waitMs
  while (store.leases.holder(run) !== undefined && performance.now() < untilMs) {
    const reply = store.mailbox.takeReply(id)
    if (reply) return concluded(reply)
    await delay(LOOK_MS)
  }
  // Its owner may have answered before it let go.
  const reply = store.mailbox.takeReply(id)
  return reply ? concluded(reply) : 'kept'
}

function concluded(reply: Reply): Delivery {
  if (reply.kind === 'done') return 'done'
  const { code, message, hint } = reply
  refuse(code, message, hint === undefined ? {} : { hint })
}

const unknownRun = (run: string): never =>
  refuse('RUN_UNKNOWN', `there is no run '${run}' in the store`, { hint: '`tutti runs` lists them.' })

/** What only a flow waits for is not known before it does. */
function checkSignal(graph: Graph, signal: string): void {
  const { names, hasFlow } = signalsOf(graph)
  if (names.has(signal) || hasFlow) return
  const near = nearestName(signal, [...names])
  const known = names.size === 0 ? 'It waits for none.' : `It waits for ${[...names].join(', ')}.`
  refuse('SIGNAL_UNKNOWN', `The run has no signal ${signal}`, { hint: near ? `Did you mean ${near}?` : known })
}

function signalsOf(graph: Graph): { readonly names: ReadonlySet<string>; readonly hasFlow: boolean } {
  const names = new Set<string>()
  let hasFlow = false
  const pending: Region[] = [graph.root]
  for (let region = pending.pop(); region; region = pending.pop()) {
    for (const node of region.nodes) {
      if (node.kind === 'flow') hasFlow = true
      if (node.kind === 'wait' && node.on.kind === 'signal') names.add(node.on.signal)
      if (node.kind === 'each' && node.more) names.add(node.more.signal)
      for (const [, nested] of regionsOf(node)) pending.push(nested)
    }
  }
  return { names, hasFlow }
}
