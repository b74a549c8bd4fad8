import { describe, expect, test } from 'vitest'
import { parseDefinition } from '../../../src/lang/asl/parse/definition.ts'
import { showPosition } from '../../../src/util/diagnostic.ts'

const parse = (path: string, text: string) => parseDefinition({ path, text })

/** `line:column CODE`, of everything that is wrong. */
function wrong(path: string, text: string): readonly string[] {
  const parsed = parse(path, text)
  return parsed.ok ? [] : parsed.error.map(each => `${each.at?.line}:${each.at?.column} ${each.code}`)
}

const MACHINE = { StartAt: 'A', States: { A: { Type: 'Pass', Result: [1, 'two', null], End: true } } }

const JSON5 = `// Commas and comments
{
  StartAt: 'A', States: {
    A: { Type: "Pass", Result: [1, 'two', null,], End: true },
  },
}`

const YAML = `
StartAt: A
States:
  A:
    Type: Pass
    Result: &list [1, two, null]
    End: true
`

describe('a definition is read by the ending of its file', () => {
  test.each([
    ['a.json', JSON.stringify(MACHINE)],
    ['a.asl.json', JSON.stringify(MACHINE, undefined, 2)],
    ['a.asl', JSON.stringify(MACHINE)],
    ['a.json5', JSON5],
    ['a.jsonc', JSON5],
    ['a.yaml', YAML],
    ['a.asl.yml', YAML],
    ['json-in.yaml', JSON.stringify(MACHINE)],
    ['bom.json', `\uFEFF${JSON.stringify(MACHINE)}`],
    ['bom.yaml', `\uFEFF${YAML}`],
  ])('%s', (path, text) => {
    const parsed = parse(path, text)
    expect(parsed.ok && parsed.value.machine).toEqual(MACHINE)
  })

  test('and is asked where each part of it stands', () => {
    const places = [['StartAt'], ['States', 'A', 'Result', 1], ['States', 'A', 'no such field'], []]
    const shown = (path: string, text: string) => {
      const parsed = parse(path, text)
      return parsed.ok ? places.map(each => showPosition(parsed.value.at(each))) : parsed.error
    }
    expect(shown('a.json', JSON.stringify(MACHINE))).toEqual([
      'a.json:1:12',
      'a.json:1:57',
      'a.json:1:30',
      'a.json:1:1',
    ])
    expect(shown('a.json5', JSON5)).toEqual(['a.json5:3:12', 'a.json5:4:36', 'a.json5:4:8', 'a.json5:2:1'])
    expect(shown('a.yaml', YAML)).toEqual(['a.yaml:2:10', 'a.yaml:6:23', 'a.yaml:5:5', 'a.yaml:2:1'])
  })
})

describe('what cannot be read is refused at its place', () => {
  test.each([
    ['a.json', '', ['1:1 INVALID_JSON_DESCRIPTION']],
    ['a.json', '{"StartAt": "A",\n  oops }', ['2:3 INVALID_JSON_DESCRIPTION']],
    ['a.json', '{"StartAt": "A",\n', ['1:16 INVALID_JSON_DESCRIPTION']],
    ['a.json', '{"StartAt": "A\0B"}', ['1:15 INVALID_JSON_DESCRIPTION']],
    ['a.json', '\0', ['1:1 INVALID_JSON_DESCRIPTION']],
    ['a.json', '{"StartAt": NaN}', ['1:13 INVALID_JSON_DESCRIPTION']],
    ['a.json', "{'StartAt': 'A'}", ['1:2 INVALID_JSON_DESCRIPTION']],
    ['a.json5', "{StartAt: 'A', TimeoutSeconds: NaN}", ['1:32 INVALID_JSON_DESCRIPTION']],
    ['a.yaml', 'a: [1\nb: 2', ['2:1 INVALID_JSON_DESCRIPTION']],
    ['a.yaml', 'StartAt: A\n---\nStartAt: B', ['2:1 INVALID_JSON_DESCRIPTION']],
    ['a.yaml', 'StartAt: *missing', ['1:1 INVALID_JSON_DESCRIPTION']],
    ['a.json', 'null', ['1:1 SCHEMA_VALIDATION_FAILED']],
    ['a.json', '[]', ['1:1 SCHEMA_VALIDATION_FAILED']],
    ['a.yaml', 'just words', ['1:1 SCHEMA_VALIDATION_FAILED']],
  ])('%s %j', (path, text, found) => {
    expect(wrong(path, text)).toEqual(found)
  })
})

