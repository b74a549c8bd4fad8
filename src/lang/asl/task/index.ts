/** What Task states do. */
export type { Binding, Bindings, Outcome } from './binding.ts'
export { checkBindings } from './check.ts'
export { endedResult, startedResult } from './execution.ts'
export { newPerformer, type Performer, type PerformerOptions } from './perform.ts'
export type { Child, Performed, TaskRequest } from './request.ts'
export { hasToken, nameIn, type Resource, resourceOf, waitsForToken } from './resource.ts'
export { type Callback, tokenOf } from './token.ts'
export { unbound } from './unbound.ts'
