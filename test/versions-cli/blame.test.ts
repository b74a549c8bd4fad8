/** Which version changed a step, and how it did before and since. */
import { beforeAll, describe, expect, test } from 'vitest'
import { blameCommand } from '../../src/cli/commands/blame.ts'
import { publishCommand } from '../../src/cli/commands/publish.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import type { Io } from '../../src/cli/io.ts'
import { tutti } from '../cli/rig.ts'
import { type Inside, inside } from './inside.ts'

const text = (code: string, name = 'work'): string => `
import { effect, task, workflow } from 'tutti'
const fetchAll = task((n: number): number => n)
const ${name} = effect((n: number): number => { ${code} })
export const w = workflow((n: number) => ${name}(fetchAll(n)))
`

const OK = 'return n'
const BROKEN = "if (n > 1) throw new Error('too many'); return n"

let project: Inside

/** 1.0.0 works; 1.0.1 fails for all but 1; in the third version the step has another name. */
beforeAll(async () => {
  project = inside({ 'tutti.ts': text(OK) })
  const publish = (message: string): Promise<unknown> => project.ok(io => publishCommand(io, [], { message }))
  const run = (n: number): Promise<unknown> => project.run(io => runCommand(io, [], { param: [`n=${n}`], quiet: true }))
  await publish('first')
  for (const n of [1, 2]) await run(n)
  project.write(text(BROKEN))
  await publish('count them')
  for (const n of [1, 2, 3]) await run(n)
  project.write(text(BROKEN, 'toil'))
  await publish('another name')
  await run(4)
})

const blame =
  (words: readonly string[], flags: { readonly json?: boolean } = {}) =>
  (io: Io): Promise<number> =>
    blameCommand(io, words, flags)
const json = (...words: readonly string[]) => project.json(blame(words, { json: true }))

test('a step, back through another name to the version that changed its code', async () => {
  const [toil] = await json('toil')
  expect(toil).toMatchObject({
    step: 'toil',
    kind: 'effect',
    version: '1.0.1',
    was: 'work',
    what: ['code'],
    message: 'count them',
    since: { runs: 4, attempts: 4, failed: 3, medianMs: expect.any(Number) as number },
    before: { versions: ['1.0.0'], runs: 2, attempts: 2, failed: 0, medianMs: expect.any(Number) as number },
  })
})

test('what was only taken from other runs is no attempt', async () => {
  const [step] = await json('fetchAll')
  expect(step).toMatchObject({ version: '1.0.0', what: ['added'], since: { attempts: 4, failed: 0 } })
  expect(step).not.toHaveProperty('before')
})

test('as a page', async () => {
  const page = (await project.ok(blame(['toil'])))
    .replace(/\d+s ago/, 'AGO')
    // Two that are equal are told once.
    .replace(/\d+(?:\.\d+)?m?s\b(?: → \d+(?:\.\d+)?m?s\b)?/g, 'TIME')
  expect(page).toMatchInlineSnapshot(`
    "toil (effect): w@1.0.1, AGO
      changed  code
      called   work then
      message  count them
      took     TIME  (2 successes, then 1 success)
      failed   0% → 75%  (2 attempts, then 4 attempts)
    "
  `)
})

test('as a table of all steps', async () => {
  const [head, ...rows] = (await project.ok(blame([]))).trimEnd().split('\n')
  expect(head).toMatch(/^STEP +VERSION +WHEN +WHAT +TOOK +FAILED +MESSAGE$/)
  expect(rows.map(row => row.split(/ {2,}/).filter((_, column) => [0, 1, 3, 5, 6].includes(column)))).toEqual([
    ['fetchAll', '1.0.0', 'added', '0%', 'first'],
    ['toil', '1.0.1', 'code', '0% → 75%', 'count them'],
  ])
})

test('as it was in a version', async () => {
  const [work] = await json('work', 'w@1.0.0')
  expect(work).toMatchObject({ version: '1.0.0', since: { versions: ['1.0.0'], failed: 0 } })
})

test('inside of a region, and by a pattern', async () => {
  const nested = (value: number): string => `
import { each, task, workflow } from 'tutti'
const one = task((n: number): number => n + ${value})
const sum = task((all: number[]): number => all.length)
export const w = workflow(() => sum(each([1, 2, 3], n => one(n))))
`
  const other = inside({ 'tutti.ts': nested(1) })
  for (const value of [1, 2]) {
    other.write(nested(value))
    await other.ok(io => publishCommand(io, [], {}))
    await other.ok(io => runCommand(io, [], { quiet: true }))
  }
  const found = await other.json(blame(['*/one'], { json: true }))
  expect(found).toMatchObject([
    { version: '1.0.1', what: ['code'], since: { runs: 1, attempts: 3 }, before: { runs: 1, attempts: 3 } },
  ])
  expect(await other.json(blame(['one'], { json: true }))).toEqual(found)
})

describe('bad words', () => {
  test.each([
    { words: ['tool'], code: 'STEP_UNKNOWN' },
    { words: ['toil', 'w@9.0.0'], code: 'VERSION_UNKNOWN' },
    { words: ['toil', 'v@1.0.0'], code: 'NOT_PUBLISHED' },
  ])('$words', async ({ words, code }) => {
    expect(await project.refusal(blame(words))).toMatchObject({ code, exit: 2 })
  })

  test('a near one is suggested', async () => {
    expect((await project.refusal(blame(['tool']))).err).toContain('Did you mean toil?')
  })
})

test('as it is typed', { timeout: 60_000 }, async () => {
  const { code, out } = await tutti(['blame', 'toil', 'tutti.ts', 'w', '--json'], { cwd: project.folder })
  expect([code, JSON.parse(out)]).toMatchObject([0, { step: 'toil', version: '1.0.1' }])
})
