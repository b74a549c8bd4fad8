/** What the `Resource` of a Task state names, taken apart: a function, an activity, or an action of a service. */

/** How long the state goes on: the request alone, until the job has ended, or until somebody sends the token. */
export type Pattern = 'request' | 'sync' | 'sync:2' | 'waitForTaskToken'

export type Resource =
  /** A function's own ARN. */
  | { readonly kind: 'lambda'; readonly arn: string; readonly name: string; readonly qualifier?: string }
  /** Also what is no ARN at all: a worker is asked for it by this name. */
  | { readonly kind: 'activity'; readonly arn: string; readonly name: string }
  | {
      readonly kind: 'service'
      readonly arn: string
      /** `sqs`, `aws-sdk:s3`: `resourceType` of histories. */
      readonly service: string
      readonly action: string
      readonly pattern: Pattern
    }

const FUNCTION = /^arn:[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/
const ACTIVITY = /^arn:[^:]*:states:[^:]*:[^:]*:activity:(.+)$/
const SERVICE =
  /^arn:[^:]*:states:[^:]*:[^:]*:((?:aws-sdk:)?[A-Za-z0-9-]+):([A-Za-z0-9]+)(?:\.(sync:2|sync|waitForTaskToken))?$/

const seen = new Map<string, Resource>()

/** Never refuses: what a definition may name was checked with it. */
export function resourceOf(text: string): Resource {
  const known = seen.get(text)
  if (known) return known
  const resource = takeApart(text)
  seen.set(text, resource)
  return resource
}

function takeApart(arn: string): Resource {
  const lambda = FUNCTION.exec(arn)
  if (lambda) {
    const [, name = '', qualifier] = lambda
    return { kind: 'lambda', arn, name, ...(qualifier === undefined ? {} : { qualifier }) }
  }
  const activity = ACTIVITY.exec(arn)
  if (activity) return { kind: 'activity', arn, name: activity[1] ?? '' }
  const service = SERVICE.exec(arn)
  if (service) {
    const [, name = '', action = '', pattern = 'request'] = service
    return { kind: 'service', arn, service: name, action, pattern: pattern as Pattern } // of the expression's own words
  }
  return { kind: 'activity', arn, name: arn }
}

/** As histories name it: `sendMessage.waitForTaskToken`. */
export const actionOf = ({ action, pattern }: Extract<Resource, { kind: 'service' }>): string =>
  pattern === 'request' ? action : `${action}.${pattern}`

/** The request alone, whatever the state waits for. */
export const requestArn = ({ arn }: Extract<Resource, { kind: 'service' }>): string =>
  arn.replace(/\.(?:sync(?::2)?|waitForTaskToken)$/, '')

/** Whether the state waits for its token, unless what it is bound to answers at once. */
export const waitsForToken = (resource: Resource): boolean =>
  resource.kind === 'activity' || (resource.kind === 'service' && resource.pattern === 'waitForTaskToken')

/** Whether nothing can be done without a binding. A word that is no ARN is the name of one; an activity has workers. */
export const needsBinding = (resource: Resource): boolean =>
  !waitsForToken(resource) || (resource.kind === 'activity' && !resource.arn.startsWith('arn:'))

/** Whether there is a token to send: also while a job runs, whose end somebody may tell before it is seen. */
export const hasToken = (resource: Resource): boolean =>
  waitsForToken(resource) || (resource.kind === 'service' && resource.pattern !== 'request')

/** The name in a function's, a machine's or an activity's ARN; a name is its own. A version or alias behind it is not part of it. */
export function nameIn(text: string): string {
  if (!text.startsWith('arn:')) return text.replace(/:[^:]*$/, '')
  const parts = text.split(':')
  return parts[6] ?? text
}
