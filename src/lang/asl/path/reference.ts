/**
 * Reference paths: those that name one place, whether something is there or not
 * (https://states-language.net/spec.html#ref-paths). ResultPath writes by one.
 */
import type { Json } from '../../../util/json.ts'
import { StateError } from '../state-error.ts'
import { Unreadable } from './cursor.ts'
import { parsePath } from './parse.ts'
import { printSteps, type Step } from './syntax.ts'
import { isFields } from './walk.ts'

/** `result`: ResultPath, which writes into the state's input and nowhere else. */
export type PathKind = 'path' | 'reference' | 'result'

/** What is wrong with `text` as a path of this kind; `undefined`: nothing. */
export function checkPath(text: string, kind: PathKind): string | undefined {
  const path = parsePath(text)
  if (path instanceof Unreadable) return path.message
  if (kind === 'path') return undefined
  if (!path.plain)
    return `A reference path holds fields and single items alone, and this one has ${oddStep(path.steps)}`
  if (kind === 'result' && path.root.kind !== 'input') return "A path that is written to begins with '$.', or is '$'"
  return undefined
}

const oddStep = (steps: readonly Step[]): string =>
  printSteps(steps.filter(each => each.kind !== 'field' && each.kind !== 'item').slice(0, 1))

/**
 * `target` with `value` at `text`; objects on the way that are missing come into being. Throws States.ResultPathMatchFailure
 * where something else is in the way. J2 holds here, too: `target` is not changed.
 */
export function writeReference(target: Json, text: string, value: Json): Json {
  const path = parsePath(text)
  if (path instanceof Unreadable || !path.plain) throw mismatch(target, text)
  return put(target, path.steps, 0, value) ?? raise(mismatch(target, text))
}

/** `undefined`: it does not fit. */
function put(node: Json | undefined, steps: readonly Step[], at: number, value: Json): Json | undefined {
  const step = steps[at]
  if (step === undefined) return value
  return step.kind === 'item' ? putItem(node, step.index, steps, at, value) : putField(node, step, steps, at, value)
}

function putField(node: Json | undefined, step: Step, steps: readonly Step[], at: number, value: Json) {
  if (step.kind !== 'field' || (node !== undefined && !isFields(node))) return undefined
  const inner = put(node && Object.hasOwn(node, step.name) ? node[step.name] : undefined, steps, at + 1, value)
  return inner === undefined ? undefined : { ...node, [step.name]: inner }
}

function putItem(node: Json | undefined, index: number, steps: readonly Step[], at: number, value: Json) {
  if (!Array.isArray(node)) return undefined
  const list = node as readonly Json[]
  const place = index < 0 ? list.length + index : index
  if (place < 0 || place >= list.length) return undefined
  const inner = put(list[place], steps, at + 1, value)
  return inner === undefined ? undefined : list.with(place, inner)
}

const mismatch = (target: Json, text: string): StateError =>
  new StateError(
    'States.ResultPathMatchFailure',
    `Unable to apply ReferencePath ${text} to input ${JSON.stringify(target)}`,
  )

function raise(error: Error): never {
  throw error
}
