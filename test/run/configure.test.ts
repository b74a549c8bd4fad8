/** `configure`: layers of a file, a workflow, a task; codecs; routes to a storage of the user's own. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configure, type Middleware, run, task, workflow } from 'tutti'
import { collectConfigurations } from '../../src/exec/index.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'tutti-configure-'))
const noting =
  (notes: string[], name: string): Middleware =>
  next =>
  async (attempt, ...rest) => {
    notes.push(`${name}>${attempt.name}`)
    const outcome = await next(attempt, ...rest)
    notes.push(`${name}<${attempt.name}`)
    return outcome
  }

it('puts the layers of the file outside of those of the workflow, and these outside of those of the task', async () => {
  const notes: string[] = []
  const first = task((n: number) => n + 1, { name: 'first' })
  const second = task((n: number) => n * 2, { name: 'second' })
  const sums = workflow(() => second(first(1)))
  const { value } = await collectConfigurations(async () => {
    configure({ for: second, use: [noting(notes, 'task')] })
    configure({ for: sums, use: [noting(notes, 'workflow')] })
    configure({ use: [noting(notes, 'file')] })
    return run(sums, { store: folder() })
  })
  expect(value).toMatchObject({ status: 'succeeded', output: 4 })
  expect(notes).toEqual([
    'file>first',
    'workflow>first',
    'workflow<first',
    'file<first',
    'file>second',
    'workflow>second',
    'task>second',
    'task<second',
    'workflow<second',
    'file<second',
  ])
})

it('lets a configuration reorder, replace and drop the standard layers', async () => {
  const slow = task(async () => 'late', { name: 'slow', timeout: '1ms' })
  const seen: string[] = []
  const { value } = await collectConfigurations(async () => {
    configure({
      use: layers => {
        seen.push(...layers.map(layer => layer.name))
        return layers.filter(layer => layer.name !== 'timeout')
      },
    })
    return run(
      workflow(() => slow()),
      { store: folder() },
    )
  })
  expect(seen).toEqual(['observe', 'timeout', 'heartbeat', 'secrets', 'io'])
  expect(value).toMatchObject({ status: 'succeeded', output: 'late' })
})

it('routes the results of a task to a storage of its own, and reads them from there', async () => {
  const warehouse = new Map<string, unknown>()
  const make = task(() => ({ rows: [1, 2, 3] }), { name: 'make' })
  const count = task((table: { rows: number[] }) => table.rows.length, { name: 'count' })
  const { value } = await collectConfigurations(async () => {
    configure({
      routes: [
        {
          name: 'warehouse',
          task: 'make',
          write: async table => {
            warehouse.set('t1', structuredClone(table))
            return 't1'
          },
          read: async token => structuredClone(warehouse.get(String(token))),
        },
      ],
    })
    return run(
      workflow(() => count(make())),
      { store: folder() },
    )
  })
  expect(value).toMatchObject({ status: 'succeeded', output: 3 })
  expect(warehouse.get('t1')).toEqual({ rows: [1, 2, 3] })
})

it('keeps a type of the user with a codec of his own', async () => {
  class Money {
    readonly cents: number
    constructor(cents: number) {
      this.cents = cents
    }
  }
  const pay = task(() => new Money(250), { name: 'pay' })
  const show = task((money: Money) => `${money instanceof Money} ${money.cents}`, { name: 'show' })
  const { value } = await collectConfigurations(async () => {
    configure({
      codecs: [
        {
          name: 'money',
          form: 'text',
          matches: candidate => candidate instanceof Money,
          encode: (money: Money) => String(money.cents),
          decode: text => new Money(Number(text)),
        },
      ],
    })
    return run(
      workflow(() => show(pay() as never)),
      { store: folder() },
    )
  })
  expect(value).toMatchObject({ status: 'succeeded', output: 'true 250' })
})

it('refuses to configure what is no definition', () => {
  expect(() => configure({ for: () => 1, use: [] })).toThrow('BAD_ARGUMENT')
  expect(() => configure({ for: task(() => 1), codecs: [] })).toThrow('BAD_ARGUMENT')
})
