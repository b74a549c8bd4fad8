/** From frame to frame. */
import type { Json } from '../../../util/json.ts'
import type { Exit, Frame, Vars } from '../scope.ts'
import { checkData } from '../task/limits.ts'

const NO_VARS: Vars = {}

/** What a machine starts with; inside of a state it sees the variables around it, and AWS counts the state's two first events. */
export const firstFrame = (input: Json, vars: Vars | null, events: number): Frame => ({
  input,
  vars: vars ?? NO_VARS,
  events: vars === null ? events : events + INSIDE_EVENTS,
})

/** The entry and the start of a Parallel or a Map. */
const INSIDE_EVENTS = 2

/** AWS tells of a state that does no work by its entry and its exit. */
export const PLAIN_EVENTS = 2
/** Entry, scheduled, started, succeeded, exit. */
export const TASK_EVENTS = 5
/** Of each attempt that failed: scheduled, started, failed. */
export const FAILED_EVENTS = 3

export const nextFrame = (frame: Frame, { output, vars, assigned }: Exit, events: number): Frame => ({
  input: output,
  vars,
  ...(assigned.length > 0 ? { assigned } : {}),
  events: frame.events + events,
})

/** AWS's, on the data that goes from one state to the next; or none. */
export type Limits = 'none' | 'aws'

/** Throws where a state gives more than may go on. */
export function within(limits: Limits, name: string, exit: Exit): Exit {
  if (limits === 'aws') checkData(name, exit.output)
  return exit
}
