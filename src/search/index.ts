/** Search: one query language over graphs, runs, steps, values and logs. Reads; changes nothing but its own index. */
export {
  all,
  any,
  type Asked,
  type AskedSteps,
  avg,
  type FieldName,
  type Handles,
  type History,
  logs,
  max,
  nodes,
  not,
  p50,
  p95,
  p99,
  type Row,
  runs,
  steps,
  times,
  values,
  type When,
} from './build.ts'
export { type Field, FIELDS, type FieldType, type Subject } from './fields.ts'
export { count, find, openSearch, type Search, type SearchOptions } from './find.ts'
export { parseQuery } from './language/parse.ts'
export { printQuery } from './language/print.ts'
export type { Condition, Found, Query } from './query.ts'
