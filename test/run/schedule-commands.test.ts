/** Commands that wait for a slot go in the order in which their steps would. */
import { afterEach, expect, test } from 'vitest'
import { commandsMax, setCommandsMax } from '../../src/exec/index.ts'
import { takeSlot } from '../../src/exec/sh/limiter.ts'

const before = commandsMax()
afterEach(() => setCommandsMax(before))

const LIVE = new AbortController().signal

test('greater priority first, then the longest way to the end, then who asked first', async () => {
  setCommandsMax(1)
  const first = await takeSlot(LIVE)
  const started: string[] = []
  const gone = new AbortController()
  const asks = (name: string, ahead: number | undefined, priority = 0, signal = LIVE): Promise<void> =>
    takeSlot(signal, { policy: { priority }, ...(ahead === undefined ? {} : { ahead }) }).then(release => {
      if (release) started.push(name)
      release?.()
    })
  const all = [
    asks('a', undefined),
    asks('b', 10),
    asks('gone', 30, 5, gone.signal),
    asks('c', 20),
    asks('d', 10),
    asks('urgent', undefined, 1),
  ]
  gone.abort()
  first?.()
  await Promise.all(all)
  expect(started).toEqual(['urgent', 'c', 'b', 'd', 'a'])
})
