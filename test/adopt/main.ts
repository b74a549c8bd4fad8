/** `npm run adopt:corpus [NAME …]`: all real projects, or these; a table for docs/adopt.md, and the details as JSON. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApt, PROJECTS, type Result, tryProject } from './corpus.ts'

const names = process.argv.slice(2)
const cli = process.env['TUTTI_CLI'] ?? join(process.cwd(), 'dist/cli.js')
const folder = process.env['TUTTI_CORPUS'] ?? join(tmpdir(), 'tutti-corpus')
mkdirSync(folder, { recursive: true })
const fetch = openApt(folder)
if (fetch === undefined) {
  console.error('apt gives no sources here: this needs Debian, its package lists, and root')
  process.exit(1)
}
for (const project of PROJECTS.filter(each => names.length === 0 || names.includes(each.name))) {
  const tree = fetch(project.source, project.plain === true)
  if (tree === undefined) {
    console.log(`${project.name}: its sources cannot be fetched`)
    continue
  }
  try {
    const result = await tryProject(project, tree, { cli, folder, say: text => console.error(text) })
    console.log(row(result))
    console.log(JSON.stringify(result))
  } catch (error) {
    console.log(`${project.name} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function row({ name, commands, steps, files, differing, wayward, rerun, seconds }: Result): string {
  const equal = `${files - differing.length - wayward.length} of ${files}`
  return `| ${[name, commands, steps, equal, wayward.length, `${rerun.tutti} / ${rerun.make}`, ...['make', 'adopt', 'cold run', 'null run', 'make again', 'run again'].map(what => seconds[what])].join(' | ')} |`
}
