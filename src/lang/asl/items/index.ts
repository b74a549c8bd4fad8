/** Where the items of distributed maps come from, and where their results go. */
export type { Buckets } from './bucket.ts'
export { readItems } from './read.ts'
export { type ChildResult, type MapRun, writeResults } from './write.ts'
