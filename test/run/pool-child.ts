/** A process whose steps want slots of a pool that the store shares: `FOLDER RUN STEPS DIARY`. */
import { appendFileSync } from 'node:fs'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { openStore } from '../../src/store/index.ts'
import { graphOf, policy, stage, step } from './graphs.ts'

const [folder = '', run = '', count = '', diary = ''] = process.argv.slice(2)

const pooled = policy({ pool: { name: 'gpu', slots: 2, across: 'store' } })
const graph = graphOf(Array.from({ length: Number(count) }, (_, index) => step(`work${index}`, [], pooled)))
const work = async () => {
  appendFileSync(diary, `+${run}\n`)
  await delay(20)
  appendFileSync(diary, `-${run}\n`)
}

const store = await openStore(folder, { durability: 'normal' })
const worker = stage(store, graph, { run, tasks: { work } })
console.log('ready')
await once(process.stdin, 'data')
const { session } = await worker.start()
console.log(JSON.stringify(await session.ended))
await store.close()
process.exit(0)
