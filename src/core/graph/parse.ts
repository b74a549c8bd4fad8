/**
 * JSON from outside -> Graph: its shape, completely, and nothing else. Whether such a graph can run says ./validate.ts.
 *
 * The shapes are data, one for each type of ./graph.ts; the compiler holds their fields to the type's. All problems are
 * reported, each with its path. Codes: GRAPH_VERSION, GRAPH_TOO_DEEP, GRAPH_KIND_UNKNOWN, GRAPH_MALFORMED.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { err, ok, type Result } from '../../util/result.ts'
import type {
  Expr,
  Graph,
  Lock,
  NetTransition,
  Node,
  Param,
  Policy,
  Position,
  Probe,
  Read,
  Region,
  Resource,
  Retry,
  SecretOrigin,
  ServicePolicy,
  Source,
  Undo,
} from './graph.ts'
import type { Property, StepRef } from './property.ts'

/** The graph that `json` is, or all that keeps it from being one. */
export function parseGraph(json: Json): Result<Graph, readonly Diagnostic[]> {
  const walk: Walk = { path: [], found: [] }
  if (isDeeperThan(json, DEPTH_MAX)) {
    report(walk, 'GRAPH_TOO_DEEP', `is nested more than ${DEPTH_MAX} levels deep`)
  } else if (isFields(json) && json['version'] !== 1) {
    report(walk, 'GRAPH_VERSION', `has version ${showJson(json['version'])}; this Tutti reads version 1`)
  } else {
    graph(json, walk)
  }
  // The cast is what all of this file is for.
  return walk.found.length > 0 ? err(walk.found) : ok(json as unknown as Graph)
}

/** Bound on nesting: what comes after the parser recurses, and must not meet the end of the stack. */
const DEPTH_MAX = 1_000

interface Walk {
  readonly path: (string | number)[]
  readonly found: Diagnostic[]
}

type Check = (value: Json, walk: Walk) => void
/** The check of a field that may be left out. */
interface Optional {
  readonly optional: Check
}
type Fields = { readonly [name: string]: Json | undefined }
type Shape<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? Optional : Check }
/** A shape for each variant, its `kind` left out: the table says it. */
type Variants<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: Shape<Omit<Extract<T, { kind: K }>, 'kind'>>
}

const HINTS: { readonly [code: string]: string } = {
  GRAPH_MALFORMED: 'schema/graph.schema.json describes what a graph looks like.',
  GRAPH_KIND_UNKNOWN: 'Use the version of Tutti that wrote it, or a newer one.',
  GRAPH_VERSION: 'Use the version of Tutti that wrote it, or a newer one.',
  GRAPH_TOO_DEEP: 'Move inner parts into workflows of their own.',
}

function report({ path, found }: Walk, code: string, problem: string): void {
  const place = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  found.push({ code, severity: 'error', message: `graph${place} ${problem}`, ...hintOf(code) })
}

const hintOf = (code: string): { readonly hint?: string } => (HINTS[code] === undefined ? {} : { hint: HINTS[code] })

const malformed = (walk: Walk, expected: string, value: Json | undefined): void =>
  report(walk, 'GRAPH_MALFORMED', `should be ${expected}, but is ${showJson(value)}`)

function showJson(value: Json | undefined): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a record'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}

function inside(walk: Walk, step: string | number, value: Json, check: Check): void {
  walk.path.push(step)
  check(value, walk)
  walk.path.pop()
}

// What shapes are made of.

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

const expecting =
  (expected: string, holds: (value: Json) => boolean): Check =>
  (value, walk) => {
    if (!holds(value)) malformed(walk, expected, value)
  }

const anything: Check = () => undefined
const text = expecting('text', value => typeof value === 'string')
const flag = expecting('true or false', value => typeof value === 'boolean')
const number = expecting('a number', value => typeof value === 'number')
const duration = expecting('a number of milliseconds', value => typeof value === 'number' && value >= 0)
const textOrNull = expecting('text or null', value => value === null || typeof value === 'string')
const key = expecting('a name or an index', value => typeof value === 'string' || isCount(value))
const schema = expecting('a JSON Schema', value => isFields(value) || typeof value === 'boolean')
const isCount = (value: Json): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const atLeast = (min: number): Check =>
  expecting(`a whole number from ${min}`, value => isCount(value) && (value as number) >= min)
const oneOf = (...words: readonly Json[]): Check =>
  expecting(words.map(word => JSON.stringify(word)).join(' or '), value => words.includes(value))
const share = expecting('a share from 0 to 1', value => typeof value === 'number' && value >= 0 && value <= 1)
const factor = expecting('a number from 1', value => typeof value === 'number' && value >= 1)
const optional = (check: Check): Optional => ({ optional: check })

const listOf =
  (check: Check): Check =>
  (value, walk) => {
    if (!Array.isArray(value)) return malformed(walk, 'a list', value)
    for (const [index, item] of (value as readonly Json[]).entries()) inside(walk, index, item, check)
  }

