/**
 * What the names of a case's definition are bound to: functions by their behaviour where it is known, objects of S3 as files of
 * a folder, and what was recorded for every other state, attempt by attempt.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import type { Binding, Bindings, Outcome, TaskRequest } from '../../../src/lang/asl/task/index.ts'
import { nameIn, resourceOf, waitsForToken } from '../../../src/lang/asl/task/index.ts'
import type { Json } from '../../../src/util/json.ts'
import { type Durations, type Handler, handlerOf } from './behaviour.ts'
import { type Case, isObject, type MockOutcome } from './case.ts'
import { differenceOf } from './compare.ts'
import { recordedOf } from './recorded.ts'

/** `folder`: of this case alone. */
export function bindingsOf(of: Case, folder: string, durations: Durations): Bindings {
  const handlers = handlersOf(of, durations)
  const recorded = recordedOf(of)
  const runs = ({ name, resource }: Found): boolean => {
    const called = handlers && calledIn(resource)
    return called === 'by its ARN' || (called === 'by a request' && !recorded[name])
  }
  const states = statesIn(of.definition).filter(state => !runs(state))
  return {
    ...handlers,
    ...bucketsOf(of, folder),
    ...Object.fromEntries(states.map(state => [state.name, standIn(state, recorded[state.name] ?? [])])),
  }
}

/** Of all functions of the case, or of none: who calls an unknown one cannot be seen before the run. */
function handlersOf(of: Case, durations: Durations): { readonly [name: string]: Handler } | undefined {
  const handlers: [string, Handler][] = []
  for (const [name, behaviour] of Object.entries(of.lambda)) {
    const handler = handlerOf(behaviour, durations)
    if (!handler) return undefined
    handlers.push([nameIn(name), handler])
  }
  return handlers.length > 0 ? Object.fromEntries(handlers) : undefined
}

/**
 * Whether a state calls a function for its result. Answers to requests were recorded with headers that tell of the runtime, so
 * there what was recorded comes first. One that hands out a task token is answered by somebody else.
 */
function calledIn(text: string): 'by its ARN' | 'by a request' | undefined {
  const resource = resourceOf(text)
  if (resource.kind === 'lambda') return 'by its ARN'
  const isRequest = resource.kind === 'service' && resource.service === 'lambda' && resource.pattern === 'request'
  return isRequest ? 'by a request' : undefined
}

interface Found {
  readonly name: string
  readonly resource: string
}

/** Task states, wherever they are nested; a definition that is one state has no name for it. */
function statesIn(definition: Json | undefined): readonly Found[] {
  if (Array.isArray(definition)) return definition.flatMap(statesIn)
  if (!isObject(definition)) return []
  const own = definition['Type'] === 'Task' ? [{ name: 'StateName', resource: String(definition['Resource']) }] : []
  const named = isObject(definition['States']) ? Object.entries(definition['States']) : []
  const tasks = named.flatMap(([name, state]) =>
    isObject(state) && state['Type'] === 'Task' ? [{ name, resource: String(state['Resource']) }] : [],
  )
  return [...own, ...tasks, ...Object.values(definition).flatMap(statesIn)]
}

function standIn({ resource }: Found, outcomes: readonly MockOutcome[]): Binding {
  if (outcomes.length === 0) return nothingRecorded
  const [first, ...others] = outcomes
  const areAlike = others.every(each => differenceOf(first?.arguments, each.arguments, '') === undefined)
  return areAlike || waitsForToken(resourceOf(resource)) ? { mock: outcomes.map(outcomeOf) } : byArgument(outcomes)
}

/** Items of a map may come in another order than they were recorded in. */
function byArgument(outcomes: readonly MockOutcome[]): Binding {
  const left = [...outcomes]
  return argument => {
    const at = left.findIndex(each => differenceOf(each.arguments, argument, '') === undefined)
    const [outcome = outcomes.at(-1)] = left.splice(Math.max(at, 0), 1)
    const { output = null, error, cause, timedOut } = outcome ?? {}
    if (timedOut === true) throw new StateError(error ?? 'States.Timeout')
    if (error === undefined) return output
    const words = cause === undefined || cause === null || typeof cause === 'string' ? cause : JSON.stringify(cause)
    throw new StateError(error ?? undefined, words ?? undefined)
  }
}

/** An activity nobody has answered for does not exist; of anything else the recording says nothing. */
function nothingRecorded(_argument: unknown, request: TaskRequest): never {
  const { state, enteredId, resource } = request
  if (resourceOf(resource).kind !== 'activity') throw new Error(`nothing is recorded of ${state}`)
  const at = `An error occurred while executing the state '${state}' (entered at the event id #${enteredId}).`
  throw new StateError('States.Runtime', `${at} The activity ${resource} does not exist.`)
}

function outcomeOf({ output, error, cause, timedOut }: MockOutcome): Outcome {
  if (timedOut === true) return { timedOut, ...(typeof error === 'string' ? { error } : {}) }
  if (output !== undefined) return { output }
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) }
}

/** Those with objects, and empty ones for all that the definition or the input calls a bucket. */
function bucketsOf({ s3, definition, input }: Case, folder: string): { readonly [key: string]: string } {
  const bound: Record<string, string> = {}
  const rootOf = (bucket: string): string => {
    const root = join(folder, encodeURIComponent(bucket))
    mkdirSync(root, { recursive: true })
    bound[`s3://${bucket}`] = root
    return root
  }
  for (const bucket of [...bucketNames(definition), ...bucketNames(input)]) rootOf(bucket)
  for (const { bucket, key, body } of s3) {
    const root = rootOf(bucket)
    const path = resolve(root, key)
    if (!path.startsWith(`${root}/`)) throw new Error(`the key ${key} leads out of its bucket`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
  }
  return bound
}

function bucketNames(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(bucketNames)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && /bucket/i.test(key) && /^[^$%{]+$/.test(inner) ? [inner] : bucketNames(inner),
  )
}
