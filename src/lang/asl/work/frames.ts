/** From frame to frame. */
import type { Json } from '../../../util/json.ts'
import type { Exit, Frame, Vars } from '../scope.ts'

const NO_VARS: Vars = {}

/** What a machine starts with. `around`: the frame of the state that it is inside of; its variables are seen, too. */
export const firstFrame = (input: Json, around: Frame | null, events: number): Frame => ({
  input,
  vars: around?.vars ?? NO_VARS,
  events: (around?.events ?? 0) + events,
})

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
