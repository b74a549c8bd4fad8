/** Workflows as state machines: what can be said, in which states, and what cannot, and where. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadFile } from '../../../src/cli/file.ts'
import { bindMachine } from '../../../src/lang/asl/bind.ts'
import { type Exported, exportAsl } from '../../../src/lang/asl/export/index.ts'
import { parseDefinition } from '../../../src/lang/asl/parse/definition.ts'
import { workflowOf } from '../../../src/lang/open.ts'
import type { AnyWorkflow } from '../../../src/run/embed.ts'
import type { Json } from '../../../src/util/json.ts'
import { runnableOf, simulateRunnable } from '../../../src/sim/simulate.ts'

const HEAD = `import { any, attempt, cancel, critical, each, effect, env, flow, loop, match, net, output, pool, race, scope, secret, signal, sleep, some, task, until, when, workflow } from 'tutti'
const a = effect((x: unknown) => ({ a: x }))
const b = effect((x: unknown) => ({ b: x }))
const same = effect((x: unknown) => x)
const pair = effect((x: unknown, y: unknown) => [x, y])
const less = effect((n: number) => ({ n: n - 1, isZero: n - 1 === 0 }))
const fails = effect((x: unknown) => { throw Object.assign(new Error('no'), { name: 'Refused' }) })
const drain = flow(async (n: number) => n)
const approval = signal()
export const inner = workflow((y: number) => ({ got: a(y) }))
`

/** What a workflow is, in Tutti, and the states that say it, in their order; those inside of a state in brackets. */
const SAID: readonly (readonly [name: string, body: string, states: string])[] = [
  ['steps in a row', '(x: number) => b(a(x))', 'a, b, end'],
  [
    'fan-out and fan-in',
    '(x: number) => { const one = a(x); return pair(a(one), b(one)) }',
    'one, a, b [a, a end | b, b end], pair, end',
  ],
  ['order without data', '(x: number) => { const one = a(x); b(2).after(one); return one }', 'one, b, end'],
  [
    'two rows side by side',
    '(x: number) => { b(a(1)); return b(a(x)) }',
    'a, a~2 [a, b, b end | a~2, b~2, b~2 end], end',
  ],
  [
    'when',
    '(x: { ok: boolean }) => when(x.ok, () => a(x), () => b(1))',
    'when, when.then/a, when.then/result, when.otherwise/b, when.otherwise/result, end',
  ],
  ['when without a reader', '(x: { ok: boolean }) => { when(x.ok, () => a(x)) }', 'when, when.then/a, end'],
  [
    'match',
    "(x: { kind: 'p' | 'q' }) => match(x, 'kind', { p: v => a(v), q: v => b(v.kind) })",
    'match, match.p/a, match.p/result, match.q/b, match.q/result, match.no branch, end',
  ],
  [
    'any',
    '(x: number) => any({ p: [true, () => a(x)], q: [false, () => b(x)] })',
    'any [any.p, any.p/a, any.p/end, any.p.not taken | any.q, any.q/b, any.q/end, any.q.not taken], end',
  ],
  [
    'any with otherwise',
    '(x: number) => any({ p: [false, () => a(x)] }, () => b(x))',
    'any, any 2 [any.p, any.p/a, any.p/end, any.p.not taken], any.otherwise/b, any.otherwise/result, end',
  ],
  [
    'each',
    '(xs: number[]) => each(xs, (x, i) => pair(x, i), { key: (x, i) => i, concurrency: 2 })',
    'each [each/begin, each/pair, each/end], end',
  ],
  [
    'each in each',
    '(xs: number[][]) => each(xs, ys => each(ys, y => pair(y, ys)))',
    'each [each/begin, each/each [each/each/begin, each/each/pair, each/each/end], each/end], end',
  ],
  [
    'batches',
    '(xs: number[]) => each(xs, batch => a(batch), { batch: 2 })',
    'each [each/begin, each/a, each/end], end',
  ],
  [
    'loop while',
    '(n: number) => loop({ left: n, seen: 0 }, s => ({ left: a(s.seen), seen: n }), { while: (s, turn) => true, limit: 3 })',
    'loop/begin, loop.limit, loop, loop/left, loop/turn, end',
  ],
  [
    'attempt',
    '(x: number) => attempt(() => a(x), { catch: { TIMEOUT: e => b(e.message), else: e => a(e.code) }, retry: 2 })',
    'attempt [attempt/a, attempt/end], attempt.catch/b, attempt.catch/result, attempt.catch2/a, attempt.catch2/result, end',
  ],
  ['sleep', "(x: number) => { const one = a(x); sleep('2s').after(one); return one }", 'one, sleep, end'],
  ['a signal', "() => approval.wait({ timeout: '3d' })", 'approval, end'],
]

