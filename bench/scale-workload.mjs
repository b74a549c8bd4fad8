/** One row of ./scale.mjs in a process of its own: prints `{ ms, rssBytes, note }`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cancelRun, each, loop, run, scope, signal, task, workflow } from 'tutti'
import { openStore } from 'tutti/store'

const [kind, sizeText, durability, folder] = process.argv.slice(2)
const size = Number(sizeText)

const noop = task(value => value, { name: 'noop' })
const list = task(length => Array.from({ length }, (_, index) => index), { name: 'list' })
const total = task(values => values.length, { name: 'total' })
const never = signal(undefined, { name: 'never' })

const nested = depth => (depth === 0 ? noop(0) : scope(() => nested(depth - 1)))

const WORKLOADS = {
  fan: store =>
    timed(
      store,
      workflow(() => total(each(list(size), item => noop(item)))),
      size,
    ),
  wide: store =>
    timed(
      store,
      workflow(() => total(Array.from({ length: size }, (_, index) => noop(index)))),
      size,
    ),
  async runs(store) {
    const chain = workflow(() => {
      let last = noop(0)
      for (let step = 1; step < 10; step++) last = noop(last)
      return last
    })
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: size }, () => succeeded(run(chain, { store }))))
    return { ms: performance.now() - startedAt }
  },
  async deep(store) {
    const startedAt = performance.now()
    for (let round = 0; round < 10; round++)
      await succeeded(
        run(
          workflow(() => nested(size)),
          { store },
        ),
      )
    return { ms: performance.now() - startedAt }
  },
  async loop(store) {
    const memory = []
    const next = count => {
      if (count % (size / 4) === 0) memory.push(heapMb())
      return count + 1
    }
    const counting = workflow(() =>
      loop(0, state => state.to(next), { while: state => state.to(count => count < size), limit: 'none' }),
    )
    const startedAt = performance.now()
    const output = await succeeded(run(counting, { store }))
    if (output !== size) throw new Error(`the loop ended with ${output}`)
    return { ms: performance.now() - startedAt, note: `heap at each quarter: ${memory.join(', ')} MB` }
  },
  /** Every instance waits for a signal; the cancel comes as a letter, as from another process. */
  async cancel(store) {
    const waiting = workflow(() => each(list(size), () => never.wait()))
    let startedAt = 0
    const result = await run(waiting, {
      store,
      id: 'scale',
      onEvent: event => {
        if (event.kind !== 'items.added') return
        // Once all of them wait: nothing is on its way then.
        setTimeout(() => {
          startedAt = performance.now()
          void cancelRun(store, 'scale')
        }, 3_000)
      },
    })
    if (result.kind !== 'ended' || result.status !== 'cancelled') throw new Error(`the run ${JSON.stringify(result)}`)
    return { ms: performance.now() - startedAt }
  },
  /** Three events a turn; stopped when there are enough, then resumed: until the first task of its new life runs. */
  async recover(store) {
    let resumedAt = 0
    let ms = 0
    let turns = 0
    const abort = new AbortController()
    const again = new AbortController()
    const count = task(
      value => {
        if (resumedAt > 0) {
          ms ||= performance.now() - resumedAt
          again.abort()
        } else if (++turns * 3 >= size) abort.abort()
        return value + 1
      },
      { name: 'count' },
    )
    const counting = workflow(() => loop(0, state => count(state), { while: () => true, limit: 'none' }))
    const first = await run(counting, { store, id: 'scale', signal: abort.signal })
    if (first.kind !== 'paused') throw new Error(`the run was ${first.kind}`)
    resumedAt = performance.now()
    await run(counting, { store, id: 'scale', signal: again.signal })
    return { ms, note: `${turns * 3} events` }
  },
}

const heapMb = () => {
  globalThis.gc()
  return Math.round(process.memoryUsage().heapUsed / 1e6)
}

async function timed(store, definition, expected) {
  const startedAt = performance.now()
  const output = await succeeded(run(definition, { store }))
  if (output !== expected) throw new Error(`gave ${JSON.stringify(output)}`)
  return { ms: performance.now() - startedAt }
}

async function succeeded(running) {
  const result = await running
  if (result.kind !== 'ended' || result.status !== 'succeeded') throw new Error(`no success: ${JSON.stringify(result)}`)
  return result.output
}

mkdirSync(folder, { recursive: true })
const store = await openStore(join(folder, 'store'), { durability })
const result = await WORKLOADS[kind](store)
await store.close()
console.log(JSON.stringify({ ...result, rssBytes: process.resourceUsage().maxRSS * 1024 }))
