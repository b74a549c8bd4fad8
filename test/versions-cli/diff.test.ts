/** What is different between versions and files, told over a real history. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DiffFlags, diffCommand } from '../../src/cli/commands/diff.ts'
import { type PublishFlags, publishCommand } from '../../src/cli/commands/publish.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import { type Renamed, renamedBetween } from '../../src/cli/versions/renames.ts'
import type { VersionRow } from '../../src/store/index.ts'
import { elementsOf } from '../cli-render/xml.ts'
import { tutti } from '../cli/rig.ts'
import { type Inside, inside } from './inside.ts'

const PRICES = 'export const CENTS = 30\nexport const unused = 1\n'

interface Parts {
  readonly price?: string
  readonly more?: string
  readonly body?: string
}

const text = ({
  price = '(kWh: number): number => kWh * CENTS',
  more = '',
  body = 'return { cents: price(read(kWh)) }',
}: Parts = {}): string => `
import { effect, task, workflow } from 'tutti'
import { CENTS } from './prices.ts'

const read = task((kWh: number): number => kWh)
const price = task(${price})
${more}
export const bill = workflow((kWh: number) => {
  ${body}
})
`

const TAX: Parts = {
  more: 'const tax = task((cents: number): number => cents * 0.2)',
  body: 'const cents = price(read(kWh))\n  return { cents, tax: tax(cents) }',
}
const LEVY: Parts = {
  more: 'const levy = task((cents: number): number => cents * 0.25)',
  body: 'const cents = price(read(kWh))\n  return { cents, tax: levy(cents) }',
}

const diff =
  (words: readonly string[], flags: DiffFlags = {}) =>
  (io: Parameters<typeof diffCommand>[0]): Promise<number> =>
    diffCommand(io, words, flags)

const publish =
  (flags: PublishFlags = {}) =>
  (io: Parameters<typeof diffCommand>[0]): Promise<number> =>
    publishCommand(io, [], flags)

let project: Inside

/** 1.0.0, 1.0.1 with another price, 1.1.0 with a tax, 1.2.0 with a levy in its place. */
beforeAll(async () => {
  project = inside({ 'tutti.ts': text(), 'prices.ts': PRICES })
  await project.ok(publish())
  project.write(PRICES.replace('30', '31'), 'prices.ts')
  await project.ok(publish())
  project.write(text(TAX))
  await project.ok(publish({ channel: 'next' }))
  project.write(text(LEVY))
  await project.ok(publish({ rename: ['tax=levy'] }))
})

interface Found {
  readonly before: { readonly name: string }
  readonly after: { readonly name: string }
  readonly changes: readonly { readonly kind: string }[]
  readonly code: unknown
}

const json = async (words: readonly string[], flags: DiffFlags = {}): Promise<Found> => {
  const [only] = await project.json(diff(words, { ...flags, json: true }))
  return only as unknown as Found
}

const kindsOf = ({ changes }: Found): readonly string[] => changes.map(({ kind }) => kind)

test('code of another module, under the task that uses it', async () => {
  expect(await project.ok(diff(['1.0.0', '1.0.1']))).toMatchInlineSnapshot(`
    "bill@1.0.0 → bill@1.0.1

    code
      ~ price, of cents

    CENTS, which price uses
      prices.ts:1
      1 - export const CENTS = 30
      1 + export const CENTS = 31

    patch: 1.0.1
    "
  `)
})

test('what came, in text', async () => {
  expect(await project.ok(diff(['1.0.1', '1.1.0']))).toMatchInlineSnapshot(`
    "bill@1.0.1 → bill@1.1.0

    interface
      + result tax

    steps
      + tax (task)

    minor: 1.1.0
    "
  `)
})

test('only how much', async () => {
  expect(await project.ok(diff(['1.0.0', '1.1.0'], { stat: true }))).toMatchInlineSnapshot(`
    "bill@1.0.0 → bill@1.1.0
      interface  1 added
      steps      1 added
      code       1 changed: 1 line added, 1 removed
    minor: 1.1.0
    "
  `)
})

test('a declared rename is one step, forwards and back', async () => {
  for (const words of [
    ['1.1.0', '1.2.0'],
    ['1.2.0', '1.1.0'],
  ]) {
    const kinds = kindsOf(await json(words))
    expect(kinds).toContain('step.renamed')
    expect(kinds).not.toContain('step.added')
    expect(kinds).not.toContain('step.removed')
  }
})

