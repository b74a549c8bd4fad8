/**
 * The difference of two faces, as a list: what people read, what numbers are inferred from, what is drawn.
 *
 *   D1. Nothing is different between a face and itself, nor when only the order of nodes or the ids of pure functions differ.
 *   D2. From after to before it is the same list mirrored: added is removed, before is after.
 *   D3. What is matched by more than its id is told as renamed or moved, never as removed and added.
 */
import { refuse } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'
import type { Json } from '../util/json.ts'
import { type Callees, calleesOf } from './callees.ts'
import type { Change, StepName } from './change.ts'
import { compareClaims } from './claims.ts'
import { type CodePair, compareResults, compareSteps, type FieldChange } from './fields.ts'
import { packageChanges, parameterChanges, resultChanges, signalChanges, signatureChanges } from './interface.ts'
import { type Matching, matchAll } from './match.ts'
import { type Carries, nameOf, type Place, type Places, placesOf, type Step } from './places.ts'
import { contentOf, shapeAll } from './shapes.ts'
import type { Face } from './version.ts'

export interface DifferenceOptions {
  /** Declared renames: path of a step before, path after. Refuses with RENAME_UNKNOWN. */
  readonly renamed?: { readonly [before: string]: string }
}

export function difference(before: Face, after: Face, options: DifferenceOptions = {}): readonly Change[] {
  const matched = matchFaces(before, after, options)
  const code: Code = { pairs: new Map(), steps: new Map() }
  const steps = [...stepChanges(matched, code)]
  const result = [...resultChanges(before.result, after.result)]
  const edges = [...edgeChanges(matched.after), ...goneEdges(matched.before)]
  return [
    ...parameterChanges(before.graph, after.graph),
    ...result,
    ...signalChanges(matched.before.steps, matched.after.steps),
    ...workflowChanges(before, after),
    ...claimChanges(matched),
    ...resultFieldChanges(matched, result, code),
    ...steps,
    ...edges,
    ...codeChanges(code),
    ...uncalledChanges(before, after, matched),
    ...signatureChanges(code.pairs, before.signatures, after.signatures),
    ...uncalledSignatureChanges(before, after, matched, code),
    ...packageChanges(before.packages, after.packages),
  ]
}

/** Which step of the one is which of the other: paths before, paths after. */
export function matchedPaths(before: Face, after: Face, options: DifferenceOptions = {}): ReadonlyMap<string, string> {
  const { steps } = matchFaces(before, after, options).before
  return new Map(steps.flatMap(step => (step.pair ? [[nameOf(step).path, nameOf(step.pair).path] as const] : [])))
}

interface Matched extends Matching {
  readonly callees: Callees
  readonly declared: ReadonlySet<Step>
  readonly same: ReadonlySet<Place>
}

function matchFaces(before: Face, after: Face, { renamed = {} }: DifferenceOptions): Matched {
  const places = { before: placesOf(before.graph.root), after: placesOf(after.graph.root) }
  const called = { before: calledIn(places.before), after: calledIn(places.after) }
  const callees = calleesOf(before, after, called)
  shapeAll(places.before, { callees, side: 'before' })
  shapeAll(places.after, { callees, side: 'after' })
  const declared = declaredPairs(places.before, places.after, renamed)
  matchAll(places, declared)
  return { ...places, callees, declared: new Set(declared.map(([, step]) => step)), same: samePlaces(places.after) }
}

function calledIn({ steps }: Places): ReadonlySet<string> {
  const found = new Set<string>()
  for (const step of steps) for (const address of addressesOf(step)) found.add(address)
  return found
}

/** The functions that a step names, in an order that equal steps share. */
function addressesOf({ node }: Step): readonly string[] {
  switch (node.kind) {
    case 'task':
    case 'effect':
      return [node.task]
    case 'service':
      return [node.task, ...functionsIn(node.service as unknown as Json)]
    case 'flow':
      return [node.flow]
    case 'source':
      return node.source.kind === 'function' ? [node.source.task] : []
    default:
      return []
  }
}

/** Probes and reloads that are functions. */
function functionsIn(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const record = value as { readonly [key: string]: Json | undefined }
  if (record.kind === 'function' && typeof record.fn === 'string') return [record.fn]
  return Object.values(record).flatMap(inner => functionsIn(inner ?? null))
}

