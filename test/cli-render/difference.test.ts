import { describe, expect, test } from 'vitest'
import { type Difference, renderDifference } from '../../src/cli/render/difference.ts'
import { plainScreen, screenOf } from '../../src/cli/render/screen.ts'
import { typeText } from '../../src/cli/render/type-text.ts'
import type { Json } from '../../src/util/json.ts'
import type { Change, StepName } from '../../src/versions/change.ts'

const step = (path: string, shown = path): StepName => ({ path, shown })
const screen = plainScreen()

const differ = (changes: readonly Change[], rest: Partial<Difference> = {}): Difference => ({
  before: 'ci@1.2.0',
  after: 'ci@1.3.0',
  changes,
  code: [],
  next: undefined,
  ...rest,
})

const lines = (...changes: readonly Change[]): readonly string[] =>
  renderDifference(differ(changes), { kind: 'all' }, screen).trimEnd().split('\n').slice(3)

describe('one line for each', () => {
  const number = { type: 'number' } as const
  const text = { type: 'string' } as const
  test.each<readonly [Change, string]>([
    [{ kind: 'parameter.added', name: 'n', required: true, type: number }, '+ parameter n: number, required'],
    [{ kind: 'parameter.added', name: 'n', required: false, type: {} }, '+ parameter n: unknown'],
    [{ kind: 'parameter.removed', name: 'n' }, '- parameter n'],
    [
      { kind: 'parameter.changed', name: 'n', how: 'widened', before: number, after: { type: ['number', 'string'] } },
      '~ parameter n: number → number | string (widened)',
    ],
    [
      { kind: 'parameter.changed', name: 'n', how: 'required', before: null, after: null },
      '~ parameter n: must be given now',
    ],
    [{ kind: 'parameter.changed', name: 'n', how: 'default', before: 1, after: 'x' }, '~ parameter n: default 1 → "x"'],
    [{ kind: 'result.added', path: 'total.net' }, '+ result total.net'],
    [{ kind: 'result.removed', path: '' }, '- result'],
    [{ kind: 'result.changed', path: '', how: 'changed', before: number, after: text }, '~ result: number → string'],
    [{ kind: 'signal.added', name: 'go' }, '+ signal go'],
    [
      { kind: 'signal.changed', name: 'go', how: 'transient', before: null, after: null },
      '~ signal go: lost when it comes early',
    ],
    [{ kind: 'step.added', step: step('a'), is: 'task' }, '+ a (task)'],
    [{ kind: 'step.removed', step: step('a~2', 'a'), is: 'each' }, '- a (each)'],
    [{ kind: 'step.renamed', before: step('a'), step: step('b'), by: 'declared' }, '→ b, was a (declared)'],
    [
      { kind: 'step.renamed', before: step('a'), step: step('a~2', 'a'), by: 'content' },
      '→ a, under another id: a → a~2',
    ],
    [{ kind: 'step.moved', before: step('a'), step: step('t[*]/a') }, '→ t[*]/a, moved from a'],
    [
      { kind: 'step.changed', step: step('a'), field: 'policy.timeoutMs', before: undefined, after: 90_000 },
      '~ a\npolicy.timeoutMs: none → 1m30s',
    ],
    [{ kind: 'edge.added', from: step('a'), to: step('b'), carries: 'value' }, '+ a → b'],
    [{ kind: 'edge.removed', from: step('a'), to: step('b'), carries: 'order' }, '- a → b (order)'],
    [{ kind: 'code.changed', address: 'price', steps: [step('bills'), step('price')] }, '~ price, of bills'],
    [
      { kind: 'signature.changed', address: 'price', part: 'result', how: 'narrowed', before: text, after: number },
      '~ price: result string → number (narrowed)',
    ],
    [
      {
        kind: 'package.changed',
        before: { name: 'zod', version: '3.0.0' },
        after: { name: 'zod', version: '4.0.0' },
      },
      '~ zod 3.0.0 → 4.0.0',
    ],
    [{ kind: 'package.changed', before: undefined, after: { name: 'zod', version: '4.0.0' } }, '+ zod 4.0.0'],
    [
      { kind: 'workflow.changed', field: 'onFailure', before: undefined, after: 'finish' },
      '~ onFailure: none → "finish"',
    ],
  ])('%j', (change, expected) => {
    expect(
      lines(change)
        .map(line => line.trim())
        .join('\n'),
    ).toBe(expected)
  })
})

test('all that changed in a step stands together', () => {
  const changed = (path: string, field: string): Change => ({
    kind: 'step.changed',
    step: step(path),
    field,
    before: 1,
    after: 2,
  })
  expect(lines(changed('a', 'args[0]'), changed('b', 'args[0]'), changed('a', 'policy.priority'))).toEqual([
    '  ~ a',
    '      args[0]: 1 → 2',
    '      policy.priority: 1 → 2',
    '  ~ b',
    '      args[0]: 1 → 2',
  ])
})

