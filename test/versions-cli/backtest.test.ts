/** `tutti backtest` on the command line, over runs that really ran. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../cli/rig.ts'
import { type Project, projectWith } from './project.ts'

const release = (threshold: number, extra = ''): string => `import { appendFileSync } from 'node:fs'
import { effect, task, when, workflow } from 'tutti'
import { z } from 'zod'
const act = (text: string) => { appendFileSync('acts.txt', text + '\\n'); return text }
const measure = task((seed: number) => ({ score: (seed * 37) % 100, notes: 'n'.repeat(5000) }))
const publish = effect((score: number) => act('published ' + score))
const hold = effect((score: number) => act('held ' + score))
export const release = workflow({ seed: z.coerce.number() }, ({ seed }) => {
  const measured = measure(seed)
  const end = when(measured.score.to(score => score >= ${threshold}), () => publish(measured.score), () => hold(measured.score))
  return { end }
})
${extra}`

/** Scores 37, 74, 11. */
async function released(extra = ''): Promise<Project> {
  const project = projectWith(release(20, extra))
  for (const seed of [1, 2, 3]) await project.ok('run', 'release', '-p', `seed=${seed}`, '--id', `r${seed}`, '--quiet')
  return project
}

describe('past runs', () => {
  test('that come out as they did', async () => {
    const { ok, json } = await released()
    expect(await ok('backtest')).toBe('None of 3 runs would have ended differently.\n')
    expect(await json('backtest', 'tutti.ts', 'release')).toMatchObject([
      { kind: 'run', run: 'r3', status: 'succeeded', verdict: 'same' },
      { run: 'r2', verdict: 'same' },
      { run: 'r1', verdict: 'same' },
      { kind: 'summary', workflow: 'release', runs: 3, same: 3, differs: 0, unknown: 0, refused: 0, live: 0 },
    ])
  })

  test('that would have ended differently: where, and by which values; nothing is executed', async () => {
    const { folder, run, ok, json, write } = await released()
    const acts = readFileSync(join(folder, 'acts.txt'), 'utf8')
    write(release(40))
    expect(await ok('backtest')).toBe(`1 of 3 runs would have ended differently:
    1  tutti.ts:10:15  end would choose otherwise, where it chose then
       measured.score = 37
       other effects; what comes after is not known
       r1
`)
    expect((await run('backtest', '--check')).code).toBe(1)
    expect((await run('backtest', '--check', '--runs', 'r2', '--runs', 'r3')).code).toBe(0)
    const [first] = jsonLines((await run('backtest', '--json', '--runs', 'r1', '--mock', 'hold="held 37"')).out)
    expect(first).toMatchObject({
      run: 'r1',
      verdict: 'differs',
      how: ['output', 'effects', 'way'],
      open: false,
      where: {
        step: 'when',
        name: 'end',
        at: { file: 'tutti.ts', line: 10, column: 15 },
        then: 'then',
        now: 'otherwise',
        values: [{ name: 'measured.score', value: 37 }],
      },
    })
    expect(readFileSync(join(folder, 'acts.txt'), 'utf8')).toBe(acts)
    expect(await json('runs')).toHaveLength(3)
  })

  test('of which it cannot be told, and that cannot be replayed', async () => {
    const { ok, write } = await released()
    write(release(20).replace('publish(measured.score)', 'publish(measured.score.to(score => score * 1))'))
    expect(await ok('backtest')).toContain('None of 3 runs')
    write(release(20).replace('measure(seed)', 'measure(seed.to(s => s + 1))'))
    expect(await ok('backtest')).toBe(`None of 3 runs would have ended differently.
Of 3 it cannot be told:
    3  tutti.ts:9:20  measured would be called with other arguments
       r3, r2, r1
`)
    write(release(20).replace('{ seed: z', '{ to: z.string(), seed: z').replace('({ seed })', '({ to, seed })'))
    expect(await ok('backtest')).toContain('3 cannot be replayed:\n    3  parameter to is new, and has no default\n')
    write(release(20).replace('{ seed: z', '{ to: z.string().default("x"), seed: z'))
    expect(await ok('backtest')).toBe('None of 3 runs would have ended differently.\n')
  })

  test('of another version: the code of a small function as it was is asked what it gave', async () => {
    const { ok, write } = await released()
    const of = (by: number): string =>
      release(20).replaceAll('publish(measured.score)', `publish(measured.score.to(score => score + ${by}))`)
    write(of(0))
    expect(await ok('backtest', '--runs', 'last:1')).toContain('None of 1 run would')
    await ok('run', '-p', 'seed=2', '--id', 'later', '--quiet')
    write(of(1))
    expect(await ok('backtest', '--runs', 'later')).toContain('publish would be called with other arguments')
    await ok('publish')
    write(release(20))
    expect(await ok('backtest', 'release@1.0.0', '--runs', 'later')).toContain(
      'publish would be called with other arguments',
    )
    expect(await ok('backtest', '--runs', 'later')).toContain('None of 1 run would')
  })

  test('whose steps have other names now', async () => {
    const { ok, write } = await released()
    await ok('publish')
    await ok('run', '-p', 'seed=2', '--id', 'pinned', '--quiet')
    write(release(20).replaceAll('measure(', 'gauge(').replace('const measure', 'const gauge'))
    expect(await ok('backtest', '--runs', 'r1')).toContain('measured is new')
    expect(await ok('backtest', '--runs', 'r1', '--rename', 'measure=gauge')).toContain('None of 1 run would')
    // A published version tells by content.
    expect(await ok('backtest', '--runs', 'pinned')).toContain('None of 1 run would')
    // What content does not tell was said when it was published.
    write(release(20).replaceAll('measure(', 'gauge(').replace('const measure', 'const gauge').replace('* 37', '* 38'))
    expect(await ok('backtest', '--runs', 'pinned')).toContain('measured is new')
    await ok('publish', '--rename', 'measure=gauge')
    expect(await ok('backtest', '--runs', 'pinned')).toContain('None of 1 run would')
    expect(await ok('backtest', 'release@latest', '--runs', 'pinned')).toContain('None of 1 run would')
  })
})

