/**
 * The power fails: a store's life is recorded (strace), and cut off at many moments; each time the disk holds what was synced
 * and any part of the rest (disk.ts). FULL: all that was acknowledged is there. NORMAL: what is there is a beginning of what
 * was written, or the store says what it lost.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredEvent } from '../../src/store/index.ts'
import type { Dice } from '../core/dice.ts'
import { type Answer, type Answers, RUNS, type Saved } from './answers.ts'
import { Disk, type Order } from './disk.ts'
import type { Fault, Round } from './fault.ts'
import { type Acknowledged, eventOf, type LifePlan } from './life.ts'
import { childScript, type Looker, newLooker } from './looker.ts'
import { start } from './processes.ts'
import { canTrace, type DiskCall, mergeTraces, straceWords, type Traced } from './trace.ts'

const FAILURES_PER_LIFE = 12

export const power: Fault = {
  name: 'power',
  claim:
    'the power fails at any moment: FULL loses nothing acknowledged, NORMAL gives a beginning of it or says what is lost',
  unavailable: () => (canTrace() ? undefined : 'strace is not installed, or may not trace'),
  round: async round => {
    const { dice, seed } = round
    const durability = dice.pick(['full', 'full', 'normal'] as const)
    const acts = dice.pick([3, 20, 60, 120])
    const alone = [{ seed, durability, acts, runs: RUNS }]
    const together = [
      { seed, durability, acts, runs: RUNS.slice(0, 2) },
      { seed: seed + 1_000_000, durability, acts, runs: RUNS.slice(2) },
    ]
    const plans: readonly LifePlan[] = dice.roll(3) === 0 ? together : alone
    const calls = await recordLives(round.folder, plans)
    const order: Order = dice.pick(['strict', 'ordered'])
    const moments = momentsOf(calls, dice)
    const counts = {
      lives: 1,
      [durability]: 1,
      'in two processes': plans.length - 1,
      failures: 0,
      'before a store was there': 0,
      'with a whole store': 0,
      'with a loss that is told': 0,
      'acknowledged events': 0,
    }
    const disk = new Disk(join(round.folder, 'life'), order)
    const told = new Told()
    let next = 0
    for (const moment of moments) {
      for (; next < moment; next += 1) {
        const call = calls[next]!
        disk.apply(call)
        told.hear(call.call)
      }
      const effect = await failHere(disk, told, round, durability).catch(error => {
        throw new Error(
          `${durability}, ${order}, ${plans.length} processes, after call ${moment} of ${calls.length}: ${error instanceof Error ? error.message : error}`,
        )
      })
      counts.failures += 1
      counts[effect] += 1
      counts['acknowledged events'] += told.eventCount
    }
    return counts
  },
  close: async () => {
    await looker?.close()
    looker = undefined
  },
}

let looker: Looker | undefined

async function recordLives(folder: string, plans: readonly LifePlan[]): Promise<readonly Traced[]> {
  mkdirSync(join(folder, 'life'))
  const script = await childScript()
  const traces = plans.map(async (plan, index) => {
    const trace = join(folder, `trace-${index}`)
    const life = [process.execPath, script, 'live', join(folder, 'life', 'store'), JSON.stringify(plan)]
    // What io_uring writes is not seen by strace.
    const env = { UV_USE_IO_URING: '0' }
    const { code, err } = await start('strace', [...straceWords(trace), ...life], { cwd: folder, env }).ended
    equal(code, 0, err)
    return readFileSync(trace, 'latin1')
  })
  return concerning(mergeTraces(await Promise.all(traces)), join(folder, 'life'))
}

/** Without the calls that concern neither the store nor what was acknowledged. */
function concerning(calls: readonly Traced[], root: string): readonly Traced[] {
  const ours = new Set<string>()
  return calls.filter(({ call, process }) => {
    if (call.kind === 'rename') return call.to.startsWith(root)
    if (!('fd' in call)) return call.path.startsWith(root)
    const key = `${process} ${call.fd}`
    if (call.kind === 'open' && call.path.startsWith(root)) ours.add(key)
    const isOurs = ours.has(key) || isPrinted(call)
    if (call.kind === 'close') ours.delete(key)
    return isOurs
  })
}