/** The same, for what it gives: a machine's tasks are the workflow's own functions. */
const RUN: readonly (readonly [body: string, input: Input])[] = [
  ['(x: number) => { const one = a(x); return { one, two: pair(b(one), same(one.a)) } }', { x: 5 }],
  ['(x: { ok: boolean }) => when(x.ok, () => a(x), () => b(1))', { x: { ok: true } }],
  ['(x: { ok: boolean }) => [when(x.ok, () => a(x), () => b(1)), 7, null]', { x: { ok: false } }],
  [
    "(x: { kind: 'p' | 'q', n: number[] }) => match(x, 'kind', { p: v => a(v.n[0]), q: v => b(v.n.length) })",
    { x: { kind: 'q', n: [1, 2] } },
  ],
  [
    "(x: { kind: 'p' | 'q', n: number[] }) => match(x, 'kind', { p: v => a(v.n[0]), q: v => b(v.n.length) })",
    { x: { kind: 'p', n: [[4]] } },
  ],
  ['(x: number) => any({ p: [true, () => a(x)], q: [true, () => b(x)] }, () => same(0))', { x: 1 }],
  ['(xs: number[]) => each(xs, (x, i) => pair(x, i), { concurrency: 2 })', { xs: [[], [3], null, 'x'] }],
  ['(xs: number[]) => each(xs, x => a(x))', { xs: [] }],
  [
    '(xs: number[][], z: number) => each(xs, ys => each(ys, y => pair(y, pair(z, ys))))',
    { xs: [[1], [2, 3], []], z: 9 },
  ],
  ['(xs: number[]) => each(xs, batch => a(batch), { batch: 2 })', { xs: [1, 2, 3] }],
  ['(n: number) => loop({ n, isZero: false }, s => less(s.n), { until: s => s.isZero })', { n: 3 }],
  ['(n: number) => loop({ n, isZero: true }, s => less(s.n), { until: (s, turn) => s.isZero, limit: 9 })', { n: 2 }],
  [
    '(x: number) => attempt(() => { fails(x); return a(x) }, { catch: { Refused: e => b(x), else: e => a(x) }, retry: 1 })',
    { x: 1 },
  ],
  ['(x: number) => attempt(() => pair(a(x), x), { catch: e => b(x) })', { x: 1 }],
  [
    "(x: number) => { sleep('2s'); const text = '{% 1 %}'; return { text, 'a b': same({ 'c`d': x, list: [] }) } }",
    { x: 1 },
  ],
  [
    '(x: { deep: { list: number[] } }) => { const one = same(x); return { first: one.deep.list[0], all: one.deep.list, many: one.deep.list.length } }',
    { x: { deep: { list: [8] } } },
  ],
  ['(x: number) => [inner(x), inner(2)]', { x: 1 }],
]
type Input = Readonly<Record<string, unknown>>

/** Each says something that no state says; `¦` stands where the diagnostic points. */
const UNSAID: readonly (readonly [body: string, message: string])[] = [
  ['(x: number) => ¦drain(x)', 'a flow, whose steps are known only while it runs'],
  ["() => a(¦env('HOME', ''))", 'a source (env)'],
  ['(x: number) => ¦race({ p: () => a(x), q: () => b(x) })', 'race(), since a Parallel waits for all of its branches'],
  ["(x: number) => ¦a(output('dist'))", 'the output dist'],
  ["(x: number) => ¦a(secret('TOKEN'))", 'the secret TOKEN'],
  ['(x: number) => ¦a(new Date(0))', 'a value that JSON does not have'],
  [
    '(xs: number[]) => ¦each(xs, x => a(x), { tolerate: 1 })',
    'tolerate of an each whose items see what is around them',
  ],
  ['(x: number) => ¦attempt(() => a(x), { finally: () => b(1) })', 'finally'],
]

const exportOf = (bodies: readonly string[], index: number) => `export const w${index} = workflow(${bodies[index]})`
const BODIES = [...SAID.map(([, body]) => body), ...UNSAID.map(([body]) => body), ...RUN.map(([body]) => body)]
const LINES = BODIES.map((_, index) => exportOf(BODIES, index))

