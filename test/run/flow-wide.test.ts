/** Flows with many calls at once. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { effect, flow, type Ref, run, task, workflow } from 'tutti'

const folder = () => mkdtempSync(join(tmpdir(), 'tutti-flow-'))

it('answers thousands of calls that are made at once', async () => {
  const double = task((n: number) => n * 2, { name: 'double' })
  const wide = flow(async (count: number) => {
    const all = await Promise.all(Array.from({ length: count }, (_, index) => double(index)))
    return all.reduce((sum, n) => sum + n, 0)
  })
  const result = await run(wide, { store: folder(), durability: 'normal', args: { count: 3_000 } })
  expect(result).toMatchObject({ status: 'succeeded', output: 3_000 * 2_999 })
})

it('calls workflows and flows from a flow, and passes calls on before they are awaited', async () => {
  const add = task((a: number, b: number) => a + b, { name: 'add' })
  const note = effect((text: string) => text.toUpperCase(), { name: 'note' })
  const sums = workflow((n: Ref<number>) => ({ sum: add(n, 1) }))
  const inner = flow(async (n: number) => (await add(n, 10)) * 2)
  const outer = flow(async () => {
    const { sum } = await sums(1)
    const chained = await add(inner(sum), add(1, 1))
    return `${await note('x')}${chained}`
  })
  expect(await run(outer, { store: folder() })).toMatchObject({ status: 'succeeded', output: 'X26' })
})
