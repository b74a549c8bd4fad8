/** The names that compiled graphs use: ../work says what they mean. They are in stored graphs, so they never change. */

export const PURE = {
  /** The frame that a machine starts with: (input, variables or null, AWS's events before it). */
  frame: 'asl.frame',
  /** The frame after a state that does no work: (state, frame, context). */
  leave: 'asl.leave',
  /** Whether a rule of a choice holds: (state, index, frame, context). */
  holds: 'asl.holds',
  /** The frame after a rule of a choice: (state, index or 'default', frame, context). */
  choose: 'asl.choose',
  /** Milliseconds, or an instant: (state, frame, context). */
  pause: 'asl.pause',
  /** The frame after a catcher, or the error again: (state, frame, context, error). */
  caught: 'asl.caught',
  /** Whether the state before has gone on by this catcher: (number or null, frame's `caught`). */
  went: 'asl.went',
  /** What every branch of a parallel state gets, where nothing is made for it: (state, frame, context). */
  argument: 'asl.argument',
  /** A map's items, each `{ value, input }`, what it is and what its iteration gets: (state, frame, context, what was read). */
  items: 'asl.items',
  /** How many of them at a time, and how many may fail, where data says so: (state, frame, context, what was read). */
  limits: 'asl.limits',
  /** Milliseconds that a Task may take, where data says so: (state, frame, context). */
  timeout: 'asl.timeout',
  /** The instant when the answer is too late, or the milliseconds in which a heartbeat must come: (which, performed). */
  patience: 'asl.patience',
  /** Whether a heartbeat did not come: (who won). */
  isLate: 'asl.is-late',
} as const

export const WORK = {
  /** The execution: who and when. */
  start: 'asl.start',
  /** A Task's whole: (state, frame, context). Gives what comes of it; of most the next frame. */
  perform: 'asl.perform',
  /** What a Task goes on with when its answer came from elsewhere: (state, frame, context, performed or null, answer). */
  conclude: 'asl.conclude',
  /** Fails: (state, frame, context). */
  fail: 'asl.fail',
  /** The argument of all branches, made once: (state, frame, context). */
  enter: 'asl.enter',
  /** Reads a distributed map's items: (state, frame, context). */
  read: 'asl.read',
  /** The frame after a parallel state or a map: (state, frame, context, outputs). */
  join: 'asl.join',
  /** Fails again with an error that rules of retrying know: (state, error). */
  rethrow: 'asl.rethrow',
} as const

/** What stands for the end of a machine that nobody waits for. */
export const STARTED = 'started'

/** The class of an error that the rule at `index` of its state is for. */
export const retrierType = (index: number): string => `Retrier.${index}`
