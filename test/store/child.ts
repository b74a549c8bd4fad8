/** The other processes of the store's tests. Arguments: what to do, the store's folder, and what the part says. */
import { writeSync } from 'node:fs'
import { openStore } from '../../src/store/index.ts'
import { contentsOf, event, LINE, lease, pinned, rowOf, versionOf } from './data.ts'

const [, , part, folder = '', first = '', second = ''] = process.argv

/** At once and whole: a kill must not lose what was printed. */
const print = (line: string): void => void writeSync(1, `${line}\n`)

const parts: { readonly [part: string]: () => Promise<void> } = {
  /** Appends for ever to run `first`; prints the number of each event when it is acknowledged. */
  write: async () => {
    const store = await openStore(folder)
    const held = lease(store, first)
    await store.append([{ lease: held, events: [event(0)], row: rowOf(first) }])
    for (let index = 1; ; index += 1) {
      await store.append([{ lease: held, events: [event(index)] }])
      print(String(index))
    }
  },
  /** Begins the runs `0`, `1`, … `first`, one commit each. */
  begin: async () => {
    const store = await openStore(folder, { durability: 'normal' })
    for (let index = 0; index <= Number(first); index += 1)
      await store.append([{ lease: lease(store, String(index)), events: [event(0)], row: rowOf(String(index)) }])
    await store.close()
    process.exit(0)
  },
  /** Appends to run `first` for `second` ms from the signal on; prints how many commits it got. */
  contend: async () => {
    const store = await openStore(folder, { durability: process.env['DURABILITY'] === 'normal' ? 'normal' : 'full' })
    const held = lease(store, first)
    await store.append([{ lease: held, events: [event(0)], row: rowOf(first) }])
    print('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    print(String(await commitsWithin(Number(second), index => store.append([{ lease: held, events: [event(index)] }]))))
    await store.close()
    process.exit(0)
  },
  /** Opens and closes: what a process does that only looks. */
  visit: async () => (await openStore(folder)).close(),
  /** Takes the lease of run `first` and stays. */
  hold: async () => {
    const store = await openStore(folder)
    lease(store, first)
    print('held')
    setInterval(() => {}, 1_000)
  },
  /** Takes the two slots of pool `first`, queues for a third, and stays. */
  slots: async () => {
    const store = await openStore(folder)
    const request = { pool: first, slots: 2, weight: 1, priority: 0 }
    print([1, 2, 3].map(ticket => store.slots.take({ ticket, ...request })).join(' '))
    setInterval(() => {}, 1_000)
  },
  /** Publishes `second` versions to one line, each numbered by what it finds there; prints each number, and how often it was stale. */
  publish: async () => {
    const store = await openStore(folder)
    print('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    let stale = 0
    for (let index = 0; index < Number(second); index += 1) {
      const note = `${index} of ${first}`
      for (;;) {
        const seen = store.versions.list(LINE).length
        const number = `1.0.${seen}`
        if (store.versions.publish(versionOf(number), contentsOf(note), seen, 'current') === 'published') {
          print(`${number} ${note}`)
          break
        }
        stale += 1
      }
    }
    print(`stale ${stale}`)
    await store.close()
    process.exit(0)
  },
  /** Publishes, and points to the version before, for ever; prints each number when it is acknowledged. */
  rewind: async () => {
    const store = await openStore(folder)
    for (let index = store.versions.list(LINE).length; ; index += 1) {
      store.versions.publish(versionOf(`1.0.${index}`), contentsOf(String(index)), index, 'current')
      print(`1.0.${index}`)
      if (index === 0) continue
      store.versions.point(LINE, pinned(`1.0.${index - 1}`))
      print(`1.0.${index - 1}`)
    }
  },
  /** Appends an event to run `second`, then posts a letter to run `first`. */
  post: async () => {
    const store = await openStore(folder)
    await store.append([{ lease: lease(store, second), events: [event(0)], row: rowOf(second) }])
    store.mailbox.post(first, { kind: 'cancel', reason: 'asked' })
    await store.close()
  },
}

async function commitsWithin(ms: number, append: (index: number) => Promise<number>): Promise<number> {
  const endMs = performance.now() + ms
  let count = 0
  while (performance.now() < endMs) {
    count += 1
    await append(count)
  }
  return count
}

await parts[part ?? '']?.()