const mapOf =
  (check: Check): Check =>
  (value, walk) => {
    if (!isFields(value)) return malformed(walk, 'a record', value)
    for (const [name, field] of Object.entries(value)) if (field !== undefined) inside(walk, name, field, check)
  }

const record =
  <T>(shape: Shape<T>): Check =>
  (value, walk) => {
    if (isFields(value)) checkFields(value, shape, walk)
    else malformed(walk, 'a record', value)
  }

function checkFields(value: Fields, shape: { readonly [name: string]: Check | Optional }, walk: Walk): void {
  for (const [name, check] of Object.entries(shape)) {
    const field = Object.hasOwn(value, name) ? value[name] : undefined
    if (field !== undefined) inside(walk, name, field, typeof check === 'function' ? check : check.optional)
    else if (typeof check === 'function') report(walk, 'GRAPH_MALFORMED', `lacks the field ${name}`)
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(shape, name) && value[name] !== undefined)
      report(walk, 'GRAPH_MALFORMED', `has a field ${JSON.stringify(name)}, which means nothing`)
  }
}

const variant =
  <T extends { readonly kind: string }>(variants: Variants<T>): Check =>
  (value, walk) => {
    if (!isFields(value)) return malformed(walk, 'a record', value)
    const { kind } = value
    if (typeof kind !== 'string') return inside(walk, 'kind', kind ?? null, text)
    if (!Object.hasOwn(variants, kind))
      return report(walk, 'GRAPH_KIND_UNKNOWN', `has the kind ${JSON.stringify(kind)}, which this Tutti does not know`)
    checkFields(value, { kind: anything, ...variants[kind as T['kind']] }, walk)
  }

// The shapes. What is recursive is looked up when it is used.

const position = record<Position>({ file: text, line: atLeast(1), column: atLeast(1) })
const path = listOf(key)
const region: Check = (value, walk) =>
  record<Region>({
    params: listOf(text),
    nodes: listOf(node),
    result: expr,
    onFailure: optional(oneOf('stop', 'finish')),
    properties: optional(listOf(property)),
  })(value, walk)
const expr: Check = (value, walk) => variant<Expr>(EXPRS)(value, walk)
const node: Check = (value, walk) => variant<Node>(NODES)(value, walk)
const property: Check = (value, walk) => variant<Property>(PROPERTIES)(value, walk)

const EXPRS: Variants<Expr> = {
  literal: { value: anything },
  node: { node: text, up: atLeast(0), path },
  param: { param: text, up: atLeast(0), path },
  record: { fields: mapOf(expr) },
  list: { items: listOf(expr) },
  apply: { fn: text, args: listOf(expr), path },
  resource: {
    resource: variant<Resource>({
      output: { path: text, dir: optional(text) },
      secret: {
        name: text,
        from: variant<SecretOrigin>({ env: {}, file: { path: text }, command: { command: text } }),
      },
      port: { name: text, number: optional(atLeast(1)) },
    }),
  },
}

const retry = record<Retry>({
  errors: optional(listOf(text)),
  times: atLeast(0),
  backoff: oneOf('fixed', 'exponential'),
  factor: optional(factor),
  delayMs: duration,
  delayMsMax: duration,
  jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
})

const policy = record<Policy>({
  retry: optional(listOf(retry)),
  exhausted: optional(oneOf('fail', 'park')),
  timeoutMs: optional(duration),
  heartbeatMs: optional(duration),
  deadlineMs: optional(duration),
  pool: optional(
    record<NonNullable<Policy['pool']>>({
      name: text,
      slots: atLeast(1),
      weight: optional(atLeast(1)),
      across: optional(oneOf('process', 'store')),
    }),
  ),
  locks: optional(listOf(record<Lock>({ name: text, of: oneOf('run', 'region') }))),
  priority: optional(number),
  env: optional(listOf(text)),
  cache: optional(oneOf('on', 'off')),
  inputs: optional(variant<NonNullable<Policy['inputs']>>({ inferred: {}, depfile: { path: text } })),
})

const source = variant<Source>({
  files: { globs: listOf(text), ignore: optional(oneOf('gitignore', 'none')), dir: optional(text) },
  file: { path: text },
  dir: { path: text },
  env: { name: text, default: optional(text) },
  http: { url: text, headers: optional(mapOf(text)), everyMs: optional(atLeast(1)) },
  time: { everyMs: atLeast(1) },
  result: { workflow: text },
  function: { task: text, dir: optional(text) },
})

const probe = variant<Probe>({
  tcp: { port: optional(text) },
  http: { path: text, port: optional(text), status: optional(atLeast(100)) },
  log: { pattern: text, flags: text },
  file: { path: text },
  exit: {},
  function: { fn: text },
  started: {},
})

const servicePolicy = record<ServicePolicy>({
  ready: probe,
  readyTimeoutMs: duration,
  live: optional(record<NonNullable<ServicePolicy['live']>>({ probe, everyMs: atLeast(1), failures: atLeast(1) })),
  restart: record<ServicePolicy['restart']>({ times: atLeast(0), delayMs: duration, delayMsMax: duration, factor }),
  reload: optional(variant<NonNullable<ServicePolicy['reload']>>({ signal: { signal: text }, function: { fn: text } })),
  stop: record<ServicePolicy['stop']>({ signal: text, graceMs: duration }),
})

