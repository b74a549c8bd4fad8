/** Random graphs of every kind of node, and random edits of them (D1 to D3, M1). */
import { describe, expect, test } from 'vitest'
import { type Graph, type Node, placedNodes, type Region } from '../../src/core/index.ts'
import { type Change, difference, matchedPaths } from '../../src/versions/index.ts'
import { diceOf, type Dice } from '../core/dice.ts'
import { generate } from '../sim/generate.ts'
import { bareFace } from './rig.ts'

const SEEDS = Array.from(
  { length: Number(process.env.SEEDS ?? 40) },
  (_, index) => index + Number(process.env.FROM ?? 0),
)

type Fields = { readonly [key: string]: unknown }

/** A copy of plain data with each object in it, the inner ones first, as `change` makes it. */
function rewritten(value: unknown, change: (object: Fields) => Fields): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(each => rewritten(each, change))
  return change(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewritten(inner, change)])))
}

const isNode = (object: Fields): boolean => Array.isArray(object.after) && 'id' in object && 'policy' in object
const isRegion = (object: Fields): boolean => Array.isArray(object.nodes) && 'result' in object

const edited = (graph: Graph, change: (object: Fields) => Fields): Graph => ({
  ...graph,
  root: rewritten(graph.root, change) as Region,
})

function shuffled<T>(dice: Dice, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(dice.roll(left.length), 1)[0]!)
}

/** Every id in every region, and whatever refers to it. */
const renamed = (graph: Graph, name: (id: string) => string): Graph =>
  edited(graph, object => {
    if (object.kind === 'node' && 'up' in object) return { ...object, node: name(String(object.node)) }
    if (!isNode(object)) return object
    const node = object as unknown as Node
    const own = { ...object, id: name(node.id), name: name(node.name), after: node.after.map(name) }
    if (node.kind === 'cancel') return { ...own, target: { ...node.target, node: name(node.target.node) } }
    return node.kind === 'scope' && node.until !== undefined ? { ...own, until: name(node.until) } : own
  })

describe.each(SEEDS)('of seed %i', seed => {
  const { graph } = generate(diceOf(seed))
  const changesTo = (after: Graph): readonly Change[] => difference(bareFace(graph), bareFace(after))

  test('D1. nothing is different from itself, in whatever order its steps stand', () => {
    expect(changesTo(JSON.parse(JSON.stringify(graph)) as Graph)).toEqual([])
    const dice = diceOf(seed + 1)
    const other = edited(graph, object =>
      isRegion(object) ? { ...object, nodes: shuffled(dice, object.nodes as readonly unknown[]) } : object,
    )
    expect(changesTo(other)).toEqual([])
  })

  test('D3. other ids are renames, and nothing else', () => {
    const changes = changesTo(renamed(graph, id => `x${id}`))
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['step.renamed']))
    expect(changes).toHaveLength(countOf(graph))
  })

  test('an edit is found, and nothing else', () => {
    const dice = diceOf(seed + 2)
    for (const edit of EDITS) {
      const made = edit(graph, dice)
      if (made) expect(changesTo(made.graph).map(briefOf), edit.name).toEqual(made.changes)
    }
  })

  test('D2, M1. the way back is the mirror image', () => {
    const dice = diceOf(seed + 3)
    let after = graph
    for (let count = 0; count < 6; count++) after = dice.pick(EDITS)(after, dice)?.graph ?? after
    const [there, back] = [difference(bareFace(graph), bareFace(after)), difference(bareFace(after), bareFace(graph))]
    expect(back.map(mirrored).map(bareOf).sort()).toEqual(there.map(bareOf).sort())
    const pairs = [...matchedPaths(bareFace(graph), bareFace(after))]
    const others = [...matchedPaths(bareFace(after), bareFace(graph))]
    expect(others.map(([to, from]) => `${from} ${to}`).sort()).toEqual(pairs.map(pair => pair.join(' ')).sort())
  })
})

/** Bodies of undos are steps, too. */
function countOf(graph: Graph): number {
  let count = 0
  rewritten(graph.root, object => {
    if (isNode(object)) count++
    return object
  })
  return count
}

interface Made {
  readonly graph: Graph
  readonly changes: readonly string[]
}

/** Undefined: the graph has no place for it. */
type Edit = (graph: Graph, dice: Dice) => Made | undefined

