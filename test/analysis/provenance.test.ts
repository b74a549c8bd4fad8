/**
 * Provenance: of small runs, told line by line; of random runs, by changing what a value is said not to hang on, and looking
 * whether it changes (L2).
 */
import { describe, expect, test } from 'vitest'
import {
  type Found,
  forward,
  newRecording,
  pathCount,
  provenanceOf,
  type RanStep,
  type RunRecord,
} from '../../src/analysis/index.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Expr, Graph, Node, Path, Region } from '../../src/core/graph/graph.ts'
import { diceOf } from '../core/dice.ts'
import * as short from '../observe/log.ts'
import { faultPlan, knobsOf } from '../sim/faults.ts'
import { generate, type Kind, type Made } from '../sim/generate.ts'
import { World } from '../sim/world.ts'

/** Those whose values do not hang on who comes first. */
const KINDS: readonly Kind[] = [
  'task',
  'effect',
  'flow',
  'source',
  'when',
  'match',
  'any',
  'each',
  'call',
  'loop',
  'attempt',
  'scope',
]
/** Parts of nodes by which they would. */
const TIMELY = ['until', 'tolerate', 'more', 'deadlineMs', 'timeoutMs', 'concurrency', 'key']

interface Ran {
  readonly record: RunRecord
  /** By step id; '' is the run's result. */
  readonly values: ReadonlyMap<string, string>
}

function runOf(graph: Graph, library: Made['library'], seed: number): Ran {
  const world = new World({
    graph,
    behaviour: { library, failOneIn: 0 },
    dice: diceOf(seed),
    faults: [],
    knobs: { slow: 0, repeat: 0, choices: 1_000 } as never,
  })
  world.run()
  const { record, add } = newRecording(graph, library)
  const values = new Map<string, string>()
  for (const text of world.log) {
    const event = JSON.parse(text) as Event
    add(event)
    if (event.kind === 'step.settled' && event.outcome.kind === 'succeeded')
      values.set(event.step, event.outcome.output.inline ?? '')
    if (event.kind === 'run.ended') values.set('', event.output?.inline ?? event.status)
  }
  return { record, values }
}

/** A copy with other parts: `change` answers a part's replacement, or undefined where it stays. */
function rebuilt<T>(value: T, change: (part: object) => object | undefined): T {
  if (typeof value !== 'object' || value === null) return value
  const part = change(value) ?? value
  if (Array.isArray(part)) return part.map(each => rebuilt(each, change)) as T
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, rebuilt(inner, change)])) as T
}

/** The world of these tests makes items of the whole value of their expression, whatever form it has. */
const opaque = (part: object): object =>
  'items' in part && 'body' in part
    ? { ...part, items: { kind: 'apply', fn: 'f', args: [part.items], path: [] } }
    : part

const timeless = <T>(value: T): T =>
  rebuilt(value, part =>
    Array.isArray(part)
      ? undefined
      : Object.fromEntries(Object.entries(opaque(part)).filter(([key]) => !TIMELY.includes(key))),
  )

/** The same graph in which one step is called with one argument more: it gives something else. */
const changed = (graph: Graph, node: Node): Graph =>
  rebuilt(graph, part =>
    part === node && 'args' in node && Array.isArray(node.args)
      ? { ...node, args: [...node.args, { kind: 'literal', value: 'other' }] }
      : undefined,
  )

const isCall = (step: RanStep) => step.node.kind === 'task' || step.node.kind === 'effect'

/** What one random run says of some of its values. */
function tally(seed: number, counts: { kept: number; stirred: number; tried: number }): void {
  const made = generate(diceOf(seed), KINDS, 14)
  const graph = timeless(made.graph)
  const library = new Map([...made.library].map(([hash, region]) => [hash, timeless(region)]))
  const before = runOf(graph, library, seed)
  const dice = diceOf(seed + 1)
  const ran = [...before.record.steps.values()].filter(step => isCall(step) && before.values.has(step.id))
  if (ran.length < 3 || before.record.status !== 'succeeded') return
  const own = new Set<unknown>()
  rebuilt(graph, part => void own.add(part))
  const nodes = [...new Set(ran.map(({ node }) => node))].filter(node => own.has(node))
  for (let tries = 0; tries < 3 && nodes.length > 0; tries++) {
    const step = tries === 0 ? undefined : dice.pick(ran)
    const { found } = provenanceOf(before.record, { ...(step ? { step } : {}), path: [] })
    const within = new Set(found.flatMap(({ source }) => (source.kind === 'step' ? [source.step.node] : [])))
    const node = dice.pick(nodes)
    const after = runOf(changed(graph, node), library, seed)
    if (after.record.status !== 'succeeded') continue
    const [was, is] = [before, after].map(({ values }) => values.get(step?.id ?? ''))
    if (!within.has(node)) {
      expect(is, `seed ${seed}: ${step?.id ?? 'the result'} changes with ${node.id}`).toBe(was)
      counts.kept += 1
    } else {
      counts.tried += 1
      if (is !== was) counts.stirred += 1
    }
  }
}

