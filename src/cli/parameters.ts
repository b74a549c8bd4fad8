/** `-p name=value` and `--input`: words of the command line become arguments, led by the parameters' types. */
import { readFileSync } from 'node:fs'
import type { Schema } from '../dsl/types.ts'
import { paramNames, describeParams } from '../dsl/workflow.ts'
import type { WorkflowDefinition } from '../dsl/definition.ts'
import type { Json } from '../util/json.ts'
import { refuse } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import { usage } from './io.ts'

export async function readArguments(
  definition: WorkflowDefinition,
  pairs: readonly string[],
  input: string | undefined,
): Promise<Record<string, unknown>> {
  if (definition.whole !== undefined) return wholeArgument(definition.whole, pairs, input)
  const types = new Map(describeParams(definition.params).map(param => [param.name, param.type]))
  const given = input === undefined ? {} : readInput(input, paramNames(definition.params))
  for (const pair of pairs) {
    const [name, word] = splitPair(pair)
    given[name] = await argumentOf(word, types.get(name) ?? {}, schemaOf(definition, name))
  }
  return given
}

/** Of a workflow that knows one input: it is that, whatever it is. Words of the form name=value are fields of it. */
async function wholeArgument(
  whole: string,
  pairs: readonly string[],
  input: string | undefined,
): Promise<Record<string, unknown>> {
  const value = input === undefined ? {} : parseJson(input, '--input')
  if (pairs.length === 0) return { [whole]: value }
  if (!isObject(value))
    throw usage('-p adds a field to the input, and --input is no object', 'Give all of it with --input.')
  const fields = pairs.map(splitPair).map(([name, word]) => [name, jsonOrText(word)] as const)
  return { [whole]: { ...value, ...Object.fromEntries(fields) } }
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function splitPair(pair: string): readonly [name: string, word: string] {
  const at = pair.indexOf('=')
  if (at < 1) throw usage(`-p takes name=value, not ${JSON.stringify(pair)}`, 'For example -p channel=next')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** A record of arguments; a workflow with one parameter takes its value as it is, too. */
function readInput(input: string, names: readonly string[]): Record<string, unknown> {
  const value = parseJson(input, '--input')
  if (isObject(value)) return { ...value }
  const [only] = names
  if (names.length === 1 && only !== undefined) return { [only]: value }
  return refuse('INPUT_INVALID', '--input takes a JSON object with the arguments by name', {
    hint: `For example --input '${JSON.stringify(Object.fromEntries(names.map(name => [name, '…'])))}'`,
  })
}

function readInputFile(path: string, what: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    return refuse(
      'INPUT_INVALID',
      `${what}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Give @FILE, @- for standard input, or the JSON itself.' },
    )
  }
}

/** `what`: where the text stood, for the message. `@FILE` and `@-` are read. */
export function parseJson(text: string, what: string): unknown {
  const json = text.startsWith('@') ? readInputFile(text.slice(1), what) : text
  try {
    return JSON.parse(json)
  } catch (error) {
    return refuse('INPUT_INVALID', `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      hint: `For example '{"name":"value"}', in the quotes of your shell.`,
    })
  }
}

const schemaOf = ({ params }: WorkflowDefinition, name: string): Schema<unknown> | undefined =>
  params.kind === 'positional' ? undefined : params.schemas[name]

/** A word as the type wants it; where the type is unknown, what the validator takes: the JSON that it is, else the text. */
async function argumentOf(word: string, type: Json, schema: Schema<unknown> | undefined): Promise<unknown> {
  const wanted =
    typeof type === 'object' && type !== null && !Array.isArray(type)
      ? (type as { readonly [key: string]: Json | undefined })['type']
      : undefined
  switch (wanted) {
    case 'string':
      return word
    case 'number':
    case 'integer':
      return word.trim() !== '' && !Number.isNaN(Number(word)) ? Number(word) : word
    case 'boolean':
      return word === 'true' ? true : word === 'false' ? false : word
    default: {
      const value = jsonOrText(word)
      if (!schema || value === word) return value
      const { validate } = schema['~standard']
      return (await validate(value)).issues && !(await validate(word)).issues ? word : value
    }
  }
}

function jsonOrText(word: string): unknown {
  try {
    return JSON.parse(word)
  } catch {
    return word
  }
}

/** The lines of a workflow's `--help`. */
export function parameterHelp(definition: WorkflowDefinition): string {
  if (definition.whole !== undefined)
    return `Input:\n  --input JSON      what it begins with, any JSON value (default {}); @FILE reads it\n  -p name=value     a field of it\n`
  const params = describeParams(definition.params)
  if (params.length === 0) return 'Parameters: none\n'
  const width = Math.max(...params.map(param => param.name.length))
  const types = params.map(({ name, type }) => showType(type, schemaOf(definition, name)))
  const typeWidth = Math.min(40, Math.max(...types.map(type => type.length)))
  const lines = params.map(({ name, required, fallback }, index) =>
    `  -p ${name.padEnd(width)}  ${(types[index] ?? '').padEnd(typeWidth)}  ${showDefault(required, fallback)}`.trimEnd(),
  )
  return `Parameters:\n${lines.join('\n')}\n`
}

function showDefault(required: boolean, fallback: unknown): string {
  if (required) return '(required)'
  return fallback === undefined ? '(optional)' : `(default ${JSON.stringify(toTagged(fallback))})`
}

function showType(type: Json, schema: Schema<unknown> | undefined): string {
  if (typeof type !== 'object' || type === null || Array.isArray(type)) return 'any value'
  const { type: kind, enum: values, description } = type as { readonly [key: string]: Json | undefined }
  const shown = Array.isArray(values)
    ? values.map(value => JSON.stringify(value)).join(' | ')
    : typeof kind === 'string'
      ? kind
      : expectsOf(schema)
  return typeof description === 'string' ? `${shown}  ${description}` : shown
}

/** Validators that give no JSON Schema may say in words what they take: `("low" | "high") | undefined` (valibot does). */
function expectsOf(schema: Schema<unknown> | undefined): string {
  if (!schema || !('expects' in schema) || typeof schema.expects !== 'string') return 'any value'
  return schema.expects.replaceAll(' | undefined', '').replace(/^\(+(.*?)\)+$/s, '$1')
}
