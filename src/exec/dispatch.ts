/** Chooses the executor by the name that the step's definition gives: `inline`, `thread`, `process`, or one of the shell's own. */
import type { Executor } from './attempt.ts'

/** Sources are read where the run is. Unknown names fail with EXECUTOR_UNKNOWN. */
export function dispatch(executors: { readonly inline: Executor; readonly [name: string]: Executor }): Executor {
  const byName = new Map(Object.entries(executors))
  return (attempt, signal, reports) => {
    const name = attempt.work.kind === 'source' ? 'inline' : attempt.work.executor
    const executor = byName.get(name)
    if (executor !== undefined) return executor(attempt, signal, reports)
    const message = `${attempt.name} wants the executor ${JSON.stringify(name)}, and there are ${[...byName.keys()].join(', ')}`
    return { kind: 'failed', fault: { code: 'EXECUTOR_UNKNOWN', message } }
  }
}
