/** Slots of a pool that real processes share through their store. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { bundleChild, newFolder, startChild } from '../store/fixture.ts'

let script = ''
beforeAll(async () => void (script = await bundleChild(new URL('./pool-child.ts', import.meta.url))))
afterAll(() => rmSync(script, { force: true }))

/** Who held a slot when, as the steps themselves wrote it down. */
async function diaryOf() {
  const folder = newFolder()
  await (await openStore(folder)).close()
  const path = join(dirname(folder), 'diary')
  writeFileSync(path, '')
  return { folder, path, lines: () => readFileSync(path, 'utf8').split('\n').filter(Boolean) }
}

/** The most that held a slot at once; of `killed` none does any more. */
function mostAtOnce(lines: readonly string[]): number {
  let now = 0
  let most = 0
  for (const line of lines) {
    now += line.startsWith('+') ? 1 : -1
    most = Math.max(most, now)
  }
  return most
}

it('no more than there are, and each process gets its share', async () => {
  const { folder, path, lines } = await diaryOf()
  const children = ['a', 'b'].map(run => startChild(script, [folder, run, '8', path]))
  await Promise.all(children.map(child => child.printed(1)))
  for (const child of children) child.process.stdin?.write('go\n')
  await Promise.all(children.map(child => child.ended))
  for (const child of children) expect(child.lines.at(-1)).toBe('{"kind":"ended","status":"succeeded"}')
  expect(lines().length).toBe(32)
  expect(mostAtOnce(lines())).toBe(2)
  // Whoever waits longest is next: of the first half of the steps, each has done at least a quarter.
  const starts = lines()
    .filter(line => line.startsWith('+'))
    .slice(0, 8)
  for (const name of ['+a', '+b']) expect(starts.filter(line => line === name).length).toBeGreaterThanOrEqual(2)
})

it('those of a killed process come back', async () => {
  const { folder, path, lines } = await diaryOf()
  const killed = startChild(script, [folder, 'killed', '1000', path])
  await killed.printed(1)
  killed.process.stdin?.write('go\n')
  while (lines().length < 5) await new Promise(resolve => setImmediate(resolve))
  const other = startChild(script, [folder, 'other', '6', path])
  await other.printed(1)
  other.process.stdin?.write('go\n')
  killed.process.kill('SIGKILL')
  await killed.ended
  await other.ended
  expect(other.lines.at(-1)).toBe('{"kind":"ended","status":"succeeded"}')
  expect(lines().filter(line => line === '-other').length).toBe(6)
})