const undo = record<Undo>({ captures: mapOf(expr), body: region })

const common = { id: text, name: text, at: optional(position), after: listOf(text), policy, undo: optional(undo) }

const rest = oneOf('cancel', 'finish', 'detach')

type Of<K extends Node['kind']> = Extract<Node, { kind: K }>

const tolerated: Check = (value, walk) =>
  isFields(value) && Object.hasOwn(value, 'share')
    ? record<{ share: number }>({ share })(value, walk)
    : record<{ count: number }>({ count: atLeast(0) })(value, walk)

const NODES: Variants<Node> = {
  task: { ...common, task: text, args: listOf(expr), executor: text, dir: optional(text) },
  effect: { ...common, task: text, args: listOf(expr), executor: text, dir: optional(text) },
  flow: { ...common, flow: text, args: listOf(expr) },
  source: { ...common, source },
  when: { ...common, condition: expr, then: region, otherwise: region },
  match: { ...common, value: expr, by: optional(text), arms: mapOf(region), otherwise: optional(region) },
  any: {
    ...common,
    arms: mapOf(record<Of<'any'>['arms'][string]>({ condition: expr, body: region })),
    otherwise: optional(region),
  },
  each: {
    ...common,
    items: expr,
    body: region,
    key: optional(expr),
    concurrency: optional(atLeast(1)),
    batch: optional(atLeast(1)),
    tolerate: optional(tolerated),
    limits: optional(expr),
    until: optional(record<NonNullable<Of<'each'>['until']>>({ count: atLeast(1), rest })),
    more: optional(record<NonNullable<Of<'each'>['more']>>({ signal: text, type: schema })),
  },
  call: { ...common, workflow: text, args: mapOf(expr), body: region, recurs: optional(atLeast(0)) },
  loop: {
    ...common,
    init: expr,
    body: region,
    condition: expr,
    test: oneOf('while', 'until'),
    limit: optional(atLeast(0)),
  },
  race: { ...common, arms: mapOf(region) },
  some: { ...common, count: atLeast(1), rest, arms: mapOf(region) },
  attempt: {
    ...common,
    body: region,
    handlers: listOf(record<Of<'attempt'>['handlers'][number]>({ errors: listOf(text), body: region })),
    finalizer: optional(region),
  },
  wait: {
    ...common,
    on: variant<Of<'wait'>['on']>({
      timer: { duration: expr },
      instant: { instant: expr },
      signal: { signal: text, type: schema, early: oneOf('kept', 'transient') },
    }),
  },
  scope: { ...common, body: region, join: optional(oneOf('awaited', 'detached')), until: optional(text) },
  cancel: {
    ...common,
    target: record<Of<'cancel'>['target']>({ node: text, up: atLeast(0) }),
    dependents: oneOf('skip', 'run'),
  },
  service: { ...common, task: text, args: listOf(expr), dir: optional(text), service: servicePolicy },
  net: {
    ...common,
    places: listOf(text),
    start: listOf(text),
    end: text,
    init: optional(expr),
    transitions: listOf(
      record<NetTransition>({
        id: text,
        consumes: listOf(text),
        produces: listOf(text),
        guard: optional(expr),
        body: region,
      }),
    ),
  },
}

const ofSteps = listOf(
  variant<StepRef>({
    step: { path: text, up: atLeast(0) },
    calls: { of: oneOf('task', 'flow', 'workflow', 'signal'), name: text },
  }),
)
const steps: Check = (value, walk) =>
  Array.isArray(value) && value.length === 0
    ? malformed(walk, 'a list of one step or more', value)
    : ofSteps(value, walk)
const ofOne = { at: optional(position), a: steps }
const ofTwo = { ...ofOne, b: steps }

const PROPERTIES: Variants<Property> = {
  never: ofTwo,
  atMost: { ...ofOne, count: atLeast(0) },
  precedes: ofTwo,
  responds: ofTwo,
  exclusive: ofTwo,
  absent: ofTwo,
  alternates: ofTwo,
  eventually: ofOne,
  exactlyOnce: ofOne,
  reachable: ofOne,
}

const read = variant<Read>({
  env: { name: text, value: textOrNull },
  file: { path: text, hash: textOrNull },
  folder: { path: text, hash: textOrNull },
})

const graph = record<Graph>({
  version: oneOf(1),
  name: text,
  params: listOf(record<Param>({ name: text, type: schema, required: flag, default: optional(anything) })),
  root: region,
  deadlineMs: optional(duration),
  reads: listOf(read),
})

/** Level by level, without recursion: the value is not to be trusted yet. */
function isDeeperThan(json: Json, max: number): boolean {
  let level: readonly Json[] = [json]
  for (let depth = 0; depth <= max; depth++) {
    const next: Json[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) next.push(inner)
    }
    if (next.length === 0) return false
    level = next
  }
  return true
}
