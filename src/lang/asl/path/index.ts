/** Paths of the JSONPath states: reading, writing, and what is wrong with them. */
export { checkPath, type PathKind, readReference, writeReference } from './reference.ts'
export { missingField, type PathScope, seekPath } from './read.ts'
