/** What a run of a version needs, or one that publishes: loaded by the runs that do, all at once. */
export { openVersion } from './open.ts'
export { publishForRun } from './publish.ts'
export { findVersion } from './reference.ts'
export { withSources } from './with-sources.ts'
