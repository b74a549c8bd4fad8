/** docs/patterns.md says of each pattern what its scenario is, and its counts are those of its rows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../house/project.ts'
import { SCENARIOS } from './scenarios.ts'

const text = readFileSync(join(root, 'docs/patterns.md'), 'utf8')

const ROW =
  /^\| (\d+) \| (.+?) \| (.+?) \| (direct|combination|not) \| \[(\w+)\]\(\.\.\/(examples\/patterns\/\w+\.ts)\) \|$/gm
const rows = [...text.matchAll(ROW)].map(
  ([, number = '', name = '', construct = '', support = '', workflow = '', file = '']) => ({
    number: Number(number),
    name,
    construct,
    support,
    workflow,
    file,
  }),
)
const count = (support: string): number => rows.filter(row => row.support === support).length

test('a row for each pattern, under its name', () => {
  expect(rows.map(({ number, name }) => [number, name])).toEqual(SCENARIOS.map(({ number, name }) => [number, name]))
})

test.each(rows)('$number leads to the workflow that is tested', async ({ number, workflow, file }) => {
  const module = (await import(join(root, file))) as Readonly<Record<string, unknown>>
  expect(module[workflow]).toBeDefined()
  expect(module[workflow]).toBe(SCENARIOS.find(each => each.number === number)?.workflow)
})

test('the counts are those of the rows', () => {
  const [, direct, combination] =
    /\*\*(\d+) of them are direct\*\*[^*]*\*\*(\d+) come by combination\*\*/.exec(text) ?? []
  expect([Number(direct), Number(combination), 0]).toEqual([count('direct'), count('combination'), count('not')])
})

test('what is not direct has its reason', () => {
  const reasons = [...text.matchAll(/^- \*\*(\d+) (.+?)\*\*: \S/gm)].map(([, number, name]) => `${number} ${name}`)
  expect(reasons).toEqual(rows.filter(row => row.support !== 'direct').map(({ number, name }) => `${number} ${name}`))
})

test('a free-form net is never called direct', () => {
  expect(rows.filter(({ construct, support }) => support === 'direct' && construct.includes('`net`'))).toEqual([])
})
