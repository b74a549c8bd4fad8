/** Tutti, in a process of its own: `node own.mjs what size rounds folder`. Prints `{ ms: [of each round], rssMb }`; the first is cold. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { run } from 'tutti'
import { asl } from 'tutti/lang/asl'
import { openStore } from 'tutti/store'
import { largeOf, loopOf, mapOf } from './machines.mjs'

const [what, size, rounds, folder] = process.argv.slice(2)

const ms = []
for (let round = 0; round < Number(rounds); round++)
  ms.push(what === 'large' ? compile() : await execute((what === 'loop' ? loopOf : mapOf)(Number(size)), String(round)))
console.log(JSON.stringify({ ms, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) }))

/** From text to a graph that is validated; the tasks in it stay unbound. */
function compile() {
  const text = largeOf(Number(size))
  const startMs = performance.now()
  asl(text)
  return performance.now() - startMs
}

async function execute({ definition, input, expected }, round) {
  mkdirSync(folder, { recursive: true })
  const store = await openStore(join(folder, round), { durability: 'normal' })
  const machine = asl(definition)
  const startMs = performance.now()
  const result = await run(machine, { store, args: { input } })
  const elapsedMs = performance.now() - startMs
  await store.close()
  if (result.kind !== 'ended' || !isDeepStrictEqual(result.output, expected))
    throw new Error(`gave ${JSON.stringify(result).slice(0, 1_000)}`)
  return elapsedMs
}