/** Most of them right after something was acknowledged, or right before a sync: there it shows what was not durable. */
function momentsOf(calls: readonly Traced[], dice: Dice): readonly number[] {
  const acknowledged = calls.flatMap(({ call }, index) => (isPrinted(call) ? [index + 1] : []))
  const unsynced = calls.flatMap(({ call }, index) => (call.kind === 'sync' ? [index] : []))
  const chosen = [() => dice.pick(acknowledged), () => dice.pick(unsynced), () => dice.roll(calls.length + 1)]
  const moments = Array.from({ length: FAILURES_PER_LIFE }, (_, index) => chosen[index % chosen.length]!())
  return moments.sort((a, b) => a - b)
}

const STDOUT = 1
const isPrinted = (call: DiskCall): boolean => call.kind === 'write' && call.fd === STDOUT

/** What was acknowledged so far: what the life has printed. */
class Told {
  readonly events = new Map<string, number>()
  readonly letters: string[] = []

  hear(call: DiskCall): void {
    if (call.kind !== 'write' || call.fd !== STDOUT) return
    for (const line of call.bytes
      .toString()
      .split('\n')
      .filter(text => text !== '')) {
      // Our own child prints whole lines.
      const told = JSON.parse(line) as Acknowledged
      if (told.kind === 'events') this.events.set(told.run, told.count)
      else this.letters.push(told.reason)
    }
  }

  get eventCount(): number {
    return [...this.events.values()].reduce((sum, count) => sum + count, 0)
  }
}

type Effect = 'before a store was there' | 'with a whole store' | 'with a loss that is told'

async function failHere(disk: Disk, told: Told, { dice }: Round, durability: LifePlan['durability']): Promise<Effect> {
  const folder = mkdtempSync(join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'tutti-power-'))
  const store = join(folder, 'store')
  try {
    disk.fail(folder, dice)
    looker ??= newLooker()
    if (!existsSync(join(store, 'store.db'))) {
      if (durability === 'full') equal(told.eventCount, 0, 'the store is gone')
      return 'before a store was there'
    }
    const found = await looker.look({ folder: store, blobs: [], into: join(folder, 'saved'), named: true })
    if (typeof found === 'string') throw new Error(found)
    checkFound(found, told, durability)
    return 'open' in found.answers ? 'with a loss that is told' : 'with a whole store'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is said of a store that lost its end. */
const LOSSES = new Set(['STORE_TRUNCATED', 'STORE_DAMAGED'])

function checkFound({ answers, doctor, saved }: Answers, told: Told, durability: string): void {
  for (const [question, answer] of Object.entries({
    ...answers,
    ...(doctor ? { doctor } : {}),
    ...(saved ? { saved } : {}),
  })) {
    ok(
      answer.kind !== 'defect',
      `${question}: ${answer.kind === 'defect' ? answer.text.split('\n').slice(0, 3).join(' | ') : ''}`,
    )
    if (durability === 'full') equal(answer.kind, 'given', `${question}: ${JSON.stringify(answer)}`)
    if (answer.kind === 'told')
      ok(LOSSES.has(answer.code) || answer.code.startsWith('BLOB_'), `${question}: ${answer.code}`)
  }
  if (durability === 'full') deepStrictEqual(givenBy(doctor), [], 'doctor')
  const counts = checkBeginnings(eventsIn(answers['events']))
  if (saved?.kind === 'given') checkBeginnings(new Map(Object.entries((saved.value as Saved).runs)))
  if (durability !== 'full') return
  for (const [run, count] of told.events)
    ok((counts.get(run) ?? 0) >= count, `run ${run}: ${counts.get(run) ?? 0} of ${count} acknowledged events are there`)
  const letters = (givenBy(answers['mail']) as readonly { readonly mail: { readonly reason: string } }[]).map(
    ({ mail }) => mail.reason,
  )
  const lost = told.letters.filter(reason => !letters.includes(reason))
  deepStrictEqual(lost, [], 'letters are lost')
}

const givenBy = (answer: Answer | undefined): unknown => (answer?.kind === 'given' ? answer.value : undefined)

function eventsIn(answer: Answer | undefined): ReadonlyMap<string, readonly unknown[]> {
  const byRun = new Map<string, unknown[]>()
  for (const { run, event } of (givenBy(answer) ?? []) as readonly StoredEvent[])
    byRun.set(run, [...(byRun.get(run) ?? []), event])
  return byRun
}

/** Each run's events are a beginning of what was written (the last one may be ours, by asking). */
function checkBeginnings(byRun: ReadonlyMap<string, readonly unknown[]>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const run of RUNS) {
    const events = byRun.get(run) ?? []
    for (const [index, event] of events.entries())
      deepStrictEqual(event, eventOf(run, index), `run ${run}, event ${index}`)
    counts.set(run, events.length)
  }
  return counts
}
