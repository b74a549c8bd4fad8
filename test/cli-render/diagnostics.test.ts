import { describe, expect, test } from 'vitest'
import { diagnosticsJson, diagnosticsOf, renderDiagnostics, renderStack } from '../../src/cli/render/diagnostics.ts'
import { hasColours, plainScreen, screenOf } from '../../src/cli/render/screen.ts'
import { widthOf } from '../../src/cli/render/text.ts'
import { Refusal, type Diagnostic } from '../../src/util/diagnostic.ts'

const source = [
  "import { task } from 'tutti'",
  '',
  'export const ci = workflow(() => {',
  '\tconst tested = test(dist)',
  '\tif (tested) publish(dist)',
  '})',
].join('\n')
const at = (line: number, column: number, file = 'tutti.ts') => ({ file, line, column })
const error = (rest: Partial<Diagnostic> = {}): Diagnostic => ({
  code: 'REF_TESTED',
  severity: 'error',
  message: 'A ref has no value here',
  ...rest,
})

/** Draws `diagnostics` on a plain screen of `columns`, with `text` as every file. */
const draw = (diagnostics: readonly Diagnostic[], text: string | undefined = source, columns = 80): string =>
  renderDiagnostics(diagnostics, plainScreen(columns), () => text)

test('a diagnostic shows its code, sentence, place, frame, notes and one hint', () => {
  expect(
    draw([
      error({ at: at(5, 6), hint: 'Branch with when().', related: [{ message: 'tested is made here', at: at(4, 8) }] }),
    ]),
  ).toMatchInlineSnapshot(`
    "error REF_TESTED A ref has no value here
      at tutti.ts:5:6

      3 | export const ci = workflow(() => {
      4 |   const tested = test(dist)
    > 5 |   if (tested) publish(dist)
        |       ^
      6 | })

      note: tested is made here (tutti.ts:4:8)
      hint: Branch with when().
    "
  `)
})

test('several are ordered by place, those without one last, and counted', () => {
  const list = [
    error({ message: 'no place' }),
    error({ message: 'third', at: at(2, 1, 'b.ts') }),
    error({ message: 'second', at: at(10, 1, 'a.ts') }),
    error({ message: 'first', severity: 'warning', at: at(9, 30, 'a.ts') }),
  ]
  expect(draw(list, '')).toMatchInlineSnapshot(`
    "warning REF_TESTED first
      at a.ts:9:30

    error REF_TESTED second
      at a.ts:10:1

    error REF_TESTED third
      at b.ts:2:1

    error REF_TESTED no place

    3 errors, 1 warning
    "
  `)
})

describe('the caret stands under the character that is meant', () => {
  const under = (line: string, column: number, columns = 80) => {
    const lines = draw([error({ at: at(1, column) })], line, columns).split('\n')
    const caret = lines.findIndex(text => text.trim().endsWith('^'))
    return { text: lines[caret - 1] ?? '', caret: lines[caret] ?? '' }
  }
  test.each([
    ['plain', 'const a = bad', 11],
    ['after a tab', '\tbad()', 2],
    ['after wide characters', "call('日本語', bad)", 13],
    ['after emoji', "call('👩‍👩‍👧🎺', bad)", "call('👩‍👩‍👧🎺', ".length + 1],
    ['after combining marks', 'const é̂ = bad', 'const é̂ = '.length + 1],
    ['far right of a long line', `${'x'.repeat(500)}; bad; ${'y'.repeat(500)}`, 503],
    ['far right after wide characters', `${'日'.repeat(300)}; bad; ${'y'.repeat(500)}`, 303],
  ])('%s', (_, line, column) => {
    const { text, caret } = under(line, column)
    const start = widthOf(text.slice(0, text.indexOf('bad')))
    expect(caret.indexOf('^')).toBe(start)
    expect(widthOf(text)).toBeLessThanOrEqual(80)
  })

  test('the end of a line has a caret too', () =>
    expect(under('abc', 4).caret.indexOf('^')).toBe(under('abc', 1).caret.indexOf('^') + 3))
})

test.each([
  ['a line that the file does not have', at(99, 1), source],
  ['a file that cannot be read', at(1, 1), undefined],
  ['a column in a generated line', at(1, 5_000_000), 'x'.repeat(5_000_001)],
  ['an empty file', at(2, 1), ''],
])('%s has a position but no frame', (_, position, text) => {
  const shown = renderDiagnostics([error({ at: position })], plainScreen(), () => text)
  expect(shown).toContain(`tutti.ts:${position.line}:${position.column}`)
  expect(shown).not.toContain('|')
})

test('names with control characters cannot draw on the terminal', () => {
  const shown = draw([error({ message: 'no step "a\x1b[2Jb\x07\u202e"', hint: 'a\rb' })], undefined)
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  expect(shown).toContain('a\\u{1b}[2Jb\\u{7}\\u{202e}')
})

test('a message of 10,000 characters is shortened', () =>
  expect(draw([error({ message: 'x'.repeat(10_000) })], undefined).length).toBeLessThan(4_200))

test('as JSON: the same order, absent fields left out', () => {
  expect(JSON.parse(JSON.stringify(diagnosticsJson([error({ hint: 'h' }), error({ at: at(1, 2) })])))).toEqual([
    {
      code: 'REF_TESTED',
      severity: 'error',
      message: 'A ref has no value here',
      at: { file: 'tutti.ts', line: 1, column: 2 },
    },
    { code: 'REF_TESTED', severity: 'error', message: 'A ref has no value here', hint: 'h' },
  ])
})

test('a refusal gives its diagnostics; anything else is a defect of ours', () => {
  expect(diagnosticsOf(new Refusal([error(), error()]))).toHaveLength(2)
  expect(diagnosticsOf(new TypeError('x is not a function'))).toMatchObject([
    { code: 'DEFECT', message: 'Tutti itself failed: x is not a function' },
  ])
  expect(diagnosticsOf('text')).toMatchObject([{ code: 'DEFECT' }])
})

test('stacks follow their causes, also round a loop', () => {
  const inner = new Error('inner')
  const outer = new Error('outer', { cause: inner })
  inner.cause = outer
  const shown = renderStack(outer, plainScreen())
  expect(shown.match(/caused by/g)).toHaveLength(1)
  expect(shown).toMatch(/Error: outer[\s\S]*caused by Error: inner/)
})

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
  [{ GITHUB_ACTIONS: 'true' }, false, true],
])('colours with %j, a terminal: %j -> %j', (env, isTTY, expected) => {
  expect(hasColours({ isTTY }, env)).toBe(expected)
  const shown = renderDiagnostics([error({ at: at(1, 1), hint: 'h' })], screenOf({ isTTY }, env), () => source)
  expect(shown.includes('\x1b[')).toBe(expected)
})
