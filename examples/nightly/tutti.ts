/**
 * Two parts of a nightly run share a ledger and an archive, and hold one while they wait for the other. Taken in opposite
 * order, each can wait for the other for ever: `tutti check` finds it before the night does.
 */
import { critical, effect, lock, task, workflow } from 'tutti'

const ledger = lock()
const archive = lock()

const collect = task(() => ['4711', '4712'])
const store = effect((rows: readonly string[]) => rows.length)
const load = task(() => ['0815'])
const book = effect((rows: readonly string[]) => rows.length)

/** `close` holds the ledger while it writes the archive; `correct` holds the archive while it books. */
export const nightly = workflow(() => {
  const close = critical(ledger, () => {
    const rows = collect()
    return critical(archive, () => store(rows))
  })
  const correct = critical(archive, () => {
    const rows = load()
    return critical(ledger, () => book(rows))
  })
  return { close, correct }
})

/** The same in one order: whoever wants both takes the ledger first. */
export const ordered = workflow(() => {
  const close = critical(ledger, () => {
    const rows = collect()
    return critical(archive, () => store(rows))
  })
  const correct = critical(ledger, () => {
    const rows = critical(archive, () => load())
    return book(rows)
  })
  return { close, correct }
})
