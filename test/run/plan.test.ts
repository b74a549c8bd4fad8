/** What a plan says of a file on disk, and that nothing comes of it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { planRun } from '../../src/run/plan.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { stampsOf } from '../../src/values/index.ts'
import { project } from '../dsl/rig.ts'

const FILE = `import { appendFileSync } from 'node:fs'
import { effect, file, output, sh, task, when, workflow } from 'tutti'
const note = (what: string) => appendFileSync('log', what + ' ')
const copy = task(async (from: any, to: any) => { note('copy'); await sh\`cp \${from} \${to}\`; return to })
const size = task(async (at: any) => { note('size'); return (await import('node:fs')).statSync(at.path).size })
const other = task(() => { note('other'); return 1 })
const act = effect((n: number) => { note('act'); return n })
export const w = workflow(() => {
  const copied = copy(file('a'), output('b'))
  const sized = size(copied)
  act(sized)
  other().after(copied)
  when(sized.to((n: number) => n > 100), () => other())
})
`

const withStore = async <T>(folder: string, body: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openStore(join(folder, '.tutti'))
  try {
    return await body(store)
  } finally {
    await store.close()
  }
}

const runnableIn = async (folder: string) => (await loadFile(join(folder, 'tutti.ts'), folder)).runnable('w')

async function run(folder: string, id: string): Promise<void> {
  const runnable = await runnableIn(folder)
  process.chdir(folder)
  await withStore(folder, async store => {
    const local = openLocal(store, { cwd: folder, reuse: { stamps: stampsOf(store.path) } })
    local.register(runnable)
    await (await startRun(local, runnable, id, {})).session.ended
  })
}

/** `step verdict` of all whose arguments are known, sources left out. */
async function plan(folder: string, fresh: readonly string[] = []): Promise<readonly string[]> {
  const runnable = await runnableIn(folder)
  const { asked } = await withStore(folder, store =>
    planRun({ store, runnable, args: {}, stamps: stampsOf(store.path), fresh }),
  )
  return asked
    .filter(({ node }) => node.kind !== 'source')
    .map(({ step, verdict, restores }) => {
      const how = verdict.kind === 'known' ? `known${restores ? ', put back' : ''}` : verdict.because.kind
      return `${step}: ${how}`
    })
    .sort()
}

test('a plan tells what would run, as far as arguments are known, and does nothing (P1, P2)', async () => {
  const folder = project({ 'tutti.ts': FILE, a: 'one' })
  const at = (name: string) => join(folder, name)
  expect(await plan(folder)).toEqual(['copy: key unknown', 'other: key unknown'])
  expect([existsSync(at('b')), existsSync(at('log'))]).toEqual([false, false])

  await run(folder, 'first')
  const log = readFileSync(at('log'), 'utf8')
  expect(await plan(folder)).toEqual(['act: not a task', 'copy: known', 'other: known', 'size: known'])
  expect(await plan(folder, ['size'])).toEqual(['copy: known', 'other: known', 'size: forced'])

  writeFileSync(at('a'), 'other content')
  expect(await plan(folder)).toEqual(['copy: key unknown', 'other: known'])
  writeFileSync(at('a'), 'one')
  rmSync(at('b'))
  expect(await plan(folder)).toEqual(['act: not a task', 'copy: known, put back', 'other: known', 'size: known'])

  expect([existsSync(at('b')), readFileSync(at('log'), 'utf8')]).toEqual([false, log])
  await withStore(folder, async store => expect(store.runs.list().map(row => row.run)).toEqual(['first']))
})

test('a source that cannot be read is told, and what hangs on it stays open', async () => {
  const folder = project({ 'tutti.ts': FILE })
  const runnable = await runnableIn(folder)
  const found = await withStore(folder, store =>
    planRun({ store, runnable, args: {}, stamps: stampsOf(store.path), fresh: [] }),
  )
  expect([...found.failed].map(([step, { fault }]) => [step, fault.code])).toEqual([['file', 'SOURCE_MISSING']])
  expect(found.asked.filter(({ node }) => node.kind === 'task').map(({ step }) => step)).toEqual(['other'])
})
