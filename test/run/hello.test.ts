import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { each, effect, flow, match, run, task, when, workflow } from 'tutti'

const folder = () => mkdtempSync(join(tmpdir(), 'tutti-run-'))

it('runs a workflow of two steps', async () => {
  const name = task(() => 'world')
  const greet = task((who: string) => `Hello ${who}`)
  const hello = workflow(() => greet(name()))
  const result = await run(hello, { store: folder() })
  expect(result).toMatchObject({ status: 'succeeded', output: 'Hello world' })
})

it('runs branches, items and sub-workflows', async () => {
  const list = task(() => [1, 2, 3])
  const double = task((n: number) => n * 2)
  const sum = task((ns: number[]) => ns.reduce((a, b) => a + b, 0))
  const inner = workflow(() => ({ total: sum(each(list(), n => double(n))) }))
  const outer = workflow(() => {
    const { total } = inner()
    const big = when(
      total.to(n => n > 10),
      () => double(total),
      () => total,
    )
    const word = match(
      total.to(n => (n > 10 ? 'big' : 'small') as 'big' | 'small'),
      { big: () => 'B', small: () => 'S' },
    )
    return { big, word, total }
  })
  const result = await run(outer, { store: folder() })
  expect(result).toMatchObject({ status: 'succeeded', output: { big: 24, word: 'B', total: 12 } })
})

it('runs a flow', async () => {
  const done: number[] = []
  const step = effect((n: number) => {
    done.push(n)
    return { left: n - 1 }
  })
  const drain = flow(async (n: number) => {
    let left = n
    while (left > 0) left = (await step(left)).left
    return left
  })
  const result = await run(drain, { store: folder(), args: { n: 4 } })
  expect(result).toMatchObject({ status: 'succeeded', output: 0 })
  expect(done).toEqual([4, 3, 2, 1])
})

it('ends failed with the error', async () => {
  const bad = task(() => {
    throw new Error('no')
  })
  const other = task(() => 1)
  const result = await run(
    workflow(() => ({ a: bad(), b: other() })),
    { store: folder() },
  )
  expect(result).toMatchObject({ status: 'failed', fault: { message: 'no', step: 'task' } })
})
