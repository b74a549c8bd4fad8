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
import { trait } from '../core/dice.ts'
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
/** Bytes of free space that are changed at once. */
const STRETCH = 64
/** Two readers: one waits for its disk while the other one computes. */
const LANES = 2

export const flips: Fault = {
  name: 'flips',
  claim: 'a byte of any file of a store is changed: no answer changes but into a refusal, and the intact is recovered',
  round: async round => {
    const bases = await theBases()
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
        try {
          for (const { effect, saved, flips } of await flip(looker, place, round.seed)) {
            counts.flips += flips
            counts[effect] += flips
            if (saved) counts[saved] += 1
          }
        } catch (error) {
          wrong.push(error instanceof Error ? error.message : String(error))
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
  /** How many bytes from there on are changed at once. */
  readonly length: number
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

/** Every `of`-th place from that of the seed on: all rounds together take each byte once. */
function shareOf({ seed, of, dice }: Round, all: readonly Base[]): Place[] {
  const places = all.flatMap(base => base.files.flatMap(({ path, size }) => placesIn(base, path, size)))
  const share = places.filter((_, index) => index % of === seed % of)
  return share.length <= SHARE_MAX ? share : Array.from({ length: SHARE_MAX }, () => dice.pick(share))
}

/**
 * Each byte; but of the database, most of which is free space, stretches of zeros at once: when all answers are as before,
 * none of these bytes is read. When not, each is tried by itself.
 */
function placesIn(base: Base, file: string, size: number): readonly Place[] {
  const bytes = readFileSync(join(base.folder, file))
  const places: Place[] = []
  for (let at = 0; at < size; at += places.at(-1)!.length) {
    const isFree =
      file === 'store.db' && at + STRETCH <= size && bytes.subarray(at, at + STRETCH).every(byte => byte === 0)
    places.push({ base, file, at, length: isFree ? STRETCH : 1 })
  }
  return places
}

type Saving = 'recovered whole' | 'recovered in part'
type Effect = 'told when opened' | 'told when asked' | 'told by doctor alone' | 'harmless'

interface Outcome {
  readonly effect: Effect
  readonly saved: Saving | undefined
  readonly flips: number
}

async function flip(looker: Looker, place: Place, seed: number): Promise<readonly Outcome[]> {
  if (place.length === 1) return [await flipAll(looker, place, seed)]
  const together = await flipAll(looker, place, seed).catch(() => undefined)
  if (together?.effect === 'harmless') return [together]
  const outcomes: Outcome[] = []
  for (let at = place.at; at < place.at + place.length; at += 1)
    outcomes.push(await flipAll(looker, { ...place, at, length: 1 }, seed))
  return outcomes
}

/** Throws what does not hold, and says where. */
async function flipAll(looker: Looker, place: Place, seed: number): Promise<Outcome> {
  const { base, file, at, length } = place
  const folder = copyOf(base.folder)
  const where = `${base.kind} ${file} byte ${at}`
  const bit = trait(`${seed} ${where}`, 8)
  const examines = length > 1 || trait(`${seed} ${where} examined`, EXAMINED_EACH) === 0
  const into = trait(`${seed} ${where} recovered`, RECOVERED_EACH) === 0 ? { into: join(folder, '..', 'saved') } : {}
  try {
    const bytes = readFileSync(join(folder, file))
    for (let each = at; each < at + length; each += 1) bytes[each] = bytes[each]! ^ (1 << bit)
    rmSync(join(folder, file))
    writeFileSync(join(folder, file), bytes)
    const found = await looker.look({ folder, blobs: base.blobs, briefly: !examines, ...into })
    if (typeof found === 'string') throw new Error(found)
    const saved = found.saved && checkSaved(found.saved, base)
    return { effect: compare(found, base.truth), saved, flips: length }
  } catch (error) {
    throw new Error(`${where} bit ${bit}: ${error instanceof Error ? error.message : error}`)
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
  'VERSION_DAMAGED',
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

/** What is saved is a beginning of each run, and versions as they were published; what is missing is said. */
function checkSaved(saved: Answer, base: Base): Saving {
  if (answered('recover', saved) === 'told' || saved.kind !== 'given') return 'recovered in part'
  const { runs, versions, lost } = saved.value as Saved
  const all = savedOf(base.truth)
  for (const [run, events] of Object.entries(runs)) {
    deepStrictEqual(events, all.runs[run]?.slice(0, events.length), `recover: run ${run}`)
  }
  const isSame = isDeepStrictEqual(versions, all.versions)
  for (const version of versions.slice(0, -1)) {
    ok(
      all.versions.some(each => isDeepStrictEqual(each, version)),
      `recover: a version is not what was published: ${JSON.stringify(version)}`,
    )
  }
  const isWhole = isSame && RUNS.every(run => runs[run]?.length === all.runs[run]?.length)
  ok(
    isWhole || lost.length > 0,
    `recover: not all is saved, and nothing is said: ${JSON.stringify(Object.entries(runs).map(([run, events]) => [run, events.length]))}`,
  )
  return isWhole ? 'recovered whole' : 'recovered in part'
}

const savedOf = ({ saved }: Answers): Saved =>
  (saved?.kind === 'given' ? saved.value : { runs: {}, versions: [], lost: [] }) as Saved
