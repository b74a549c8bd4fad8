/** The two parts of `npm run bench:schedule`, as rows of tables. */
import { set } from './set.ts'
import { speed } from './speed.ts'

const only = process.argv.slice(2).filter(word => !word.startsWith('--'))
for (const [name, part] of Object.entries({ set, speed }))
  if (only.length === 0 || only.includes(name)) for (const row of part()) console.log(`| ${row.join(' | ')} |`)
