/**
 * Whether a result is what its case expects. A folder of cases may bring a comparer of its own, which also knows their
 * histories (compare.mjs, beside the cases or above them); without one, what a caller sees is compared: strictly.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Json } from '../../../src/util/json.ts'
import { type Actual, type Case, isObject } from './case.ts'

export type Verdict = 'PASS' | 'FAIL-output' | 'FAIL-history'
export interface Compared {
  readonly verdict: Verdict
  readonly reason: string
}
export type Comparer = (of: Case, actual: Actual) => Compared

/** That of the folder, or our own. */
export async function comparerOf(folder: string): Promise<{ readonly compare: Comparer; readonly from: string }> {
  const path = [folder, join(folder, '..')].map(each => join(each, 'compare.mjs')).find(each => existsSync(each))
  if (path === undefined) return { compare: compareStrictly, from: 'our own: status, output, error, next state' }
  const module: unknown = await import(pathToFileURL(path).href)
  const { compare } = module as { readonly compare?: (json: Json, actual: Actual) => Compared }
  if (typeof compare !== 'function') throw new Error(`${path} exports no function compare`)
  return { compare: (of, actual) => judged(() => compare(of.json, actual)), from: path }
}

/** A comparer that fails on one result does not end the run. */
function judged(judge: () => Compared): Compared {
  try {
    return judge()
  } catch (error) {
    return { verdict: 'FAIL-output', reason: `the comparer failed: ${String(error)}` }
  }
}

/** Stands for any value, or inside of a text for any part of it. */
const ANY = '__ANY__'

/** Of what is expected, each field that a caller of the interface sees. */
export const compareStrictly: Comparer = (of, actual) => {
  const { status, output, error, nextState } = of.expect
  const isDefinition = of.kind === 'valid' || of.kind === 'invalid'
  const pairs: readonly (readonly [string, Json | undefined, unknown])[] = [
    ['status', status, actual.status],
    ...(isDefinition ? [] : ([['output', output, actual.output]] as const)),
    ...(isDefinition && error === undefined ? [] : ([['error', error, actual.error]] as const)),
    ['nextState', nextState, actual.nextState],
  ]
  for (const [field, expected, given] of pairs) {
    if (expected === undefined && given === undefined) continue
    const difference = differenceOf(expected, given, field)
    if (difference !== undefined) return { verdict: 'FAIL-output', reason: difference }
  }
  return { verdict: 'PASS', reason: '' }
}

/** The first place where the two differ, in words. */
export function differenceOf(expected: Json | undefined, given: unknown, path: string): string | undefined {
  const differs = `${path}: expected ${shown(expected)}, is ${shown(given)}`
  if (typeof expected === 'string' && expected.includes(ANY))
    return expected === ANY ? undefined : typeof given === 'string' && fits(expected, given) ? undefined : differs
  if (Array.isArray(expected)) {
    if (!Array.isArray(given) || given.length !== expected.length) return differs
    return firstOf(expected.map((each, at) => () => differenceOf(each, given[at], `${path}[${at}]`)))
  }
  if (isObject(expected)) {
    if (!isObject(given)) return differs
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(given)])]
    return firstOf(keys.map(key => () => differenceOf(expected[key], given[key], `${path}.${key}`)))
  }
  return Object.is(expected, given) || expected === given ? undefined : differs
}

function firstOf(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look()
    if (found !== undefined) return found
  }
  return undefined
}

/** Parts in their order, the first at the start and the last at the end. */
function fits(pattern: string, text: string): boolean {
  const parts = pattern.split(ANY)
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const next = text.indexOf(part, at)
    if (next === -1) return false
    at = next + part.length
  }
  return at <= text.length - last.length
}

const SHOWN_MAX = 160

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
