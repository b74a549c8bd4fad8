/**
 * One byte of a store's files is changed, anywhere: each answer of the store is the one from before, or a refusal that says
 * what is wrong. `doctor --recover` saves what is intact, and says what is not.
 *
 * The rounds of one call share all bytes of all files out among them; few rounds take a sample of their share.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Dice } from '../core/dice.ts'
import { type Answer, type Answers, RUNS, type Saved } from './answers.ts'
import { type Kind, KINDS } from './base.ts'
import { type Fault, type Round, scratch } from './fault.ts'
import { childScript, type Looker, newLooker } from './looker.ts'
import { startNode } from './processes.ts'

/** A round takes at most so many of its share. */
const SHARE_MAX = 2_500
/** Of so many flipped stores one is examined by doctor, and of so many one is recovered. */
const EXAMINED_EACH = 5
const RECOVERED_EACH = 20
/** Two readers: one waits for its disk while the other one computes. */
const LANES = 2

export const flips: Fault = {
  name: 'flips',
  claim: 'a byte of any file of a store is changed: no answer changes but into a refusal, and the intact is recovered',
  round: async round => {
    const bases = await theBases()
    const { dice } = round
    const share = shareOf(round, bases)
    const counts = {
      flips: 0,
      'told when opened': 0,
      'told when asked': 0,
      'told by doctor alone': 0,
      harmless: 0,
      'recovered whole': 0,
      'recovered in part': 0,
    }
    const wrong: string[] = []
    const lane = async (looker: Looker): Promise<void> => {
      for (let place = share.pop(); place; place = share.pop()) {
        const how = {
          bit: dice.roll(8),
          examines: dice.roll(EXAMINED_EACH) === 0,
          recovers: dice.roll(RECOVERED_EACH) === 0,
        }
        counts.flips += 1
        try {
          const { effect, saved } = await flipOne(looker, place, how)
          counts[effect] += 1
          if (saved) counts[saved] += 1
        } catch (error) {
          wrong.push(
            `${place.base.kind} ${place.file} byte ${place.at} bit ${how.bit}: ${error instanceof Error ? error.message : error}`,
          )
        }
      }
    }
    await Promise.all(theLookers().map(lane))
    const all = counts.flips
    ok(wrong.length === 0, `${wrong.length} of ${all} flips:\n${wrong.slice(0, 40).join('\n')}`)
    return counts
  },
  close: async () => {
    for (const looker of lookers.splice(0)) await looker.close()
    for (const { folder } of (await bases) ?? []) rmSync(join(folder, '..'), { recursive: true, force: true })
    bases = undefined
  },
}

interface Base {
  readonly kind: Kind
  readonly folder: string
  /** Paths of its files and how many bytes of each mean something. */
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly blobs: readonly string[]
  readonly truth: Answers
}

interface Place {
  readonly base: Base
  readonly file: string
  readonly at: number
}

let bases: Promise<readonly Base[]> | undefined
const lookers: Looker[] = []

function theBases(): Promise<readonly Base[]> {
  bases ??= Promise.all(KINDS.map(makeBase))
  return bases
}

async function makeBase(kind: Kind): Promise<Base> {
  const folder = join(scratch(`base-${kind}`), 'store')
  const made = await startNode([await childScript(), 'base', folder, kind], { cwd: tmpdir() }).ended
  equal(made.code, kind === 'closed' ? 0 : 'SIGKILL', made.err)
  const files = filesOf(folder).map(path => ({ path, size: usedBytes(join(folder, path)) }))
  const blobs = files.flatMap(({ path }) => (path.startsWith('blobs/') ? [path.slice(6).replace('/', '')] : []))
  const copy = copyOf(folder)
  const truth = await theLookers()[0]!.look({ folder: copy, blobs, into: join(copy, '..', 'saved') })
  rmSync(join(copy, '..'), { recursive: true, force: true })
  if (typeof truth === 'string') throw new Error(truth)
  for (const [question, answer] of Object.entries(truth.answers))
    equal(answer.kind, 'given', `${question}: ${JSON.stringify(answer)}`)
  deepStrictEqual(truth.doctor, { kind: 'given', value: [] })
  return { kind, folder, files, blobs, truth }
}

function theLookers(): readonly Looker[] {
  while (lookers.length < LANES) lookers.push(newLooker())
  return lookers
}

export const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('-shm') && entry.name !== '.gitignore')
    .map(entry => join(entry.path, entry.name).slice(folder.length + 1))
    .sort()

/** Without the zeros at the end: a WAL may be lengthened before it is used. */
export const usedBytes = (path: string): number => readFileSync(path).findLastIndex(byte => byte !== 0) + 1

/** Every `count`-th byte from the `index`-th on: all rounds together take each byte once. */
function shareOf({ index, count, dice }: Round, all: readonly Base[]): Place[] {
  const places: Place[] = []
  let number = 0
  for (const base of all) {
    for (const { path, size } of base.files) {
      for (let at = 0; at < size; at += 1) if (number++ % count === index) places.push({ base, file: path, at })
    }
  }
  return sample(places, SHARE_MAX, dice)
}

