/** What the names in a graph mean in this process: the definitions and pure functions of a traced workflow. */
import { ctx } from '../exec/ctx.ts'
import type { Bindings } from '../exec/inline.ts'
import type { Definition } from '../dsl/definition.ts'
import { withFlowHost } from '../dsl/flow-host.ts'
import type { TracedBindings } from '../dsl/trace.ts'

/** Runs a flow's body for the attempt that is current. */
export type RunFlow = (
  run: string,
  step: string,
  definition: Definition,
  args: readonly unknown[],
  signal: AbortSignal,
) => Promise<unknown>

/** The executor's view: plain functions by name. A flow's function finds its run by the attempt that calls it. */
export function executorBindings(bindings: TracedBindings, runFlow: RunFlow): Bindings {
  return {
    task(name) {
      const definition = bindings.definitions.get(name)
      if (!definition) return undefined
      if ('fn' in definition) {
        // The door to the flow is shut: what a task calls is its own business, not a step.
        return {
          fn: (...args: unknown[]) => withFlowHost(undefined, () => definition.fn(...args)),
          options: definition,
        }
      }
      return {
        fn: (...args: unknown[]) => {
          const { run, step, signal } = ctx()
          return runFlow(run, step, definition, args, signal)
        },
        options: definition,
      }
    },
    pure: name => bindings.pure.get(name),
  }
}
