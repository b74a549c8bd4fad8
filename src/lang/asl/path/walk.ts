/**
 * What a path finds in a document.
 *
 * A path of fields and single items alone, which is nearly every one, is followed in a loop that makes nothing. All others
 * are searched, at a price that is counted: a path that would look at more than `visitsMax` nodes finds nothing.
 *
 * Invariants
 *   J1. A definite path gives the value or says why there is none; a path that is not definite gives a list, which is empty
 *       where nothing is found.
 *   J2. A document is never changed, and what is found is the document's own value, not a copy.
 *   J3. Only a node's own fields are found: `$.constructor` is missing from an empty object.
 */
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { inTime } from '../jsonata/watch.ts'
import { callFunction } from './functions.ts'
import { indexesOf, type ItemStep } from './items.ts'
import { compares, isPattern, type Side } from './compare.ts'
import { type Filter, type Operand, type Path, printStep, printSteps, type Step } from './syntax.ts'

export type Sought =
  | { readonly kind: 'found'; readonly value: Json }
  /** `beyond`: all is there but an item that a list is too short for. */
  | { readonly kind: 'missing'; readonly words: string; readonly beyond?: true }

type Fields = { readonly [name: string]: Json }

/** Enough for every list that a state machine can hand on, and reached within a second. */
const visitsMax = 2_000_000
const depthMax = 1_000
const patternMsMax = 500

export const isFields = (node: Json | undefined): node is Fields =>
  typeof node === 'object' && node !== null && !Array.isArray(node)

/** The value of a path of fields and single items; `undefined` where there is none. */
function follow(steps: readonly Step[], document: Json): Json | undefined {
  let node: Json | undefined = document
  for (let at = 0; at < steps.length; at += 1) {
    if (typeof node !== 'object' || node === null) return undefined
    const step = steps[at]!
    if (step.kind === 'field') {
      if (Array.isArray(node) || !Object.hasOwn(node, step.name)) return undefined
      node = (node as Fields)[step.name]
    } else if (step.kind === 'item') {
      if (!Array.isArray(node)) return undefined
      node = (node as readonly Json[]).at(step.index)
    } else return undefined
  }
  return node
}

export function walk(path: Path, document: Json): Sought {
  if (path.plain) {
    const value = follow(path.steps, document)
    if (value !== undefined) return { kind: 'found', value }
  }
  return path.watched ? watched(path, document) : search(path, document)
}

const search = (path: Path, document: Json): Sought =>
  outcomeOf(path, searchFrom(path, document, document, { left: visitsMax }))

/** A regular expression can backtrack for ever, and no count of nodes sees it. */
function watched(path: Path, document: Json): Sought {
  try {
    return inTime(() => search(path, document), patternMsMax)
  } catch (error) {
    return { kind: 'missing', words: `The path cannot be searched by: ${(error as Error).message}` }
  }
}

/** What is being looked for, and what has been found so far. */
interface Search {
  readonly document: Json
  readonly steps: readonly Step[]
  readonly root: string
  readonly found: Json[]
  readonly visits: Visits
  /** Why it cannot go on: set where one way alone led, so that no other can find anything. */
  missing: string | undefined
  /** It is not that something is missing: the path cannot be used on this document at all. */
  refused: boolean
  /** A list was too short for an item, which is no reason to stop. */
  beyond: boolean
}

interface Visits {
  left: number
}

function outcomeOf(path: Path, search: Search): Sought {
  if (search.refused) return { kind: 'missing', words: search.missing! }
  if (!path.definite) return { kind: 'found', value: search.missing === undefined ? search.found : [] }
  const value = search.found.at(-1)
  if (value !== undefined) return { kind: 'found', value }
  if (search.missing !== undefined) return { kind: 'missing', words: search.missing }
  const words = `No results for path: ${search.root}${printSteps(path.steps)}`
  return search.beyond ? { kind: 'missing', words, beyond: true } : { kind: 'missing', words }
}

