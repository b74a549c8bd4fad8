/** How an execution ends: with the run, where the run is it, or with its machine, where that is a step among others. */
import { failureOf } from './data.ts'
import type { Of, Reader } from './reader.ts'
import { failRoot } from './story.ts'
import type { Thread } from './thread.ts'

export async function ended(reader: Reader, { status, fault, atMs }: Of<'run.ended'>): Promise<void> {
  const { story } = reader
  const { root, chain } = story
  if (!reader.isWhole) return endedInside(reader, atMs)
  const last = root?.last ?? chain.events.length
  switch (status) {
    case 'succeeded':
      return succeed(reader, root, atMs)
    case 'failed':
    case 'diverged': {
      const fallback = fault ? await failureOf(fault, reader.load) : {}
      const { location: _, ...why } = root ? failRoot(story, root, fallback, atMs) : fallback
      chain.add({ type: 'ExecutionFailed', ...why }, root?.last ?? last, atMs)
      return
    }
    case 'timed-out':
      chain.add({ type: 'ExecutionTimedOut', error: 'States.Timeout' }, last, atMs)
      return
    case 'cancelled':
      chain.add({ type: 'ExecutionAborted' }, last, atMs)
      return
  }
}

/** The machine is a step among others: the run may go on long after it, or end before it. */
function endedInside({ story }: Reader, atMs: number): void {
  const { root, chain } = story
  if (!root || root.status === 'ended') return
  if (root.status === 'going') {
    chain.add({ type: 'ExecutionAborted' }, root.last, atMs)
    return
  }
  const { location: _, ...why } = failRoot(story, root, {}, atMs)
  chain.add({ type: 'ExecutionFailed', ...why }, root.last, atMs)
}

/** Whoever else is in the run, the machine has come to its end. */
export function failedInside({ story, isWhole }: Reader, thread: Thread, atMs: number): void {
  const { root, chain } = story
  if (isWhole || !root || root.status !== 'ended' || thread.status !== 'ended') return
  if (chain.events.at(-1)?.type === 'ExecutionFailed') return
  const { location: _, ...why } = root.failure ?? {}
  chain.add({ type: 'ExecutionFailed', ...why }, root.last, atMs)
}

/** With what the last state gave. */
export function succeed({ story: { chain } }: Reader, root: Thread | undefined, atMs: number): void {
  const exit = root === undefined ? undefined : chain.events[root.last - 1]
  const output = exit && 'output' in exit ? (exit.output ?? null) : null
  chain.add({ type: 'ExecutionSucceeded', output }, root?.last ?? chain.events.length, atMs)
}
