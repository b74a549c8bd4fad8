/** Stores made by real runs, to be searched: a release that may fail, with retries, items, calls, a flow, a choice and a wait. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { each, effect, flow, loop, type Ref, run, task, when, workflow } from '../../src/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-search-'))
  folders.push(folder)
  return join(folder, '.tutti')
}

/** By run and item: how often it was tried. */
const tries = new Map<string, number>()

const compile = task(function compile(file: string) {
  return { file: `${file}.js`, size: file.length * 1_000, tags: ['esm', file], 'odd name': null }
})
const flaky = task(
  function flaky(item: string, name: string) {
    const key = `${name} ${item}`
    tries.set(key, (tries.get(key) ?? 0) + 1)
    if (item !== 'calm' && tries.get(key) === 1)
      throw Object.assign(new Error('connect ECONNRESET 10.0.0.1'), { code: 'ECONNRESET' })
    return item.length
  },
  { retry: { times: 2, delay: 1 } },
)
const weigh = task(function weigh(size: number) {
  return size * 1.5
})
const deploy = effect(function deploy(_built: unknown, fails: boolean) {
  if (fails) throw Object.assign(new Error("host 'b' is down"), { code: 'HOST_DOWN' })
  return 'deployed'
})
const notify = effect(function notify(_what: unknown) {
  return 'told'
})
const large = task(function large() {
  return Array.from({ length: 200 }, (_, index) => ({ price: index, name: `item ${index}` }))
})
const less = task(function less(count: number) {
  return count - 1
})
const bundle = workflow(function bundle(file: Ref<string>) {
  return weigh(compile(file).size)
})
const drain = flow(async function drain(count: number) {
  let left = count
  while (left > 0) left = await less(left)
  return left
})

const release = workflow(function release(fails: Ref<boolean>, name: Ref<string>) {
  const built = compile('main.ts')
  const sizes = each(
    ['x', 'y/1', 'calm'],
    item => {
      const tried = flaky(item, name)
      return weigh(tried)
    },
    { key: item => item },
  )
  const inner = bundle('inner')
  const shipped = deploy(built, fails).after(sizes, inner)
  notify(shipped)
  when(fails, () => large())
  // More turns than the fold of a run keeps.
  const turns = loop(12, left => less(left), { while: left => left.to(count => count > 0) })
  return { left: drain(2), turns }
})

export async function openNew(folder: string): Promise<Store> {
  return openStore(folder, { durability: 'normal' })
}

/** Runs with these ids; those that begin with `bad` fail. */
export async function runAll(store: Store, ids: readonly string[]): Promise<void> {
  for (const id of ids) await run(release, { store, id, args: { fails: id.startsWith('bad'), name: id } })
}

export interface Line {
  readonly step: string
  readonly text: string
  readonly stream?: 'stdout' | 'stderr' | 'log'
  readonly atMs?: number
}

/** As the command line writes what steps print. */
export function writeLines(store: string, run: string, lines: readonly Line[]): void {
  mkdirSync(join(store, 'logs'), { recursive: true })
  const texts = lines.map(({ step, text, stream = 'stdout', atMs = 1_000 }) =>
    JSON.stringify({ step, attempt: 1, stream, text, atMs }),
  )
  writeFileSync(join(store, 'logs', `${run}.ndjson`), texts.map(text => `${text}\n`).join(''), { flag: 'a' })
}
