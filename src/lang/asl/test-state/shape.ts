/**
 * Holding a mocked result against what the service's model says of its answers (./answers, one file a service).
 *
 * What the model does not know is let through, as AWS does: a field, an action, or a service of which no model is here.
 */
import type { Json } from '../../../util/json.ts'
import { resourceOf } from '../task/resource.ts'
import { isRecord, refuse } from './refuse.ts'
import type { FieldValidationMode } from './request.ts'

export async function checkShape(resource: string, result: Json, mode: FieldValidationMode): Promise<void> {
  const answer = mode === 'NONE' ? undefined : answerOf(resource)
  if (!answer) return
  const { operations, shapes } = modelOf(await MODELS[answer.service]())
  const shape = operations.get(answer.action)
  if (shape === undefined) return
  checkValue({ shapes, mode, free: answer.free }, shape, 'result', result)
}

interface Check {
  readonly shapes: ReadonlyMap<string, string>
  readonly mode: FieldValidationMode
  /** Fields of the outermost record that hold what users return, as JSON. */
  readonly free: readonly string[]
}

interface Answer {
  readonly service: Service
  readonly action: string
  readonly free: readonly string[]
}

type Service = keyof typeof MODELS
const MODELS = {
  athena: async () => (await import('./answers/athena.ts')).answers,
  batch: async () => (await import('./answers/batch.ts')).answers,
  dynamodb: async () => (await import('./answers/dynamodb.ts')).answers,
  ecs: async () => (await import('./answers/ecs.ts')).answers,
  events: async () => (await import('./answers/events.ts')).answers,
  firehose: async () => (await import('./answers/firehose.ts')).answers,
  kinesis: async () => (await import('./answers/kinesis.ts')).answers,
  kms: async () => (await import('./answers/kms.ts')).answers,
  lambda: async () => (await import('./answers/lambda.ts')).answers,
  s3: async () => (await import('./answers/s3.ts')).answers,
  scheduler: async () => (await import('./answers/scheduler.ts')).answers,
  secretsmanager: async () => (await import('./answers/secretsmanager.ts')).answers,
  sns: async () => (await import('./answers/sns.ts')).answers,
  sqs: async () => (await import('./answers/sqs.ts')).answers,
  ssm: async () => (await import('./answers/ssm.ts')).answers,
  stepfunctions: async () => (await import('./answers/stepfunctions.ts')).answers,
  sts: async () => (await import('./answers/sts.ts')).answers,
}

/** Services that state machines and the models name differently. */
const NAMES: { readonly [service: string]: Service } = {
  states: 'stepfunctions',
  sfn: 'stepfunctions',
  eventbridge: 'events',
}

/** Undefined: the answer is whatever a user, or several services together, make of it. */
function answerOf(text: string): Answer | undefined {
  const resource = resourceOf(text)
  if (resource.kind !== 'service' || resource.pattern === 'waitForTaskToken') return undefined
  const { service: name, action, pattern } = resource
  const bare = name.replace(/^aws-sdk:/, '')
  const service = NAMES[bare] ?? (bare in MODELS ? (bare as Service) : undefined)
  if (!service) return undefined
  if (pattern === 'request') return { service, action, free: name === 'lambda' ? ['Payload'] : [] }
  const awaited = service === 'stepfunctions' && action === 'startExecution'
  const free = pattern === 'sync:2' ? ['Input', 'Output'] : []
  return awaited ? { service, action: 'describeExecution', free } : undefined
}

interface Model {
  readonly operations: ReadonlyMap<string, string>
  readonly shapes: ReadonlyMap<string, string>
}

const read = new Map<string, Model>()

/** scripts/aws-answers.mjs tells the form of the lines. */
function modelOf(text: string): Model {
  const known = read.get(text)
  if (known) return known
  const split = (sign: string) =>
    new Map(
      text
        .split('\n')
        .filter(line => line.includes(sign))
        .map(line => [line.slice(0, line.indexOf(sign)), line.slice(line.indexOf(sign) + sign.length)] as const),
    )
  const model = { operations: split(' > '), shapes: split(' = ') }
  read.set(text, model)
  return model
}

const LEAF = /^([snb*])(?:\((\d*)\.\.(\d*)\))?$/
const FIELD = /^([^:!]+)(!?):(.+)$/

function checkValue(check: Check, type: string, field: string, value: Json): void {
  const leaf = LEAF.exec(type)
  if (leaf) return checkLeaf(leaf, field, value)
  const shape = check.shapes.get(type) ?? ''
  if (shape.startsWith('[')) return checkList(check, shape.slice(1, -1), field, value)
  if (shape.startsWith('{')) return checkMap(check, shape.slice(1, -1), field, value)
  if (shape === '' || FIELD.test(shape)) return checkRecord(check, shape, field, value)
  if (typeof value !== 'string') return mismatch(`Field '${field}' must be a string`)
  if (!shape.split('|').includes(value)) mismatch(`Field '${field}' is not an expected value`)
}

function checkLeaf([, kind, least, most]: RegExpExecArray, field: string, value: Json): void {
  if (kind === '*') return
  const [type, words] = kind === 's' ? ['string', 'length'] : kind === 'n' ? ['number', 'value'] : ['boolean', '']
  if (typeof value !== type) mismatch(`Field '${field}' must be a ${type}`)
  const size = typeof value === 'string' ? value.length : Number(value)
  if (least && size < Number(least)) mismatch(`Field '${field}' is smaller than the minimum ${words}`)
  if (most && size > Number(most)) mismatch(`Field '${field}' exceeds the maximum ${words}`)
}

function checkList(check: Check, type: string, field: string, value: Json): void {
  if (!Array.isArray(value)) return mismatch(`Field '${field}' must be an array`)
  for (const item of value as readonly Json[]) checkValue({ ...check, free: [] }, type, field, item)
}

function checkMap(check: Check, type: string, field: string, value: Json): void {
  if (!isRecord(value)) return mismatch(`Field '${field}' must be an object`)
  for (const item of Object.values(value)) checkValue({ ...check, free: [] }, type, field, item)
}

function checkRecord(check: Check, shape: string, field: string, value: Json): void {
  if (!isRecord(value)) return mismatch(`Field '${field}' must be an object`)
  for (const [, name = '', required, type = ''] of fieldsOf(shape)) {
    if (value[name] !== undefined && !check.free.includes(name))
      checkValue({ ...check, free: [] }, type, name, value[name])
    if (value[name] === undefined && required && check.mode === 'STRICT')
      mismatch(`Required field '${name}' is missing`)
  }
}

const fieldsOf = (shape: string): RegExpExecArray[] =>
  shape.split(' ').flatMap(text => {
    const field = FIELD.exec(text)
    return field ? [field] : []
  })

const mismatch = (words: string): never => refuse(`Mock result schema validation error: ${words}`)