test('what is not in the provenance of a value changes, and the value does not (L2); what is in it mostly does', () => {
  const counts = { kept: 0, stirred: 0, tried: 0 }
  for (let seed = 1; seed <= 40; seed++) tally(seed, counts)
  expect(counts.kept).toBeGreaterThan(15)
  expect(counts.stirred / counts.tried).toBeGreaterThan(0.5)
})

test('of runs of every kind, with faults: each is found through an earlier one (L3), and all of them make a tape', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const dice = diceOf(seed)
    const made = generate(dice)
    const behaviour = { library: made.library, failOneIn: dice.pick([0, 80, 25]) }
    const world = new World({ ...made, behaviour, dice: diceOf(seed), faults: faultPlan(dice), knobs: knobsOf(dice) })
    world.run()
    const { record, add } = newRecording(made.graph, made.library)
    for (const text of world.log) add(JSON.parse(text) as Event)
    const begun = [...record.steps.values()].filter(step => step.startedAtMs !== undefined)
    for (const step of [undefined, dice.pick(begun), dice.pick(begun)]) {
      const { found, tape } = provenanceOf(record, { ...(step ? { step } : {}), path: [] })
      for (const [index, { from = -1 }] of found.entries()) expect(from).toBeLessThan(index)
      const { sources } = tape()
      expect(sources.filter(index => index >= 0).toSorted()).toEqual(Int32Array.from(found.keys()))
    }
  }
})

const { each, effect, loop, ref, region, settle, start, task, when } = short
const at = (node: string, ...path: Path): Expr => ({ kind: 'node', node, up: 0, path })
const param = (name: string, ...path: Path): Expr => ({ kind: 'param', param: name, up: 0, path })
const record = (fields: { readonly [name: string]: Expr }): Expr => ({ kind: 'record', fields })
const list = (...items: readonly Expr[]): Expr => ({ kind: 'list', items })
const ordered = (node: Node, ...before: readonly string[]): Node => ({ ...node, after: before })

/** `lint` → data, `(lint)` → control, `!lint` → order, each with `< ` what it was found through. */
function told(root: Region, events: readonly short.Maker[], step: string | undefined, ...path: Path): string {
  const { record: run, add } = newRecording({ ...short.graph([]), root })
  for (const event of short.log(short.started, ...events)) add(event)
  const { found } = provenanceOf(run, { ...(step ? { step: run.steps.get(step)! } : {}), path })
  const names = found.map(({ source }) =>
    source.kind === 'step'
      ? source.step.id
      : source.kind === 'param'
        ? [`:${source.param}`, ...source.path].join('.')
        : source.kind,
  )
  return found
    .map(({ how, from }, index) => {
      const name = { data: names[index]!, control: `(${names[index]})`, order: `!${names[index]}` }[how]
      return from === undefined ? name : `${name}<${names[from]}`
    })
    .join(' ')
}

const cancelled = (step: string): short.Maker => settle(step, { kind: 'cancelled' })
const done = (...steps: readonly string[]): readonly short.Maker[] => steps.flatMap(id => [start(id), settle(id)])

describe('field by field (L1, L3)', () => {
  const inner = region([task('x', param('p', 'a')), task('y', param('q'))], record({ x: at('x'), y: at('y') }))
  const args = { p: record({ a: at('a'), b: at('b') }), q: at('b') }
  const called = { ...short.call('sub', { ...inner, params: ['p', 'q'] }), args } as Node
  const root = region([task('a'), task('b'), called, task('c', at('sub', 'x'))], at('c'))
  const events = done('a', 'b', 'sub/x', 'sub/y', 'c')

  test.each([
    ['through a call, its result and its argument', 'c', [], 'c sub/x<c a<sub/x'],
    ['the run’s result', undefined, [], 'c sub/x<c a<sub/x'],
    ['a field of a call', 'sub', ['y'], 'sub/y b<sub/y'],
    ['all of it', 'sub', [], 'sub/x sub/y a<sub/x b<sub/y'],
    ['a field that is not there', 'sub', ['z'], ''],
    ['a step that takes nothing', 'a', [], 'a'],
  ] as const)('%s', (_, step, path, text) => expect(told(root, events, step, ...path)).toBe(text))

  test('items by their place, and a run’s parameter by its field', () => {
    const items = list(at('a'), param('n', 'deep'))
    const body = region([task('t', { kind: 'param', param: 'item', up: 0, path: [] })], at('t'))
    const graph = { ...region([task('a'), each('all', items, body), task('z', at('all', 1))], at('z')), params: ['n'] }
    const ran = [...done('a'), short.items('all', 'x', 'y'), ...done('all[x]/t', 'all[y]/t', 'z')]
    expect(told(graph, ran, 'z')).toBe('z all[y]/t<z :n.deep<all[y]/t')
    expect(told(graph, ran, 'all', 0)).toBe('all[x]/t a<all[x]/t')
  })
})

