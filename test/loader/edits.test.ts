/** Edits lead every offset of the new text back to the old one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Edits, originOf } from '../../src/loader/instrument/edits.ts'
import { lineStarts, offsetOf, placeOf } from '../../src/loader/instrument/lines.ts'
import { lastNotAfter } from '../../src/util/sorted.ts'
import { bundleOf } from './rig.ts'

/** Edits that do not overlap, over a text in which every character tells its offset. */
const SOURCE = Array.from({ length: 40 }, (_, index) => String.fromCharCode(0x4e00 + index)).join('')
const edits = fc.array(fc.tuple(fc.nat(6), fc.nat(5), fc.string({ maxLength: 4 })), { maxLength: 6 }).map(list => {
  let cursor = 0
  return list.map(([gap, length, text]) => {
    const start = Math.min(cursor + gap, SOURCE.length)
    cursor = Math.min(start + length, SOURCE.length)
    return { start, end: cursor, text }
  })
})

test('E1, E2: kept text maps to itself, inserted text to where it stands', () => {
  fc.assert(
    fc.property(edits, fc.nat(100), (list, seed) => {
      const target = new Edits()
      // Made in any order of places, as long as those at one place keep theirs.
      for (const each of seed % 2 ? list : [...list].sort((a, b) => (a.start % 7) - (b.start % 7) || a.start - b.start))
        target.replace(each.start, each.end, each.text)
      const { code, map } = target.apply(SOURCE)
      const origin = originOf(map)
      expect(code).toBe(
        list.reduceRight(
          (text, { start, end, text: inserted }) => text.slice(0, start) + inserted + text.slice(end),
          SOURCE,
        ),
      )
      for (let offset = 0; offset < code.length; offset += 1) {
        const kept = SOURCE.indexOf(code[offset]!)
        if (kept >= 0) expect(origin(offset)).toBe(kept)
        else expect(list.some(each => each.start === origin(offset))).toBe(true)
      }
    }),
  )
})

test('lines and offsets are inverse, whatever ends a line', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '\r', '\u2028')).map(parts => parts.join('')),
      fc.nat(50),
      (text, seed) => {
        const starts = lineStarts(text)
        const offset = seed % (text.length + 1)
        const { line, column } = placeOf(starts, offset)
        expect(offsetOf(starts, line, column)).toBe(offset)
        expect(starts[lastNotAfter(starts, offset)]).toBe(offset - column + 1)
      },
    ),
  )
})

test('S1: the site ids of a module are unique', async () => {
  const { bundle } = await bundleOf(
    {
      'tutti.js':
        'f(); f(); a.f(); a.f()\nconst x = () => { f(() => f(), () => f()); f`a`; new f() }\nconst y = { x: () => f(), z() { f() } }\nf(function () { f() }); (() => f())(); (() => f())()\nclass A { x() { f() } static x() { f() } }',
    },
    'tutti.js',
  )
  const module = bundle.modules['tutti.js']!
  const ids = module.kind === 'script' ? module.sites.map(each => each.id) : []
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.length).toBe(19)
})
