/** What AWS answers to a definition: by CreateStateMachine, and by ValidateStateMachineDefinition. */
import { readSource } from '../parse/read.ts'
import { showPath } from '../source.ts'
import type { Problem } from './place.ts'
import { type ExecutionType, problemsOf } from './validate.ts'

export interface AwsAnswer {
  readonly status: 'VALID' | 'INVALID'
  /** Of CreateStateMachine the exception's name, else the first diagnostic's code. */
  readonly error?: string
  readonly cause?: string
  readonly diagnostics: readonly AwsDiagnostic[]
}

export interface AwsDiagnostic {
  readonly severity: 'ERROR' | 'WARNING'
  readonly code: string
  readonly message: string
  readonly location?: string
}

export interface AwsRequest {
  readonly api: 'CreateStateMachine' | 'ValidateStateMachineDefinition'
  readonly type?: ExecutionType
}

/** `definition`: JSON text. */
export function awsAnswer(definition: string, { api, type = 'STANDARD' }: AwsRequest): AwsAnswer {
  if (definition.length > LENGTH_MAX)
    return { status: 'INVALID', error: 'ValidationException', cause: TOO_LONG, diagnostics: [] }
  const diagnostics = diagnosticsOf(definition, type)
  const [first] = diagnostics
  if (!first) return { status: 'VALID', diagnostics }
  const answer = { status: 'INVALID', diagnostics } as const
  if (api === 'ValidateStateMachineDefinition') return { ...answer, error: first.code, cause: first.message }
  return {
    ...answer,
    error: 'InvalidDefinition',
    cause: `Invalid State Machine Definition: '${diagnostics.map(shown).join(', ')}'`,
  }
}

/** Of the request, not of the language: what is run here may be longer. */
const LENGTH_MAX = 1_048_576
const TOO_LONG = `1 validation error detected: Value at 'definition' failed to satisfy constraint: Member must have length less than or equal to ${LENGTH_MAX}`

function diagnosticsOf(definition: string, type: ExecutionType): readonly AwsDiagnostic[] {
  if (definition.trim() === '') return [NOT_AN_OBJECT]
  const source = readSource({ path: 'definition.json', text: definition })
  if (!source.ok) {
    return source.error.map(({ code, message }) => ({ severity: 'ERROR', code, message }))
  }
  const repeated = source.value.repeated.map(({ path }) => ({
    severity: 'ERROR' as const,
    code: 'INVALID_JSON_DESCRIPTION',
    message: `Duplicate field '${path.at(-1)}'`,
  }))
  const found = problemsOf(source.value.value, { type }).filter(each => each.severity === 'error')
  return [...repeated, ...found.map(awsDiagnostic)]
}

const NOT_AN_OBJECT: AwsDiagnostic = {
  severity: 'ERROR',
  code: 'SCHEMA_VALIDATION_FAILED',
  message: 'Definition must be a valid JSON object',
}

const awsDiagnostic = ({ code, message, location }: Problem): AwsDiagnostic => ({
  severity: 'ERROR',
  code,
  message,
  ...(location ? { location: showPath(location) } : {}),
})

const shown = ({ code, message, location }: AwsDiagnostic): string =>
  `${code}: ${message.trimEnd()} at ${location ?? 'null'}`
