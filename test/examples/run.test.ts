/** The examples as a user's program runs them; by the command line they are run in test/cli. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from 'tutti'
import { drain } from '../../examples/drain/tutti.ts'
import { hello } from '../../examples/hello/tutti.ts'
import { weather } from '../../examples/weather/tutti.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-examples-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('hello greets, whomever', async () => {
  expect(await run(hello, { cwd: folder })).toMatchObject({
    status: 'succeeded',
    output: { greeting: 'Hello, world!', letters: 10 },
  })
  expect(await run(hello, { cwd: folder, args: { name: 'Zoë' } })).toMatchObject({
    output: { greeting: 'Hello, Zoë!', letters: 8 },
  })
})

test('drain takes as many steps as the queue asks for, and none when it is empty', async () => {
  const args = { folder: join(folder, 'queue'), depth: 3 }
  expect(await run(drain, { cwd: folder, args })).toMatchObject({ status: 'succeeded', output: { sent: 16 } })
  expect((await readdir(join(args.folder, 'done'))).length).toBe(16)
  expect(await run(drain, { cwd: folder, args })).toMatchObject({ status: 'succeeded', output: { sent: 0 } })
})

test('weather makes its report; the same run again gives it back from the store, although it was deleted', async () => {
  const cwd = join(folder, 'examples', 'weather')
  await mkdir(cwd, { recursive: true })
  await symlink(resolve('node_modules'), join(folder, 'node_modules'))
  const report = join(cwd, 'out', 'report.html')

  const attempts = { first: 0, again: 0 }
  const first = await run(weather, {
    cwd,
    id: 'w',
    onEvent: event => void (event.kind === 'attempt.started' && attempts.first++),
  })
  expect(first).toMatchObject({ status: 'succeeded', output: { page: { path: report }, rejected: [] } })
  const html = await readFile(report, 'utf8')
  expect(html.match(/<svg /g)?.length).toBe(11)

  await rm(join(cwd, 'out'), { recursive: true })
  const again = await run(weather, {
    cwd,
    id: 'w',
    onEvent: event => void (event.kind === 'attempt.started' && attempts.again++),
  })
  expect(again).toMatchObject({ status: 'succeeded', output: { page: { path: report } } })
  expect(await readFile(report, 'utf8')).toBe(html)
  // The log is told from its beginning: nothing ran a second time.
  expect(attempts).toEqual({ first: 22, again: 22 })
})
