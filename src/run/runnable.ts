/** A workflow ready to be run: its graph, what its names mean here, and what is kept of it so that it can be resumed. */
import { type Graph, validateGraph } from '../core/index.ts'
import { type Configuration, currentConfigurations } from '../exec/index.ts'
import type { WorkflowDefinition } from '../dsl/definition.ts'
import type { TracedBindings } from '../dsl/trace.ts'
import { traceWorkflow } from '../dsl/workflow.ts'
import { Refusal } from '../util/diagnostic.ts'

export interface Runnable {
  /** Under which the run is listed, and found again in its file. */
  readonly name: string
  readonly definition: WorkflowDefinition
  readonly graph: Graph
  readonly bindings: TracedBindings
  /** Folder of the file: relative paths and commands start here. */
  readonly cwd: string
  /** As the user named it; empty for a program that embeds Tutti. */
  readonly file: string
  /** The bundle's bytes, kept with the run; none for a program that embeds Tutti. */
  readonly bundle: Uint8Array | undefined
  /** Number of the published version that it is, if it is one. */
  readonly version?: string
  /** Middleware, codecs and routes. */
  readonly configurations: readonly Configuration[]
  /** The bytes behind the hashes of the graph's reads, by hash. */
  readonly readContents: ReadonlyMap<string, Uint8Array>
}

/** Traces and validates a workflow of a program that embeds Tutti. Refuses with everything that is wrong with the graph. */
export function embeddedRunnable(definition: WorkflowDefinition, cwd: string): Runnable {
  const { graph, bindings } = traceWorkflow(definition)
  return {
    name: definition.name,
    definition,
    graph: checkedGraph(graph),
    bindings,
    cwd,
    file: '',
    bundle: undefined,
    configurations: currentConfigurations(),
    readContents: new Map(),
  }
}

/** Before a run begins: refuses with all that another language's workflow has no meaning for. */
export function refuseMissing({ bindings }: Pick<Runnable, 'bindings'>): void {
  const byText = new Map(bindings.missing.map(each => [JSON.stringify(each), each]))
  if (byText.size > 0) throw new Refusal([...byText.values()])
}

export function checkedGraph(graph: Graph): Graph {
  const diagnostics = validateGraph(graph)
  if (diagnostics.some(each => each.severity === 'error')) throw new Refusal(diagnostics)
  return graph
}
