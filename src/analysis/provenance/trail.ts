/**
 * The way back from a value, in the order in which it is gone: of what was reached, the strongest first (L1). What is gone on to
 * from each is not told here.
 */
import type { Path } from '../../core/graph/graph.ts'
import type { RanScope, RanStep, RunRecord } from '../record/record.ts'
import { buildTape, type Tape } from '../tape/tape.ts'

export type How = 'data' | 'control' | 'order'

export type Source =
  | { readonly kind: 'step'; readonly step: RanStep }
  /** A parameter of the run, or a field of it. */
  | { readonly kind: 'param'; readonly param: string; readonly path: Path }
  /** A variable of the environment that a step has in its policy. */
  | { readonly kind: 'env'; readonly name: string }
  /** What items of an each came by. */
  | { readonly kind: 'signal'; readonly signal: string }

export interface Found {
  readonly source: Source
  readonly how: How
  /** Index of the one that it was found through; undefined: of the value itself. */
  readonly from: number | undefined
}

/** What was passed on the way: its last node is the value, `sources[n]` is the index in `found` of what node n is, or -1. */
export interface Passage {
  readonly tape: Tape
  readonly sources: Int32Array
}

/** How what is found now hangs on what is asked about: kinds only ever become weaker on the way back. */
const STRENGTH: readonly How[] = ['data', 'control', 'order']
export type Strength = 0 | 1 | 2
export const [DATA, CONTROL, ORDER] = [0, 1, 2] as const

export const NO_PATH: Path = []

/** Where it is gone on to. */
export interface Onward {
  /** From a step that does something itself. */
  readonly leaf: (trail: Trail, step: RanStep) => void
  /** From the value of a step that holds others. */
  readonly holder: (trail: Trail, step: RanStep, path: Path) => void
  /** From a scope's being entered. */
  readonly entrance: (trail: Trail, scope: RanScope, owner: RanStep) => void
}

export type Visit = (trail: Trail) => void
export const nothing: Visit = () => {}

export interface Trail {
  /** The whole value of a step. */
  step(step: RanStep, how: Strength): void
  /** The whole values of all siblings that the step at a place of a scope is called with. */
  siblings(scope: RanScope, place: number): void
  /** What is under a path in the value of a step that holds others. */
  part(step: RanStep, path: Path, how: Strength): void
  scope(scope: RanScope, owner: RanStep): void
  /** By a key of its own, once. */
  other(key: string, how: Strength, visit: Visit, source?: Source): void
  /** Goes on from everything that was reached, what is of the strongest kind first, so that each has its strongest (L1). */
  follow(): void
  readonly found: readonly Found[]
  passage(): Passage
}

type Passed =
  | { readonly kind: 'asked' }
  | { readonly kind: 'part'; readonly step: RanStep; readonly path: Path }
  | { readonly kind: 'scope'; readonly scope: RanScope; readonly owner: RanStep }
  | { readonly kind: 'other'; readonly visit: Visit; readonly source: Source | undefined }

export function newTrail({ steps, scopes }: RunRecord, onward: Onward, want: 'found' | 'edges'): Trail {
  const ofSteps = new Int32Array(steps.size).fill(-1)
  const ofScopes = new Int32Array(scopes.size).fill(-1)
  const ofOthers = new Map<string, number>()
  /** Most of what is passed are whole steps, which stand here as they are. */
  const passed: (RanStep | Passed)[] = [{ kind: 'asked' }]
  /** The strongest kind in which it was reached, and what was found above it: an index in `found`, or -1. */
  const strengths = [0]
  const above = [-1]
  const foundOf = [-1]
  const [edgeFrom, edgeTo]: [number[], number[]] = [[], []]
  const queues: readonly number[][] = [[], [], []]
  const heads = [0, 0, 0]
  const isVisited = [true]
  const found: Found[] = []
  let [current, strength] = [0, 0]

  const foundAbove = (): number => (foundOf[current] === -1 ? above[current]! : foundOf[current]!)

  /** Whatever is found through something hangs on the value no more closely than that. */
  const add = (what: RanStep | Passed, how: Strength): number => {
    const node = passed.length
    const at = strength > how ? strength : how
    passed.push(what)
    strengths.push(at)
    above.push(foundAbove())
    foundOf.push(-1)
    isVisited.push(false)
    queues[at]!.push(node)
    link(node)
    return node
  }

  const meet = (node: number, how: Strength): void => {
    const at = strength > how ? strength : how
    if (at < strengths[node]! && !isVisited[node]) {
      strengths[node] = at
      above[node] = foundAbove()
      queues[at]!.push(node)
    }
    link(node)
  }

  const link = (node: number): void => {
    if (want === 'found') return
    edgeFrom.push(node)
    edgeTo.push(current)
  }

  const keyed = (key: string, how: Strength, what: () => Passed): void => {
    const known = ofOthers.get(key)
    if (known === undefined) ofOthers.set(key, add(what(), how))
    else meet(known, how)
  }

  const note = (source: Source): void => {
    foundOf[current] = found.length
    const from = above[current]!
    found.push({ source, how: STRENGTH[strength]!, from: from === -1 ? undefined : from })
  }

  const visitStep = (step: RanStep): void => {
    if (step.role === 'holder') return onward.holder(trail, step, NO_PATH)
    note({ kind: 'step', step })
    onward.leaf(trail, step)
  }

  const visit = (what: Passed): void => {
    switch (what.kind) {
      case 'part':
        return onward.holder(trail, what.step, what.path)
      case 'scope':
        return onward.entrance(trail, what.scope, what.owner)
      case 'other':
        if (what.source) note(what.source)
        return what.visit(trail)
      case 'asked':
        return
    }
  }

  const trail: Trail = {
    step(step, how) {
      const known = ofSteps[step.number]!
      if (known === -1) ofSteps[step.number] = add(step, how)
      else meet(known, how)
    },
    siblings({ first, list, siblings: { uses } }, place) {
      for (let at = uses.start[place]!; at < uses.start[place + 1]!; at++) {
        const other = uses.list[at]!
        const known = ofSteps[first + other]!
        if (known === -1) ofSteps[first + other] = add(list[other]!, DATA)
        else meet(known, DATA)
      }
    },
    part(step, path, how) {
      keyed(`${step.id} ${JSON.stringify(path)}`, how, () => ({ kind: 'part', step, path }))
    },
    scope(scope, owner) {
      const known = ofScopes[scope.number]!
      if (known === -1) ofScopes[scope.number] = add({ kind: 'scope', scope, owner }, CONTROL)
      else meet(known, CONTROL)
    },
    other(key, how, next, source) {
      keyed(key, how, () => ({ kind: 'other', visit: next, source }))
    },
    follow() {
      for (let at = 0; at < queues.length; ) {
        const queue = queues[at]!
        if (heads[at] === queue.length) {
          at += 1
          continue
        }
        const node = queue[heads[at]!]!
        heads[at]! += 1
        if (isVisited[node]) continue
        isVisited[node] = true
        current = node
        strength = at
        const what = passed[node]!
        if ('role' in what) visitStep(what)
        else visit(what)
        // Nothing is stronger than what it is found through, so no earlier queue has grown.
      }
    },
    found,
    passage() {
      // The value has number 0 here and comes last there.
      const count = passed.length
      const turned = (node: number): number => count - 1 - node
      const tape = buildTape(count, { from: edgeFrom.map(turned), to: edgeTo.map(turned) })
      return { tape, sources: Int32Array.from(foundOf).reverse() }
    },
  }
  return trail
}
