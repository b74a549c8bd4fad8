/** Runs that wait, and what other processes say to them: signals, stops, and a look at what they wait for. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from './rig.ts'

const IMPORTS =
  "import { ctx, each, effect, signal, sleep, task, workflow } from 'tutti'\nimport { existsSync, writeFileSync } from 'node:fs'\nimport { setTimeout as pause } from 'node:timers/promises'\nimport { object, string } from 'valibot'\n"
const files = {
  'tutti.ts': `${IMPORTS}const approval = signal(object({ by: string() }))
const build = task(() => 'built')
const ship = task((approved: { by: string }) => 'shipped by ' + approved.by)
const gate = task(async (name: string) => { while (!existsSync('go')) await pause(10, undefined, { signal: ctx().signal }); return name })
const name = task((n: unknown) => n)
export const release = workflow(() => { const built = build(); return ship(approval.wait().after(built)) })
export const nap = workflow(() => { const slept = sleep('2h'); return build().after(slept) })
export const gates = workflow(() => each(['a', 'b', 'c'], name => gate(name), { key: name => name }))
export const mixed = workflow(() => [gate('one'), approval.wait()])
export default release
`,
}
const lastLine = (text: string): Readonly<Record<string, unknown>> => jsonLines(text).at(-1) ?? {}

describe('signal', () => {
  test.concurrent('a run that waits in another process takes it', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', '--id', 'a'], { cwd })
    await live.says('signal approval')
    expect((await tutti(['runs'], { cwd })).out).toMatch(/WAITS FOR +FILE\na .*running.*signal approval/)
    const sent = await tutti(['signal', 'a', 'approval', '{"by":"me"}', '--json'], { cwd })
    expect(sent.code, sent.err).toBe(0)
    expect(JSON.parse(sent.out)).toEqual({ run: 'a', kind: 'signal', signal: 'approval', delivery: 'done' })
    expect(await live.ended).toMatchObject({ code: 0, out: 'shipped by me\n' })
  })

  test.concurrent('the value may come from a file or from stdin', async () => {
    const cwd = folderWith({ ...files, 'by.json': '{"by":"file"}' })
    for (const [id, json, input] of [
      ['a', '@by.json', ''],
      ['b', '@-', '{"by":"pipe"}'],
    ] as const) {
      const live = startTutti(['run', '--id', id], { cwd })
      await live.says('signal approval')
      expect((await tutti(['signal', id, 'approval', json], { cwd, input })).code).toBe(0)
      expect((await live.ended).out).toBe(`shipped by ${id === 'a' ? 'file' : 'pipe'}\n`)
    }
  })

  test.concurrent('a run that nobody runs gets it when it goes on', async () => {
    const cwd = folderWith(files)
    expect((await tutti(['run', '--id', 'a', '--no-wait'], { cwd })).code).toBe(6)
    const sent = await tutti(['signal', 'a', 'approval', '{"by":"me"}'], { cwd })
    expect(sent.code, sent.err).toBe(0)
    expect(sent.err).toContain('tutti resume a')
    expect(await tutti(['resume', 'a'], { cwd })).toMatchObject({ code: 0, out: 'shipped by me\n' })
  })

  test.concurrent('under one id it is taken once', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}const word = signal(string())\nconst join = task((a: string, b: string) => a + b)\nexport const main = workflow(() => { const a = word.wait(); return join(a, word.wait().after(a)) })\n`,
    })
    await tutti(['run', '--id', 'a', '--no-wait'], { cwd })
    for (const [value, id] of [
      ['"x"', '1'],
      ['"x"', '1'],
      ['"y"', '2'],
    ] as const)
      expect((await tutti(['signal', 'a', 'word', value, '--id', id], { cwd })).code).toBe(0)
    expect((await tutti(['resume', 'a'], { cwd })).out).toBe('xy\n')
  })
})

describe('without waiting', () => {
  test.concurrent('--no-wait stops where only waiting is left, and says what answers it', async () => {
    const cwd = folderWith(files)
    const ran = await tutti(['run', 'release', '--id', 'a', '--no-wait', '--json'], { cwd })
    expect(ran.code).toBe(6)
    expect(ran.err).toMatch(/run a waits for\n {2}.*signal approval\n {4}tutti signal a approval /)
    expect(ran.err).toContain('go on with: tutti resume a')
    expect(lastLine(ran.out)).toMatchObject({
      kind: 'run.paused',
      run: 'a',
      reason: 'waiting',
      waits: [{ kind: 'signal', signal: 'approval', command: expect.stringContaining('tutti signal a approval ') }],
    })
    const shown = await tutti(['show', 'a'], { cwd })
    expect(shown.out).toMatch(/run a of release {2}paused/)
    expect(shown.out).toMatch(/waits for\n.*signal approval/)
    const listed = jsonLines((await tutti(['runs', '--json'], { cwd })).out)
    expect(listed).toMatchObject([{ run: 'a', status: 'paused', waits: [{ signal: 'approval' }] }])
  })

  test.concurrent('a sleep is told by its end, and resuming without waiting says so again', async () => {
    const cwd = folderWith(files)
    const ran = await tutti(['run', 'nap', '--id', 'a', '--no-wait', '--json'], { cwd })
    expect(ran.code).toBe(6)
    expect(lastLine(ran.out)).toMatchObject({ waits: [{ kind: 'timer', until: expect.stringMatching(/^\d{4}-.*Z$/) }] })
    const again = await tutti(['resume', 'a', '--no-wait', '--json'], { cwd })
    expect(again.code).toBe(6)
    expect(lastLine(again.out)).toEqual(lastLine(ran.out))
  })

  test.concurrent('what runs is awaited first', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', 'mixed', '--id', 'a', '--no-wait'], { cwd })
    await live.says('signal approval')
    writeFileSync(join(cwd, 'go'), '')
    const ended = await live.ended
    expect(ended.code).toBe(6)
    expect(ended.err).toMatch(/ok +gate/)
  })
})

describe('stopping', () => {
  test.concurrent('--deadline ends a run that takes longer', async () => {
    const cwd = folderWith(files)
    const ran = await tutti(['run', 'gates', '--deadline', '300ms', '--json'], { cwd })
    expect(ran.code).toBe(1)
    expect(lastLine(ran.out)).toMatchObject({ status: 'timed-out', error: { code: 'TIMEOUT' } })
    expect(ran.err).toContain('out of time')
  })

  test.concurrent('one step of a run, from another process', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', 'gates', '--id', 'a', '--json'], { cwd })
    await live.says('"step":"each[c]/gate"')
    const cancelled = await tutti(['cancel', 'a', '--step', 'each[b]/gate', '--reason', 'no b'], { cwd })
    expect(cancelled.code, cancelled.err).toBe(0)
    const ended = await live.ended
    expect(ended.code).toBe(1)
    expect(lastLine(ended.out)).toMatchObject({ error: { code: 'CANCELLED', step: 'each[b]/gate' } })
  })

  test.concurrent('a step that has not begun fails when its turn comes', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', '--id', 'a', '--json'], { cwd })
    await live.says('signal approval')
    const cancelled = await tutti(['cancel', 'a', '--step', 'ship'], { cwd })
    expect(cancelled.code, cancelled.err).toBe(0)
    expect((await tutti(['signal', 'a', 'approval', '{"by":"me"}'], { cwd })).code).toBe(0)
    expect(lastLine((await live.ended).out)).toMatchObject({ status: 'failed', error: { code: 'CANCELLED' } })
  })

  test.concurrent('that step of every item, by a pattern', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', 'gates', '--id', 'a', '--json'], { cwd })
    await live.says('"step":"each[c]/gate"')
    const cancelled = await tutti(['cancel', 'a', '--step', 'each[*]/gate', '--json'], { cwd })
    expect(cancelled.code, cancelled.err).toBe(0)
    expect(jsonLines(cancelled.out).map(line => line['step'])).toEqual(['each[a]/gate', 'each[b]/gate', 'each[c]/gate'])
    expect((await live.ended).code).toBe(1)
  })

  test.concurrent('a run that is being run can be cancelled, not resumed', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', '--id', 'a'], { cwd })
    await live.says('signal approval')
    const refused = await tutti(['resume', 'a'], { cwd })
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/error RUN_OWNED .*\n.*tutti cancel a/)])
    expect((await tutti(['cancel', 'a'], { cwd })).code).toBe(0)
    expect((await live.ended).code).toBe(5)
  })

  test.concurrent('a run that nobody runs is cancelled on the spot', async () => {
    const cwd = folderWith(files)
    await tutti(['run', '--id', 'a', '--no-wait'], { cwd })
    const cancelled = await tutti(['cancel', 'a', '--json'], { cwd })
    expect(JSON.parse(cancelled.out)).toEqual({ run: 'a', kind: 'cancel', delivery: 'done' })
    expect(jsonLines((await tutti(['runs', '--json'], { cwd })).out)).toMatchObject([{ status: 'cancelled' }])
  })
})

describe('parked steps', () => {
  const parking = {
    'tutti.ts': `${IMPORTS}const go = signal()
const charge = effect(() => { if (!existsSync('mended')) throw new Error('card refused'); return 'charged' }, { exhausted: 'park' })
export const alone = workflow(() => charge())
export const beside = workflow(() => ({ charged: charge(), went: go.wait() }))
`,
  }

  test.concurrent('a run with nothing else to do is paused; another try is kept for when it goes on', async () => {
    const cwd = folderWith(parking)
    const ran = await tutti(['run', 'alone', '--id', 'a', '--json'], { cwd })
    expect(ran.code, ran.err).toBe(6)
    expect(lastLine(ran.out)).toMatchObject({
      reason: 'waiting',
      waits: [{ kind: 'parked', step: 'charge', error: { message: 'card refused' }, command: 'tutti retry a charge' }],
    })
    expect((await tutti(['show', 'a'], { cwd })).out).toMatch(/charge .*parked\n.*attempt 1 TASK_FAILED: card refused/)
    writeFileSync(join(cwd, 'mended'), '')
    const retried = await tutti(['retry', 'a', '--json'], { cwd })
    expect(JSON.parse(retried.out)).toEqual({ run: 'a', kind: 'retry', step: 'charge', delivery: 'kept' })
    expect(await tutti(['resume', 'a'], { cwd })).toMatchObject({ code: 0, out: 'charged\n' })
  })

  test.concurrent('a run that is being run tries it at once', async () => {
    const cwd = folderWith(parking)
    const live = startTutti(['run', 'beside', '--id', 'a'], { cwd })
    await live.says('parked')
    expect(live.err).toContain('tutti retry a charge')
    writeFileSync(join(cwd, 'mended'), '')
    const retried = await tutti(['retry', 'a', 'charge'], { cwd })
    expect([retried.code, retried.err]).toEqual([0, 'charged gets another try\n'])
    await live.says('ok        charged')
    expect((await tutti(['signal', 'a', 'go'], { cwd })).code).toBe(0)
    expect((await live.ended).code).toBe(0)
  })
})

test.concurrent('a run that nobody runs is undone when it is cancelled', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}const pay = effect(() => 'paid')
const refund = effect((receipt: string) => writeFileSync('refunded', receipt))
const go = signal()
export const main = workflow(() => { const paid = pay().undo(receipt => refund(receipt)); return { paid, went: go.wait() } })
`,
  })
  expect((await tutti(['run', '--id', 'a', '--no-wait'], { cwd })).code).toBe(6)
  expect(existsSync(join(cwd, 'refunded'))).toBe(false)
  const cancelled = await tutti(['cancel', 'a'], { cwd })
  expect([cancelled.code, cancelled.err]).toEqual([0, 'run a is cancelled\n'])
  expect(existsSync(join(cwd, 'refunded'))).toBe(true)
  expect((await tutti(['show', 'a'], { cwd })).out).toMatch(/undone/)
})
