/** The map that a debugger is given leads each word of the code to its place in the user's text. */
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { buildBundle } from '../../src/loader/index.ts'
import { withSourceMap } from '../../src/loader/source-map.ts'
import { project } from './rig.ts'

const PLAIN = `#!/usr/bin/env node
import { task, type Ref } from 'tutti'
interface Ignored<T> { readonly value: T }
/* a comment, é and 🎼 */ const first = (word1: string, word2?: Ignored<number>): string => \`\${word1} \${word2?.value}\`
export const named = task((word3: number) => {
  if (word3 as unknown as boolean && word3! > 1) return first(\`\${word3}\`)

  const word5: Ref<number>[] = []; const word6 = word5
  return word6
})
export default named
`
const sources = {
  'types that are erased': PLAIN,
  'line ends of Windows': PLAIN.replaceAll('\n', '\r\n'),
  'syntax that is lowered': PLAIN.replace('interface', 'export enum Sign { Plus = 1, word7 }\ninterface'),
}

test.for(Object.entries(sources))('%s', async ([, source]) => {
  const built = await buildBundle(join(project({ 'tutti.ts': source }), 'tutti.ts'))
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  const module = built.value.bundle.modules['tutti.ts']
  if (module?.kind !== 'script') throw new Error('it is no script')
  const url = pathToFileURL('/somewhere/tutti.ts').href
  const code = withSourceMap(module, url)
  const [, data = ''] = /\n\/\/# sourceMappingURL=data:application\/json;base64,(.*)$/.exec(code) ?? []
  const payload = JSON.parse(Buffer.from(data, 'base64').toString())
  expect(payload).toMatchObject({ version: 3, sources: [url], sourcesContent: [source] })
  const map = new SourceMap(payload)
  const places = (text: string, word: RegExp) =>
    text
      .split(/\r?\n/)
      .flatMap((line, row) => [...line.matchAll(word)].map(match => ({ word: match[0], row, column: match.index })))
  // Between quotes stand names that hooks are told.
  const inSource = places(source, /(?<!['"])\bword\d\b/g)
  const inCode = places(module.code, /(?<!['"])\bword\d\b/g).filter(each =>
    inSource.some(({ word }) => word === each.word),
  )
  expect(inCode.length).toBeGreaterThan(8)
  const led = inCode.map(({ word, row, column }) => {
    const { originalLine, originalColumn } = map.findEntry(row, column) as {
      originalLine: number
      originalColumn: number
    }
    return { word, row: originalLine, column: originalColumn }
  })
  // A word of the source stands on the line that the map says; lowering knows the columns of whole expressions only.
  for (const { word, row, column } of led) {
    const onLine = inSource.filter(each => each.word === word && each.row === row)
    expect(onLine, `${word} on line ${row + 1}`).not.toEqual([])
    if (!module.lowered) expect(lineTo(source, row, column)).toContain(word)
  }
})

/** The text of a line from a column on, as far as one mapped piece may reach. */
const lineTo = (source: string, row: number, column: number): string => (source.split(/\r?\n/)[row] ?? '').slice(column)
