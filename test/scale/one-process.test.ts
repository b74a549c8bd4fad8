/** How large one process can go; bench/scale.mjs has the figures, and ten times as many turns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { each, loop, type Ref, run, scope, task, workflow } from '../../src/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'

let folder = ''
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-scale-'))
  store = await openStore(folder, { durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const noop = task((value: number) => value, { name: 'noop' })
const list = task((length: number) => Array.from({ length }, (_, index) => index), { name: 'list' })
const total = task((values: readonly number[]) => values.length, { name: 'total' })

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

async function outputOf(definition: Parameters<typeof run>[0]): Promise<unknown> {
  const result = await run(definition, { store })
  return result.kind === 'ended' && result.status === 'succeeded' ? result.output : result
}

test('each over 100,000 items', { timeout: 300_000 }, async () => {
  expect(await outputOf(workflow(() => total(each(list(100_000), item => noop(item)))))).toBe(100_000)
})

test('1,000 runs at once', { timeout: 300_000 }, async () => {
  const chain = workflow(() => noop(noop(noop(7))))
  const outputs = await Promise.all(Array.from({ length: 1_000 }, () => outputOf(chain)))
  expect(new Set(outputs)).toEqual(new Set([7]))
})

test('100 regions deep', async () => {
  const nested = (depth: number): Ref<number> => (depth === 0 ? noop(1) : scope(() => nested(depth - 1)))
  expect(await outputOf(workflow(() => nested(100)))).toBe(1)
})

test('a loop of 100,000 turns takes the memory of one', { timeout: 300_000 }, async () => {
  const TURNS = 100_000
  const heaps: number[] = []
  const next = (count: number): number => {
    if (count % (TURNS / 10) === 0) heaps.push(usedBytes())
    return count + 1
  }
  const counting = workflow(() =>
    loop(0, state => state.to(next), { while: state => state.to(count => count < TURNS), limit: 'none' }),
  )
  expect(await outputOf(counting)).toBe(TURNS)
  const early = heaps.at(4) ?? 0
  expect((heaps.at(-1) ?? 0) - early, 'bytes that half of the turns left').toBeLessThan((TURNS / 2) * 40)
})
