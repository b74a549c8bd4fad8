/** Over random programs and their edits: equal hashes, equal doings. And the hash is not simply one of everything. */
import { expect, test } from 'vitest'
import { judge } from './judge.ts'
import { project } from './rig.ts'

test('what has the same hash does the same', async () => {
  const { tasks, hits, wrong } = await judge({ seed: 1, rounds: 8, dir: project({}) })
  expect(wrong).toEqual([])
  // The judge has something to judge.
  expect(tasks).toBeGreaterThan(60)
  expect(hits / tasks).toBeGreaterThan(0.4)
})
