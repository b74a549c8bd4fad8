/** `tutti check` on files of the language, and the look that every load takes: positions, properties, types, drawings. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, tutti } from './rig.ts'

const LOCKS = `import { critical, effect, ensure, lock, never, precedes, task, workflow } from 'tutti'

const from = lock()
const to = lock()
const debit = effect((n: number) => n)
const credit = effect((n: number) => n)
const look = task((n: number) => n)

export const transfer = workflow(() => {
  const seen = look(1)
  critical(from, () => critical(to, () => debit(seen)))
  critical(to, () => critical(from, () => credit(1)))
  ensure(precedes(look, debit))
})

export const fine = workflow(() => {
  critical(from, () => critical(to, () => debit(1)))
  critical(from, () => critical(to, () => credit(1)))
  ensure(never(debit, credit))
})

export const claims = workflow(() => {
  const seen = look(1)
  credit(1)
  ensure(precedes(look, credit))
  return seen
})
`
const TSCONFIG = JSON.stringify({
  compilerOptions: { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] },
  include: ['*.ts'],
})

describe('a file with several workflows', () => {
  const folder = folderWith({ 'tutti.ts': LOCKS })
  const run = (...words: readonly string[]) => tutti(words, { cwd: folder })

  test('one line, a verdict for each workflow in it, the worst as the exit code', async () => {
    const { code, out } = await run('check', '--no-types', '--json')
    expect(jsonLines(out)).toMatchObject([
      {
        file: 'tutti.ts',
        sound: false,
        violations: [{ workflow: 'transfer', kind: 'deadlock' }],
        workflows: [
          { workflow: 'claims', sound: true, properties: [{ verdict: 'violated' }] },
          { workflow: 'fine', sound: true, properties: [{ verdict: 'holds' }] },
          { workflow: 'transfer', sound: false, properties: [{ verdict: 'holds' }] },
        ],
      },
    ])
    expect(code).toBe(1)
  })

  test('who holds what and waits for what, with positions', async () => {
    const { code, out } = await run('check', '--no-types', '-w', 'transfer')
    expect(out).toContain('deadlock: ')
    expect(out).toMatch(/\(tutti\.ts:11:\d+\) waits for the lock to, which critical~2 \(tutti\.ts:12:3\) holds/)
    expect(out).toMatch(/\(tutti\.ts:12:\d+\) waits for the lock from, which critical \(tutti\.ts:11:3\) holds/)
    expect(code).toBe(1)
    expect((await run('check', '--no-types', '-w', 'fine')).code).toBe(0)
  })

  test('drawn', async () => {
    await run('check', '--no-types', '-w', 'transfer', '--svg', 'stuck.svg')
    expect(readFileSync(join(folder, 'stuck.svg'), 'utf8')).toMatch(/^<svg[\s\S]*waits[\s\S]*<\/svg>\s*$/)
    const { err } = await run('check', '--no-types', '-w', 'fine', '--svg', 'none.svg')
    expect(err).toBe('nothing is drawn: no workflow has a counterexample\n')
    expect(existsSync(join(folder, 'none.svg'))).toBe(false)
  })

  test('from another folder: positions, also those in the data, are as they are seen from there', async () => {
    const above = { cwd: dirname(folder) }
    const file = join(basename(folder), 'tutti.ts')
    const { out } = await tutti(['check', file, '--no-types', '--json'], above)
    const files = [...out.matchAll(/"file":"([^"]*)"/g)].map(([, each]) => each)
    expect(new Set(files)).toEqual(new Set([file]))
    expect((await tutti(['check', file, '--no-types', '-w', 'claims'], above)).out).toMatch(
      new RegExp(`^ {2}violated {2}precedes\\(look, credit\\) {2}${file}:`, 'm'),
    )
  })

  test('a workflow that is not there', async () => {
    const { code, err } = await run('check', '--no-types', '-w', 'transfers')
    expect(err).toContain('Did you mean transfer?')
    expect(code).toBe(3)
  })

  test('its graph as JSON gives the same verdict', async () => {
    const graph = await run('graph', 'tutti.ts', 'transfer')
    const parsed = JSON.parse(graph.out) as { readonly root: object }
    const properties = [{ kind: 'eventually', a: [{ kind: 'step', path: 'nowhere', up: 0 }] }]
    const bad = JSON.stringify({ ...parsed, root: { ...parsed.root, properties } })
    const other = folderWith({ 'graph.json': graph.out, 'bad.json': bad })
    expect((await tutti(['check', 'bad.json'], { cwd: other })).err).toContain(
      'error PROPERTY_UNKNOWN_STEP bad.json: properties[0] of the root (eventually) speaks of the step nowhere',
    )
    const { code, out } = await tutti(['check', 'graph.json', '--json'], { cwd: other })
    expect(jsonLines(out)).toMatchObject([{ file: 'graph.json', sound: false, violations: [{ kind: 'deadlock' }] }])
    expect(code).toBe(1)
  })

  test.each([
    ['transfer', 1],
    ['fine', 0],
  ])('the net of %s as PNML gives the same verdict', async (workflow, exit) => {
    const net = await run('graph', 'tutti.ts', workflow, '--pnml')
    const other = folderWith({ 'net.pnml': net.out })
    expect((await tutti(['check', 'net.pnml'], { cwd: other })).code).toBe(exit)
  })

  test.each([
    ['run', ['run', 'tutti.ts', 'transfer']],
    ['publish', ['publish', 'tutti.ts', 'transfer']],
  ])('the look at each load: %s warns, and goes on', async (_, words) => {
    const { code, err } = await run(...words)
    expect(err).toMatch(/^warning UNSOUND transfer: /m)
    expect(err).toMatch(/^ {2}at tutti\.ts:1[12]:\d+$/m)
    expect(code).toBe(0)
  })

  test('the look at each load: a claim that does not hold; nothing of a workflow that is well', async () => {
    expect((await run('run', 'tutti.ts', 'claims')).err).toMatch(/^warning PROPERTY_VIOLATED claims: precedes\(/m)
    expect((await run('run', 'tutti.ts', 'fine')).err).not.toMatch(/warning/)
  })
})

test('types are the compiler’s, of the files that were loaded', async () => {
  const folder = folderWith({
    'tsconfig.json': TSCONFIG,
    'tutti.ts': `import { helper } from './helper.ts'\nexport { w } from './flow.ts'\nexport const n: number = helper()\n`,
    'helper.ts': `export const helper = (): string => 'x'\n`,
    'flow.ts': `import { workflow } from 'tutti'\nexport const w = workflow(() => undefined)\n`,
    'unrelated.ts': `export const wrong: number = 'x'\n`,
  })
  const { code, out, err } = await tutti(['check'], { cwd: folder })
  expect(out).toMatch(/^sound +tutti.ts w/m)
  expect(err).toMatch(/error TYPE_ERROR TS2322: [\s\S]*at tutti\.ts:3:14/)
  expect(err).not.toContain('unrelated')
  expect(code).toBe(3)
  expect((await tutti(['check', '--no-types'], { cwd: folder })).code).toBe(0)
})
