/** What is said of a JSONata text before anything is evaluated: as AWS says it when a state machine is created. */
import { describe, expect, it } from 'vitest'

import { checkJsonata } from '../../../src/lang/asl/jsonata/check.ts'

const messages = (source: string): readonly string[] =>
  checkJsonata(`{% ${source} %}`, ['input', 'context']).map(problem => problem.message)

describe('a text that cannot be read', () => {
  it.each([
    ['a[1,2)', 'Expected "]", got ","'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
    ['1 +', 'Unexpected end of expression'],
    ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
    ['$match("a", /abc', 'No terminating / in regular expression'],
    ['phone %.other', 'The symbol "." cannot be used as a unary operator'],
    ['', 'Unexpected end of expression'],
    ['420.', 'Unexpected end of expression'],
    ['$contains("a", /[/)', 'No terminating / in regular expression'],
    ['$contains("a", /(?<a>x)(?<a>y)/)', 'Invalid regular expression: /(?<a>x)(?<a>y)/g: Duplicate capture group name'],
  ])('%s', (source, message) => {
    expect(checkJsonata(`{% ${source} %}`, [])).toMatchObject([{ code: 'INVALID_JSONATA_EXPRESSION', message }])
  })

  it('is refused at its place', () => {
    expect(checkJsonata('{%   1 + }  %}', [])[0]?.position).toBe('{%   1 + }'.length)
  })
})

describe('a name that nothing stands behind', () => {
  it.each([
    ['phone', ['phone']],
    ['phone[0].number', ['phone']],
    ['-phone', ['phone']],
    ['$states.input.a ? phone : 2', ['phone']],
    ['$sum(phone)', ['phone']],
    ['phone ~> $string()', ['phone']],
    ['[1..phone]', ['phone']],
    ['(phone).other', ['phone']],
    ['[phone].other', ['phone']],
    ['{phone: 1}', ['phone']],
    ['($x := phone; $x)', ['phone']],
    ['$map($states.input.a, function($y){ phone })', ['phone']],
    ['$count(phone[inner])', ['phone']],
    ['aaa + bbb', ['aaa', 'bbb']],
    ['[bbb, aaa, bbb]', ['bbb', 'aaa']],
    ['$', ['$']],
    ['$.phone', ['$']],
    ['$map($states.input.a, function($x){ $ })', ['$']],
  ])('%s', (source, names) => {
    expect(messages(source)).toEqual(names.map(name => `Reference to '${name}' at the top level is not supported.`))
  })

  it.each([
    '$states.input.phone',
    '$states.input.items[phone > 3]',
    '$states.input.a^(phone)',
    "$states.input.a{'k': phone}",
    '$states.input.a.(phone)',
    '$states.input.a.$phone',
    "$states.input ~> |phone|{'b': 1}|",
    '**.phone',
    "{'k': 1}.phone",
    '$states.input.a[$ > 1]',
    'function($x){ $x.phone }',
    "'phone'",
    '$states.error',
    '$states',
  ])('%s is none', source => expect(messages(source)).toEqual([]))

  it.each(['$$', '$$.phone'])('%s is refused by itself', source =>
    expect(messages(source)).toEqual(["Reference to '$$' is not supported."]),
  )

  it('is told in plain paths as in all others', () => {
    const words = [
      'a',
      '_b1',
      'and',
      'or',
      'in',
      'true',
      'false',
      'null',
      'function',
      'input',
      'result',
      'errorOutput',
      'other',
    ]
    for (const start of ['$states', '$x', '$statesX', '$true', '$and'])
      for (const one of words)
        for (const two of words) {
          const path = `${start}.${one}.${two}`
          // Brackets round it make it another text of the same meaning, which is read by jsonata.
          expect([path, messages(path).length]).toEqual([path, messages(`(${path})`).length])
        }
  })

  it('is a field of $states that is not there', () => {
    expect(messages('[$states.errorOutput.Cause, $states.result]')).toEqual([
      "Field '$states.errorOutput' does not exist.",
      "Field '$states.result' does not exist.",
    ])
    expect(checkJsonata('{% $states.errorOutput %}', ['errorOutput'])).toEqual([])
  })
})
