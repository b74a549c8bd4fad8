/** What a Task names as its resource, and which of them each type of execution can use. */
import { type Resource, resourceOf } from '../task/resource.ts'
import { type Place, refuse, warn } from './place.ts'
import { type Check, PLACEHOLDER } from './values.ts'

/** An ARN's service and the rest are the service's own; what AWS can tell of them without looking is told here. */
const ARN = /^arn:[\w-]+:[\w-]+:[^:]*:[^:]*:.+$/s
const FUNCTION = /^arn:[\w-]+:lambda:[^:]*:[^:]*:function(:.*)?$/s
export const resource: Check = (value, place) => {
  if (typeof value !== 'string') return refuse(place, 'Expected value of type [STRING]')
  checkShape(value, place)
  if (place.type === 'EXPRESS') checkExpress(resourceOf(value), place)
}

function checkShape(text: string, place: Place): void {
  if (PLACEHOLDER.test(text)) return
  // A name alone is not an ARN, yet it can be bound to something by that name.
  if (/^[\w.-]+$/.test(text))
    warn(place, 'Value is not a valid resource ARN', 'AWS takes an ARN alone. Here it is the name of a binding.')
  else if (!ARN.test(text) || (FUNCTION.test(text) && !isFunction(text)))
    refuse(place, 'Value is not a valid resource ARN')
}

/** With a version or an alias behind it, or without. */
const isFunction = (text: string): boolean => /:function:[\w-]+(?::(?:\$LATEST(?:\.PUBLISHED)?|[\w-]+))?$/.test(text)

function checkExpress(named: Resource, place: Place): void {
  switch (named.kind) {
    case 'activity':
      return refuse(place, 'Express state machine does not support Activity ARN')
    case 'service':
      return checkPattern(named, place)
    case 'lambda':
      return
  }
}

function checkPattern(named: Extract<Resource, { kind: 'service' }>, place: Place): void {
  if (named.pattern === 'request') return
  const pattern = named.pattern === 'waitForTaskToken' ? '.waitForTaskToken' : '.sync'
  // The blank at the end is AWS's.
  refuse(place, `Express state machine does not support '${pattern}' service integration `)
}
