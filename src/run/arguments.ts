/** Arguments from outside the process: checked by the parameters' validators before anything runs. */
import { describeParams, paramNames } from '../dsl/workflow.ts'
import type { WorkflowDefinition } from '../dsl/definition.ts'
import type { SchemaResult } from '../dsl/types.ts'
import { type Diagnostic, Refusal } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'

/** The checked arguments by name, defaults filled in. Refuses with all of PARAMETER_UNKNOWN, PARAMETER_MISSING and PARAMETER_INVALID. */
export async function checkArguments(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const names = paramNames(definition.params)
  const problems: Diagnostic[] = Object.keys(given)
    .filter(name => !names.includes(name))
    .map(name => unknownParameter(definition, name, names))
  const checked: Record<string, unknown> = {}
  for (const { name, required } of describeParams(definition.params)) {
    const value = given[name]
    if (value === undefined && required) {
      problems.push({
        code: 'PARAMETER_MISSING',
        severity: 'error',
        message: `${definition.name} needs the parameter ${name}`,
        hint: `Give it with -p ${name}=…`,
      })
      continue
    }
    const result = await validated(definition, name, value)
    if (result.issues) problems.push(...result.issues.map(issue => invalid(definition, name, issue)))
    else checked[name] = result.value
  }
  if (problems.length > 0) throw new Refusal(problems)
  return checked
}

/** One of them, as its validator gives it; undefined for one that was not given. */
export const checkArgument = (definition: WorkflowDefinition, name: string, value: unknown): Promise<SchemaResult> =>
  validated(definition, name, value)

async function validated({ params }: WorkflowDefinition, name: string, value: unknown): Promise<SchemaResult> {
  if (params.kind === 'positional') return { value }
  return (await params.schemas[name]?.['~standard'].validate(value)) ?? { value }
}

function unknownParameter(definition: WorkflowDefinition, name: string, names: readonly string[]): Diagnostic {
  const near = nearestName(name, names)
  const known = names.length === 0 ? 'It has none.' : `Its parameters: ${names.join(', ')}.`
  return {
    code: 'PARAMETER_UNKNOWN',
    severity: 'error',
    message: `${definition.name} has no parameter ${name}`,
    hint: near ? `Did you mean ${near}?` : known,
  }
}

type Issue = NonNullable<SchemaResult['issues']>[number]

function invalid(definition: WorkflowDefinition, name: string, issue: Issue): Diagnostic {
  const path = (issue.path ?? []).map(part => String(typeof part === 'object' ? part.key : part))
  return {
    code: 'PARAMETER_INVALID',
    severity: 'error',
    message: `${[name, ...path].join('.')}: ${issue.message}`,
    hint: `Run with --help to see what ${definition.name} takes.`,
  }
}
