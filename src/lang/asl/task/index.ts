/** What Task states do. */
export type { Binding, Bindings, MachineBinding, Outcome } from './binding.ts'
export { type ChildEnd, endedResult, executionArn, startedResult } from './execution.ts'
export { checkData } from './limits.ts'
export { newPerformer, type Performer, type PerformerOptions } from './perform.ts'
export type { Child, ExecutionContext, Performed, TaskRequest } from './request.ts'
export { actionOf, nameIn, type Resource, resourceOf, waitsForToken } from './resource.ts'
export { type Callback, placeOf, tokenOf } from './token.ts'
export { unbound } from './unbound.ts'
