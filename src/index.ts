/** Tutti's front door: the language, what tasks use while they run, and `run` for programs that embed it. */
export * from './dsl/index.ts'
export { run, type RunOptions, type RunResult } from './run/embed.ts'
