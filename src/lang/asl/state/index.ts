/** What each type of state makes of its input: pure functions, shared by runs, tests of single states and histories. */
export { holds, noChoice } from './choice.ts'
export {
  argumentOf,
  credentialsOf,
  exitOf,
  exitOfCatch,
  exitOfChoice,
  passExit,
  succeedExit,
  type WorkState,
  waitExit,
} from './data.ts'
export { catcherOf, HEARTBEAT, retrierOf } from './errors.ts'
export { failureOf } from './fail.ts'
export { itemOf, type MapWork, mapOf, type Read } from './map.ts'
export { andThen, inTurn } from './soon.ts'
export { readerOf, writerOf } from './storage.ts'
export { type Timeouts, timeoutsOf } from './timeouts.ts'
export { waitOf } from './wait.ts'