test('groups, code with its places in the file, and the number at the end', () => {
  const found = differ(
    [
      { kind: 'step.added', step: step('total'), is: 'task' },
      { kind: 'code.changed', address: 'price', steps: [step('price')] },
      { kind: 'code.changed', address: 'sum', steps: [step('sum')] },
    ],
    {
      code: [
        {
          address: 'price',
          steps: [step('price')],
          pieces: [
            {
              name: 'price',
              file: 'tutti.ts',
              added: 1,
              removed: 1,
              hunks: [
                {
                  before: 9,
                  after: 12,
                  lines: [' const price = task(n => {', '-  return n', '+  return n * CENTS', ' })'],
                },
              ],
            },
            {
              name: 'CENTS',
              file: 'prices.ts',
              added: 1,
              removed: 0,
              hunks: [{ before: 0, after: 1, lines: ['+export const CENTS = 3'] }],
            },
          ],
        },
        {
          address: 'sum',
          steps: [step('sum')],
          pieces: [{ name: 'CENTS', file: 'prices.ts', added: 1, removed: 0, hunks: [], toldUnder: 'price' }],
        },
      ],
      next: { bump: 'minor', number: '1.3.0' },
    },
  )
  expect(renderDifference(found, { kind: 'lines', most: 60 }, screen)).toMatchInlineSnapshot(`
    "ci@1.2.0 → ci@1.3.0

    steps
      + total (task)

    code
      ~ price
      ~ sum

    price
      tutti.ts:12
      12   const price = task(n => {
      10 -   return n
      13 +   return n * CENTS
      14   })

    CENTS, which price uses
      prices.ts:1
      1 + export const CENTS = 3

    CENTS, which sum uses: as under price

    minor: 1.3.0
    "
  `)
  expect(renderDifference(found, { kind: 'counts' }, screen)).toMatchInlineSnapshot(`
    "ci@1.2.0 → ci@1.3.0
      steps  1 added
      code   2 changed: 2 lines added, 1 removed
    minor: 1.3.0
    "
  `)
})

test('nothing', () => {
  expect(renderDifference(differ([]), { kind: 'all' }, screen)).toBe('ci@1.2.0 → ci@1.3.0\nnothing is different\n')
})

describe('what is long', () => {
  const many = differ(
    Array.from({ length: 10_000 }, (_, index): Change => ({ kind: 'step.added', step: step(`s${index}`), is: 'task' })),
  )

  test('is cut, and says so', () => {
    const shown = renderDifference(many, { kind: 'lines', most: 60 }, screen).trimEnd().split('\n')
    expect(shown).toHaveLength(64)
    expect(shown.at(-1)).toBe('  … 9,940 more lines; all with --all')
  })

  test('is told whole on demand', () => {
    expect(renderDifference(many, { kind: 'all' }, screen).split('\n')).toHaveLength(10_004)
  })
})

test('names cannot leave their line, nor colour the screen', () => {
  const [line] = lines({ kind: 'parameter.removed', name: 'a\n\u001b[31mb' })
  expect(line).toBe('  - parameter a\\n\\u{1b}[31mb')
})

test('each mark has its colour', () => {
  const coloured = screenOf({}, { FORCE_COLOR: '1' })
  const out = renderDifference(
    differ([
      { kind: 'step.added', step: step('a'), is: 'task' },
      { kind: 'step.removed', step: step('b'), is: 'task' },
      { kind: 'step.moved', before: step('c'), step: step('d/c') },
      { kind: 'step.changed', step: step('e'), field: 'executor', before: 'inline', after: 'thread' },
    ]),
    { kind: 'all' },
    coloured,
  )
  expect(out).toContain('\u001b[32m+ a')
  expect(out).toContain('\u001b[31m- b')
  expect(out).toContain('\u001b[34m→ d/c')
  expect(out).toContain('\u001b[33m~ e')
})

describe('types as TypeScript says them', () => {
  test.each<readonly [Json, string]>([
    [{}, 'unknown'],
    [true, 'unknown'],
    [false, 'never'],
    [{ type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: 9 }, 'integer (≤ 9)'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ enum: ['EUR', "it's", 1] }, "'EUR' | 'it\\'s' | 1"],
    [{ const: null }, 'null'],
    [{ anyOf: [{ type: 'string' }, { type: 'string' }, { type: 'number' }] }, 'string | number'],
    [{ type: 'array', items: { type: 'number' } }, 'number[]'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, '(string | number)[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, {}] }, '[string, unknown]'],
    [{ type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] }, '{ a: string, b?: unknown }'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, '{ [name]: number }'],
    [{ $ref: '#/x' }, '{"$ref":"#/x"}'],
  ])('%j', (type, text) => {
    expect(typeText(type)).toBe(text)
  })

  test('however deep', () => {
    let type: Json = {}
    for (let depth = 0; depth < 10_000; depth++) type = { type: 'array', items: type }
    expect(typeText(type)).toBe('…[][][][][]')
  })
})
