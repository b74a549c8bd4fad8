/**
 * What AWS knows of the services that a Task can call before it calls them: that they take parameters, some that they need, and how the
 * state may wait. Measured by others with ValidateStateMachineDefinition; what is not known of a service is left to it.
 */
import { type Resource, resourceOf } from '../task/resource.ts'
import { into, type Place, refuse } from './place.ts'
import { type Fields, fieldOf, has, isObject } from './values.ts'

type Service = Extract<Resource, { kind: 'service' }>

export function checkIntegration(state: Fields, place: Place): void {
  const text = fieldOf(state, 'Resource')
  if (typeof text !== 'string') return
  const named = resourceOf(text)
  if (named.kind === 'activity' && ACTIVITY.test(text) && has(state, 'Credentials')) {
    refuse(place, "The field 'Credentials' is not supported for activities")
  }
  if (named.kind !== 'service') return
  checkPattern(named, into(place, 'Resource'))
  checkArguments(named, state, place)
}

const ACTIVITY = /^arn:[\w-]+:states:[^:]*:[^:]*:activity:/

/** Services that never wait for a job, or for a token. */
const NO_JOBS = ['lambda', 'sns', 'sqs', 'dynamodb', 'events', 'apigateway', 'bedrock-agentcore']
const NO_TOKENS = [
  'athena',
  'batch',
  'codebuild',
  'elasticmapreduce',
  'emr-containers',
  'emr-serverless',
  'glue',
  'databrew',
  'mediaconvert',
  'sagemaker',
  'dynamodb',
  'bedrock-agentcore',
]

function checkPattern(named: Service, place: Place): void {
  if (waits(named)) return
  refuse(
    place,
    `The resource provided ${named.arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    `\`${named.service}\` cannot be used with \`.${named.pattern}\`.`,
  )
}

function waits({ pattern, service }: Service): boolean {
  switch (pattern) {
    case 'request':
      return true
    case 'sync':
      return !NO_JOBS.includes(service) && !service.startsWith('aws-sdk:')
    case 'sync:2':
      return service === 'states'
    case 'waitForTaskToken':
      return !NO_TOKENS.includes(service)
  }
}

const NEEDED: { readonly [action: string]: readonly string[] } = {
  'lambda:invoke': ['FunctionName'],
  'sqs:sendMessage': ['QueueUrl', 'MessageBody'],
  'sns:publish': ['Message'],
  'dynamodb:putItem': ['TableName', 'Item'],
  'dynamodb:getItem': ['TableName', 'Key'],
  'states:startExecution': ['StateMachineArn'],
  'events:putEvents': ['Entries'],
  'ecs:runTask': ['TaskDefinition'],
  'glue:startJobRun': ['JobName'],
}

function checkArguments({ arn, service, action }: Service, state: Fields, place: Place): void {
  if (!place.language) return
  const field = place.language === 'JSONPath' ? 'Parameters' : 'Arguments'
  const given = fieldOf(state, field)
  if (given === undefined) return refuse(place, `${field} field is required for resource ARN: ${arn}`)
  const key = `${service}:${action}`
  if (!isObject(given) || !Object.hasOwn(NEEDED, key)) return
  for (const name of NEEDED[key]!) {
    if (!has(given, name) && !has(given, `${name}.$`))
      refuse(into(place, field), `The field '${name}' is required but was missing`)
  }
}
