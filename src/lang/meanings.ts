/** That what a graph names has a meaning: a language that forgets one is told when its file is loaded, not in the middle of a run. */
import { definitionOf } from '../dsl/definition.ts'
import type { Diagnostic } from '../util/diagnostic.ts'
import type { BoundWorkflow } from './language.ts'

/** Empty when all names have one. */
export function missingMeanings({ graph, tasks, pure = {} }: BoundWorkflow): readonly Diagnostic[] {
  const named = namesIn(graph.root, { tasks: new Set(), pure: new Set() })
  const wrong = (what: string, hint: string): Diagnostic => ({
    code: 'LANGUAGE_WRONG',
    severity: 'error',
    message: `The workflow ${graph.name} ${what}`,
    hint,
  })
  return [
    ...[...named.tasks]
      .filter(name => !Object.hasOwn(tasks, name))
      .map(name => wrong(`has steps of the task ${name}, which is none of its tasks`, `Give it: tasks: { ${name} }.`)),
    ...[...named.pure]
      .filter(id => typeof pure[id] !== 'function')
      .map(id => wrong(`applies ${id}, which is none of its functions`, `Give it: pure: { ${id} }.`)),
    ...Object.entries(tasks)
      .filter(([, value]) => !definitionOf(value))
      .map(([name]) =>
        wrong(`has the task ${name}, which is none`, 'It must be what task(), effect() or service() gave.'),
      ),
  ]
}

interface Names {
  readonly tasks: Set<string>
  readonly pure: Set<string>
}

/** A graph is plain JSON, and these fields mean the same wherever they stand; what literals hold is nobody's name. */
function namesIn(value: unknown, names: Names): Names {
  if (Array.isArray(value)) for (const each of value) namesIn(each, names)
  else if (typeof value === 'object' && value !== null) {
    const { kind, task, fn } = value as { readonly kind?: unknown; readonly task?: unknown; readonly fn?: unknown }
    if (kind === 'literal') return names
    if (typeof task === 'string') names.tasks.add(task)
    if (typeof fn === 'string' && (kind === 'apply' || kind === 'function')) names.pure.add(fn)
    for (const each of Object.values(value)) if (typeof each === 'object') namesIn(each, names)
  }
  return names
}