function searchFrom(path: Path, node: Json, document: Json, visits: Visits): Search {
  const last = path.steps.at(-1)
  if (path.steps[0]?.kind === 'deep' && last?.kind === 'call') return callOnAll(path, last, node, document, visits)
  const search = begin(path, document, visits)
  visit(search, 0, node, true)
  return search
}

const begin = (path: Pick<Path, 'root' | 'steps'>, document: Json, visits: Visits): Search => ({
  document,
  steps: path.steps,
  root: path.root.kind === 'node' ? '@' : '$',
  found: [],
  visits,
  missing: undefined,
  refused: false,
  beyond: false,
})

/** `$..x.sum()`: the function is given the list of all, not one after the other. */
function callOnAll(path: Path, call: Step & { kind: 'call' }, node: Json, document: Json, visits: Visits): Search {
  const search = begin({ root: path.root, steps: path.steps.slice(0, -1) }, document, visits)
  visit(search, 0, node, true)
  if (search.missing !== undefined) return search
  const called = begin({ root: path.root, steps: [call] }, document, visits)
  visit(called, 0, search.found, true)
  return called
}

/** Takes the step at `at` from `node`. `sole`: only this way leads here, so what is missing here is missing. */
function visit(search: Search, at: number, node: Json, sole: boolean): void {
  if (search.missing !== undefined) return
  if ((search.visits.left -= 1) < 0) return refuse(search, 'The path looks at too many nodes')
  const step = search.steps[at]
  if (step === undefined) {
    search.found.push(node)
    return
  }
  switch (step.kind) {
    case 'field':
      return visitField(search, at, node, step.name, sole)
    case 'fields':
      return visitFields(search, at, node, step.names, sole)
    case 'item':
    case 'items':
    case 'slice':
      return visitItems(search, at, node, step, sole)
    case 'each':
      for (const child of childrenOf(node)) visit(search, at + 1, child, false)
      return
    case 'deep':
      return visitDeep(search, at, node, 0)
    case 'filter':
      return visitFilter(search, at, node, step.filter, sole)
    case 'call':
      return visitCall(search, at, node, step)
    default:
      return unreachable(step)
  }
}

const childrenOf = (node: Json): readonly Json[] =>
  Array.isArray(node) ? node : isFields(node) ? Object.values(node) : []

function miss(search: Search, words: string): void {
  search.missing = words
}

function refuse(search: Search, words: string): void {
  search.missing = words
  search.refused = true
}

const printed = (search: Search, count: number): string => search.root + printSteps(search.steps.slice(0, count))

function visitField(search: Search, at: number, node: Json, name: string, sole: boolean): void {
  if (!isFields(node)) return noFields(search, at, node, sole)
  if (Object.hasOwn(node, name)) return visit(search, at + 1, node[name]!, sole)
  if (sole && at + 1 < search.steps.length) miss(search, `Missing property in path ${printed(search, at + 1)}`)
}

function noFields(search: Search, at: number, node: Json, sole: boolean): void {
  if (!sole) return
  const property = printStep(search.steps[at]!)
  const found = node === null ? 'null' : javaTypeOf(node)
  miss(
    search,
    `Expected to find an object with property ${property} in path ${printed(search, at)} but found '${found}'. ` +
      "This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.",
  )
}

function javaTypeOf(node: Json): string {
  if (typeof node === 'string') return 'java.lang.String'
  if (typeof node === 'boolean') return 'java.lang.Boolean'
  if (typeof node === 'number') return Number.isInteger(node) ? 'java.lang.Integer' : 'java.lang.Double'
  return Array.isArray(node) ? 'java.util.ArrayList' : 'java.util.LinkedHashMap'
}

function visitFields(search: Search, at: number, node: Json, names: readonly string[], sole: boolean): void {
  if (!isFields(node)) return noFields(search, at, node, sole)
  const known = names.filter(each => Object.hasOwn(node, each))
  if (at + 1 < search.steps.length) {
    for (const name of known) visit(search, at + 1, node[name]!, false)
    return
  }
  visit(search, at + 1, Object.fromEntries(known.map(name => [name, node[name]!])), sole)
}

