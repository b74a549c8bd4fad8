import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashText } from '../../src/util/hash.ts'

const reference = (text: string): string => createHash('sha256').update(new TextEncoder().encode(text)).digest('hex')

test.each([
  '',
  'abc',
  'é',
  '€',
  '𝄞',
  'a\ud800',
  '\udc00b',
  '\ud800\ud800\udc00',
  '\u07ff\u0800\uffff\u{10000}\u{10ffff}',
])('%j', text => expect(hashText(text)).toBe(reference(text)))

test('any text, well formed or not, hashes as its UTF-8', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.nat(0xffff).map(unit => String.fromCharCode(unit)) }),
      text => void expect(hashText(text)).toBe(reference(text)),
    ),
  )
})