describe('bad input', () => {
  test('is refused by name', async () => {
    const { run, refusal, write } = await released(`export const other = workflow(() => measure(1))\n`)
    await run('run', 'other', '--id', 'o1', '--quiet')
    const codes = async (...words: readonly string[]) => (await refusal('backtest', ...words)).code
    expect(await codes('release', '--runs', 'last:0')).toBe('BAD_SELECTION')
    expect(await codes('release', '--runs', 'last:2', '--runs', 'r1')).toBe('BAD_SELECTION')
    expect(await codes('release', '--runs', 'from:never')).toBe('BAD_SELECTION')
    expect(await codes('release', '--runs', 'status:good')).toBe('BAD_SELECTION')
    expect(await codes('release', '--runs', 'r9')).toBe('RUN_UNKNOWN')
    expect(await codes('release', '--runs', 'o1')).toBe('OTHER_WORKFLOW')
    expect(await codes('release', '--runs', 'status:failed')).toBe('NO_RUNS')
    expect(await codes('nothing')).toBe('WORKFLOW_UNKNOWN')
    expect(await codes('release', '--mock', 'publsh=1')).toBe('MOCK_UNKNOWN')
    expect(await codes('release', '--rename', 'measure')).toBe('USAGE')
    expect(await codes('release@1.0.0')).toBe('NOT_PUBLISHED')
    write('export const release = ')
    expect(await codes('release')).toBe('SYNTAX_ERROR')
  })

  test('where there is no store, or nothing has run', async () => {
    const { refusal, ok, write } = projectWith(release(20))
    expect((await refusal('backtest')).code).toBe('STORE_MISSING')
    await ok('run', '-p', 'seed=1', '--quiet')
    write(`${release(20)}\nexport const empty = workflow(() => measure(1))\n`)
    expect((await refusal('backtest', 'empty')).code).toBe('NO_RUNS')
  })

  test('a run whose record cannot be read is told apart', async () => {
    const { folder, ok, write } = await released()
    write(
      release(20).replace(
        'measured.score.to(score => score >= 20)',
        'measured.to(({ score, notes }) => score >= notes.length - 4980)',
      ),
    )
    expect(await ok('backtest')).toContain('None of 3 runs would have ended differently.\n')
    const blobs = join(folder, '.tutti/blobs')
    expect(existsSync(blobs)).toBe(true)
    const [{ hash } = { hash: '' }] = jsonLines(await ok('show', 'r1', '--json')).flatMap(event => valuesIn(event))
    for (const path of [
      join(blobs, hash.slice(0, 2), hash.slice(2)),
      join(blobs, hash.slice(0, 2), hash),
      join(blobs, hash),
    ])
      rmSync(path, { force: true })
    expect(await ok('backtest')).toMatch(/1 cannot be replayed:\n {4}1 {2}.*\n {7}r1\n$/)
    writeFileSync(join(folder, 'tutti.ts'), release(20))
    expect(await ok('backtest')).toContain('None of 3 runs would have ended differently.\n')
  })
})

/** Values that stand in blobs of their own. */
function valuesIn(event: unknown): readonly { readonly hash: string }[] {
  if (typeof event !== 'object' || event === null) return []
  const { codec, hash, inline } = event as { readonly codec?: string; readonly hash?: string; readonly inline?: string }
  const own = codec !== undefined && hash !== undefined && inline === undefined ? [{ hash }] : []
  return [...own, ...Object.values(event).flatMap(valuesIn)]
}