function visitItems(search: Search, at: number, node: Json, step: ItemStep, sole: boolean): void {
  if (!Array.isArray(node)) {
    if (sole) miss(search, noItems(search, at, node))
    return
  }
  const list: readonly Json[] = node
  for (const index of indexesOf(step, list.length)) {
    const child = list.at(index)
    if (child !== undefined) visit(search, at + 1, child, sole && step.kind === 'item')
    else if (sole) search.beyond = true
  }
}

const noItems = (search: Search, at: number, node: Json): string =>
  node === null
    ? `The path ${printed(search, at)} is null`
    : `Filter: ${printSteps(search.steps.slice(at))} can only be applied to arrays. Current context is: ${JSON.stringify(node)}`

/** The step behind `..`, at this node and all below it, a node before its children. */
function visitDeep(search: Search, at: number, node: Json, depth: number): void {
  if (search.missing !== undefined || typeof node !== 'object' || node === null) return
  if (depth > depthMax) return refuse(search, `The path looks at more than ${depthMax} levels`)
  if ((search.visits.left -= 1) < 0) return refuse(search, 'The path looks at too many nodes')
  if (fits(search, search.steps[at + 1]!, node)) visit(search, at + 1, node, false)
  for (const child of childrenOf(node)) visitDeep(search, at, child, depth + 1)
}

function fits(search: Search, step: Step, node: Json): boolean {
  switch (step.kind) {
    case 'field':
      return isFields(node) && Object.hasOwn(node, step.name)
    case 'fields':
      return isFields(node) && step.names.every(each => Object.hasOwn(node, each))
    case 'item':
    case 'items':
    case 'slice':
      return Array.isArray(node)
    case 'each':
      return true
    case 'filter':
      return holds(search, step.filter, node)
    case 'deep':
    case 'call':
      return false
    default:
      return unreachable(step)
  }
}

function visitFilter(search: Search, at: number, node: Json, filter: Filter, sole: boolean): void {
  if (isFields(node)) {
    if (holds(search, filter, node)) visit(search, at + 1, node, false)
  } else if (Array.isArray(node)) {
    for (const child of node as readonly Json[]) if (holds(search, filter, child)) visit(search, at + 1, child, false)
  } else if (sole) {
    refuse(search, `Filter: [?] can not be applied to primitives. Current context is: ${JSON.stringify(node)}`)
  }
}

function holds(search: Search, filter: Filter, node: Json): boolean {
  switch (filter.kind) {
    case 'or':
      return filter.filters.some(each => holds(search, each, node))
    case 'and':
      return filter.filters.every(each => holds(search, each, node))
    case 'not':
      return !holds(search, filter.filter, node)
    case 'exists':
      return exists(search, filter.path, node)
    case 'compare':
      return compares(sideOf(search, filter.left, node), filter.operator, sideOf(search, filter.right, node))
    default:
      return unreachable(filter)
  }
}

function exists(search: Search, path: Path, node: Json): boolean {
  const inner = searchWithin(search, path, node)
  return inner.missing === undefined && (!path.definite || inner.found.length > 0)
}

function sideOf(search: Search, operand: Operand, node: Json): Side {
  if (operand.kind === 'pattern') return operand.pattern
  if (operand.kind === 'value') return operand.value
  const sought = outcomeOf(operand.path, searchWithin(search, operand.path, node))
  return sought.kind === 'found' ? sought.value : undefined
}

function searchWithin(search: Search, path: Path, node: Json): Search {
  const inner = searchFrom(path, path.root.kind === 'node' ? node : search.document, search.document, search.visits)
  if (inner.refused && search.visits.left < 0) refuse(search, inner.missing!)
  return inner
}

function visitCall(search: Search, at: number, node: Json, call: Step & { kind: 'call' }): void {
  const inputs: Json[] = []
  for (const input of call.inputs) {
    const value = sideOf(search, input, search.document)
    if (value === undefined || isPattern(value))
      return refuse(search, `Nothing is found for an argument of ${call.name}()`)
    inputs.push(value)
  }
  const value = callFunction(call.name, node, inputs)
  if (value === undefined) return refuse(search, 'Aggregation function attempted to calculate value using empty array')
  visit(search, at + 1, value, true)
}