function declaredPairs(
  before: Places,
  after: Places,
  renamed: { readonly [before: string]: string },
): readonly (readonly [Step, Step])[] {
  const pairs = Object.entries(renamed)
  if (pairs.length === 0) return []
  const [left, right] = [byPath(before), byPath(after)]
  return pairs.map(([from, to]) => [
    left.get(from) ?? unknownStep(from, left, 'the version before'),
    right.get(to) ?? unknownStep(to, right, 'this version'),
  ])
}

const byPath = ({ steps }: Places): ReadonlyMap<string, Step> => new Map(steps.map(step => [nameOf(step).path, step]))

function unknownStep(path: string, known: ReadonlyMap<string, Step>, where: string): never {
  const near = nearestName(path, [...known.keys()])
  return refuse('RENAME_UNKNOWN', `A rename names the step ${path}, which ${where} does not have`, {
    hint: near === undefined ? 'Name steps as tutti plan shows them.' : `Did you mean ${near}?`,
  })
}

/** Of functions that both have: what their pairs are called, and who calls them. */
interface Code {
  /** Before by after. */
  readonly pairs: Map<string, string>
  /** Those of which the code differs: the steps that call them, by address after. */
  readonly steps: Map<string, StepName[]>
}

function* stepChanges(matched: Matched, code: Code): Generator<Change> {
  for (const step of matched.after.steps) {
    if (step.pair) yield* pairChanges(step.pair, step, matched, code)
    else yield { kind: 'step.added', step: nameOf(step), is: step.node.kind }
  }
  for (const step of matched.before.steps)
    if (!step.pair) yield { kind: 'step.removed', step: nameOf(step), is: step.node.kind }
}

function* pairChanges(from: Step, step: Step, { callees, declared, same }: Matched, code: Code): Generator<Change> {
  yield* identityChange(from, step, declared.has(step))
  if (!isPlainlySame(from, step, same)) {
    const { fields, code: pure } = compareSteps(from, step, callees)
    for (const change of fields) yield { kind: 'step.changed', step: nameOf(step), ...change }
    noteCode(code, pure, step)
  }
  const [before, after] = [addressesOf(from), addressesOf(step)]
  if (before.length === after.length) for (const [at, address] of after.entries()) noteCallee(before[at]!, address)

  function noteCallee(old: string, now: string): void {
    if (!callees.isSame(old, now)) return
    code.pairs.set(now, old)
    if ((callees.codeOf('before', old) ?? null) !== (callees.codeOf('after', now) ?? null))
      noteCode(code, [[old, now]], step)
  }
}

/** By content alone, for steps of which the content says all: most of a large graph. */
const isPlainlySame = (from: Step, step: Step, same: ReadonlySet<Place>): boolean =>
  LEAVES.has(step.node.kind) &&
  !step.node.undo &&
  from.place === step.place.pair &&
  same.has(step.place) &&
  contentOf(from) === contentOf(step)

/** Not what refers to others by id beside its expressions. */
const LEAVES: ReadonlySet<string> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'service'])

/** Regions that are matched with all that is around them, so that equal parameters are the same ones. */
function samePlaces({ places }: Places): ReadonlySet<Place> {
  const found = new Set<Place>()
  for (const place of places) {
    const { pair, owner } = place
    if (pair && (owner ? owner.pair === pair.owner && found.has(owner.place) : !pair.owner)) found.add(place)
  }
  return found
}

function* identityChange(from: Step, step: Step, isDeclared: boolean): Generator<Change> {
  const isMoved = from.place.pair !== step.place
  if (isMoved) yield { kind: 'step.moved', before: nameOf(from), step: nameOf(step) }
  if (from.node.id === step.node.id && from.node.name === step.node.name) return
  if (isMoved && !isDeclared) return
  const by = isDeclared ? 'declared' : from.node.id === step.node.id ? 'id' : 'content'
  yield { kind: 'step.renamed', before: nameOf(from), step: nameOf(step), by }
}

function noteCode({ steps }: Code, pairs: readonly CodePair[], step: Step | undefined): void {
  for (const [, address] of pairs) {
    const found = steps.get(address) ?? []
    steps.set(address, found)
    if (step) found.push(nameOf(step))
  }
}

function* codeChanges({ steps }: Code): Generator<Change> {
  for (const [address, callers] of steps) yield { kind: 'code.changed', address, steps: callers }
}