describe('renames over several versions', () => {
  const row = (number: string, since: string | undefined, renamed: Renamed = {}): VersionRow => ({
    line: 'tutti.ts#w',
    number,
    hash: number,
    atMs: 0,
    facts: { renamed, ...(since === undefined ? {} : { since }) },
  })
  const rows = [
    row('1.0.0', undefined),
    row('1.1.0', '1.0.0', { a: 'b', x: 'y' }),
    row('1.2.0', '1.1.0', { b: 'c' }),
    row('1.3.0', '1.2.0', { p: 'q' }),
    row('1.0.1', '1.0.0', { a: 'z' }),
  ]
  test.each<{ readonly from: string; readonly to: string; readonly renamed: Renamed }>([
    { from: '1.0.0', to: '1.3.0', renamed: { a: 'c', x: 'y', p: 'q' } },
    { from: '1.3.0', to: '1.0.0', renamed: { c: 'a', y: 'x', q: 'p' } },
    { from: '1.1.0', to: '1.2.0', renamed: { b: 'c' } },
    { from: '1.2.0', to: '1.2.0', renamed: {} },
    { from: '1.0.1', to: '1.3.0', renamed: {} },
  ])('$from to $to', ({ from, to, renamed }) => {
    const [before, after] = [from, to].map(number => rows.find(each => each.number === number)) as [
      VersionRow,
      VersionRow,
    ]
    expect(renamedBetween(rows, before, after)).toEqual(renamed)
  })
})

test('what was renamed and has gone since is only gone', async () => {
  const other = inside({ 'tutti.ts': text(TAX), 'prices.ts': PRICES })
  await other.ok(publish())
  other.write(text(LEVY))
  await other.ok(publish({ rename: ['tax=levy'] }))
  other.write(text())
  await other.ok(publish())
  const [found] = await other.json(diff(['1.0.0', 'bill@latest'], { json: true }))
  expect(kindsOf(found as unknown as Found)).toContain('step.removed')
})

test('the code of a step that calls another function now is compared with that of the one before', async () => {
  const { code } = await json(['1.1.0', 'bill@file'], { rename: ['tax=levy'] })
  expect(code).toMatchObject([
    {
      address: 'levy',
      pieces: [
        {
          name: 'levy',
          file: 'tutti.ts',
          added: 1,
          removed: 1,
          hunks: [
            {
              before: 7,
              after: 7,
              lines: [
                '-const tax = task((cents: number): number => cents * 0.2)',
                '+const levy = task((cents: number): number => cents * 0.25)',
              ],
            },
          ],
        },
      ],
    },
  ])
})

describe('which two', () => {
  test.each<{ readonly words: readonly string[]; readonly names: readonly [string, string]; flags?: DiffFlags }>([
    { words: [], names: ['bill@1.2.0', 'tutti.ts'] },
    { words: ['1.0.0'], names: ['bill@1.0.0', 'tutti.ts'] },
    { words: ['~1.0', '@next'], names: ['bill@1.0.1', 'bill@1.1.0'] },
    { words: ['next', 'bill@latest'], names: ['bill@1.1.0', 'bill@1.2.0'] },
    { words: ['tutti.ts#bill@1.0.0', '1.0.1'], names: ['bill@1.0.0', 'bill@1.0.1'] },
    { words: ['bill'], names: ['bill@1.2.0', 'tutti.ts'] },
    { words: ['tutti.ts'], names: ['bill@1.2.0', 'tutti.ts'] },
    { words: ['tutti.ts#bill', '1.0.0'], names: ['tutti.ts', 'bill@1.0.0'] },
    { words: ['1.0.0', '1.0.1'], flags: { workflow: 'bill' }, names: ['bill@1.0.0', 'bill@1.0.1'] },
    { words: ['1.0.0', 'bill@file'], names: ['bill@1.0.0', 'tutti.ts'] },
  ])('$words', async ({ words, flags, names }) => {
    const { before, after } = await json(words, flags)
    expect([before.name, after.name]).toEqual(names)
  })

  test('of several workflows of one file, the one that is named', async () => {
    const two = inside({ 'tutti.ts': `${text()}export const other = workflow(() => read(1))\n`, 'prices.ts': PRICES })
    await two.ok(publish({ all: true }))
    expect(await two.ok(diff(['other@1.0.0']))).toBe('other@1.0.0 → tutti.ts#other\nnothing is different\n')
    expect(await two.ok(diff(['1.0.0'], { workflow: 'bill' }))).toContain('bill@1.0.0 → tutti.ts#bill')
    expect(await two.refusal(diff(['1.0.0']))).toMatchObject({ code: 'VERSION_AMBIGUOUS' })
    expect(await two.ok(diff(['bill@1.0.0', 'other@1.0.0']))).toContain('- cents (task)')
  })
})

test('a file: how it would be numbered if it were published now', async () => {
  project.write(text(), 'less.ts')
  expect(await json(['less.ts'])).toMatchObject({ bump: 'major', number: '2.0.0' })
  expect(await json(['1.0.0', 'less.ts'])).not.toHaveProperty('number')
})

