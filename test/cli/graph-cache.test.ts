/** A large graph is read back only while a trace would give it again (src/cli/graph-cache.ts). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'

const FILE = `import { env, output, signal, task, workflow, type Output } from 'tutti'
import { readdirSync, readFileSync } from 'node:fs'
const make = task(async (name: string, out: Output) => name)
export const all = workflow(() => {
  globalThis.traces = (globalThis.traces ?? 0) + 1
  const suffix = process.env.TUTTI_TEST_SUFFIX ?? ''
  const extra = readFileSync('extra.txt', 'utf8')
  for (const name of readdirSync('parts')) for (let n = 0; n < 300; n++) make(name + suffix + extra + n, output(name + n))
})
`
const globals = globalThis as { traces?: number }
let dir: string
let cache: Map<string, string>
const before = process.cwd()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tutti-graphs-'))
  cache = new Map()
  delete globals.traces
  mkdirSync(join(dir, 'parts'))
  for (const name of ['a', 'b']) writeFileSync(join(dir, 'parts', name), '')
  writeFileSync(join(dir, 'extra.txt'), 'x')
  writeFileSync(join(dir, 'tutti.ts'), FILE)
  process.chdir(dir)
})
afterEach(() => {
  process.chdir(before)
  delete process.env['TUTTI_TEST_SUFFIX']
  rmSync(dir, { recursive: true })
})

async function graph() {
  const loaded = await loadFile('tutti.ts', dir, {
    cache: { get: key => cache.get(key), set: (key, text) => void cache.set(key, text) },
  })
  const { graph, bindings, readContents } = loaded.runnable('all')
  for (const read of graph.reads) if (read.kind !== 'env' && read.hash) expect(readContents.has(read.hash)).toBe(true)
  for (const node of graph.root.nodes) if (node.kind === 'task') expect(bindings.definitions.has(node.task)).toBe(true)
  return graph
}

test('the same file and the same reads: the graph is read back', async () => {
  const first = await graph()
  expect(first.root.nodes.length).toBe(600)
  expect(await graph()).toEqual(first)
  expect(globals.traces).toBe(1)
})

const CHANGES: readonly (readonly [what: string, change: () => void])[] = [
  ['a folder that the body lists', () => writeFileSync('parts/c', '')],
  ['a file that the body reads', () => writeFileSync('extra.txt', 'y')],
  ['a variable that the body reads', () => void (process.env['TUTTI_TEST_SUFFIX'] = '!')],
  ['the file itself', () => writeFileSync('tutti.ts', FILE.replace('300', '200'))],
  ['the cache is damaged', () => void (cache = new Map([...cache.keys()].map(key => [key, '{'])))],
]
test.each(CHANGES)('traced again: %s', async (_, change) => {
  await graph()
  change()
  const next = await graph()
  expect(globals.traces).toBe(2)
  cache.clear()
  expect(await graph()).toEqual(next)
})

test.each([
  ['pure functions', "make(env('HOME').to(value => value), output('pure'))"],
  ['signals', "signal(undefined as never, { name: 's' }).wait()"],
  ['tasks that the body defines', 'task(() => 1)()'],
])('traced each time: a body with %s', async (_, call) => {
  writeFileSync('tutti.ts', FILE.replace('for (const name', `${call}\n  for (const name`))
  await graph()
  await graph()
  expect(globals.traces).toBe(2)
})
