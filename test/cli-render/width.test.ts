import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { sliceColumns, widthOf } from '../../src/cli/render/width.ts'

test.each([
  '',
  'abc',
  'é',
  'e\u0301',
  '日本語',
  'ｱｲｳ',
  '👩‍👩‍👧',
  '🎺',
  '🇩🇪',
  '1️⃣',
  '❤️',
  '❤',
  '⌚',
  '✓●↻✗█░…·→',
  '\x1b[31mred\x1b[39m',
  '한국어',
  '\u200b',
  '👍🏽',
  '☃',
  '⚠️',
  'a\u0000b',
  '𝒳',
  '\u00ad',
])('%j has the width that string-width gives it', text => expect(widthOf(text)).toBe(stringWidth(text)))

/** Where string-width knows more: parts of Hangul syllables written one by one. */
const JAMO = /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/

const character = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.constantFrom('日', '🎺', '👩‍👩‍👧', '…', '●', 'e\u0301', '❤️'),
)
const text = fc.array(character).map(parts => parts.join(''))

test('any text of graphemes has the width that string-width gives it', () => {
  fc.assert(
    fc.property(
      text.filter(each => !JAMO.test(each)),
      each => widthOf(each) === stringWidth(each),
    ),
    { numRuns: 2_000 },
  )
})

/** Characters that do not join with their neighbours, so that what a slice leaves out changes nothing else. */
const apart = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.constantFrom('日', '🎺', '…', '●', 'e\u0301', '❤️', '👍🏽')))
  .map(parts => parts.join(''))

test('a slice is as wide as was asked for, but for a wide character at its end', () => {
  fc.assert(
    fc.property(apart, fc.nat(20), fc.nat(20), (each, from, length) => {
      const width = widthOf(sliceColumns(each, from, from + length))
      const expected = Math.min(length, Math.max(0, widthOf(each) - from))
      return width <= expected && width >= expected - 1
    }),
    { numRuns: 2_000 },
  )
})