/** Functions that no step of the graph calls: what flows call. */
function* uncalledChanges(before: Face, after: Face, { callees, ...matched }: Matched): Generator<Change> {
  const [left, right] = [calledIn(matched.before), calledIn(matched.after)]
  const changed = Object.keys({ ...before.code, ...after.code }).filter(
    address =>
      !left.has(address) &&
      !right.has(address) &&
      callees.codeOf('before', address) !== callees.codeOf('after', address),
  )
  if (changed.length === 0) return
  const pure = new Set([...pureIn(matched.before), ...pureIn(matched.after)])
  for (const address of changed.sort()) if (!pure.has(address)) yield { kind: 'code.changed', address, steps: [] }
}

function* pureIn({ places }: Places): Generator<string> {
  const pending: unknown[] = []
  for (const { region } of places) {
    pending.push(region.result)
    for (const node of region.nodes) pending.push(...Object.values(node))
    // Regions inside of nodes are places of their own.
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (typeof next !== 'object' || next === null || 'nodes' in next) continue
      if ('kind' in next && next.kind === 'literal') continue
      if ('kind' in next && next.kind === 'apply' && 'fn' in next) yield String(next.fn)
      for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) pending.push(inner)
    }
  }
}

/** The same for what the functions that flows call declare. */
function uncalledSignatureChanges(before: Face, after: Face, matched: Matched, { pairs }: Code): readonly Change[] {
  const both = Object.keys(after.signatures).filter(address => address in before.signatures && !pairs.has(address))
  const changes = [
    ...signatureChanges(new Map(both.map(address => [address, address])), before.signatures, after.signatures),
  ]
  if (changes.length === 0) return changes
  const pure = new Set([...pureIn(matched.before), ...pureIn(matched.after)])
  return changes.filter(change => change.kind === 'signature.changed' && !pure.has(change.address))
}

function* edgeChanges({ steps }: Places): Generator<Change> {
  yield* missingEdges(steps, 'edge.added')
}

function* goneEdges({ steps }: Places): Generator<Change> {
  yield* missingEdges(steps, 'edge.removed')
}

/** Edges between matched steps that their pairs do not have. */
function* missingEdges(steps: readonly Step[], kind: 'edge.added' | 'edge.removed'): Generator<Change> {
  for (const step of steps) {
    const { pair } = step
    if (!pair) continue
    for (const [from, carries] of step.edges)
      if (from.pair && pair.edges.get(from.pair) !== carries) yield edgeChange(kind, from, step, carries)
  }
}

/** By the names of after, which are those that readers know. */
function edgeChange(kind: 'edge.added' | 'edge.removed', from: Step, to: Step, carries: Carries): Change {
  const shown = (step: Step): StepName => nameOf(kind === 'edge.removed' ? (step.pair ?? step) : step)
  return { kind, from: shown(from), to: shown(to), carries }
}

/** What the result is made of; a field that came or went is told as that. */
function* resultFieldChanges(
  { before, after, callees }: Matched,
  types: readonly Change[],
  code: Code,
): Generator<Change> {
  const told = new Set(
    types.flatMap(change => (change.kind === 'result.added' || change.kind === 'result.removed' ? [change.path] : [])),
  )
  const result = compareResults(before.root, after.root, callees)
  noteCode(code, result.code, undefined)
  for (const change of result.fields)
    if (!told.has(change.field.replace('result.', ''))) yield { kind: 'workflow.changed', ...change }
}

/** What is claimed of whole runs. */
function* claimChanges({ before, after, callees }: Matched): Generator<Change> {
  const claims = compareClaims(before.root, after.root, callees)
  if (claims.before.length + claims.after.length > 0) yield { kind: 'workflow.changed', field: 'properties', ...claims }
}

function* workflowChanges(before: Face, after: Face): Generator<Change> {
  const names = ({ graph }: Face): readonly string[] => graph.params.map(({ name }) => name)
  const kept = (own: Face, other: Face): readonly string[] => names(own).filter(name => names(other).includes(name))
  const changes: readonly FieldChange[] = [
    { field: 'name', before: before.graph.name, after: after.graph.name },
    { field: 'parameters', before: kept(before, after), after: kept(after, before) },
    { field: 'deadlineMs', before: before.graph.deadlineMs, after: after.graph.deadlineMs },
    { field: 'onFailure', before: before.graph.root.onFailure, after: after.graph.root.onFailure },
  ]
  for (const change of changes)
    if (textOf(change.before) !== textOf(change.after)) yield { kind: 'workflow.changed', ...change }
}

const textOf = (value: Json | undefined): string => JSON.stringify(value) ?? ''
