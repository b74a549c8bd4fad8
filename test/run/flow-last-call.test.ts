/** F4: what the body calls last is done, although nobody awaits it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { effect, flow, run, task } from 'tutti'

const folder = () => mkdtempSync(join(tmpdir(), 'tutti-last-'))
const done: string[] = []
const note = effect((text: string) => void done.push(text), { name: 'note' })
const word = task(() => 'word', { name: 'word' })

it.each([
  { name: 'a call', body: async () => void note('plain'), noted: 'plain' },
  { name: 'a call that waits for another', body: async () => void note(word()), noted: 'word' },
])('$name', async ({ body, noted }) => {
  done.length = 0
  expect(await run(flow(body), { store: folder(), durability: 'normal' })).toMatchObject({ status: 'succeeded' })
  expect(done).toEqual([noted])
})
