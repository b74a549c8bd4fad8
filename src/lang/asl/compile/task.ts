/**
 * A Task: one effect that does all of it, and, where the answer comes from elsewhere, what waits for it.
 *
 *     most                  S
 *     callback, activity    S > when it waits: race of answer, time out, silence > S#done
 *     startExecution        S > the machine that it starts, as a step > S#done
 */
import type { Expr, Node, Policy } from '../../../core/graph/graph.ts'
import type { TaskState } from '../machine.ts'
import { hasToken, type Resource, resourceOf, spellings, waitsForToken } from '../task/index.ts'
import { apply, effect, literal, type Named, node, own, paramAt, record, region, step } from './build.ts'
import type { ChildRegion } from './around.ts'
import { about, type Compiled, named } from './compiled.ts'
import { type Body, guarded, retryOf } from './errors.ts'
import { PURE, STARTED, WORK } from './words.ts'

export function taskBody(given: Compiled<TaskState>): Body {
  const resource = resourceOf(given.state.Resource)
  if (waitsForToken(resource)) return guarded(given, 'whole', here => answered(given, here))
  const children = startsMachine(resource) ? childrenOf(given) : []
  if (children.length > 0) return guarded(given, 'whole', here => started(given, children, here))
  // Only those that are running around it are bound: which it is, is refused when it is known.
  if (startsMachine(resource) && given.around.within.length > 0)
    return guarded(given, 'whole', here => concluded(given, here, [perform(given, here, {})], literal(null)))
  if (isTimedByData(given.state)) return guarded(given, 'whole', here => timed(given, here))
  return guarded(given, 'step', here => ({
    nodes: [perform(given, here, { ...retryOf(given.state), ...timesOf(given.state) })],
    result: node(given.id, ['frame']),
  }))
}

const startsMachine = (resource: Resource): boolean =>
  resource.kind === 'service' && resource.service === 'states' && resource.action === 'startExecution'

const perform = (given: Compiled, here: number, policy: Policy): Node =>
  effect({ ...named(given), policy }, WORK.perform, about(given, here))

/** The machines that it may start: the one that is written out, or all that there are. */
function childrenOf({ state, around }: Compiled<TaskState>): readonly ChildRegion[] {
  const { StateMachineArn: written } = (state.Parameters ?? state.Arguments ?? {}) as {
    readonly StateMachineArn?: unknown
  }
  const names = typeof written === 'string' ? spellings(written) : []
  const named = around.children.filter(({ key }) => names.includes(key))
  return named.length > 0 ? named : around.children
}

/** Written out: the engine's to keep. What is only known by data the effect keeps itself. */
function timesOf({ TimeoutSeconds, HeartbeatSeconds }: TaskState): Policy {
  return {
    ...(typeof TimeoutSeconds === 'number' ? { timeoutMs: TimeoutSeconds * 1000 } : {}),
    ...(typeof HeartbeatSeconds === 'number' ? { heartbeatMs: HeartbeatSeconds * 1000 } : {}),
  }
}

const isTimedByData = ({ TimeoutSeconds, TimeoutSecondsPath }: TaskState): boolean =>
  typeof TimeoutSeconds === 'string' || TimeoutSecondsPath !== undefined

/** Against a clock of the run's, which a restart does not set back. What fails loses at once, as data. */
function timed(given: Compiled<TaskState>, here: number): Body {
  const work = perform(given, here + 2, {})
  const held = asData(named(given, '#held'), work, 'done')
  const late = step('wait', named(given, '#timeout'), {
    on: { kind: 'timer', duration: apply(PURE.timeout, about(given, here + 1)) },
  })
  const clock = step('race', named(given, '#clock'), {
    arms: { work: region([held], node(held.id)), timeout: region([late], node(late.id)) },
  })
  const done = own(named(given, '#done'), WORK.conclude, [...about(given, here), literal(null), node(clock.id)])
  return { nodes: [clock, done], result: node(done.id, ['frame']) }
}

/** What comes of the step: its value by that name, or how it `failed`. */
const asData = (attempt: Named, inner: Node, succeeded: string): Node =>
  step('attempt', attempt, {
    body: region([inner], record({ [succeeded]: node(inner.id) })),
    handlers: [{ errors: [], body: region([], record({ failed: paramAt(0, 'error')(0) }), ['error']) }],
  })