describe('a mistake in an expression is shown behind its word', () => {
  test.each([
    [
      'a.json',
      '{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Pass","End":true,\n"Output":"{% $a + phone %}"}}}',
      '2:24',
    ],
    // Written with an escape, the signs are not where they are read.
    [
      'a.json',
      '{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Pass","End":true,\n"Output":"{% \\u0024a + phone %}"}}}',
      '2:10',
    ],
    [
      'a.yaml',
      "StartAt: A\nQueryLanguage: JSONata\nStates:\n  A:\n    Type: Pass\n    End: true\n    Output: '{% $a + phone %}'\n",
      '7:27',
    ],
  ])('%s', (path, text, at) => {
    expect(wrong(path, text)).toEqual([`${at} UNSUPPORTED_JSONATA_EXPRESSION`])
  })
})

test('P2: a name that is there twice is found, wherever it stands', () => {
  const twice = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,\n"End":true},\n"A":{"Type":"Succeed"}}}'
  const found = ['2:1 DUPLICATE_FIELD_NAME', '3:1 DUPLICATE_STATE_NAME']
  for (const path of ['a.json', 'a.json5', 'a.yaml']) expect(wrong(path, twice)).toEqual(found)
})

describe('names that objects have of themselves are names like others', () => {
  test.each(['a.json', 'a.json5', 'a.yaml'])('%s', path => {
    const own =
      '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Next":"toString"},"toString":{"Type":"Succeed"}}}'
    const parsed = parse(path, own)
    expect(parsed.ok && JSON.stringify(parsed.value.machine)).toBe(own)
    expect(wrong(path, '{"StartAt":"constructor","States":{"A":{"Type":"Succeed"}}}')).toEqual([
      '1:12 MISSING_TRANSITION_TARGET',
      '1:36 MISSING_TRANSITION_TARGET',
    ])
    expect(({} as { Type?: unknown }).Type).toBeUndefined()
  })
})

const brackets = (count: number) => '['.repeat(count) + ']'.repeat(count)

/** Nine copies of nine copies of …: a kilobyte that would be a gigabyte. */
const COPIES = [
  'a: &a x',
  ...[...'bcdefghij'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`)}]`),
].join('\n')

describe('P1: nothing is read that is too deep to be walked', () => {
  test.each([
    ['a.json', brackets(100_000), ['1:1001 DEFINITION_TOO_DEEP']],
    ['a.json', '{"a":['.repeat(5_000), ['1:3001 DEFINITION_TOO_DEEP']],
    ['a.json5', brackets(100_000), ['1:1001 DEFINITION_TOO_DEEP']],
    ['a.yaml', brackets(100_000), ['1:201 DEFINITION_TOO_DEEP']],
    ['a.yaml', '- '.repeat(20_000), ['1:1 DEFINITION_TOO_DEEP']],
    ['a.yaml', 'a: &a [*a]', ['1:8 DEFINITION_TOO_DEEP']],
    ['a.yaml', COPIES, ['1:1 INVALID_JSON_DESCRIPTION']],
    ['a.json', brackets(1_000), ['1:1 SCHEMA_VALIDATION_FAILED']],
  ])('%s %.12s…', (path, text, found) => {
    expect(wrong(path, text)).toEqual(found)
  })
})
