/** Random projects through random edits: what is rebuilt is right, and no more than must be. The long form: npm run fuzz:rebuild. */
import { expect, test } from 'vitest'
import { play, sequenceOf, shrunk } from './random/play.ts'

const SEQUENCES = Number(process.env['TUTTI_SEQUENCES'] ?? 40)
const FROM = Number(process.env['TUTTI_FROM'] ?? 1)

test('every rebuild is what a build from nothing gives, and runs what has a new key', {
  timeout: 600_000,
}, async () => {
  for (let seed = FROM; seed < FROM + SEQUENCES; seed++) {
    const sequence = sequenceOf(seed)
    const wrong = await play(sequence, 'last')
    if (wrong === undefined) continue
    const least = await shrunk(sequence)
    expect.fail(`seed ${seed}: ${wrong}\nleast: ${JSON.stringify(least.edits)}: ${await play(least, 'each')}`)
  }
})