/** What the answer's wait is called in the token: ../work/token-place.ts. */
function answered(given: Compiled<TaskState>, here: number): Body {
  const { id } = given
  const waits = step(
    'when',
    { ...named(given, '#answer') },
    {
      condition: node(id, ['waits']),
      // One region deeper, and each arm one more.
      then: region([race(given, here + 1)], node(`${id}#race`)),
      otherwise: region([], literal(null)),
    },
  )
  return concluded(given, here, [perform(given, here, {}), waits], node(waits.id))
}

/** What a task that is waited for is answered with when it went well; when not, `error` and `cause`. */
const ANSWER = { type: 'object', properties: { output: {} }, required: ['output'] }

function race(given: Compiled<TaskState>, here: number): Node {
  const { id, key, state } = given
  const patience = (which: string) =>
    apply(PURE.patience, [literal(which), { kind: 'node', node: id, up: 2, path: [] }])
  const wait = (name: string, signal: string): Node =>
    step(
      'wait',
      { ...named(given), id: name, name: signal },
      { on: { kind: 'signal', signal, type: ANSWER, early: 'kept' } },
    )
  const alone = (only: Node) => region([only], node(only.id))
  const isTimed = state.TimeoutSeconds !== undefined || state.TimeoutSecondsPath !== undefined
  const isWatched = state.HeartbeatSeconds !== undefined || state.HeartbeatSecondsPath !== undefined
  const arms = {
    answer: alone(wait(id, key)),
    ...(isTimed
      ? {
          timeout: alone(
            step('wait', named(given, '#timeout'), { on: { kind: 'instant', instant: patience('timeout') } }),
          ),
        }
      : {}),
    ...(isWatched ? { silence: alone(silence(given, here + 1)) } : {}),
  }
  return step('race', named(given, '#race'), { arms })
}

/** Goes round with each heartbeat, and ends when one is late. */
function silence(given: Compiled, here: number): Node {
  const beat = `${given.key} heartbeat`
  const wait = step('wait', named(given, '#beat'), {
    on: { kind: 'signal', signal: beat, type: {}, early: 'transient' },
  })
  const late = step('wait', named(given, '#late'), {
    on: {
      kind: 'timer',
      duration: apply(PURE.patience, [literal('heartbeat'), { kind: 'node', node: given.id, up: 4, path: [] }]),
    },
  })
  const inner = step('race', named(given, '#next'), {
    arms: { beat: region([wait], node(wait.id)), late: region([late], node(late.id)) },
  })
  return step('loop', named(given, '#silence'), {
    init: literal(null),
    body: region([inner], node(inner.id, ['won']), ['state', 'turn']),
    condition: apply(PURE.isLate, [paramAt(here + 1, 'state')(here + 1)]),
    test: 'until',
    limit: 0,
  })
}

function started(given: Compiled<TaskState>, children: readonly ChildRegion[], here: number): Body {
  const arms = Object.fromEntries(children.map(child => [child.key, childArm(given, child, here + 1)]))
  const runs = step('match', named(given, '#machine'), {
    value: node(given.id, ['starts']),
    arms,
    otherwise: region([], literal(null), ['value']),
  })
  return concluded(given, here, [perform(given, here, {}), runs], node(runs.id))
}

/** Awaited, with its end as data; or let go of. */
function childArm(given: Compiled<TaskState>, child: ChildRegion, here: number) {
  // Of those that start a machine.
  const awaits = hasToken(resourceOf(given.state.Resource))
  const from = (path: readonly string[], up: number) => ({ kind: 'node', node: given.id, up, path }) as const
  const call = step(
    'call',
    {
      ...named(given, '#run'),
      name: child.name,
      ...(child.deadlineMs === undefined ? {} : { policy: { deadlineMs: child.deadlineMs } }),
    },
    {
      workflow: child.name,
      args: { input: from(['child', 'input'], awaits ? 2 : 3), execution: from(['execution'], awaits ? 2 : 3) },
      body: child.region(here + (awaits ? 2 : 3)),
    },
  )
  const attempt = asData(named(given, '#end'), call, 'output')
  if (awaits) return region([attempt], node(attempt.id), ['value'])
  const loose = step('scope', named(given, '#apart'), { body: region([attempt], literal(null)), join: 'detached' })
  return region([loose], literal(STARTED), ['value'])
}

function concluded(given: Compiled, here: number, nodes: readonly Node[], answer: Expr): Body {
  const done = own(named(given, '#done'), WORK.conclude, [...about(given, here), node(given.id), answer])
  return { nodes: [...nodes, done], result: node(done.id, ['frame']) }
}