const dir = mkdtempSync(join(tmpdir(), 'tutti-export-'))
let file: Awaited<ReturnType<typeof loadFile>>
beforeAll(async () => {
  mkdirSync(join(dir, 'node_modules'))
  writeFileSync(
    join(dir, 'tutti.ts'),
    [...HEAD.trimEnd().split('\n'), ...LINES.map(line => line.replace('¦', ''))].join('\n'),
  )
  file = await loadFile(join(dir, 'tutti.ts'), dir)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const exported = (index: number): Exported => exportAsl(file.runnable(`w${index}`).graph)

describe('what can be said', () => {
  test.each(SAID.map((row, index) => [...row, index] as const))('%s', (_, __, states, index) => {
    const { machine, problems } = exported(index)
    expect(problems).toEqual([])
    expect(outline(machine as unknown as Machine)).toBe(states)
  })
})

test('AE2: what is exported twice is the same, byte for byte', () => {
  for (const [index, [name]] of SAID.entries())
    expect(JSON.stringify(exported(index)), name).toBe(JSON.stringify(exported(index)))
})

describe('what cannot be said is named, and there is no machine', () => {
  test.each(UNSAID.map((row, index) => [...row, index + SAID.length] as const))('%s', (_, message, index) => {
    const { machine, problems } = exported(index)
    expect(machine).toBeUndefined()
    const first = problems[0]
    expect(first?.message).toContain(message)
    const line = LINES[index] ?? ''
    expect(first?.at).toMatchObject({
      column: line.indexOf('¦') + 1,
      line: HEAD.trimEnd().split('\n').length + index + 1,
    })
  })
})

describe('AE1: it is accepted, and gives what the workflow gives', () => {
  test.each(RUN.map((row, index) => [...row, index + SAID.length + UNSAID.length] as const))(
    '%s of %j',
    async (_, input, index) => {
      const runnable = file.runnable(`w${index}`)
      const { machine, problems, resources } = exportAsl(runnable.graph)
      expect(problems).toEqual([])
      const parsed = parseDefinition({ path: 'w.asl.json', text: JSON.stringify(machine) })
      if (!parsed.ok) expect(parsed.error).toEqual([])
      const bindings = Object.fromEntries(
        resources.map(({ arn, task }) => [arn, ({ args }: { args: readonly unknown[] }) => called(task, args)]),
      )
      const called = (task: string, args: readonly unknown[]): unknown => {
        const definition = runnable.bindings.definitions.get(task)
        return definition && 'fn' in definition ? definition.fn(...args) : never()
      }
      const bound = bindMachine({ machine: parsed.ok ? parsed.value.machine : never() }, { name: 'exported', bindings })
      const options = { real: 'all' as const }
      const ours = await simulateRunnable(runnable, { ...options, args: input })
      const theirs = await simulateRunnable(runnableOf(workflowOf(bound) as AnyWorkflow), {
        ...options,
        args: { input },
      })
      expect(outputOf(theirs)).toEqual(outputOf(ours))
    },
  )
})

const never = (): never => {
  throw new Error('refused')
}

/** What is undefined in Tutti is null in a machine. */
const outputOf = (simulation: Awaited<ReturnType<typeof simulateRunnable>>): unknown =>
  simulation.status === 'succeeded'
    ? JSON.parse(JSON.stringify(simulation.output, (_, value: unknown) => (value === undefined ? null : value)))
    : simulation

/** Of each type of state, nested, in both languages. */
const MACHINES: readonly Json[] = [
  { StartAt: 'end', States: { end: { Type: 'Pass', Result: '$.x', End: true } } },
  {
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 60,
    StartAt: 'A#1',
    States: {
      'A#1': { Type: 'Choice', Choices: [{ Condition: '{% $states.input.x %}', Next: 'M' }], Default: 'F' },
      M: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'P',
          States: {
            P: {
              Type: 'Parallel',
              Branches: [
                { StartAt: 'T', States: { T: { Type: 'Task', Resource: 'f', End: true } } },
                { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, End: true } } },
              ],
              Retry: [{ ErrorEquals: ['States.ALL'] }],
              End: true,
            },
          },
        },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'F' }],
        Next: 'S',
      },
      S: { Type: 'Succeed' },
      F: { Type: 'Fail' },
    },
  },
  {
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 %}', Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'x.$': '$' }, End: true },
    },
  },
]

describe('AE3: what was a state machine is exported as itself', () => {
  test.each(MACHINES)('%j', machine => {
    const parsed = parseDefinition({ path: 'm.asl.json', text: JSON.stringify(machine) })
    const { graph } = bindMachine({ machine: parsed.ok ? parsed.value.machine : never() }, { name: 'm' })
    expect(exportAsl(graph)).toEqual({ machine, problems: [], resources: [] })
  })
})

interface Machine {
  readonly StartAt: string
  readonly States: {
    readonly [name: string]: { readonly Branches?: readonly Machine[]; readonly ItemProcessor?: Machine }
  }
}

const outline = ({ StartAt, States }: Machine): string => {
  const said = Object.entries(States).map(([name, { Branches, ItemProcessor }]) => {
    const inside = Branches ?? (ItemProcessor ? [ItemProcessor] : [])
    return inside.length === 0 ? name : `${name} [${inside.map(outline).join(' | ')}]`
  })
  return said[0]?.startsWith(StartAt) ? said.join(', ') : `${StartAt}: ${said.join(', ')}`
}
