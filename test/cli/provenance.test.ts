/** What a run's values hang on and where its time went: `provenance`, `critical`, `what-if`, and the time of an `impact`. */
import { beforeAll, describe, expect, test } from 'vitest'
import { folderWith, tutti } from './rig.ts'

const FILE = `
import { z } from 'zod'
import { each, effect, file, pool, task, when, workflow } from 'tutti'

const wait = ms => new Promise(resolve => setTimeout(resolve, ms))
const db = pool(1)
const count = task(async src => { await wait(20); return { names: ['a', 'b'], ok: true } })
const lint = task(async src => 1)
const load = task(async name => { await wait(60); return name + '!' }, { pool: db })
const ship = effect(async (what, channel) => what + ' to ' + channel)

export const ci = workflow({ channel: z.string() }, ({ channel }) => {
  const src = file('src.txt')
  const linted = lint(src)
  const counted = count(src)
  const loaded = each(counted.names, name => load(name))
  const shipped = when(counted.ok, () => ship(loaded[1], channel))
  return { shipped, linted }
})
`

let cwd = ''
const out = async (...words: readonly string[]): Promise<string> => {
  const ended = await tutti(words, { cwd })
  expect([ended.err, ended.code]).toEqual(['', 0])
  return ended.out
}

beforeAll(async () => {
  cwd = folderWith({ 'tutti.ts': FILE, 'src.txt': 'x' })
  const ran = await tutti(['run', '-p', 'channel=next', '--id', 'r1', '--quiet'], { cwd })
  expect(ran.code, ran.err).toBe(0)
})

describe('provenance', () => {
  test('a field of the result: the steps and inputs that it is made of, and what decided', async () => {
    expect(await out('provenance', 'r1', '.shipped')).toBe(`the result of r1.shipped
shipped.then/ship (effect)
├─ parameter channel
└─ loaded[1]/load
   └─ counted
      └─ src (file src.txt)
made of 3 steps and 2 inputs
`)
    expect(await out('provenance', 'r1', '.linted')).toBe(`the result of r1.linted
linted
└─ src (file src.txt)
made of 1 step and 1 input
`)
  })

  test('as JSON, and as a graph', async () => {
    const { found } = JSON.parse(await out('provenance', 'r1', 'loaded[0]/load', '--json'))
    expect(found.map(({ name, how, from }: { name: string; how: string; from?: number }) => [name, how, from])).toEqual(
      [
        ['loaded[0]/load', 'data', undefined],
        ['counted', 'data', 0],
        ['src', 'data', 1],
      ],
    )
    expect(await out('provenance', 'r1', 'linted', '--dot')).toContain('1 -> 0')
  })
})

test('critical: of a run as it was, and of the workflow by its past', async () => {
  const run = await out('critical', 'r1')
  expect(run).toMatch(/loaded\[1\]\/load +waited for the slot of loaded\[0\]\/load in the pool db/)
  expect(run).toMatch(/how much longer others may take\n.*linted/)
  const { path, steps, known } = JSON.parse(await out('critical', 'ci', '--json'))
  expect(path.map(({ shown }: { shown: string }) => shown)).toEqual(
    expect.arrayContaining(['counted', 'loaded[0]/load', 'loaded[1]/load', 'shipped.then/ship']),
  )
  expect(known).toBe(steps.length)
})

test('what if a step took another time, and a pool had more slots', async () => {
  const words = ['--step', 'loaded[*]/load', '--duration', '5s', '--pool', 'db=2', '--json']
  const { before, after, durations } = JSON.parse(await out('what-if', 'r1', ...words))
  expect(durations).toEqual([
    { step: expect.stringContaining('[0]'), ms: 5_000 },
    { step: expect.stringContaining('[1]'), ms: 5_000 },
  ])
  expect(before.makespanMs).toBeLessThan(5_000)
  expect(after.makespanMs).toBeGreaterThan(5_000)
  expect(after.makespanMs).toBeLessThan(10_000)
})

test('what ran side by side without commands is expected to do so again, however many slots commands have', async () => {
  const cwd = folderWith({
    'tutti.ts': `import { each, task, workflow } from 'tutti'
const nap = task(async n => { await new Promise(resolve => setTimeout(resolve, 200)); return n })
export const naps = workflow(() => each(Array.from({ length: 40 }, (_, n) => n), n => nap(n)))`,
  })
  await tutti(['run', '--quiet'], { cwd })
  const { out: text } = await tutti(['critical', 'naps', '--json'], { cwd, env: { TUTTI_COMMANDS_MAX: '2' } })
  const { path } = JSON.parse(text)
  expect(path).toHaveLength(1)
})

test('impact says how long what follows will take', async () => {
  expect(await out('impact', 'counted')).toMatch(/3 steps; about \d+ms to run again/)
  const { expected } = JSON.parse(await out('impact', 'counted', '--json'))
  expect(expected).toMatchObject({ steps: 4, known: 4 })
  expect(expected.makespanMs).toBeGreaterThanOrEqual(120)
})

test.each([
  ['an unknown run', ['provenance', 'r2'], 'RUN_UNKNOWN', 'Did you mean r1?'],
  ['an unknown step', ['provenance', 'r1', 'lintd'], 'STEP_UNKNOWN', 'Did you mean lint'],
  ['several steps of a name', ['provenance', 'r1', 'load'], 'STEP_AMBIGUOUS', 'loaded[0]/load, loaded[1]/load'],
  ['a branch that was not taken', ['provenance', 'r1', 'shipped.otherwise/x'], 'STEP_UNKNOWN', ''],
  ['neither a run nor a workflow', ['critical', 'cj'], 'WORKFLOW_UNKNOWN', 'ci'],
  ['a step without a duration', ['what-if', 'r1', '--step', 'linted'], 'USAGE', '--duration 10s'],
  ['a duration that is none', ['what-if', 'r1', '--step', 'linted', '--duration', 'x'], 'BAD_DURATION', ''],
  [
    'an unknown step of a run',
    ['what-if', 'r1', '--step', 'lintd', '--duration', '1s'],
    'STEP_UNKNOWN',
    'Did you mean',
  ],
  ['an unknown pool', ['what-if', 'r1', '--pool', 'dv=2'], 'POOL_UNKNOWN', 'Did you mean db?'],
  ['no change', ['what-if', 'r1'], 'USAGE', '--step test'],
])('%s', async (_, words, code, hint) => {
  const ended = await tutti(words, { cwd })
  expect(ended.code).toBe(code === 'BAD_DURATION' ? 3 : 2)
  expect(ended.err).toContain(`error ${code}`)
  expect(ended.err).toContain(hint)
})
