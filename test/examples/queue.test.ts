import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as queue from '../../examples/drain/queue.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-queue-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a queue is drained, whatever its work brings', async () => {
  let left = await queue.fill(folder, 3)
  const sent: string[] = []
  while (left > 0) {
    const message = (await queue.peek(folder))!
    left = (await queue.deliver(folder, message)).left
    sent.push(message.id)
  }
  expect([sent.length, new Set(sent).size, (await readdir(join(folder, 'done'))).length]).toEqual([16, 16, 16])
  expect(await queue.peek(folder)).toBeUndefined()
  expect(await queue.fill(folder, 3)).toBe(0)
})

test('a message that is delivered twice is there once', async () => {
  await queue.fill(folder, 2)
  const message = (await queue.peek(folder))!
  const first = await queue.deliver(folder, message)
  expect(await queue.deliver(folder, message)).toEqual(first)
  expect(first).toEqual({ left: 2 })
})
