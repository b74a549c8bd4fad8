/** The floor of a null run for any Node program: start, read a manifest, stat every file that it names. */
import { readFileSync, statSync } from 'node:fs'

const files = JSON.parse(readFileSync('floor.json', 'utf8'))
let changed = 0
for (const [path, mtimeMs] of files) if (statSync(path, { throwIfNoEntry: false })?.mtimeMs !== mtimeMs) changed++
process.exitCode = changed === 0 ? 0 : 1
