/** docs/find.md lists what there is, and its queries can be asked. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIELDS, type Field } from '../../src/search/fields.ts'
import { parseQuery } from '../../src/search/index.ts'

const page = readFileSync(new URL('../../docs/find.md', import.meta.url), 'utf8')

test.each(Object.entries(FIELDS))('the fields of %s', (subject, fields: { readonly [name: string]: Field }) => {
  const own = Object.entries(fields).filter(([name]) => !name.startsWith('run.'))
  const rows = own.map(([name, { type, about }]) => `| \`${name}\` | ${type} | ${about} |`)
  expect(page).toContain([`| **${subject}** | | |`, '| --- | --- | --- |', ...rows].join('\n'))
})

const asked = [...page.matchAll(/^\$ tutti find "(.*)"$/gm)].map(([, query]) => query!)

test.each(asked)('%s', query => expect(parseQuery(query, 0).subject).toMatch(/^(run|step|value|log|node)$/))
test('there are some', () => expect(asked.length).toBeGreaterThan(4))
