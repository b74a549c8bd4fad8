/**
 * Reference paths: those that name one place, whether something is there or not
 * (https://states-language.net/spec.html#ref-paths). ResultPath writes by one.
 */
import type { Json } from '../../../util/json.ts'
import { type At, executing } from '../executing.ts'
import { StateError } from '../state-error.ts'
import { Unreadable } from './cursor.ts'
import { parsePath } from './parse.ts'
import { documentOf, type PathScope, seekPath } from './read.ts'
import { printSteps, type Step } from './syntax.ts'
import { isFields, walk } from './walk.ts'

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
 * `target` with `value` at `text`; objects on the way that are missing come into being. J2 holds here, too: `target` is not
 * changed. Throws States.ResultPathMatchFailure where `target` has no places at all, and where something else is in the way
 * what Amazon throws then, whatever its own page says.
 */
export function writeReference(target: Json, text: string, value: Json, at: At): Json {
  const path = parsePath(text)
  const steps = path instanceof Unreadable || !path.plain ? undefined : path.steps
  if (steps === undefined || (steps.length > 0 && (typeof target !== 'object' || target === null))) {
    throw failure('States.ResultPathMatchFailure', `Unable to apply ReferencePath ${text}`, target, at)
  }
  const written = put(target, steps, 0, value)
  if (written.kind === 'stuck') throw conflict(written.step, target, at)
  return written.value
}

/** The value at a reference path. Throws what Amazon throws where there is none: it names the step that cannot be taken. */
export function readReference(text: string, scope: PathScope, at: At): Json {
  const sought = seekPath(text, scope)
  if (sought.kind === 'found') return sought.value
  const path = parsePath(text)
  const document = path instanceof Unreadable ? undefined : documentOf(path, scope)
  if (path instanceof Unreadable || document === undefined) {
    throw new StateError('States.Runtime', `${executing(at)} Invalid path '${text}' : ${sought.words}`)
  }
  const leads = (count: number) => walk({ ...path, steps: path.steps.slice(0, count) }, document).kind === 'found'
  const stuck = path.steps.find((_, index) => !leads(index + 1))
  throw conflict(stuck ?? path.steps.at(-1)!, document, at)
}

type Written = { readonly kind: 'written'; readonly value: Json } | { readonly kind: 'stuck'; readonly step: Step }

function put(node: Json | undefined, steps: readonly Step[], at: number, value: Json): Written {
  const step = steps[at]
  if (step === undefined) return { kind: 'written', value }
  if (step.kind === 'item') return putItem(node, step.index, steps, at, value)
  return step.kind === 'field' ? putField(node, step.name, steps, at, value) : { kind: 'stuck', step }
}

function putField(node: Json | undefined, name: string, steps: readonly Step[], at: number, value: Json): Written {
  if (node !== undefined && !isFields(node)) return { kind: 'stuck', step: steps[at]! }
  const inner = put(node && Object.hasOwn(node, name) ? node[name] : undefined, steps, at + 1, value)
  return inner.kind === 'stuck' ? inner : { kind: 'written', value: { ...node, [name]: inner.value } }
}

function putItem(node: Json | undefined, index: number, steps: readonly Step[], at: number, value: Json): Written {
  const list = Array.isArray(node) ? (node as readonly Json[]) : []
  const place = index < 0 ? list.length + index : index
  if (place < 0 || place >= list.length) return { kind: 'stuck', step: steps[at]! }
  const inner = put(list[place], steps, at + 1, value)
  return inner.kind === 'stuck' ? inner : { kind: 'written', value: list.with(place, inner.value) }
}

const nameOf = (step: Step): string =>
  step.kind === 'field' ? step.name : step.kind === 'item' ? String(step.index) : printSteps([step])

const conflict = (step: Step, target: Json, at: At): StateError =>
  failure('States.ReferencePathConflict', `Unable to apply step "${nameOf(step)}"`, target, at)

const failure = (error: string, words: string, target: Json, at: At): StateError =>
  new StateError(error, `${executing(at)} ${words} to input ${JSON.stringify(target)}`)
