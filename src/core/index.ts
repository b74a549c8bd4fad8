/** The core: graph, net, engine. Pure; knows no file, clock, process or language. */
export type {
  Expr,
  Graph,
  Lock,
  NetTransition,
  Node,
  NodeKind,
  Param,
  Path,
  Policy,
  Position,
  Read,
  Region,
  Resource,
  Rest,
  Retry,
  Source,
  Undo,
} from './graph/graph.ts'
export { regionsOf } from './graph/graph.ts'
export { affectedBy, type Affected } from './graph/affected.ts'
export { holdsOthers, pathMark, type PlacedNode, placedNodes } from './graph/placed.ts'
export { operandsOf, type Property, propertyText, type StepRef, type Steps } from './graph/property.ts'
export { type PlacedProperty, placedProperties } from './graph/properties.ts'
export { dependenciesOf, resultDependencies, usedParams } from './graph/dependencies.ts'
export { bareGraph, canonicalGraph, canonicalRegion, graphHash, regionHash } from './graph/identity.ts'
export { renamedGraph, renameProblems, type Renames, stepPaths } from './graph/rename.ts'
export { resourcesOf } from './graph/resources.ts'
export { parseGraph } from './graph/parse.ts'
export { validateGraph } from './graph/validate.ts'
export { compileRegion } from './net/compile.ts'
export { isSilent, type Net, type Role, roleOf, type RoleKind } from './net/net.ts'
export { compile, type Program } from './engine/program.ts'
export { emptyState, type FlowRecord, type State } from './engine/state.ts'
export { decide } from './engine/decide.ts'
export { idempotencyKey } from './engine/idempotency.ts'
export {
  heir,
  type Heritage,
  type Image,
  imageOf,
  inherit,
  type LogFold,
  type Moving,
  newHeritage,
  newLogFold,
} from './engine/image.ts'
export type { Obstacle } from './engine/obstacle.ts'
export { apply } from './engine/apply.ts'
export { callScopePath } from './engine/apply.ts'
export { calledStep } from './engine/decide.ts'
export {
  boundGuards,
  boundNetState,
  boundKey,
  describeStep,
  enclosingCall,
  findStep,
  flowRecords,
  isThere,
  type StepDescription,
} from './engine/describe.ts'
export type { Note } from './engine/note.ts'
export { outstanding } from './engine/outstanding.ts'
export { type Wait, waits } from './engine/waits.ts'
export { isWanted } from './engine/wanted.ts'
export { restoreSnapshot, type Snapshot, takeSnapshot } from './engine/snapshot.ts'
export type {
  Answer,
  Bound,
  Command,
  Decision,
  Event,
  EventKind,
  Fault,
  FlowCall,
  Input,
  Origin,
  Outcome,
  RunCode,
  RunStatus,
  StepId,
  Timer,
  ValueRef,
} from './engine/protocol.ts'
