/** Where the items of distributed maps come from, and where their results go. */
export { readItems } from './read.ts'
export { type ChildResult, writeResults } from './write.ts'
