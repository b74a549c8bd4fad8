/** `sleep` and `until`: steps that wait for time. In a flow they are calls. */
import type { Duration } from '../../util/duration.ts'
import { instantMs } from '../../util/instant.ts'
import { toExpr } from '../expr.ts'
import { isPending, waitInFlow } from '../flow-host.ts'
import { isRef } from '../handle.ts'
import { located } from '../hooks.ts'
import { msOf } from '../options.ts'
import { nodeRef } from '../ref.ts'
import { addNode, currentBuilder, mustBuild } from '../trace.ts'
import type { Ref, RefCore } from '../types.ts'

/** Passes after a time. Refuses BAD_DURATION. */
export function sleep(duration: Duration | RefCore<Duration>): Ref<undefined> {
  const given = isLater(duration) ? duration : msOf(duration)
  const builder = currentBuilder()
  if (!builder) return inFlow('sleep', { kind: 'timer', duration: given })
  const on = { kind: 'timer', duration: toExpr(builder, given, 'duration') } as const
  return nodeRef<undefined>(builder, addNode(builder, 'sleep', { kind: 'wait', on }))
}

type Instant = Date | string | number

/** Passes at an instant; at once when that is over. A text is ISO 8601, with a zone. Refuses BAD_INSTANT. */
export function until(instant: Instant | RefCore<Instant>): Ref<undefined> {
  if (!isLater(instant)) located(() => instantMs(instant))
  const builder = currentBuilder()
  if (!builder) return inFlow('until', { kind: 'instant', instant })
  const on = { kind: 'instant', instant: toExpr(builder, instant, 'instant') } as const
  return nodeRef<undefined>(builder, addNode(builder, 'until', { kind: 'wait', on }))
}

/** A ref, or in a flow a call: its value is checked when it is there. */
const isLater = <T>(value: T | RefCore<T>): value is RefCore<T> =>
  isRef(value) || (typeof value === 'object' && value !== null && isPending(value))

const inFlow = (name: string, on: Parameters<typeof waitInFlow>[0]['on']): Ref<undefined> =>
  // A wait for time gives nothing, which the flow's host cannot know.
  (waitInFlow({ name, policy: {}, on }) ?? mustBuild(`${name}()`)) as Ref<undefined>
