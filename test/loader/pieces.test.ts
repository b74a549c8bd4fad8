/** Which declarations of which modules stand behind an address, and their text. */
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../src/loader/pieces.ts'
import { bundleOf, type Files } from './rig.ts'

/** `module:line` of each piece that an address reaches, with the first line of its text; its own first. */
async function reached(files: Files, address: string): Promise<readonly string[] | undefined> {
  const pieces = piecesOf((await bundleOf(files)).bundle)
  const found = pieces.reachedBy(address)
  if (!found) return undefined
  const texts = await Promise.all([...found.pieces.keys()].map(key => pieces.pieceAt(key)))
  return texts.map(piece => (piece ? `${piece.module}:${piece.line} ${piece.text.trimEnd().split('\n')[0]}` : '?'))
}

const HEAD = `import { task, workflow } from 'tutti'\n`

describe('what an address reaches', () => {
  const CASES: readonly (readonly [
    why: string,
    files: Files,
    address: string,
    expected: readonly string[] | undefined,
  ])[] = [
    [
      'its own declaration, and what it uses of its module',
      { 'tutti.ts': `${HEAD}const X = 1\nconst Y = 2\nexport const a = task(() => X)` },
      'a',
      ['tutti.ts:4 export const a = task(() => X)', 'tutti.ts:2 const X = 1'],
    ],
    [
      'what that uses of another module, through exports under another name',
      {
        'tutti.ts': `${HEAD}import { twice } from './lib/index.ts'\nconst a = task((n: number) => twice(n))`,
        'lib/index.ts': `export { double as twice } from '../double.ts'\n`,
        'double.ts': `const FACTOR = 2\n\nexport function double(n: number) {\n  return n * FACTOR\n}\n`,
      },
      'a',
      [
        'tutti.ts:3 const a = task((n: number) => twice(n))',
        'double.ts:1 const FACTOR = 2',
        'double.ts:3 export function double(n: number) {',
      ],
    ],
    [
      'data',
      {
        'tutti.ts': `${HEAD}import rates from './rates.json' with { type: 'json' }\nconst a = task(() => rates.usd)`,
        'rates.json': '{ "usd": 1 }\n',
      },
      'a',
      ['tutti.ts:3 const a = task(() => rates.usd)', 'rates.json:1 { "usd": 1 }'],
    ],
    [
      'one of several of a name, in the order in which their modules run',
      {
        'tutti.ts': `${HEAD}import { b } from './b.ts'\nconst same = task(() => 1)\nexport const w = workflow(() => [same(), b()])`,
        'b.ts': `${HEAD}const same = task(() => 2)\nexport const b = same`,
      },
      'same~2',
      ['tutti.ts:3 const same = task(() => 1)'],
    ],
    [
      'a pure function: what is around its call',
      { 'tutti.ts': `${HEAD}const a = task(() => 1)\nexport const w = workflow(() => {\n  return a().to(x => x)\n})` },
      'w/.to#0',
      ['tutti.ts:3 export const w = workflow(() => {', 'tutti.ts:2 const a = task(() => 1)'],
    ],
    [
      'a function that closes over a variable: itself, nothing more is known',
      { 'tutti.ts': `${HEAD}const make = (n: number) => task(() => n)\nexport const a = make(1)` },
      'make',
      ['tutti.ts:2 const make = (n: number) => task(() => n)'],
    ],
    ['nobody', { 'tutti.ts': `${HEAD}export const a = task(() => 1)` }, 'b', undefined],
  ]
  test.each(CASES)('%s', async (_, files, address, expected) => {
    expect(await reached(files, address)).toEqual(expected)
  })
})

describe('the text of a piece', () => {
  const SOURCE = `${HEAD}
/** One. */
export const one = task(() => {
  return 1
}); const two = 2, three = () => 3
export default function four() {}
const { five, six: [six] } = { five: 5, six: [6] }
`
  test.each([
    ['one', 4, 'export const one = task(() => {\n  return 1\n}); const two = 2, three = () => 3\n'],
    ['two', 6, '}); const two = 2, three = () => 3\n'],
    ['three', 6, '}); const two = 2, three = () => 3\n'],
    ['four', 7, 'export default function four() {}\n'],
    ['five,six', 8, 'const { five, six: [six] } = { five: 5, six: [6] }\n'],
  ])('%s: whole lines', async (name, line, text) => {
    const pieces = piecesOf((await bundleOf({ 'tutti.ts': SOURCE })).bundle)
    expect(await pieces.pieceAt(`tutti.ts:${name}`)).toEqual({ module: 'tutti.ts', name, line, text })
  })

  test('none, where there is none', async () => {
    const pieces = piecesOf((await bundleOf({ 'tutti.ts': SOURCE })).bundle)
    expect(await pieces.pieceAt('tutti.ts:seven')).toBeUndefined()
    expect(await pieces.pieceAt('other.ts:one')).toBeUndefined()
  })
})
