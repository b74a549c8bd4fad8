/** The 43 workflow control-flow patterns (Russell, ter Hofstede, van der Aalst, Mulyar 2006) as examples/patterns says them. */
import * as basics from '../../examples/patterns/basics.ts'
import * as cancels from '../../examples/patterns/cancels.ts'
import * as choices from '../../examples/patterns/choices.ts'
import * as instances from '../../examples/patterns/instances.ts'
import * as joins from '../../examples/patterns/joins.ts'
import * as loops from '../../examples/patterns/loops.ts'
import * as signals from '../../examples/patterns/signals.ts'
import * as states from '../../examples/patterns/states.ts'
import type { Happening, Result, Scenario } from './scenario.ts'

const value = (given: unknown): Result => ({ value: given })
const oneOf = [value({ b: true, c: false }), value({ b: false, c: true })]
const subsets = [...oneOf, value({ b: true, c: true })]
const more = [value({ more: true }), value({ more: false })]
const taken = (signal: string, times: number): Happening => ({ kind: 'signal', signal, times, told: 'taken' })
const sent = (signal: string, times: number): Happening => ({ kind: 'signal', signal, times, told: 'sent' })

export const SCENARIOS: readonly Scenario[] = [
  { number: 1, traces: 1, name: 'Sequence', workflow: basics.sequence },
  { number: 2, traces: 2, name: 'Parallel Split', workflow: basics.parallelSplit },
  { number: 3, traces: 2, name: 'Synchronization', workflow: basics.synchronization },
  { number: 4, traces: 2, name: 'Exclusive Choice', workflow: choices.exclusiveChoice, results: { A: oneOf } },
  { number: 5, traces: 2, name: 'Simple Merge', workflow: choices.simpleMerge, results: { A: oneOf } },
  { number: 6, traces: 4, name: 'Multi-Choice', workflow: choices.multiChoice, results: { A: subsets } },
  {
    number: 7,
    traces: 4,
    name: 'Structured Synchronizing Merge',
    workflow: choices.structuredSynchronizingMerge,
    results: { A: subsets },
  },
  { number: 8, traces: 4, name: 'Multi-Merge', workflow: basics.multiMerge },
  { number: 9, traces: 4, name: 'Structured Discriminator', workflow: joins.structuredDiscriminator },
  {
    number: 10,
    traces: 10,
    name: 'Arbitrary Cycles',
    workflow: loops.arbitraryCycles,
    args: [{ first: 'B' }, { first: 'C' }, { first: 'D' }, { first: 'E' }],
    results: { B: more, C: more },
    marksMax: 5,
  },
  {
    number: 11,
    traces: 2,
    name: 'Implicit Termination',
    workflow: basics.implicitTermination,
    happenings: { END: { kind: 'end' } },
  },
  {
    number: 12,
    traces: 4,
    name: 'Multiple Instances without Synchronization',
    workflow: instances.instancesWithoutSynchronization,
  },
  {
    number: 13,
    traces: 1,
    name: 'Multiple Instances with a Priori Design-Time Knowledge',
    workflow: instances.instancesKnownAtDesignTime,
  },
  {
    number: 14,
    traces: 3,
    name: 'Multiple Instances with a Priori Run-Time Knowledge',
    workflow: instances.instancesKnownAtRunTime,
    results: { A: [1, 2, 3].map(count => ({ value: count, mark: `=${count}` })) },
  },
  {
    number: 15,
    traces: 4,
    name: 'Multiple Instances without a Priori Run-Time Knowledge',
    workflow: instances.growingInstances,
    happenings: { N: taken('n', 2) },
  },
  {
    number: 16,
    traces: 2,
    name: 'Deferred Choice',
    workflow: choices.deferredChoice,
    results: { A: oneOf },
    happenings: { s: taken('s', 1), t: taken('t', 1) },
  },
  {
    number: 17,
    traces: 3,
    name: 'Interleaved Parallel Routing',
    workflow: states.interleavedParallelRouting,
    held: ['B', 'C', 'D'],
  },
  { number: 18, traces: 2, name: 'Milestone', workflow: states.milestonePassed, isAboutBeginnings: true },
  { number: 19, traces: 3, name: 'Cancel Task', workflow: cancels.cancelTask, held: ['B'] },
  {
    number: 20,
    traces: 7,
    name: 'Cancel Case',
    workflow: cancels.cancelCase,
    happenings: { X: { kind: 'cancel' } },
    ends: marks => (marks.includes('X') ? 'cancelled' : 'succeeded'),
  },
  {
    number: 21,
    traces: 5,
    name: 'Structured Loop',
    workflow: loops.structuredLoop,
    results: { A: more, B: more },
    marksMax: 6,
  },
  {
    number: 22,
    traces: 3,
    name: 'Recursion',
    workflow: loops.recursion,
    args: [{ deeper: 0 }, { deeper: 1 }, { deeper: 2 }],
  },
  {
    number: 23,
    traces: 4,
    name: 'Transient Trigger',
    workflow: signals.transientTrigger,
    happenings: { s: sent('heard', 2) },
    ends: marks => (marks.includes('B') ? 'succeeded' : 'waiting'),
  },
  {
    number: 24,
    traces: 2,
    name: 'Persistent Trigger',
    workflow: signals.persistentTrigger,
    happenings: { s: sent('kept', 1) },
  },
  { number: 25, traces: 3, name: 'Cancel Region', workflow: cancels.cancelRegion },
  {
    number: 26,
    traces: 3,
    name: 'Cancel Multiple Instance Activity',
    workflow: instances.cancelInstances,
    happenings: { X: taken('x', 1) },
  },
  {
    number: 27,
    traces: 3,
    name: 'Complete Multiple Instance Activity',
    workflow: instances.completeInstances,
    happenings: { X: taken('x', 1) },
  },
  { number: 28, traces: 9, name: 'Blocking Discriminator', workflow: joins.blockingDiscriminator },
  { number: 29, traces: 3, name: 'Cancelling Discriminator', workflow: joins.cancellingDiscriminator, held: ['C'] },
  { number: 30, traces: 12, name: 'Structured Partial Join', workflow: joins.structuredPartialJoin },
  { number: 31, traces: 34, name: 'Blocking Partial Join', workflow: joins.blockingPartialJoin },
  { number: 32, traces: 6, name: 'Cancelling Partial Join', workflow: joins.cancellingPartialJoin },
  { number: 33, traces: 16, name: 'Generalised AND-Join', workflow: joins.generalisedAndJoin },
  {
    number: 34,
    traces: 2,
    name: 'Static Partial Join for Multiple Instances',
    workflow: instances.partialJoinOfInstances,
  },
  {
    number: 35,
    traces: 1,
    name: 'Cancelling Partial Join for Multiple Instances',
    workflow: instances.cancellingPartialJoinOfInstances,
  },
  {
    number: 36,
    traces: 7,
    name: 'Dynamic Partial Join for Multiple Instances',
    workflow: instances.dynamicPartialJoinOfInstances,
    happenings: { N: taken('n', 1) },
  },
  {
    number: 37,
    traces: 10,
    name: 'Local Synchronizing Merge',
    workflow: choices.localSynchronizingMerge,
    results: { A: subsets, C: [value({ leave: true, again: false }), value({ leave: false, again: false })] },
  },
  {
    number: 38,
    traces: 9,
    name: 'General Synchronizing Merge',
    workflow: choices.generalSynchronizingMerge,
    results: { A: subsets, C: [value({ leave: false, again: true }), value({ leave: false, again: false })] },
  },
  { number: 39, traces: 2, name: 'Critical Section', workflow: states.criticalSection },
  { number: 40, traces: 6, name: 'Interleaved Routing', workflow: states.interleavedRouting, held: ['B', 'C', 'D'] },
  { number: 41, traces: 1, name: 'Thread Merge', workflow: instances.threadMerge },
  { number: 42, traces: 2, name: 'Thread Split', workflow: instances.threadSplit },
  { number: 43, traces: 3, name: 'Explicit Termination', workflow: cancels.explicitTermination, held: ['C'] },
]
