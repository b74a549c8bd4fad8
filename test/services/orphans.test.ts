/** What is left when the process that keeps services is killed by `kill -9`. */
import { spawn } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { reapOrphans } from '../../src/services/index.ts'
import { thisOwner } from '../../src/store/owner.ts'
import { bundleChild, startChild } from '../store/fixture.ts'
import { eventually, folder, rosters, processesWith, program } from './fixture.ts'

let script: string
beforeAll(async () => void (script = await bundleChild(new URL('./owner-child.ts', import.meta.url))))

const DAEMON = `
import { spawn } from 'node:child_process'
const [, , depth] = process.argv
if (depth > 0) spawn(process.execPath, [import.meta.filename, depth - 1], { detached: true, stdio: 'ignore' }).unref()
else setInterval(() => {}, 1000)
`

async function killed(
  before: (cwd: string) => void = () => undefined,
): Promise<{ readonly cwd: string; readonly daemon: string }> {
  const cwd = folder()
  const daemon = program(cwd, 'daemon.mjs', DAEMON)
  const child = startChild(script, [cwd, daemon])
  await child.printed(1)
  await eventually(() => processesWith(daemon).length === 2) // itself names it, too
  // It comes a moment after the first command.
  await eventually(() => guards(cwd).length > 0)
  before(cwd)
  child.process.kill('SIGKILL')
  await child.ended
  return { cwd, daemon }
}

const guards = (cwd: string) => processesWith(`${cwd}/.tutti/services/`)

test('S1, S3: who starts next ends the services of a process that was killed, daemons too', async () => {
  const { cwd, daemon } = await killed()
  const orphans = await reapOrphans(join(cwd, '.tutti'))
  expect(orphans.services.map(({ name, gone }) => ({ name, gone }))).toEqual(
    expect.arrayContaining([{ name: 'daemon', gone: true }]),
  )
  await eventually(() => processesWith(cwd).filter(pid => !guards(cwd).includes(pid)).length === 0, 15_000)
  expect(processesWith(daemon)).toEqual([])
  await eventually(() => rosters(cwd).length === 0)
  expect(await reapOrphans(join(cwd, '.tutti'))).toEqual({ services: [], commands: 0 })
})

test('S10: commands end with the process that started them, by the watchdog or by who starts next', async () => {
  const guarded = await killed()
  await eventually(() => processesWith(`${guarded.cwd} command`).length === 0)
  await reapOrphans(join(guarded.cwd, '.tutti'))
  // The watchdog is killed before.
  const { cwd } = await killed(folder => {
    for (const pid of guards(folder)) process.kill(pid, 'SIGKILL')
  })
  expect(processesWith(`${cwd} command`)).toHaveLength(1)
  const { commands } = await reapOrphans(join(cwd, '.tutti'))
  expect(commands).toBeGreaterThan(0)
  expect(processesWith(cwd)).toEqual([])
})

test('S4, S11: what has come since is left alone, by pid and by group', async () => {
  const cwd = folder()
  const store = join(cwd, '.tutti')
  const dead = { ...thisOwner(), pid: 2 ** 22 - 1, startTicks: 1 }
  // A process that has the pid of one that was noted long ago.
  const other = spawn('sleep', ['60'], { detached: true })
  const path = (ending: string) => join(store, 'services', `${dead.pid}.${ending}`)
  mkdirSync(join(store, 'services'), { recursive: true })
  const lines = [
    { kind: 'owner', owner: dead },
    { kind: 'begun', mark: 'db.1', name: 'db', ports: {}, stop: { signal: 'SIGTERM', graceMs: 100 } },
    { kind: 'led', mark: 'db.1', leader: { ...dead, pid: other.pid } },
  ]
  writeFileSync(path('ndjson'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  writeFileSync(path('groups'), `${JSON.stringify(dead).padEnd(255)}\n${other.pid} TERM\n`)
  for (const ending of ['ndjson', 'groups']) utimesSync(path(ending), 1e9, 1e9)
  expect(await reapOrphans(store)).toEqual({ services: [], commands: 0 })
  expect(rosters(cwd)).toEqual([])
  expect(other.exitCode).toBe(null)
  expect(other.signalCode).toBe(null)
  other.kill()
})

test('what belongs to a process that lives is left alone', async () => {
  const cwd = folder()
  const child = startChild(script, [cwd, program(cwd, 'daemon.mjs', DAEMON)])
  await child.printed(1)
  expect(await reapOrphans(join(cwd, '.tutti'))).toEqual({ services: [], commands: 0 })
  expect(rosters(cwd)).toHaveLength(2)
  child.process.kill('SIGKILL')
  await child.ended
  await reapOrphans(join(cwd, '.tutti'))
  await eventually(() => processesWith(cwd).length === 0)
})
