/** A net that carries a state (E14): what one firing gives is what the next one finds, as a value, evaluated once. */
import { expect, test } from 'vitest'
import { effect, net, workflow } from '../../src/dsl/index.ts'
import { simulate } from '../../src/sim/index.ts'

const step = effect((n: number): number => n + 1, { name: 'step' })

test('E14: the state goes round until a guard lets it out, and is the value of the net', async () => {
  const count = workflow(() =>
    net({
      init: 0 as number,
      start: 'at',
      end: 'out',
      transitions: {
        out: { from: 'at', to: 'out', if: ({ state }) => state.to(n => n >= 3) },
        more: { from: 'at', to: 'at', run: ({ state }) => step(state) },
      },
    }),
  )
  const result = await simulate(count, { real: 'all' })
  expect(result).toMatchObject({ status: 'succeeded', output: 3 })
  const states = result.log.flatMap(event => (event.kind === 'chosen' ? [event.branch] : []))
  expect(states).toEqual(['more', 'more', 'more', 'out'])
})

test('E14: what makes the state is called once for each firing, however many guards look at it', async () => {
  let calls = 0
  const made = workflow(() =>
    net({
      init: { n: 1 },
      start: 'a',
      end: 'z',
      transitions: {
        first: { from: 'a', to: 'b', if: () => true, run: ({ state }) => state.n.to(n => ({ n: n + ++calls })) },
        no: { from: 'b', to: 'z', if: ({ state }) => state.n.to(n => n < 0) },
        never: { from: 'b', to: 'z', if: ({ state }) => state.n.to(n => n < -1) },
        yes: { from: 'b', to: 'c', if: ({ state }) => state.n.to(n => n > 0) },
        last: { from: 'c', to: 'z', if: () => true },
      },
    }),
  )
  const result = await simulate(made, {})
  expect(result).toMatchObject({ status: 'succeeded', output: { n: 2 } })
  expect(calls).toBe(1)
})

test('E14: a state that cannot be made fails the net, whatever comes next', async () => {
  const broken = workflow(() =>
    net({
      init: 1 as number,
      start: 'a',
      end: 'z',
      transitions: {
        bad: {
          from: 'a',
          to: 'b',
          if: () => true,
          run: ({ state }) =>
            state.to((): number => {
              throw new RangeError('no')
            }),
        },
        next: { from: 'b', to: 'z', if: () => true },
      },
    }),
  )
  const result = await simulate(broken, {})
  expect(result).toMatchObject({ status: 'failed', fault: { message: 'no' } })
})
