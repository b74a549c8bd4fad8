/** What the runner of recordings itself promises: which files are cases, when a result is right, and that every case has an end. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Json } from '../../../src/util/json.ts'
import { inThreads } from '../pool.ts'
import { type Actual, type Case, caseOf, findCases } from './case.ts'
import { compareStrictly, comparerOf } from './compare.ts'
import { showScore } from './score.ts'

const SCRIPT = fileURLToPath(new URL('../../../scripts/conformance.mjs', import.meta.url))

const folderWith = (files: { readonly [path: string]: string }): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-cases-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const CASE = {
  id: 'a',
  area: 'b',
  kind: 'execution',
  needs: [],
  definition: {},
  input: 1,
  expect: { status: 'SUCCEEDED' },
}
const of = (fields: { readonly [field: string]: Json }): Case => {
  const read = caseOf({ ...CASE, ...fields })
  if (typeof read === 'string') throw new Error(read)
  return read
}

const NO_CASES: readonly (readonly [unknown, string])[] = [
  [1, 'is no JSON object'],
  [[], 'is no JSON object'],
  [{ ...CASE, kind: 'other' }, 'has no kind that is known (execution, choice, teststate, invalid, valid)'],
  [{ ...CASE, expect: {} }, 'has no expect.status'],
  [{ ...CASE, expect: undefined }, 'has no expect.status'],
  [{ kind: 'valid', expect: { status: 'VALID' } }, 'has no definition'],
]
test.each(NO_CASES)('%j is no case', (json, reason) => expect(caseOf(json)).toBe(reason))

test('a case may lack, or have more of, whatever does not change how it is run', () => {
  expect(
    of({ lambda: { f: 1, g: { behaviour: 'new' } }, mocks: 'none', s3: [{ bucket: 'b' }], later: true }),
  ).toMatchObject({
    type: 'STANDARD',
    lambda: { g: { behaviour: 'new' } },
    mocks: {},
    s3: [],
    input: 1,
  })
})

test('the cases of a folder are its JSON files, or those of the folder cases in it; others are told', () => {
  const text = JSON.stringify(CASE)
  const files = { 'b.json': text, 'a.json': text, 'no.json': '{', 'README.md': '' }
  const names = ({ cases, others }: ReturnType<typeof findCases>) =>
    [cases, others].map(list => list.map(({ file }) => file))
  const expected = [
    ['a.json', 'b.json'],
    ['README.md', 'no.json'],
  ]
  expect(names(findCases(folderWith(files)))).toEqual(expected)
  const inner = Object.fromEntries(Object.entries(files).map(([name, each]) => [`cases/${name}`, each]))
  expect(names(findCases(folderWith(inner)))).toEqual(expected)
})

const COMPARED: readonly (readonly [{ readonly [field: string]: Json }, Actual, 'PASS' | 'FAIL-output'])[] = [
  [
    { expect: { status: 'SUCCEEDED', output: { a: [1, null] } } },
    { status: 'SUCCEEDED', output: { a: [1, null] } },
    'PASS',
  ],
  [
    { expect: { status: 'SUCCEEDED', output: { a: 1 } } },
    { status: 'SUCCEEDED', output: { a: 1, b: 2 } },
    'FAIL-output',
  ],
  [{ expect: { status: 'SUCCEEDED', output: [1, 2] } }, { status: 'SUCCEEDED', output: [1] }, 'FAIL-output'],
  [{ expect: { status: 'SUCCEEDED', output: 'x__ANY__z' } }, { status: 'SUCCEEDED', output: 'xyz' }, 'PASS'],
  [{ expect: { status: 'SUCCEEDED', output: 'ab__ANY__bc' } }, { status: 'SUCCEEDED', output: 'abc' }, 'FAIL-output'],
  [{ expect: { status: 'SUCCEEDED', output: 'a__ANY__b__ANY__c' } }, { status: 'SUCCEEDED', output: 'a-b-c' }, 'PASS'],
  [{ expect: { status: 'SUCCEEDED', output: { a: '__ANY__' } } }, { status: 'SUCCEEDED', output: { a: [1] } }, 'PASS'],
  [{ expect: { status: 'SUCCEEDED' } }, { status: 'SUCCEEDED', output: 1 }, 'FAIL-output'],
  [{ expect: { status: 'FAILED', error: 'E' } }, { status: 'FAILED', error: 'E', cause: 'any' }, 'PASS'],
  [{ expect: { status: 'FAILED', error: 'E' } }, { status: 'FAILED', error: 'F' }, 'FAIL-output'],
  [{ expect: { status: 'FAILED' } }, { status: 'FAILED', error: 'F' }, 'FAIL-output'],
  [{ expect: { status: 'FAILED' } }, { status: 'SUCCEEDED' }, 'FAIL-output'],
  [{ kind: 'invalid', expect: { status: 'INVALID' } }, { status: 'INVALID', error: 'X' }, 'PASS'],
  [{ expect: { status: 'SUCCEEDED', nextState: 'A' } }, { status: 'SUCCEEDED', nextState: 'B' }, 'FAIL-output'],
]
test.each(COMPARED)('%j against %j: %s', (fields, actual, verdict) =>
  expect(compareStrictly(of(fields), actual).verdict).toBe(verdict),
)

test('a folder brings its own comparer', async () => {
  const module =
    "export const compare = (json, actual) => ({ verdict: 'FAIL-history', reason: json.id + actual.status })"
  const folder = folderWith({ 'compare.mjs': module, 'cases/a.json': JSON.stringify(CASE) })
  for (const given of [folder, join(folder, 'cases')]) {
    const { compare } = await comparerOf(given)
    expect(compare(of({}), { status: '!' })).toEqual({ verdict: 'FAIL-history', reason: 'a!' })
  }
})

test('what hangs, dies or fills its memory is lost, and the others are not', async () => {
  const module = join(
    folderWith({
      'thread.mjs': `import { parentPort } from 'node:worker_threads'
        parentPort.on('message', job => {
          if (job === 'hangs') for (;;);
          if (job === 'dies') process.exit(3)
          if (job === 'throws') throw new Error('thrown')
          if (job === 'swells') for (const all = []; ; ) all.push(new Array(100_000).fill(all.length))
          parentPort.postMessage(job + '!')
        })`,
    }),
    'thread.mjs',
  )
  const jobs = ['a', 'hangs', 'b', 'dies', 'c', 'throws', 'swells', 'd']
  const ends = new Map<string, string>()
  await inThreads<string, string>({
    module,
    jobs,
    threads: 2,
    patienceMs: 1_500,
    heapMb: 32,
    onResult: (job, result) => void ends.set(job, result),
    onLost: (job, reason) => void ends.set(job, reason),
  })
  expect(jobs.map(job => ends.get(job))).toEqual([
    'a!',
    expect.stringMatching(/^took more than 1.5 s/),
    'b!',
    'ended its thread with 3',
    'c!',
    'thrown',
    expect.stringContaining('memory'),
    'd!',
  ])
})

test('a score counts what passes in output and in all, and tells each failure', () => {
  const scored = (file: string, verdict: 'PASS' | 'FAIL-output' | 'FAIL-history') => ({
    file,
    kind: 'execution',
    area: 'wait',
    needs: [],
    verdict,
    reason: `reason of ${file}`,
  })
  const shown = showScore([scored('a', 'PASS'), scored('b', 'FAIL-output'), scored('c', 'FAIL-history')])
  expect(shown).toContain('FAIL-output b\n    reason of b\n')
  expect(shown).toMatch(/^wait +3 +2 +1 +33.3 %$/m)
  expect(shown).toMatch(/1 of 3 pass \(33.3 %\); 2 in status and output$/)
})

test('the command runs a folder, keeps what each case came to under its name, and says whether all passed', () => {
  const pass = { Type: 'Pass', Result: 1, End: true }
  const wait = { Type: 'Wait', Seconds: 86_400, Next: 'Pass' }
  const definition = { StartAt: 'Wait', States: { Wait: wait, Pass: pass } }
  const right = { ...CASE, definition, expect: { status: 'SUCCEEDED', output: 1 } }
  const wrong = { ...right, definition: { StartAt: 'Nowhere', States: { Pass: pass } } }
  const run = (files: { readonly [name: string]: unknown }) => {
    const folder = folderWith(
      Object.fromEntries(Object.entries(files).map(([name, file]) => [name, JSON.stringify(file)])),
    )
    const out = join(folder, 'out')
    const words = [SCRIPT, 'asl', folder, '--actual', out, '--threads', '1']
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    return { status, stdout, statusOf: (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')).status }
  }
  expect(run({ 'a.json': right }).status).toBe(0)
  const mixed = run({ 'a.json': right, 'b.json': wrong, 'c.json': 1 })
  expect(mixed.status).toBe(1)
  expect(mixed.stdout).toContain('no case: c.json: is no JSON object')
  expect(mixed.stdout).toContain('FAIL-output b.json')
  expect(mixed.stdout).toContain('1 of 2 pass (50.0 %)')
  expect(['a.json', 'b.json'].map(mixed.statusOf)).toEqual(['SUCCEEDED', 'INVALID'])
})