describe('two files, without any store', () => {
  const two = (other: string): Inside => inside({ 'tutti.ts': text(), 'prices.ts': PRICES, 'other.ts': other })
  const both = diff(['tutti.ts', 'other.ts'], { check: true })

  test('another function', async () => {
    const { code, out } = await two(text({ price: '(kWh: number): number => kWh * CENTS + 1' })).run(both)
    expect(code).toBe(1)
    expect(out).toMatchInlineSnapshot(`
      "tutti.ts → other.ts

      code
        ~ price, of cents

      price
        other.ts:6
        6 - const price = task((kWh: number): number => kWh * CENTS)
        6 + const price = task((kWh: number): number => kWh * CENTS + 1)

      patch
      "
    `)
  })

  test('formatting and comments are nothing', async () => {
    const other = text().replaceAll('\n', '\n\n').replace('const price', '/** What it costs. */\nconst price')
    expect(await two(other).ok(both)).toBe('tutti.ts → other.ts\nnothing is different\n')
  })

  test('what a function uses of its own file', async () => {
    const constants = (value: number): string =>
      text({ price: '(kWh: number): number => kWh * FACTOR', more: `const FACTOR = ${value}` })
    const files = inside({ 'tutti.ts': constants(2), 'prices.ts': PRICES, 'other.ts': constants(3) })
    const { out } = await files.run(both)
    expect(out).toContain('FACTOR, which price uses\n  other.ts:7\n  7 - const FACTOR = 2\n  7 + const FACTOR = 3\n')
    expect(out).not.toContain('(gone)')
  })

  test('no version is there', async () => {
    expect(await two(text()).refusal(diff(['1.0.0']))).toMatchObject({ code: 'NOT_PUBLISHED', exit: 2 })
  })
})

test('a run: the code that it began with, whatever the file says now', async () => {
  const other = inside({ 'tutti.ts': text(), 'prices.ts': PRICES })
  await other.ok(io => runCommand(io, [], { param: ['kWh=1'], id: 'first', quiet: true }))
  other.write(PRICES.replace('30', '33'), 'prices.ts')
  const out = await other.ok(diff(['run:first']))
  expect(out).toContain('run first → tutti.ts')
  expect(out).toContain('+ export const CENTS = 33')
  expect(await other.refusal(diff(['run:second']))).toMatchObject({ code: 'RUN_UNKNOWN' })
})

test('drawn', async () => {
  const svg = await project.ok(diff(['1.0.0', '1.1.0'], { svg: true }))
  expect(elementsOf(svg)[0]).toMatchObject({ name: 'svg' })
  expect([...svg.matchAll(/<text class="legend"[^>]*>([^<]*)</g)].map(([, each]) => each)).toEqual([
    '1 step added',
    '1 step changed',
    '1 step unchanged',
  ])
})

test('without the file', async () => {
  const gone = inside({ 'tutti.ts': text(), 'prices.ts': PRICES })
  await gone.ok(publish())
  gone.write(PRICES.replace('30', '32'), 'prices.ts')
  await gone.ok(publish())
  for (const file of ['tutti.ts', 'prices.ts']) rmSync(join(gone.folder, file))
  expect(await gone.ok(diff(['1.0.0', '1.0.1']))).toContain('+ export const CENTS = 32')
  expect(await gone.refusal(diff(['1.0.0']))).toMatchObject({ code: 'FILE_NOT_FOUND' })
})

describe('bad words', () => {
  test.each<{ readonly words: readonly string[]; readonly flags?: DiffFlags; readonly code: string }>([
    { words: ['9.9.9'], code: 'VERSION_UNKNOWN' },
    { words: ['^9'], code: 'VERSION_UNKNOWN' },
    { words: ['bil'], code: 'NOT_PUBLISHED' },
    { words: ['1.0.0', 'nothing.ts'], code: 'FILE_NOT_FOUND' },
    { words: ['bill@1.0.0', 'tutti.ts#bil'], code: 'WORKFLOW_UNKNOWN' },
    { words: ['1', '2', '3'], code: 'USAGE' },
    { words: ['1.0.0', '1.0.1'], flags: { rename: ['x'] }, code: 'USAGE' },
    { words: ['1.0.0', '1.0.1'], flags: { rename: ['x=y'] }, code: 'RENAME_UNKNOWN' },
  ])('$words $flags', async ({ words, flags, code }) => {
    expect(await project.refusal(diff(words, flags))).toMatchObject({ code })
  })
})

test('as it is typed', { timeout: 60_000 }, async () => {
  const type = (...words: readonly string[]) => tutti(['diff', ...words], { cwd: project.folder })
  expect(await type('1.0.0', '1.0.1', '--check', '--stat')).toMatchObject({
    code: 1,
    out: 'bill@1.0.0 → bill@1.0.1\n  code  1 changed: 1 line added, 1 removed\npatch: 1.0.1\n',
  })
  expect(await type('-w', 'bill', '1.0.0', '1.0.0', '--check')).toMatchObject({ code: 0 })
  expect(await type('1.0.0', '1.0.1', '--svg', '--json')).toMatchObject({ code: 2 })
})
