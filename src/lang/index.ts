/** The door for languages: what a front end is, and how its programs become workflows. */
export type { Bindings, BoundWorkflow, Language, SourceFile } from './language.ts'
export { type Entry, MOCKS, type Mocks, openEntry } from './entry.ts'
export { openProgram, openText, workflowOf, type Workflows } from './open.ts'
export { err, ok, type Result } from '../util/result.ts'
export { type Diagnostic, Refusal } from '../util/diagnostic.ts'
