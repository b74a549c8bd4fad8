/** The first bad version, found by running versions. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { firstBad, type Verdict } from '../../src/cli/versions/bisect.ts'
import { type BisectFlags, bisectCommand } from '../../src/cli/commands/bisect.ts'
import { showCommand } from '../../src/cli/commands/inspect.ts'
import { publishCommand } from '../../src/cli/commands/publish.ts'
import type { Io } from '../../src/cli/io.ts'
import { tutti } from '../cli/rig.ts'
import { type Inside, inside } from './inside.ts'

describe('halving', () => {
  test('B1, B2: the neighbours are found, each is tried at most once, and no more than need be', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }).chain(last =>
          fc.record({
            last: fc.constant(last),
            first: fc.integer({ min: 1, max: last }),
            skipped: fc.uniqueArray(fc.integer({ min: 1, max: last }), { maxLength: 12 }),
          }),
        ),
        async ({ last, first, skipped }) => {
          const tried: number[] = []
          const found = await firstBad(0, last, async (index): Promise<Verdict> => {
            tried.push(index)
            if (skipped.includes(index)) return 'skip'
            return index < first ? 'good' : 'bad'
          })
          expect(new Set(tried).size).toBe(tried.length)
          expect(tried.every(index => index > 0 && index < last)).toBe(true)
          expect(tried.length).toBeLessThanOrEqual(Math.ceil(Math.log2(last + 1)) + skipped.length)
          if (found.kind === 'stopped') throw new Error('nobody stopped it')
          expect(found.good).toBeLessThan(first)
          expect(found.bad).toBeGreaterThanOrEqual(first)
          for (const index of [found.good, found.bad])
            expect(index === 0 || index === last || tried.includes(index)).toBe(true)
          const between = Array.from({ length: found.bad - found.good - 1 }, (_, at) => found.good + 1 + at)
          expect(between.every(index => skipped.includes(index))).toBe(true)
          expect(found.kind).toBe(between.length === 0 ? 'found' : 'open')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('one that cannot be tried leaves the others halved: 7 versions, 3 and 4 are passed over, 6 is the first bad one', async () => {
    const tried: number[] = []
    await firstBad(0, 7, async index => {
      tried.push(index)
      return index === 3 || index === 4 ? 'skip' : index < 6 ? 'good' : 'bad'
    })
    expect(tried.length).toBeLessThanOrEqual(5)
  })

  test('it stops when it is told to', async () => {
    expect(await firstBad(0, 8, async () => 'stop')).toEqual({ kind: 'stopped' })
  })
})

/** `slow` never changes; from 3 on the answer is another one, from 5 on it fails for 13; 1 takes another parameter. */
const text = (index: number): string => `
import { effect, task, workflow } from 'tutti'
const slow = task((n: number): number => n)
const answer = effect((n: number): number => {
  if (${index} >= 5 && n === 13) throw new Error('no luck, ${index}')
  return n * ${index >= 3 ? 2 : 1}
}, { timeout: '${index + 10}s' })
export const w = workflow((${index === 1 ? 'm' : 'n'}: number) => answer(slow(${index === 1 ? 'm' : 'n'})))
`

const VERSIONS = 8
let project: Inside
let numbers: readonly string[] = []

beforeAll(async () => {
  project = inside({ 'tutti.ts': text(0) })
  const made: string[] = []
  for (let index = 0; index < VERSIONS; index++) {
    project.write(text(index))
    const [published] = await project.json(io => publishCommand(io, [], { message: `number ${index}`, json: true }))
    made.push(String(published?.['version']))
  }
  numbers = made
})

const bisect =
  (n: number, flags: BisectFlags = {}) =>
  (io: Io): Promise<number> =>
    bisectCommand(io, [], { good: numbers[0] ?? '', bad: numbers.at(-1) ?? '', param: [`n=${n}`], ...flags })
const json = (n: number, flags: BisectFlags = {}) => project.json(bisect(n, { ...flags, json: true }))

interface Probe {
  readonly version: string
  readonly verdict: Verdict
  readonly run?: string
}

async function found(n: number, flags: BisectFlags = {}) {
  const lines = await json(n, flags)
  const probes = lines.slice(0, -1) as unknown as readonly Probe[]
  const last = lines.at(-1) as { readonly kind?: string; readonly version?: string; readonly before?: string }
  const indexOf = (number = ''): number => numbers.indexOf(number)
  return {
    tried: probes.map(({ version, verdict }) => `${indexOf(version)} ${verdict}`),
    runs: probes.flatMap(({ run }) => run ?? []),
    bad: last.kind === 'first-bad' ? indexOf(last.version) : undefined,
    before: indexOf(last.before),
  }
}

