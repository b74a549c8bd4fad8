/** Several real processes on one store: kill -9 loses nothing, writers get fair shares, dead owners are known at once. */
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doctor, openStore } from '../../src/store/index.ts'
import { begin, bundleChild, contentsOf, LINE, newFolder, readAll, startChild } from './fixture.ts'

let script = ''
beforeAll(async () => void (script = await bundleChild()))
afterAll(() => rmSync(script, { force: true }))

test('S1: kill -9 of a writer at any moment loses nothing acknowledged, and doubles nothing', async () => {
  const folder = newFolder()
  for (let round = 0; round < 10; round += 1) {
    const child = startChild(script, ['write', folder, `run-${round}`])
    await child.printed(1 + round * 7)
    child.process.kill('SIGKILL')
    await child.ended
    const acknowledged = Number(child.lines.at(-1))
    const store = await openStore(folder)
    const steps = (await readAll(store, { run: `run-${round}` })).map(({ event }) =>
      'step' in event ? event.step : '',
    )
    expect(steps).toEqual(steps.map((_, index) => `step-${index}`))
    // At most the one that was under way when the process died is there without an acknowledgement.
    expect(steps.length - 1 - acknowledged).toBeOneOf([0, 1])
    // Its lease is free at once.
    expect(store.leases.acquire(`run-${round}`).kind).toBe('acquired')
    await store.close()
  }
  expect((await doctor(folder)).diagnostics).toEqual([])
})

describe.each(['full', 'normal'])('durability %s', durability => {
  test('each of 4 writers gets at least 15 % of the commits', { retry: 1 }, async () => {
    const folder = newFolder()
    // The store exists before: migration is not what is measured.
    await (await openStore(folder)).close()
    process.env['DURABILITY'] = durability
    const children = ['a', 'b', 'c', 'd'].map(run => startChild(script, ['contend', folder, run, '700']))
    delete process.env['DURABILITY']
    await Promise.all(children.map(child => child.printed(1)))
    for (const child of children) child.process.stdin?.write('go\n')
    await Promise.all(children.map(child => child.ended))
    const commits = children.map(child => Number(child.lines[1]))
    const total = commits.reduce((sum, count) => sum + count, 0)
    const store = await openStore(folder)
    expect(store.head()).toBe(total + 4)
    await store.close()
    expect(Math.min(...commits) / total, `commits ${commits.join(' ')}`).toBeGreaterThanOrEqual(0.15)
  })
})

test('who looks for a run, or lists all, while another process begins them sees them or does not: never half of one', async () => {
  const folder = newFolder()
  const store = await openStore(folder)
  const last = 3_000
  const child = startChild(script, ['begin', folder, String(last)])
  for (let index = 0; index <= last; index += 1) {
    while (store.runs.get(String(index)) === undefined) if (index % 100 === 0) await delay(0)
    if (index % 50 === 0) expect(store.runs.list({ limit: 1 }).length).toBe(1)
  }
  await child.ended
  await store.close()
})

