/**
 * What AWS's optimised integrations cannot do without, so that the Task never starts: the same where they are mocked. Of
 * `aws-sdk:` the service itself tells, in words of its own.
 */
import type { Json } from '../../../util/json.ts'
import { type Fields, fieldsOf, isRecord, unusable } from './parameters.ts'
import type { TaskRequest } from './request.ts'
import type { Resource } from './resource.ts'

/** The service's own API says so: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
const REQUIRED: { readonly [call: string]: readonly string[] } = {
  'apigateway:invoke': ['ApiEndpoint', 'Method'],
  'athena:startQueryExecution': ['QueryString'],
  'batch:submitJob': ['JobDefinition', 'JobName', 'JobQueue'],
  'codebuild:startBuild': ['ProjectName'],
  'dynamodb:deleteItem': ['Key', 'TableName'],
  'dynamodb:getItem': ['Key', 'TableName'],
  'dynamodb:putItem': ['Item', 'TableName'],
  'dynamodb:updateItem': ['Key', 'TableName'],
  'ecs:runTask': ['TaskDefinition'],
  'events:putEvents': ['Entries'],
  'glue:startJobRun': ['JobName'],
  'http:invoke': ['ApiEndpoint', 'Method'],
  'lambda:invoke': ['FunctionName'],
  'sns:publish': ['Message'],
  'sqs:sendMessage': ['MessageBody', 'QueueUrl'],
  'states:startExecution': ['StateMachineArn'],
}

export function checkParameters(request: TaskRequest, resource: Resource): void {
  if (resource.kind !== 'service') return
  const call = `${resource.service}:${resource.action}`
  const required = Object.hasOwn(REQUIRED, call) ? REQUIRED[call] : undefined
  if (!required) return
  const fields = fieldsOf(request)
  const missing = required.filter(name => fields[name] === undefined)
  if (missing.length > 0)
    throw unusable(
      request,
      missing.map(name => `The field '${name}' is required but was missing`),
    )
  if (resource.service === 'apigateway') headerLists(request, fields.Headers)
}

/** Of apigateway:invoke: lists of texts. */
export function headerLists(
  request: TaskRequest,
  given: Json | undefined,
): { readonly [name: string]: readonly string[] } {
  if (given === undefined || given === null) return {}
  const lists = isRecord(given) && Object.values(given).every(value => Array.isArray(value))
  if (!lists) throw unusable(request, [`The value of the field 'Headers' has an invalid format`])
  return Object.fromEntries(
    Object.entries(given as Fields).map(([name, values]) => [name, (values as readonly Json[]).map(textOf)]),
  )
}

/** A text as it is, anything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)
