/**
 * Nothing is missed (W3, W4, W5, W7): real processes write, replace, move, link and remove at full speed, and who looked only
 * at what was hinted at knows in the end what there is. TORTURE_ROUNDS=300 makes more of it.
 */
import { watch } from 'node:fs'
import { expect, test } from 'vitest'
import { type Torture, torture } from './torture.ts'

const poll = { mode: 'poll', pollMs: 20 } as const

const cases: readonly (readonly [what: string, torture: Torture])[] = [
  ['a tree', { seed: 1, rounds: 12, style: 'tree' }],
  ['files and folders by name, set again at each change', { seed: 2, rounds: 12, style: 'listed' }],
  ['by name, with folders of links', { seed: 24, rounds: 12, style: 'listed' }],
  ['checkouts of a repository', { seed: 3, rounds: 8, style: 'tree', count: 20, repository: 500 }],
  [
    'checkouts while nobody reads what the kernel queues',
    { seed: 4, rounds: 4, style: 'tree', count: 20, repository: 1_500, busyMs: 300, watch: { burst: 500 } },
  ],
  ['a tree that is polled', { seed: 5, rounds: 6, style: 'tree', watch: poll }],
  ['names that are polled', { seed: 6, rounds: 6, style: 'listed', watch: poll }],
  [
    'a system that watches every other folder',
    { seed: 7, rounds: 6, style: 'tree', passMs: 300, watch: { pollMs: 20, watchFolder: everyOther() } },
  ],
]

test.each(cases)('after a mess nothing is believed that is not so: %s', { timeout: 60_000 }, async (_, given) => {
  const { wrong, hints } = await torture({ ...given, rounds: Number(process.env['TORTURE_ROUNDS'] ?? given.rounds) })
  expect(wrong).toEqual([])
  expect(hints).toBeGreaterThan(0)
})

function everyOther(): NonNullable<Torture['watch']>['watchFolder'] {
  let count = 0
  return (path, listener) => {
    if (++count % 2 === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    return watch(path, listener)
  }
}
