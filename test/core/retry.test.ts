import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../src/core/engine/retry.ts'
import type { Retry } from '../../src/core/graph/graph.ts'

const retry = (rest: Partial<Retry>): Retry => ({
  times: 9,
  backoff: 'fixed',
  delayMs: 100,
  delayMsMax: 1_000,
  jitter: 'none',
  ...rest,
})
const delays = (rest: Partial<Retry>, key = 'r/s'): readonly number[] =>
  [1, 2, 3, 4, 5, 60, 2_000].map(failures => backoffMs(retry(rest), failures, key))

test.each<readonly [string, Partial<Retry>, readonly number[]]>([
  ['fixed', {}, [100, 100, 100, 100, 100, 100, 100]],
  ['exponential, to its cap', { backoff: 'exponential' }, [100, 200, 400, 800, 1_000, 1_000, 1_000]],
  ['no delay', { backoff: 'exponential', delayMs: 0 }, [0, 0, 0, 0, 0, 0, 0]],
])('%s', (_, rest, expected) => expect(delays(rest)).toEqual(expected))

describe.each(['full', 'equal'] as const)('%s jitter', jitter => {
  const many = Array.from({ length: 2_000 }, (_, index) => backoffMs(retry({ jitter }), 1, `run/step${index}`))
  const [low, high] = jitter === 'full' ? [0, 100] : [50, 100]

  test('is the same for the same step and failure, and differs between them', () => {
    expect(delays({ jitter })).toEqual(delays({ jitter }))
    expect(delays({ jitter })).not.toEqual(delays({ jitter }, 'r/other'))
    expect(new Set(delays({ jitter })).size).toBeGreaterThan(3)
  })

  test('stays within its bounds and fills them', () => {
    expect(Math.min(...many)).toBeGreaterThanOrEqual(low)
    expect(Math.max(...many)).toBeLessThan(high)
    expect(Math.min(...many)).toBeLessThan(low + 5)
    expect(Math.max(...many)).toBeGreaterThan(high - 5)
    const mean = many.reduce((sum, each) => sum + each, 0) / many.length
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(3)
  })
})
