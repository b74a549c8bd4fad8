/** The lines of a tree; a chain as long as a graph is drawn in the time that its length takes. */
import { expect, test } from 'vitest'
import { treeRows } from '../../src/cli/render/tree-rows.ts'

interface Entry {
  readonly name: string
  readonly below: Entry | undefined
}

const drawn = (entries: readonly Entry[]): readonly string[] =>
  treeRows(entries, ({ below }) => below).map(({ lead, entry }) => `${lead}${entry.name}`)

test('each stands below the one that it hangs on', () => {
  const root: Entry = { name: 'a', below: undefined }
  const first: Entry = { name: 'b', below: root }
  expect(drawn([root, first, { name: 'c', below: root }, { name: 'd', below: first }])).toEqual([
    'a',
    '├─ b',
    '│  └─ d',
    '└─ c',
  ])
})

test('of a long chain, what is deeper than any screen shows stands no further in', () => {
  const chain: Entry[] = []
  for (let at = 0; at < 20_000; at++) chain.push({ name: `${at}`, below: chain.at(-1) })
  const lines = drawn(chain)
  expect(lines).toHaveLength(chain.length)
  expect(lines[60]).toBe(`${'   '.repeat(59)}└─ 60`)
  expect(Math.max(...lines.map(line => line.length))).toBeLessThan(400)
})
