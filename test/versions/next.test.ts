/** Numbers that follow one another (N1, N2). */
import { describe, expect, test } from 'vitest'
import { type Bump, bumpOf, type Change, type Inferred, nextNumber } from '../../src/versions/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

const inferred = (bump: Bump | 'none'): Inferred => ({ bump, reasons: [] })

test.each<
  readonly [released: string, bump: Bump | 'none' | 'first', options: Parameters<typeof nextNumber>[2], next: string]
>([
  ['', 'first', {}, '1.0.0'],
  ['', 'first', { pre: 'beta' }, '1.0.0-beta.0'],
  ['', 'first', { atLeast: 'major' }, '1.0.0'],
  ['1.0.0', 'patch', {}, '1.0.1'],
  ['1.0.0', 'minor', {}, '1.1.0'],
  ['1.4.2', 'major', {}, '2.0.0'],
  ['1.0.0', 'none', {}, '1.0.1'],
  ['1.9.0 1.10.0 1.2.0', 'patch', {}, '1.10.1'],
  ['1.2.0', 'patch', { atLeast: 'minor' }, '1.3.0'],
  ['1.2.0', 'minor', { atLeast: 'major' }, '2.0.0'],
  ['1.2.0', 'minor', { atLeast: 'minor' }, '1.3.0'],
  ['1.2.0', 'minor', { pre: 'beta' }, '1.3.0-beta.0'],
  ['1.2.0 1.3.0-beta.0', 'minor', { pre: 'beta' }, '1.3.0-beta.1'],
  ['1.2.0 1.3.0-beta.9', 'minor', { pre: 'beta' }, '1.3.0-beta.10'],
  ['1.2.0 1.3.0-beta.0', 'minor', { pre: 'rc' }, '1.3.0-rc.0'],
  ['1.2.0 1.3.0-beta.0', 'major', { pre: 'beta' }, '2.0.0-beta.0'],
  // What has been begun is not taken back.
  ['1.2.0 1.3.0-beta.0', 'patch', { pre: 'beta' }, '1.3.0-beta.1'],
  ['1.2.0 1.3.0-beta.1', 'minor', {}, '1.3.0'],
  ['1.2.0 1.3.0-beta.1', 'patch', {}, '1.3.0'],
  ['1.2.0 1.3.0-beta.1', 'major', {}, '2.0.0'],
  // Long past.
  ['1.3.0-beta.1 1.3.0', 'patch', { pre: 'beta' }, '1.3.1-beta.0'],
  ['1.0.0-beta.0', 'major', { pre: 'beta' }, '1.0.0-beta.1'],
  ['1.0.0-beta.0', 'major', {}, '1.0.0'],
])('after %j a %s change, %j: %s', (released, bump, options, next) => {
  const numbers = released.split(' ').filter(Boolean)
  expect(nextNumber(numbers, bump === 'first' ? bump : inferred(bump), options)).toBe(next)
})

describe('refused', () => {
  const refusal = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      if (error instanceof Refusal) return error.diagnostics[0]
    }
    throw new Error('nothing was refused')
  }

  test('a number that is too low, with what was found', () => {
    const changes: readonly Change[] = ['x', 'y', 'z', 'v'].map(name => ({ kind: 'parameter.removed', name }))
    const { code, message } = refusal(() => nextNumber(['1.2.0'], bumpOf(changes), { atLeast: 'minor' })) ?? {}
    expect(code).toBe('BUMP_TOO_LOW')
    expect(message).toBe(
      'Since 1.2.0 this is a major change, not a minor one: parameter x removed (callers give it); ' +
        'parameter y removed (callers give it); parameter z removed (callers give it); and 1 more',
    )
  })

  test.each(['', '1', 'a.b', 'β', '-x'])('the pre-release %j', pre => {
    expect(refusal(() => nextNumber(['1.2.0'], inferred('patch'), { pre }))?.code).toBe('BAD_PRE')
  })
})

describe('reasons', () => {
  const step = (path: string) => ({ path, shown: path })
  const texts = (changes: readonly Change[]) => bumpOf(changes).reasons.map(({ text, bump }) => `${bump}: ${text}`)

  test('the weightiest first', () => {
    const changes: readonly Change[] = [
      { kind: 'code.changed', address: 'lint', steps: [step('lint')] },
      { kind: 'result.added', path: 'dist' },
      { kind: 'parameter.removed', name: 'x' },
    ]
    expect(texts(changes)).toEqual([
      'major: parameter x removed',
      'minor: result dist added',
      'patch: code of lint changed',
    ])
    expect(bumpOf([])).toEqual({ bump: 'none', reasons: [] })
  })

  test('what stands inside of an added step goes with it', () => {
    const added = (path: string, is: string): Change => ({ kind: 'step.added', step: step(path), is })
    expect(
      texts([added('ci', 'call'), added('ci/lint', 'task'), added('ci/each[*]/triage', 'task'), added('cis', 'task')]),
    ).toEqual(['minor: call ci added with 2 steps inside', 'minor: task cis added'])
  })

  test('a value that comes from elsewhere is told by the argument that says so', () => {
    const [lint, test, src] = [step('lint'), step('test'), step('src')]
    const changes: readonly Change[] = [
      { kind: 'step.changed', step: test, field: 'args[0]', before: 'lint', after: 'src' },
      { kind: 'edge.removed', from: lint, to: test, carries: 'value' },
      { kind: 'edge.added', from: src, to: test, carries: 'value' },
      { kind: 'edge.added', from: lint, to: test, carries: 'order' },
    ]
    expect(texts(changes)).toEqual(['minor: test: args[0] "lint" → "src"', 'minor: test waits for lint now'])
  })
})
