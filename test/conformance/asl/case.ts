/** Cases of the Amazon States Language: one JSON file each, as a recording of AWS gave it, or as somebody wrote it by hand. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../../src/util/json.ts'

export type JsonObject = { readonly [key: string]: Json | undefined }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const KINDS = ['execution', 'choice', 'teststate', 'invalid', 'valid'] as const
export type Kind = (typeof KINDS)[number]

/** What a service or a function answered: one for each attempt of a state, in their order. */
export interface MockOutcome {
  readonly arguments?: Json
  readonly output?: Json
  readonly error?: string | null
  readonly cause?: Json
  readonly timedOut?: boolean
}

/** What a function does, in words that need no source: `echo`, `raise`, `constant`, `sleep`, `large`. */
export interface Behaviour extends JsonObject {
  readonly behaviour: string
}

/** Fields that are not here do not change how a case is run. */
export interface Case {
  readonly id: string
  readonly area: string
  readonly kind: Kind
  readonly needs: readonly string[]
  readonly type: 'STANDARD' | 'EXPRESS'
  /** Of the call that was recorded: `CreateStateMachine`, `ValidateStateMachineDefinition`. */
  readonly api?: string
  readonly definition: Json
  /** Instead of `definition` where that is no JSON. */
  readonly definitionText?: string
  readonly input: Json
  readonly inputText?: string
  /** ISO instant of the start. */
  readonly clock?: string
  /** Arguments of TestState. */
  readonly request?: JsonObject
  readonly lambda: { readonly [name: string]: Behaviour }
  readonly mocks: { readonly [state: string]: readonly MockOutcome[] }
  readonly s3: readonly { readonly bucket: string; readonly key: string; readonly body: string }[]
  readonly expect: Expected
  /** All of the file: a comparer may know more of it. */
  readonly json: JsonObject
}

export interface Expected extends JsonObject {
  readonly status: string
}

/** What a case came to, in the form that comparers read. */
export interface Actual {
  readonly status: string
  readonly output?: Json
  readonly error?: string | null
  readonly cause?: Json
  readonly nextState?: string
  readonly inspectionData?: Json
  readonly diagnostics?: Json
  readonly events?: readonly JsonObject[]
}

export interface Found {
  readonly cases: readonly { readonly file: string; readonly path: string }[]
  /** Files beside them that are no case, and why. */
  readonly others: readonly { readonly file: string; readonly reason: string }[]
}

/** The JSON files of a folder, or of `cases` in it. */
export function findCases(folder: string): Found {
  const inner = join(folder, 'cases')
  const home = isFolder(inner) ? inner : folder
  const cases: Found['cases'][number][] = []
  const others: Found['others'][number][] = []
  for (const file of readdirSync(home).sort()) {
    const path = join(home, file)
    if (!statSync(path).isFile()) continue
    if (!file.endsWith('.json')) others.push({ file, reason: 'no JSON file' })
    else {
      const read = readCase(path)
      if (typeof read === 'string') others.push({ file, reason: read })
      else cases.push({ file, path })
    }
  }
  return { cases, others }
}

/** A case, or why the file is none. */
export function readCase(path: string): Case | string {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return `cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  return caseOf(json)
}

export function caseOf(json: unknown): Case | string {
  if (!isObject(json)) return 'is no JSON object'
  const { kind, expect } = json
  if (!isKind(kind)) return `has no kind that is known (${KINDS.join(', ')})`
  if (!isObject(expect) || typeof expect['status'] !== 'string') return 'has no expect.status'
  if (json['definition'] === undefined && json['definitionText'] === undefined) return 'has no definition'
  return {
    id: textIn(json, 'id') ?? 'without an id',
    area: textIn(json, 'area') ?? 'without an area',
    kind,
    needs: listIn(json, 'needs').filter(each => typeof each === 'string'),
    type: json['type'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    ...optional('api', textIn(json, 'api')),
    definition: json['definition'] ?? null,
    ...optional('definitionText', textIn(json, 'definitionText')),
    input: json['input'] ?? null,
    ...optional('inputText', textIn(json, 'inputText')),
    ...optional('clock', textIn(json, 'clock')),
    ...optional('request', objectIn(json, 'request')),
    lambda: onlyOf(objectIn(json, 'lambda') ?? {}, isBehaviour),
    mocks: onlyOf(objectIn(json, 'mocks') ?? {}, isOutcomes),
    s3: listIn(json, 's3').filter(isStored),
    expect: expect as Expected,
    json,
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const isKind = (value: unknown): value is Kind => KINDS.some(kind => kind === value)

const isBehaviour = (value: Json): value is Behaviour => isObject(value) && typeof value['behaviour'] === 'string'

const isOutcomes = (value: Json): value is readonly (MockOutcome & JsonObject)[] =>
  Array.isArray(value) && value.every(isObject)

const isStored = (value: Json): value is Case['s3'][number] & JsonObject =>
  isObject(value) && ['bucket', 'key', 'body'].every(field => typeof value[field] === 'string')

const textIn = (json: JsonObject, field: string): string | undefined =>
  typeof json[field] === 'string' ? json[field] : undefined

const objectIn = (json: JsonObject, field: string): JsonObject | undefined =>
  isObject(json[field]) ? json[field] : undefined

const listIn = (json: JsonObject, field: string): readonly Json[] => (Array.isArray(json[field]) ? json[field] : [])

function onlyOf<T extends Json>(record: JsonObject, is: (value: Json) => value is T): { readonly [name: string]: T } {
  const kept: [string, T][] = []
  for (const [name, value = null] of Object.entries(record)) if (is(value)) kept.push([name, value])
  return Object.fromEntries(kept)
}

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
