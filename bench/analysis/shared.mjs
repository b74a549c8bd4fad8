/** All nets of known verdict in one process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSoundness, finish, newBudget, readPnml, workflowNet } from '../../dist/analysis.js'

const [folder] = process.argv.slice(2)
const rows = readFileSync(join(folder, 'verdicts.tsv'), 'utf8').trim().split('\n').slice(1)
let readMs = 0
let checkMs = 0
const wrong = []
for (const row of rows) {
  const [name, , , sound] = row.split('\t')
  const startMs = performance.now()
  const entry = workflowNet(readPnml(name, [readFileSync(join(folder, 'nets', `${name}.pnml`), 'utf8')]))
  const readEndMs = performance.now()
  const kind = entry.kind === 'workflow-net' ? finish(checkSoundness(entry.net, newBudget())).kind : 'unsound'
  readMs += readEndMs - startMs
  checkMs += performance.now() - readEndMs
  if (kind !== (sound === 'yes' ? 'sound' : 'unsound')) wrong.push(`${name}: ${kind}`)
}
console.log(JSON.stringify({ count: rows.length, readMs, checkMs, wrong }))
