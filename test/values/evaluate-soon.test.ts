/** What can be had without a wait comes without one, and is the same as what comes with one. */
import { expect, it } from 'vitest'
import type { Bound } from '../../src/core/index.ts'
import { type Environment, evaluate, evaluateSoon } from '../../src/values/index.ts'

const literal = (value: string | number | null): Bound => ({ kind: 'literal', value })
const later: Bound = { kind: 'value', value: { codec: 'json', hash: 'later', sizeBytes: 1 }, path: [] }
const missing: Bound = { kind: 'value', value: { codec: 'json', hash: 'missing', sizeBytes: 1 }, path: [] }
const apply = (fn: string, ...args: Bound[]): Bound => ({ kind: 'apply', fn, args, path: [] })

const PURE: { readonly [name: string]: (...args: unknown[]) => unknown } = {
  add: (a, b) => Number(a) + Number(b),
  addLater: async (a, b) => Number(a) + Number(b),
  fail: () => {
    throw new Error('failed')
  },
}
const environment: Environment = {
  load: async ({ hash }) => {
    if (hash === 'missing') throw new Error('missing')
    return 7
  },
  pure: name => PURE[name]!,
  resource: async () => 'opened',
}

const CASES: readonly (readonly [string, Bound, 'at once' | 'later'])[] = [
  ['a literal', literal(1), 'at once'],
  ['a value that is not at hand', later, 'later'],
  ['a list', { kind: 'list', items: [literal(1), apply('add', literal(1), literal(2))] }, 'at once'],
  [
    'a record with __proto__',
    { kind: 'record', fields: JSON.parse('{"__proto__":{"kind":"literal","value":1}}') },
    'at once',
  ],
  ['a part of it that must be loaded', { kind: 'record', fields: { a: later, b: literal('b') } }, 'later'],
  ['a function that answers later', apply('addLater', literal(1), literal(2)), 'later'],
  ['a function of what must be loaded', apply('add', later, literal(2)), 'later'],
  ['a function that throws', apply('fail'), 'at once'],
  ['a failure after a value that is on its way', { kind: 'list', items: [missing, apply('fail')] }, 'later'],
  ['a resource', { kind: 'resource', resource: { kind: 'output', path: 'x' } }, 'later'],
]

it.each(CASES)('%s', async (_, bound, when) => {
  const unheard: unknown[] = []
  const hear = (error: unknown): void => void unheard.push(error)
  process.on('unhandledRejection', hear)
  const told = async (make: () => unknown): Promise<unknown> => {
    try {
      return await make()
    } catch (error) {
      return String(error)
    }
  }
  let answered: unknown
  const soon = await told(() => (answered = evaluateSoon(bound, environment)))
  expect(answered instanceof Promise ? 'later' : 'at once').toBe(when)
  const inTime = await told(() => evaluate(bound, environment))
  expect(typeof soon === 'string' && soon.startsWith('Error') ? 'failed' : soon).toEqual(
    typeof inTime === 'string' && inTime.startsWith('Error') ? 'failed' : inTime,
  )
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', hear)
  expect(unheard).toEqual([])
})
