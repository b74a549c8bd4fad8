/** Places in JSON, beside a parser that keeps them for everything. */
import { parse, type ValueNode } from '@humanwhocodes/momoa'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Piece, piecesOf } from '../../../src/lang/asl/parse/places.ts'

/** Offsets of all values and names, in the order of the text. */
function ofParser(node: ValueNode): readonly unknown[] {
  const own = [node.loc.start.offset, node.loc.end.offset]
  if (node.type === 'Array') return [own, ...node.elements.map(({ value }) => ofParser(value))]
  if (node.type !== 'Object') return [own]
  const last = new Map(
    node.members.map(({ name, value }) => [
      name.type === 'Identifier' ? name.name : name.value,
      [name.loc.start.offset, ofParser(value)],
    ]),
  )
  return [own, [...last]]
}

function ofPieces({ start, end, members, elements }: Piece): readonly unknown[] {
  if (elements) return [[start, end], ...elements.map(ofPieces)]
  if (!members) return [[start, end]]
  return [[start, end], [...members].map(([name, { nameAt, value }]) => [name, [nameAt, ofPieces(value)]])]
}

const blank = fc.constantFrom('', ' ', '\n', '\r\n  ', '\t')

test('every value and name is where a parser finds it, however the text is laid out', () => {
  fc.assert(
    fc.property(fc.jsonValue(), blank, fc.constantFrom(0, 1, '\t'), (value, around, indent) => {
      const text = `${around}${JSON.stringify(value, null, indent)}${around}`
      expect(ofPieces(piecesOf(text))).toEqual(ofParser(parse(text, { mode: 'json' }).body))
    }),
    { numRuns: 300 },
  )
})

test.each([
  '{"a\\"b": [1, {"\\u0041": null}], "a": "x\\\\", "a": {}}',
  ' [ -1.5e3 ,true,"]}" ] ',
  '"\\\\\\""',
  '{"__proto__": {"": [[], {}]}}',
])('%s', text => {
  expect(ofPieces(piecesOf(text))).toEqual(ofParser(parse(text, { mode: 'json' }).body))
})
