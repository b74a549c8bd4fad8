/** The door for languages: what a front end is, and how its programs become workflows. */
export type { Around, Bindings, BoundWorkflow, Language, SourceFile } from './language.ts'
export { type Entry, MOCKS, type Mocks, openEntry } from './entry.ts'
export { servicePolicy, stepPolicy } from './policy.ts'
export { openProgram, openText, workflowOf, type Workflows } from './open.ts'
export { err, ok, type Result } from '../util/result.ts'
export { type Diagnostic, Refusal } from '../util/diagnostic.ts'
export type { Expr, Graph, Node, Param, Policy, Position, Region, Source } from '../core/graph/graph.ts'
/** A step's id of any name: ids stand in paths, so they have no `/`, `.`, `[` and `]`. */
export { nodeStem as stepId } from '../dsl/trace.ts'
