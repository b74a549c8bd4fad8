/** What a Task names as its resource, and which of them each type of execution can use. */
import { type Resource, resourceOf } from '../task/resource.ts'
import { type Place, refuse, warn } from './place.ts'
import { type Check, hasPlaceholder, isObject } from './values.ts'

/** An ARN's service and the rest are the service's own; what AWS can tell of them without looking is told here. */
const ARN = /^arn:[\w-]+:[\w-]+:[^:]*:[^:]*:.+$/s
const FUNCTION = /^arn:[\w-]+:lambda:[^:]*:[^:]*:function(:.*)?$/s
export const resource: Check = (value, place) => {
  if (isReference(value))
    return warn(place, WRONG_TYPE, 'A function of a template is not evaluated here: bind the state by its name.')
  if (typeof value !== 'string') return refuse(place, WRONG_TYPE)
  if (hasPlaceholder(value) || /<[^<>]+>/.test(value)) return
  checkShape(value, place)
  if (place.type === 'EXPRESS') checkExpress(resourceOf(value), place)
}

const WRONG_TYPE = 'Expected value of type [STRING]'
const NO_ARN = 'Value is not a valid resource ARN'

/** What a CloudFormation template has in the place of an ARN. */
const isReference = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 1 && /^(?:Ref|Fn::\w+)$/.test(Object.keys(value)[0]!)

function checkShape(text: string, place: Place): void {
  if (text.startsWith('arn:')) {
    if (!ARN.test(text) || (FUNCTION.test(text) && !isFunction(text))) refuse(place, NO_ARN)
  } else if (NAME_OR_URI.test(text)) warn(place, NO_ARN, 'AWS takes an ARN alone. Here it is the name of a binding.')
  else refuse(place, NO_ARN)
}

/** The language's specification takes any URI; a name alone can be bound to something, too. */
const NAME_OR_URI = /^[$A-Za-z_][\w+.-]*(?::\S+)?$/

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