test('the first one whose run fails', async () => {
  expect(await found(13)).toMatchObject({ tried: ['0 good', '7 bad', '3 good', '5 bad', '4 good'], bad: 5, before: 4 })
})

test('the first one in which a step fails', async () => {
  expect(await found(13, { step: 'answer' })).toMatchObject({ bad: 5 })
  expect(await project.refusal(bisect(13, { step: 'slow' }))).toMatchObject({ code: 'BISECT_NOT_BAD' })
})

test('the first one that gives something else; one that takes other parameters is passed over', async () => {
  expect(await found(2, { outputDiffers: true })).toMatchObject({
    tried: ['0 good', '7 bad', '3 bad', '1 skip', '2 good'],
    bad: 3,
    before: 2,
  })
})

test('told in text, with its changes and the way to see them', async () => {
  const { code, out, err } = await project.run(bisect(2, { outputDiffers: true }))
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe(`w@${numbers[3]} is the first bad version`)
  expect(out).toContain('number 3')
  expect(out).toMatch(/code of answer changed/)
  expect(out).toContain(`tutti diff w@${numbers[2]} w@${numbers[3]}`)
  expect(err).toMatch(new RegExp(`^${numbers[7]} is bad: another output \\(.*run w-`, 'm'))
})

test('a command decides: it has the output on stdin, and what it is about in its environment', async () => {
  const line =
    'test "$TUTTI_STATUS" = succeeded && test -n "$TUTTI_RUN" && test -n "$TUTTI_VERSION" && test "$(cat)" != 4'
  expect(await found(2, { check: line })).toMatchObject({ bad: 3, before: 2 })
})

test('results of steps that are fresh are used again', async () => {
  const { runs } = await found(26, { outputDiffers: true })
  const begun = await Promise.all(
    runs.map(run =>
      project.json(io => showCommand(io, run, { json: true })).then(events => events.filter(isStartOfSlow)),
    ),
  )
  expect(runs.length).toBeGreaterThan(3)
  expect(begun.flat()).toHaveLength(1)
})

const isStartOfSlow = ({ kind, step }: Readonly<Record<string, unknown>>): boolean =>
  kind === 'attempt.started' && step === 'slow'

describe('refused', () => {
  test.each<{ readonly flags: BisectFlags; readonly code: string; readonly exit: number }>([
    { flags: {}, code: 'BISECT_NOT_BAD', exit: 3 },
    { flags: { check: 'exit 1' }, code: 'BISECT_NOT_GOOD', exit: 3 },
    { flags: { check: 'exit 125' }, code: 'BISECT_UNTRIED', exit: 3 },
    { flags: { check: 'exit 130' }, code: 'CHECK_ABORTED', exit: 3 },
    { flags: { check: 'kill -9 $$' }, code: 'CHECK_ABORTED', exit: 3 },
    { flags: { param: ['x=2'] }, code: 'BISECT_UNTRIED', exit: 3 },
    { flags: { step: 'nobody' }, code: 'BISECT_UNTRIED', exit: 3 },
    { flags: { check: 'true', step: 'slow' }, code: 'USAGE', exit: 2 },
    { flags: { good: '9.9.9' }, code: 'VERSION_UNKNOWN', exit: 2 },
  ])('$flags: $code', async ({ flags, ...expected }) => {
    expect(await project.refusal(bisect(2, flags))).toMatchObject(expected)
  })

  test('all between are passed over', async () => {
    const line = `case "$TUTTI_VERSION" in ${numbers[0]}) exit 0;; ${numbers[7]}) exit 1;; *) exit 125;; esac`
    const refused = await project.refusal(bisect(2, { check: line }))
    expect(refused).toMatchObject({ code: 'BISECT_OPEN', exit: 3 })
    expect(refused.err).toContain(numbers.slice(1).join(', '))
  })

  test('versions in the wrong order', async () => {
    const [first = '', second = ''] = numbers
    expect(await project.refusal(bisect(2, { good: second, bad: first }))).toMatchObject({
      code: 'BISECT_ORDER',
      exit: 2,
    })
    expect(await project.refusal(bisect(2, { good: first, bad: first }))).toMatchObject({ code: 'BISECT_ORDER' })
  })
})

test('as it is typed', { timeout: 60_000 }, async () => {
  const words = ['bisect', '--good', numbers[0] ?? '', '-p', 'n=2', '--check', 'test "$(cat)" != 4']
  const { code, out } = await tutti(words, { cwd: project.folder })
  expect([code, out.split('\n')[0]]).toEqual([0, `w@${numbers[3]} is the first bad version`])
  expect(await tutti(['bisect'], { cwd: project.folder })).toMatchObject({ code: 2 })
})