/** Does something to one node, which is known by its object. */
function at(graph: Graph, dice: Dice, fits: (node: Node) => boolean, change: (node: Node) => unknown) {
  const placed = [...placedNodes(graph.root)].filter(({ node }) => fits(node))
  if (placed.length === 0) return undefined
  const { node, path } = dice.pick(placed)
  const replace = (region: Region): Region => replaceIn(region, node, change)
  return { path, node, graph: { ...graph, root: replace(graph.root) } }
}

function replaceIn(value: unknown, node: Node, change: (node: Node) => unknown): Region {
  const walk = (each: unknown): unknown => {
    if (each === node) return change(node)
    if (typeof each !== 'object' || each === null) return each
    return Array.isArray(each)
      ? each.map(walk)
      : Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(value) as Region
}

const always = (): boolean => true

const EDITS: readonly Edit[] = [
  function priority(graph, dice) {
    const made = at(graph, dice, always, node => ({ ...node, policy: { ...node.policy, priority: 77 } }))
    return made && { ...made, changes: [`step.changed ${made.path} policy.priority`] }
  },
  function name(graph, dice) {
    const made = at(graph, dice, always, node => ({ ...node, name: 'shown' }))
    return made && { ...made, changes: [`step.renamed ${made.path}`] }
  },
  function argument(graph, dice) {
    const made = at(
      graph,
      dice,
      ({ kind }) => kind === 'task' || kind === 'effect' || kind === 'flow',
      node => ({ ...node, args: [...(node as { args: readonly unknown[] }).args, { kind: 'literal', value: 'more' }] }),
    )
    const { length } = (made?.node as { args?: readonly unknown[] } | undefined)?.args ?? []
    return made && { ...made, changes: [`step.changed ${made.path} args[${length}]`] }
  },
  function turn(graph, dice) {
    const made = at(
      graph,
      dice,
      ({ kind }) => kind === 'loop',
      node => ({ ...node, limit: 99 }),
    )
    return made && { ...made, changes: [`step.changed ${made.path} limit`] }
  },
  function kind(graph, dice) {
    const made = at(
      graph,
      dice,
      ({ kind }) => kind === 'task',
      node => ({ ...node, kind: 'effect' }),
    )
    return made && { ...made, changes: [`step.changed ${made.path} kind`] }
  },
  function added(graph) {
    const node = {
      kind: 'task',
      id: 'new',
      name: 'new',
      task: 'new',
      args: [],
      after: [],
      policy: {},
      executor: 'inline',
    }
    if (graph.root.nodes.some(({ id }) => id === 'new')) return undefined
    return {
      graph: { ...graph, root: { ...graph.root, nodes: [node as Node, ...graph.root.nodes] } },
      changes: ['step.added new'],
    }
  },
  function edge(graph, dice) {
    const [first] = graph.root.nodes
    const last = graph.root.nodes.at(-1)
    if (!first || !last || first === last || JSON.stringify(last).includes(`"${first.id}"`)) return undefined
    if (dice.roll(2) === 0) return undefined
    const root = replaceIn(graph.root, last, node => ({ ...node, after: [...node.after, first.id] }))
    return { graph: { ...graph, root }, changes: [`edge.added ${first.id} ${last.id}`] }
  },
]

function briefOf(change: Change): string {
  switch (change.kind) {
    case 'step.changed':
      return `${change.kind} ${change.step.path} ${change.field}`
    case 'step.added':
    case 'step.removed':
    case 'step.renamed':
      return `${change.kind} ${change.step.path}`
    case 'edge.added':
    case 'edge.removed':
      return `${change.kind} ${change.from.path} ${change.to.path}`
    default:
      return change.kind
  }
}

const MIRRORED: { readonly [kind: string]: string } = {
  'step.added': 'step.removed',
  'step.removed': 'step.added',
  'edge.added': 'edge.removed',
  'edge.removed': 'edge.added',
}

function mirrored(change: Change): Change {
  const kind = MIRRORED[change.kind] ?? change.kind
  if (change.kind === 'step.renamed') return { ...change, before: change.step, step: change.before }
  return (
    'field' in change ? { ...change, kind, before: change.after, after: change.before } : { ...change, kind }
  ) as Change
}

/** What names a step may be another name on the way back. */
function bareOf(change: Change): string {
  const { step: _, from: __, to: ___, ...rest } = change as Fields
  return JSON.stringify(rest, (_key, value) => (value === undefined ? 'none' : value))
}
