/** From a text, or a program that is there already, to workflows. */
import type { AnyFunction } from '../dsl/definition.ts'
import { foreignWorkflow } from '../dsl/foreign-workflow.ts'
import { type Diagnostic, refuse, Refusal } from '../util/diagnostic.ts'
import type { Result } from '../util/result.ts'
import { missingMeanings } from './meanings.ts'
import type { Around, Bindings, BoundWorkflow, Language, SourceFile } from './language.ts'

/** The workflows of a text, by name. Refuses with all that is wrong with it. */
export async function openText<P>(
  language: Language<P>,
  file: SourceFile,
  bindings: Bindings = {},
  around: Around = NOTHING_AROUND,
): Promise<Workflows> {
  return openProgram(language, accepted(await language.parse(file, around)), bindings, around)
}

const NOTHING_AROUND: Around = { read: () => undefined }

export type Workflows = { readonly [name: string]: AnyFunction }

export async function openProgram<P>(
  language: Language<P>,
  program: P,
  bindings: Bindings = {},
  around: Around = NOTHING_AROUND,
): Promise<Workflows> {
  const bound = accepted(await language.bind(program, bindings, around))
  const names = bound.map(each => each.graph.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    refuse('LANGUAGE_WRONG', `The language ${language.name} gives two workflows of the name ${twice}`, {
      hint: 'Their names tell them apart in all commands: give each its own.',
    })
  const unsayable = names.find(name => name === '' || /[#@]/.test(name))
  if (unsayable !== undefined)
    refuse(
      'LANGUAGE_WRONG',
      `The language ${language.name} gives a workflow of the name ${JSON.stringify(unsayable)}`,
      {
        hint: 'A name is not empty and has no # and no @: these stand before a workflow and its version.',
      },
    )
  const wrong = bound.flatMap(missingMeanings)
  if (wrong.length > 0) throw new Refusal(wrong)
  return Object.fromEntries(bound.map(each => [each.graph.name, workflowOf(each)]))
}

/** Its graph is checked like every graph, when it is about to be used: by itself, or as a part of another one. */
export function workflowOf({ graph, tasks, pure = {}, signals, missing, warnings, whole }: BoundWorkflow): AnyFunction {
  return foreignWorkflow({
    name: graph.name,
    params: graph.params,
    region: graph.root,
    tasks,
    pure,
    ...(graph.deadlineMs === undefined ? {} : { deadlineMs: graph.deadlineMs }),
    ...(signals ? { signals } : {}),
    ...(missing && missing.length > 0 ? { missing } : {}),
    ...(warnings && warnings.length > 0 ? { warnings } : {}),
    ...(whole === undefined ? {} : { whole }),
  })
}

/** Throws what is wrong. */
export function accepted<T>(result: Result<T, readonly Diagnostic[]>): T {
  if (!result.ok) throw new Refusal(result.error)
  return result.value
}
