/** From a text, or a program that is there already, to workflows. */
import { validateGraph } from '../core/graph/validate.ts'
import type { AnyFunction } from '../dsl/definition.ts'
import { foreignWorkflow } from '../dsl/foreign-workflow.ts'
import { type Diagnostic, Refusal } from '../util/diagnostic.ts'
import type { Result } from '../util/result.ts'
import type { Around, Bindings, BoundWorkflow, Language, SourceFile } from './language.ts'

/** The workflows of a text, by name. Refuses with all that is wrong with it. */
export function openText<P>(
  language: Language<P>,
  file: SourceFile,
  bindings: Bindings = {},
  around: Around = NOTHING_AROUND,
): Workflows {
  return openProgram(language, accepted(language.parse(file, around)), bindings, around)
}

const NOTHING_AROUND: Around = { read: () => undefined }

export type Workflows = { readonly [name: string]: AnyFunction }

export function openProgram<P>(
  language: Language<P>,
  program: P,
  bindings: Bindings = {},
  around: Around = NOTHING_AROUND,
): Workflows {
  const bound = accepted(language.bind(program, bindings, around))
  return Object.fromEntries(bound.map(each => [each.graph.name, workflowOf(each)]))
}

/** Refuses with what the graph breaks: a defect of the language, told like a mistake in its text. */
export function workflowOf({ graph, tasks, pure = {}, signals, missing, whole }: BoundWorkflow): AnyFunction {
  const wrong = validateGraph(graph).filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) throw new Refusal(wrong)
  return foreignWorkflow({
    name: graph.name,
    params: graph.params,
    region: graph.root,
    tasks,
    pure,
    ...(graph.deadlineMs === undefined ? {} : { deadlineMs: graph.deadlineMs }),
    ...(signals ? { signals } : {}),
    ...(missing && missing.length > 0 ? { missing } : {}),
    ...(whole === undefined ? {} : { whole }),
  })
}

function accepted<T>(result: Result<T, readonly Diagnostic[]>): T {
  if (!result.ok) throw new Refusal(result.error)
  return result.value
}