describe('what decided', () => {
  test('a choice: the condition is control, the branch that was not taken is nothing', () => {
    const chosen = when(
      'gate',
      at('flag'),
      region([task('t', ref('a', 1))], at('t')),
      region([task('e', ref('b', 1))], at('e')),
    )
    const graph = region([task('flag'), task('a'), task('b'), chosen, task('z', at('gate'))], at('z'))
    const ran = [...done('flag', 'a', 'b'), short.choose('gate', 'then'), ...done('gate.then/t', 'z')]
    expect(told(graph, ran, 'z')).toBe('z gate.then/t<z a<gate.then/t (flag)<z')
    expect(told(graph, ran, 'gate.then/t')).toBe('gate.then/t a<gate.then/t (flag)<gate.then/t')
  })

  test('a loop: the turns before it, and the condition over each state', () => {
    const turn = region([task('t', param('state'))], at('t'))
    const repeated: Node = { ...loop('l', turn), init: at('a'), condition: param('state', 'more') }
    const graph = region([task('a'), repeated], at('l'))
    const ran = [
      ...done('a'),
      short.choose('l', 'again'),
      ...done('l[0]/t'),
      short.choose('l', 'again'),
      ...done('l[1]/t'),
      short.choose('l', 'done'),
    ]
    expect(told(graph, ran, 'l')).toBe('l[1]/t l[0]/t<l[1]/t a<l[0]/t')
    expect(told(graph, ran, 'l[0]/t')).toBe('l[0]/t a<l[0]/t')
  })

  test('an act on the world that came before; mere order after a task is nothing', () => {
    const graph = region([task('t'), effect('e', at('t')), task('u'), ordered(task('z'), 'e', 'u')], at('z'))
    expect(told(graph, done('t', 'e', 'u', 'z'), 'z')).toBe('z !e<z !t<e')
  })

  test('what acted inside of what came before; not that what was only computed there', () => {
    const acting = short.scope('s', region([task('t'), effect('e')]))
    const graph = region([acting, task('u'), ordered(task('z', at('u')), 's', 'u')], at('z'))
    expect(told(graph, done('s.body/t', 's.body/e', 'u', 'z'), 'z')).toBe('z u<z !s.body/e<z')
  })

  test('an argument that was withdrawn: what withdrew it, and of the others what they gave', () => {
    const withdraws = ordered(short.cancel('c', 't', 'run'), 'a')
    const graph = region(
      [task('a'), task('b'), task('t'), withdraws, task('z', list(at('t'))), task('y', at('b'))],
      at('z'),
    )
    const taken = task('x', at('t'), at('b'))
    const events = [...done('b'), start('t'), ...done('a'), short.grant('c'), cancelled('t'), ...done('z', 'y')]
    expect(told(graph, events, 'z')).toBe('z (c)<z')
    expect(told(graph, events, 'y')).toBe('y b<y')
    const root = region([...graph.nodes, taken], at('x'))
    expect(told(root, [...events, ...done('x')], 'x')).toBe('x b<x (c)<x')
  })
})

test('the way can be weighed in any semiring', () => {
  const graph = region([task('a'), task('b', at('a')), task('c', at('a')), task('d', list(at('b'), at('c')))], at('d'))
  const { record: run, add } = newRecording({ ...short.graph([]), root: graph })
  for (const event of short.log(short.started, ...done('a', 'b', 'c', 'd'))) add(event)
  const { found, tape } = provenanceOf(run, { path: [] })
  const { tape: graphTape, sources } = tape()
  const isSource = (name: string) => [...sources].findIndex(index => index >= 0 && idOf(found[index]!) === name)
  const ways = forward(graphTape, pathCount)
  expect([isSource('a'), isSource('d')].map(node => ways[node])).toEqual([1, 2])
  expect(sources.at(-1)).toBe(-1)
  expect(ways[graphTape.count - 1]).toBe(2)
})

const idOf = ({ source }: Found): string => (source.kind === 'step' ? source.step.id : '')