function sample<T>(from: readonly T[], count: number, dice: Dice): T[] {
  if (from.length <= count) return [...from]
  return Array.from({ length: count }, () => dice.pick(from))
}

type Saving = 'recovered whole' | 'recovered in part'
type Effect = 'told when opened' | 'told when asked' | 'told by doctor alone' | 'harmless'

interface How {
  readonly bit: number
  readonly examines: boolean
  readonly recovers: boolean
}

async function flipOne(
  looker: Looker,
  { base, file, at }: Place,
  { bit, examines, recovers }: How,
): Promise<{ readonly effect: Effect; readonly saved: Saving | undefined }> {
  const folder = copyOf(base.folder)
  try {
    const bytes = readFileSync(join(folder, file))
    bytes[at] = bytes[at]! ^ (1 << bit)
    rmSync(join(folder, file))
    writeFileSync(join(folder, file), bytes)
    const into = join(folder, '..', 'saved')
    const found = await looker.look({ folder, blobs: base.blobs, briefly: !examines, ...(recovers ? { into } : {}) })
    if (typeof found === 'string') throw new Error(found)
    const saved = found.saved && checkSaved(found.saved, base)
    return { effect: compare(found, base.truth), saved }
  } finally {
    rmSync(join(folder, '..'), { recursive: true, force: true })
  }
}

/** In memory, where that is a folder: a disk has nothing to add. */
function copyOf(folder: string): string {
  const copy = join(mkdtempSync(join(memoryFolder(), 'tutti-flip-')), 'store')
  mkdirSync(copy)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.path, entry.name).slice(folder.length + 1)
    if (entry.isDirectory()) mkdirSync(join(copy, path), { recursive: true })
  }
  for (const path of [...filesOf(folder), ...readdirSync(folder).filter(name => name.endsWith('-shm'))]) {
    mkdirSync(join(copy, path, '..'), { recursive: true })
    copyFileSync(join(folder, path), join(copy, path))
  }
  return copy
}

const memoryFolder = (): string => (process.platform === 'linux' ? '/dev/shm' : tmpdir())

/** What a refusal may say of a damaged store. */
const TOLD = new Set([
  'STORE_DAMAGED',
  'STORE_TRUNCATED',
  'STORE_FOREIGN',
  'STORE_NEWER',
  'STORE_UNOPENABLE',
  'STORE_READONLY',
  'STORE_MISSING',
  'BLOB_DAMAGED',
  'BLOB_MISSING',
])

function compare(found: Answers, truth: Answers): Effect {
  const doctorSays = found.doctor && answered('doctor', found.doctor)
  let told = 0
  for (const [question, answer] of Object.entries(found.answers)) {
    if (answered(question, answer) === 'told') told += 1
    else checkSame(question, answer, truth.answers[question])
  }
  if (told > 0) return 'open' in found.answers ? 'told when opened' : 'told when asked'
  const isFound = found.doctor?.kind === 'given' && (found.doctor.value as readonly string[]).length > 0
  const ill = doctorSays === 'told' || isFound
  return ill ? 'told by doctor alone' : 'harmless'
}

function answered(question: string, answer: Answer): 'given' | 'told' {
  if (answer.kind === 'defect') throw new Error(`${question}: ${answer.text.split('\n').slice(0, 3).join(' | ')}`)
  if (answer.kind === 'given') return 'given'
  if (!TOLD.has(answer.code)) throw new Error(`${question}: is told ${answer.code}`)
  return 'told'
}

function checkSame(question: string, answer: Answer, truth: Answer | undefined): void {
  if (isDeepStrictEqual(answer, truth)) return
  // A snapshot is a cache: an older one, or none, only costs time.
  if (question.startsWith('snapshot') && isOlder(answer, truth)) return
  throw new Error(
    `${question}: ${JSON.stringify(answer).slice(0, 300)} for ${JSON.stringify(truth ?? null).slice(0, 300)}`,
  )
}

function isOlder(answer: Answer, truth: Answer | undefined): boolean {
  if (answer.kind !== 'given' || truth?.kind !== 'given') return false
  const [found, newest] = [answer.value, truth.value] as ({ readonly seq: number; readonly bytes: string } | null)[]
  return found === null || (newest !== null && found !== undefined && newest !== undefined && found.seq < newest.seq)
}

/** What is saved is a beginning of each run, and what is missing of it is said. */
function checkSaved(saved: Answer, base: Base): Saving {
  if (answered('recover', saved) === 'told' || saved.kind !== 'given') return 'recovered in part'
  const { runs, lost } = saved.value as Saved
  const all = savedOf(base.truth)
  for (const [run, events] of Object.entries(runs)) {
    deepStrictEqual(events, all.runs[run]?.slice(0, events.length), `recover: run ${run}`)
  }
  const isWhole = RUNS.every(run => runs[run]?.length === all.runs[run]?.length)
  ok(
    isWhole || lost.length > 0,
    `recover: not all is saved, and nothing is said: ${JSON.stringify(Object.entries(runs).map(([run, events]) => [run, events.length]))}`,
  )
  return isWhole ? 'recovered whole' : 'recovered in part'
}

const savedOf = ({ saved }: Answers): Saved => (saved?.kind === 'given' ? saved.value : { runs: {}, lost: [] }) as Saved