test('a writer that is killed while it waits or commits does not stop the others', async () => {
  const folder = newFolder()
  const children = ['a', 'b', 'c'].map(run => startChild(script, ['write', folder, run]))
  await Promise.all(children.map(child => child.printed(10)))
  const [first, second, third] = children
  first?.process.kill('SIGKILL')
  second?.process.kill('SIGKILL')
  await Promise.all([first?.ended, second?.ended])
  const before = third?.lines.length ?? 0
  const start = performance.now()
  await third?.printed(before + 50)
  expect(performance.now() - start).toBeLessThan(5_000)
  third?.process.kill('SIGKILL')
  await third?.ended
  expect((await doctor(folder)).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
})

test('S4: a living owner holds its run; a killed one does not', async () => {
  const folder = newFolder()
  const child = startChild(script, ['hold', folder, 'run-1'])
  await child.printed(1)
  const store = await openStore(folder)
  const answer = store.leases.acquire('run-1')
  expect(answer).toMatchObject({ kind: 'held', owner: expect.stringContaining(`:${child.process.pid}:`) })
  child.process.kill('SIGKILL')
  await child.ended
  expect(store.leases.acquire('run-1')).toMatchObject({ kind: 'acquired', lease: { fence: 2 } })
  await store.close()
})

test('mail and events of another process arrive', async () => {
  const folder = newFolder()
  const store = await openStore(folder)
  await begin(store, 'mine')
  const changed = store.changed(1)
  const child = startChild(script, ['post', folder, 'mine', 'theirs'])
  await changed
  expect(store.runs.get('theirs')?.lastSeq).toBe(2)
  await child.ended
  expect(store.mailbox.open(new Set(['mine']))).toMatchObject([{ mail: { kind: 'cancel', reason: 'asked' } }])
  await store.close()
})

test('Q3: the slots of a killed process come back, and its place in the queue does not stop the others', async () => {
  const folder = newFolder()
  const store = await openStore(folder)
  const take = (ticket: number) => store.slots.take({ ticket, pool: 'gpu', slots: 2, weight: 1, priority: 0 })
  const child = startChild(script, ['slots', folder, 'gpu'])
  await child.printed(1)
  expect(child.lines).toEqual(['taken taken waiting'])
  expect([take(1), take(2)]).toEqual(['waiting', 'waiting'])
  child.process.kill('SIGKILL')
  await child.ended
  // An owner is not looked up more often than once a second.
  while (take(1) === 'waiting') await delay(20)
  expect(take(2)).toBe('taken')
  expect(take(3)).toBe('waiting')
  await store.close()
})

test.each([2, 8])(
  '%i processes that publish to one line at once: each version gets a number of its own',
  async many => {
    const folder = newFolder()
    await (await openStore(folder)).close()
    const each = 40 / many
    const children = Array.from({ length: many }, (_, index) =>
      startChild(script, ['publish', folder, `process ${index}`, String(each)]),
    )
    await Promise.all(children.map(child => child.printed(1)))
    for (const child of children) child.process.stdin?.write('go\n')
    await Promise.all(children.map(child => child.ended))
    const told = children.flatMap(child => child.lines.filter(line => line.startsWith('1.0.')))
    const store = await openStore(folder)
    const numbers = store.versions.list(LINE).map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => `1.0.${index}`))
    expect(told.map(line => line.split(' ')[0]).sort()).toEqual([...numbers].sort())
    for (const line of told) {
      const [number = '', ...note] = line.split(' ')
      expect(Buffer.from(store.versions.contents(LINE, number)).equals(contentsOf(note.join(' ')))).toBe(true)
    }
    expect(store.versions.current(LINE)?.number).toBe('1.0.39')
    await store.close()
    expect((await doctor(folder)).diagnostics).toEqual([])
  },
)

test('kill -9 while versions are published and pointed at leaves what was acknowledged, or the next, and nothing between', async () => {
  const folder = newFolder()
  for (let round = 0; round < 8; round += 1) {
    const child = startChild(script, ['rewind', folder])
    await child.printed(3 + round * 5)
    child.process.kill('SIGKILL')
    await child.ended
    const told = child.lines.map(line => Number(line.split('.')[2]))
    const [last = 0, before = 0] = [told.at(-1), told.at(-2)]
    const store = await openStore(folder)
    const rows = store.versions.list(LINE)
    const current = Number(store.versions.current(LINE)?.number.split('.')[2])
    // Behind a version comes the one before it, behind that the next version.
    const next = last > before ? last - 1 : last + 2
    expect([last, next]).toContain(current)
    expect(store.versions.current(LINE)?.how).toBe(current === rows.length - 1 ? 'published' : 'pinned')
    expect(rows.length - 1).toBe(Math.max(...told, current))
    expect(Buffer.from(store.versions.contents(LINE, `1.0.${rows.length - 1}`))).toEqual(
      contentsOf(String(rows.length - 1)),
    )
    await store.close()
    expect((await doctor(folder)).diagnostics).toEqual([])
  }
})
