/** Paths of the JSONPath states: reading, writing, and what is wrong with them. */
export { checkPath, type PathKind, writeReference } from './reference.ts'
export { executing, missingField, type At, type PathScope, readField, readPath, seekPath } from './read.ts'
export type { Sought } from './walk.ts'
export { sameJson } from './same.ts'
