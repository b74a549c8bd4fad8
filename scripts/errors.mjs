/** Merges docs/errors/<folder>.txt (`CODE<TAB>what it means and what to do`) into docs/errors.md; `--print` only shows it. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const lists = readdirSync(`${docs}errors`).filter(name => name.endsWith('.txt'))
const rows = lists
  .flatMap(name => readFileSync(`${docs}errors/${name}`, 'utf8').split(/\r?\n/))
  .filter(line => line.includes('\t'))
  .map(line => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1).trim()])
const meanings = new Map(rows.sort(([a], [b]) => (a < b ? -1 : 1)))

const page = `# Error codes

Every error that a user can cause has a code that never changes its meaning. Made from docs/errors/*.txt by
\`npm run errors\`.

| code | what it means, and what to do |
| --- | --- |
${[...meanings].map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`).join('\n')}
`

if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(`${docs}errors.md`, page)
