/**
 * One byte of a store's files is changed, and then people use the command line: it shows what was, and goes on with a killed
 * run as if nothing had been, or says what is wrong, with a code and without a stack trace.
 */
import { deepStrictEqual, equal, match, ok } from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, type Told } from './account.ts'
import { type Fault, type Round, scratch } from './fault.ts'
import { filesOf, usedBytes } from './flips.ts'
import { RUN, settles, troubled, undisturbedRun } from './lives.ts'
import { cli, type Ended, jsonLines, startNode } from './processes.ts'

export const shown: Fault = {
  name: 'shown',
  claim: 'a byte of a store is changed: the command line shows what was and goes on rightly, or says what is wrong',
  round: async round => {
    const { folder, truth } = await theBase()
    cpSync(folder, join(round.folder, 'project'), { recursive: true })
    const cwd = join(round.folder, 'project')
    const place = flipSomewhere(join(cwd, '.tutti'), round)
    const counts = { flips: 1, 'commands that are right': 0, 'commands that say what is wrong': 0 }
    for (const [name, words] of COMMANDS) {
      const ended = await command(words, cwd)
      if (isTold(ended, `${place}, ${name}`)) counts['commands that say what is wrong'] += 1
      else {
        if (name !== 'doctor') equal(ended.out, truth.get(name), `${place}, ${name}`)
        counts['commands that are right'] += 1
      }
    }
    return { ...counts, [await goOn(cwd, place)]: 1 }
  },
  close: async () => {
    const made = await base
    if (made) rmSync(made.folder, { recursive: true, force: true })
    base = undefined
  },
}

const COMMANDS: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['show', ['show', 'whole', '--json']],
  ['runs', ['runs', '--json']],
  ['doctor', ['doctor']],
]

interface Base {
  readonly folder: string
  readonly truth: ReadonlyMap<string, string>
}

let base: Promise<Base> | undefined

function theBase(): Promise<Base> {
  base ??= makeBase()
  return base
}

/** A project with a run that has ended, and one that was killed in the middle. */
async function makeBase(): Promise<Base> {
  const folder = scratch('shown')
  const run = troubled({ folder, door: 'command', file: 'small.ts', durability: 'normal' })
  const whole = await command(['run', '--json', '--quiet', '--id', 'whole'], folder)
  equal(whole.code, 0, whole.err)
  rmSync(run.journal)
  const live = run.begin()
  await settles(live, 20)
  live.kill('SIGKILL')
  await live.ended
  const truth = new Map<string, string>()
  for (const [name, words] of COMMANDS) {
    // Of a copy: looking is not to change what is looked at later.
    const copy = scratch('shown-truth')
    cpSync(folder, copy, { recursive: true })
    const { code, out, err } = await command(words, copy)
    equal(code, 0, err)
    truth.set(name, out)
    rmSync(copy, { recursive: true, force: true })
  }
  return { folder, truth }
}

const command = (words: readonly string[], cwd: string): Promise<Ended> =>
  startNode([cli, ...words], { cwd, env: { JOURNAL: join(cwd, 'journal') } }).ended

function flipSomewhere(store: string, { dice }: Round): string {
  const files = filesOf(store).filter(path => !path.startsWith('cache/') && !path.startsWith('logs/'))
  const path = dice.pick(files.filter(each => usedBytes(join(store, each)) > 0))
  const at = dice.roll(usedBytes(join(store, path)))
  const bit = dice.roll(8)
  const bytes = readFileSync(join(store, path))
  bytes[at] = bytes[at]! ^ (1 << bit)
  rmSync(join(store, path))
  writeFileSync(join(store, path), bytes)
  return `${path} byte ${at} bit ${bit}`
}

/** A code of the store's, said in a line of its own; whatever else ends a command is wrong. */
function isTold({ code, out, err }: Ended, what: string): boolean {
  if (code === 0) return false
  ok(typeof code === 'number', `${what}: ended by ${code}`)
  match(`${err}\n${out}`, /\b(STORE|BLOB)_[A-Z]+\b/, what)
  ok(!/^ {4}at |DEFECT/m.test(err), `${what}: ${err}`)
  return true
}

async function goOn(cwd: string, place: string): Promise<'runs that go on' | 'runs that cannot go on'> {
  const expected = await undisturbedRun('command', 'small.ts')
  const ended = await command(['resume', RUN, '--json', '--quiet'], cwd)
  if (isTold(ended, `${place}, resume`)) return 'runs that cannot go on'
  const told = jsonLines<Told>(ended.out)
  deepStrictEqual(told.at(-1)?.output, expected.output, `${place}, resume`)
  await check({ store: join(cwd, '.tutti'), run: RUN, journal: join(cwd, 'journal'), told: [told] }, expected).catch(
    error => {
      // What doctor finds in a part that the run does not need is no business of the run's.
      if (!(error instanceof Error && error.message.startsWith('doctor finds'))) throw error
    },
  )
  return 'runs that go on'
}
