/** `npm run fuzz:rebuild -- [--seeds N] [--from S]`: the long form of ../property.test.ts, a build from nothing after each edit. */
import { play, sequenceOf, shrunk } from './play.ts'

const option = (name: string, standard: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? standard : Number(process.argv[at + 1])
}

const from = option('from', 1)
const count = option('seeds', 2_000)
const startedMs = performance.now()
let wrongs = 0
for (let seed = from; seed < from + count; seed++) {
  const sequence = sequenceOf(seed)
  const wrong = await play(sequence, 'each')
  if (wrong === undefined) continue
  wrongs += 1
  const least = await shrunk(sequence)
  console.log(`seed ${seed}: ${wrong}\n  least: ${JSON.stringify(least.edits)}\n  ${await play(least, 'each')}`)
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
console.log(`${count} sequences from seed ${from}: ${wrongs} went wrong (${seconds} s)`)
process.exitCode = wrongs === 0 ? 0 : 1
