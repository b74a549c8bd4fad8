/** How long the steps of a workflow took the last time: from what its runs may take from one another, and from its last log. */
import type { PastDurations } from '../analysis/schedule/past.ts'
import type { StepId } from '../core/index.ts'
import type { Store } from '../store/store.ts'
import { scopeOf } from './fresh.ts'
import type { Runnable } from './runnable.ts'

/** Of a longer log the beginning tells enough: this is an estimate. */
const EVENTS_MAX = 50_000

/** Milliseconds of each step instance. */
export async function pastDurations(store: Store, runnable: Pick<Runnable, 'file' | 'name'>): Promise<PastDurations> {
  const past = new Map<StepId, number>()
  if (!store.traces.isEmpty()) for (const { step, ms } of store.traces.current(scopeOf(runnable))) past.set(step, ms)
  const last = lastRun(store, runnable)
  if (last) await addLog(past, store, last.run)
  return past
}

/** How many attempts ran at a time in the last run; undefined where commands waited for one another: these have fewer slots. */
export async function mostAtOnce(store: Store, runnable: Pick<Runnable, 'file' | 'name'>): Promise<number | undefined> {
  const last = lastRun(store, runnable)
  if (!last) return undefined
  const running = new Set<StepId>()
  let most = 0
  let count = 0
  for await (const { event } of store.read({ run: last.run })) {
    if (event.kind === 'attempt.started') most = Math.max(most, running.add(event.step).size)
    if (event.kind === 'attempt.failed') running.delete(event.step)
    if (event.kind === 'step.settled') {
      running.delete(event.step)
      if (event.outcome.kind === 'succeeded' && (event.outcome.waitedMs ?? 0) > 0) return undefined
    }
    if (++count === EVENTS_MAX) break
  }
  return most
}

const lastRun = (store: Store, { file, name }: Pick<Runnable, 'file' | 'name'>) =>
  store.runs.list({ workflow: name, status: ['succeeded'], limit: LOOKED_AT }).find(run => run.file === file)

/** Other files may have workflows of the same name. */
const LOOKED_AT = 20

/** From the start of a step's last attempt to its end, without what its commands only waited. */
async function addLog(past: Map<StepId, number>, store: Store, run: string): Promise<void> {
  const starts = new Map<StepId, number>()
  let count = 0
  for await (const { event } of store.read({ run })) {
    if (event.kind === 'attempt.started') starts.set(event.step, event.atMs)
    if (event.kind === 'step.settled' && event.attempt > 0 && event.outcome.kind === 'succeeded') {
      const startMs = starts.get(event.step)
      const waitedMs = event.outcome.waitedMs ?? 0
      if (startMs !== undefined) past.set(event.step, Math.max(0, event.atMs - startMs - waitedMs))
      starts.delete(event.step)
    }
    if (++count === EVENTS_MAX) return
  }
}
