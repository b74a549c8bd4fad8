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
import { type Durations, handlerOf, spaced } from './behaviour.ts'
import { type Case, isObject, type MockOutcome } from './case.ts'
import { differenceOf } from './compare.ts'
import { recordedOf } from './recorded.ts'

/** `folder`: of this case alone. */
export function bindingsOf(of: Case, folder: string, durations: Durations): Bindings {
  const handlers = Object.entries(of.lambda).map(([name, each]) => [nameIn(name), handlerOf(each, durations)] as const)
  const areKnown = handlers.length > 0 && handlers.every(([, handler]) => handler !== undefined)
  const recorded = recordedOf(of)
  const runs = ({ name, resource }: Found): boolean => {
    const called = calledIn(resource)
    return called !== undefined && handlers.length > 0 && (recorded[name] ? areKnown && called === 'by its ARN' : true)
  }
  const states = statesIn(of.definition).filter(state => !runs(state))
  return {
    ...Object.fromEntries(handlers.map(([name, handler]) => [name, handler ?? inPython(of, name, folder)])),
    ...bucketsOf(of, folder),
    ...Object.fromEntries(states.map(state => [state.name, standIn(state, recorded[state.name] ?? [])])),
  }
}

/** A function whose behaviour has no name that is known here: its source is run, where there is one. */
function inPython({ lambda }: Case, name: string, folder: string): Binding {
  const [, behaviour] = Object.entries(lambda).find(([key]) => nameIn(key) === name) ?? []
  const source = behaviour?.['source']
  if (typeof source !== 'string' || source === '') return event => event
  const file = `${encodeURIComponent(name)}.py`
  writeFileSync(join(folder, file), source)
  return { lambda: `./${file}`, handler: 'handler' }
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
  const called = calledIn(resource)
  if (outcomes.length === 0) return called === undefined ? nothingRecorded : givenBack(called)
  const [first, ...others] = outcomes.map(outcome => ({ ...outcome, cause: causeOf(outcome, called) }))
  const areAlike = others.every(each => differenceOf(first?.arguments, each.arguments, '') === undefined)
  const all = [first, ...others].filter(each => each !== undefined)
  return areAlike || waitsForToken(resourceOf(resource)) ? { mock: all.map(outcomeOf) } : byArgument(all)
}

type Told = Omit<MockOutcome, 'cause'> & { readonly cause: string | undefined }

/** The text that a case holds parsed. */
function causeOf({ cause }: MockOutcome, called: ReturnType<typeof calledIn>): string | undefined {
  if (cause === undefined || cause === null) return undefined
  if (typeof cause === 'string') return cause
  return called === 'by its ARN' ? spaced(cause) : JSON.stringify(cause)
}

/** A function of which nothing at all is known: most that were recorded give back what they get. */
const givenBack =
  (called: NonNullable<ReturnType<typeof calledIn>>): Binding =>
  (argument: Json) =>
    called === 'by its ARN' || !isObject(argument)
      ? argument
      : { ExecutedVersion: '$LATEST', Payload: argument['Payload'] ?? {}, StatusCode: 200 }

/** Items of a map may come in another order than they were recorded in. */
function byArgument(outcomes: readonly Told[]): Binding {
  const left = [...outcomes]
  return argument => {
    const at = left.findIndex(each => differenceOf(each.arguments, argument, '') === undefined)
    const [outcome = outcomes.at(-1)] = left.splice(Math.max(at, 0), 1)
    const { output = null, error, cause, timedOut } = outcome ?? {}
    if (timedOut === true) throw new StateError(error ?? 'States.Timeout')
    if (error === undefined) return output
    throw new StateError(error ?? undefined, cause)
  }
}

/** An activity nobody has answered for does not exist; of anything else the recording says nothing. */
function nothingRecorded(_argument: unknown, request: TaskRequest): never {
  const { state, enteredId, resource } = request
  if (resourceOf(resource).kind !== 'activity') throw new Error(`nothing is recorded of ${state}`)
  const at = `An error occurred while executing the state '${state}' (entered at the event id #${enteredId}).`
  throw new StateError('States.Runtime', `${at} The activity ${resource} does not exist.`)
}

function outcomeOf({ output, error, cause, timedOut }: Told): Outcome {
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
