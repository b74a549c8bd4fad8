/**
 * Plays a random project through random edits. After each it is run as `tutti run` would, and held against the model
 * (./model.ts) and against a build from nothing in another folder:
 *
 *   - all values and all files are those of the model, and of the build from nothing;
 *   - a step whose key an earlier run has given a result for does not run, and one whose key is new does;
 *   - a run that fails has run nothing that was known, and leaves what steps wrote before;
 *   - when the manifest says that there is nothing to do, there is nothing to do.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFile } from '../../../src/cli/file.ts'
import { processIo } from '../../../src/cli/io.ts'
import { newMemo } from '../../../src/cli/manifest.ts'
import { seenCurrent } from '../../../src/cli/versions/current-file.ts'
import { manifestVersion, nullCommand } from '../../../src/cli/null-run.ts'
import { settle } from '../../../src/cli/racy.ts'
import type { Event } from '../../../src/core/index.ts'
import { newLedger } from '../../../src/freshness/index.ts'
import { checkManifest, readManifest } from '../../../src/freshness/manifest.ts'
import { startRun } from '../../../src/run/launch.ts'
import { openLocal } from '../../../src/run/local.ts'
import { gc, openStore, type Store } from '../../../src/store/index.ts'
import { Stamps } from '../../../src/values/index.ts'
import { applyEdit, type Edit, randomEdit } from './edits.ts'
import { type Expected, expectedOf } from './model.ts'
import { newRandom, type ProjectSpec, randomProject, sourcePath } from './project.ts'
import { renderProject } from './render.ts'

export interface Sequence {
  readonly seed: number
  readonly edits: readonly Edit[]
}

export function sequenceOf(seed: number): Sequence {
  const random = newRandom(seed ^ 0x5eed)
  return { seed, edits: Array.from({ length: 3 + random.next(8) }, () => randomEdit(random)) }
}

/** What went wrong; undefined: nothing. `compare`: after which edits a build from nothing is made, too. */
export async function play({ seed, edits }: Sequence, compare: 'each' | 'last'): Promise<string | undefined> {
  const spec = randomProject(newRandom(seed))
  const world = newWorld()
  const before = { cwd: process.cwd(), env: process.env[VARIABLE] }
  try {
    const steps: readonly Edit[] = [{ kind: 'nothing', a: 0, b: 0 }, ...edits]
    for (const [index, edit] of steps.entries()) {
      applyEdit(spec, edit, world.dir)
      process.env[VARIABLE] = spec.env
      writeProject(spec, world.dir)
      const isCompared = compare === 'each' || index === steps.length - 1
      const wrong = await world.check(spec, edit, isCompared)
      if (wrong !== undefined) return `after edit ${index} (${edit.kind}): ${wrong}`
    }
    return undefined
  } finally {
    process.chdir(before.cwd)
    if (before.env === undefined) delete process.env[VARIABLE]
    else process.env[VARIABLE] = before.env
    await world.close()
  }
}

const VARIABLE = 'TUTTI_FUZZ'
const WORDS = ['run']
const IO = { ...processIo('1'), out: () => undefined }

/** Drops edits as long as it still goes wrong. */
export async function shrunk(sequence: Sequence): Promise<Sequence> {
  for (const [index] of sequence.edits.entries()) {
    const less = { ...sequence, edits: sequence.edits.filter((_, at) => at !== index) }
    if ((await play(less, 'each')) !== undefined) return shrunk(less)
  }
  return sequence
}

/** Only what differs: a file that is as it was keeps its time. */
function writeProject(spec: ProjectSpec, dir: string): void {
  for (const name of ['src', 'glob']) mkdirSync(join(dir, name), { recursive: true })
  const files = new Map(Object.entries(renderProject(spec)))
  for (const [index, text] of spec.sources.entries()) files.set(sourcePath(index), text)
  for (const [name, text] of spec.globbed) files.set(`glob/${name}`, text)
  for (const name of readdirSync(join(dir, 'glob'))) if (!spec.globbed.has(name)) rmSync(join(dir, 'glob', name))
  for (const [path, text] of files) {
    const target = join(dir, path)
    if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text)
  }
}

interface Ran {
  readonly status: string
  readonly attempted: readonly string[]
  readonly succeeded: readonly string[]
  readonly output: unknown
  readonly faults: readonly string[]
}

interface World {
  readonly dir: string
  check(spec: ProjectSpec, edit: Edit, compare: boolean): Promise<string | undefined>
  close(): Promise<void>
}

function newWorld(): World {
  const dir = mkdtempSync(join(tmpdir(), 'tutti-random-'))
  /** Keys that a run has given a result for; 'perhaps': gc may have taken it. */
  const results = new Map<string, 'known' | 'perhaps'>()
  let stamps = new Stamps()
  let store: Store | undefined
  let runs = 0
  let hasManifest = false
  const opened = async () => (store ??= await openStore(join(dir, '.tutti'), { durability: 'normal' }))
  const reopen = async () => {
    await store?.close()
    store = undefined
  }

  const happen = async ({ kind, a }: Edit): Promise<void> => {
    if (kind === 'new process') {
      await reopen()
      stamps = new Stamps()
    }
    if (kind === 'gc') {
      await reopen()
      await gc(join(dir, '.tutti'), {
        runs: 1 + (a % 2),
        endedAfterMs: Date.now() + 1,
        blobsUsedAfterMs: Date.now() + 1,
      })
      for (const key of results.keys()) results.set(key, 'perhaps')
    }
  }

  const note = (expected: Expected, ran: Ran): void => {
    for (const step of ran.succeeded) {
      const key = expected.keys.get(step)
      if (key !== undefined) results.set(key, 'known')
    }
  }

  return {
    dir,
    async check(spec, edit, compare) {
      const expected = expectedOf(spec)
      await happen(edit)
      if (edit.kind === 'break off') {
        const ran = await runOnce({
          dir,
          store: await opened(),
          stamps,
          id: `run-${++runs}`,
          breakOffAfter: edit.a % 6,
        })
        note(expected, ran)
        await reopen()
      }
      const isDone = saysNothingToDo(dir)
      const wrongBefore = isDone ? wrongFiles(expected, dir, 'succeeded') : undefined
      if (wrongBefore !== undefined) return `the manifest says that there is nothing to do, and ${wrongBefore}`
      if (!isDone && edit.kind === 'nothing' && hasManifest)
        return 'nothing was changed, and the manifest does not know it'
      const ran = await runOnce({ dir, store: await opened(), stamps, id: `run-${++runs}` })
      hasManifest = ran.status === 'succeeded'
      if (isDone && (ran.status !== 'succeeded' || ran.attempted.length > 0))
        return `the manifest said that there is nothing to do, and the run ${ran.status} and ran ${ran.attempted.join()}`
      const wrong =
        wrongOutcome(expected, ran) ?? wrongSteps(expected, ran, results) ?? wrongFiles(expected, dir, ran.status)
      note(expected, ran)
      if (wrong !== undefined) return wrong
      return compare ? differsFromNothing(spec, ran, expected) : undefined
    },
    async close() {
      await store?.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function wrongOutcome(expected: Expected, { status, output, faults }: Ran): string | undefined {
  if (status !== expected.status) return `the run ${status} (${faults.join()}), and should have ${expected.status}`
  if (status !== 'succeeded') return undefined
  const [given, wanted] = [JSON.stringify(output), JSON.stringify(expected.values)]
  return given === wanted ? undefined : `it gave ${given}, and should have given ${wanted}`
}

function wrongSteps(
  { keys, status }: Expected,
  { attempted }: Ran,
  results: ReadonlyMap<string, 'known' | 'perhaps'>,
): string | undefined {
  const unexpected = attempted.filter(step => !keys.has(step))
  if (unexpected.length > 0) return `${unexpected.join()} ran, which is not reached`
  const inVain = attempted.filter(step => results.get(keys.get(step) ?? '') === 'known')
  if (inVain.length > 0) return `${inVain.join()} ran in vain: a run has given a result for the key`
  const ran = new Set(attempted)
  const missed = [...keys].filter(([step, key]) => status === 'succeeded' && !results.has(key) && !ran.has(step))
  return missed.length === 0 ? undefined : `${missed.map(([step]) => step).join()} did not run, and has a new key`
}

function wrongFiles({ files }: Expected, dir: string, status: string): string | undefined {
  if (status !== 'succeeded') return undefined
  for (const [path, text] of files) {
    const found = textAt(join(dir, path))
    if (found !== text) return `${path} holds ${JSON.stringify(found)}, and should hold ${JSON.stringify(text)}`
    if (path.endsWith('/in') && readdirSync(join(dir, path, '..')).length !== 1)
      return `beside ${path} lies what is foreign`
  }
  return undefined
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

async function differsFromNothing(spec: ProjectSpec, ran: Ran, expected: Expected): Promise<string | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'tutti-nothing-'))
  const store = await openStore(join(dir, '.tutti'), { durability: 'normal' })
  try {
    writeProject(spec, dir)
    const scratch = await runOnce({ dir, store, stamps: new Stamps(), id: 'run' })
    if (scratch.status !== ran.status) return `from nothing it ${scratch.status}, and not ${ran.status}`
    if (JSON.stringify(scratch.output) !== JSON.stringify(ran.output))
      return `from nothing it gives ${JSON.stringify(scratch.output)}, and not ${JSON.stringify(ran.output)}`
    const wrong = wrongFiles(expected, dir, scratch.status)
    return wrong === undefined ? undefined : `from nothing ${wrong}`
  } finally {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Once {
  readonly dir: string
  readonly store: Store
  readonly stamps: Stamps
  readonly id: string
  /** So many turns of the event loop, then the run is left as a killed process leaves it, and nobody resumes it. */
  readonly breakOffAfter?: number
}

async function runOnce({ dir, store, stamps, id, breakOffAfter }: Once): Promise<Ran> {
  process.chdir(dir)
  const loaded = await loadFile(join(dir, 'tutti.ts'), dir)
  const runnable = loaded.runnable('main')
  const memo = newMemo(
    { ...IO, cwd: dir, words: WORDS },
    {
      storeFolder: store.path,
      stamps,
      dir,
      built: loaded.built,
      reads: runnable.graph.reads,
      current: seenCurrent(store.path, stamps),
    },
  )
  const ledger = memo?.ledger ?? newLedger()
  const local = openLocal(store, {
    cwd: dir,
    configurations: runnable.configurations,
    reuse: { stamps, ledger },
    onLook: (_, seen) => ledger.see(seen),
  })
  local.register(runnable)
  const since = store.head()
  const { session, values } = await startRun(local, runnable, id, {})
  if (breakOffAfter !== undefined) {
    for (let turn = 0; turn < breakOffAfter; turn++) await new Promise(resolve => setImmediate(resolve))
    await session.pause()
  }
  const end = await session.ended
  if (memo && end.kind === 'ended' && end.status === 'succeeded') await memo.close(id, values)
  await local.close()
  const { phase } = session.state
  const output = phase.kind === 'ended' ? phase.output : undefined
  const status = phase.kind === 'ended' ? phase.status : 'broken off'
  const events: Event[] = []
  for await (const { event } of store.read({ run: id, from: since + 1 })) events.push(event)
  return {
    status,
    output: output && (await values.decode(output)),
    attempted: stepsOf(events, event => event.kind === 'attempt.started'),
    succeeded: stepsOf(
      events,
      event => event.kind === 'step.settled' && event.outcome.kind === 'succeeded' && event.origin === undefined,
    ),
    faults: events.flatMap(event => (event.kind === 'run.ended' && event.fault ? [event.fault.message] : [])),
  }
}

/** What a null run would conclude. */
function saysNothingToDo(dir: string): boolean {
  const command = nullCommand(WORDS, dir, process.env)
  const manifest = command && readManifest(command.file)
  if (!manifest) return false
  const check = checkManifest(manifest, {
    version: manifestVersion(IO.version),
    words: WORDS,
    cwd: dir,
    env: process.env,
    nowMs: Date.now(),
  })
  return check.kind === 'fresh' || (check.kind === 'racy' && settle(command.file, manifest))
}

/** Sources are looked at in each run. */
const isSource = (step: string): boolean => /^(files?)(~\d+)?$/.test(step)

const stepsOf = (events: readonly Event[], holds: (event: Event) => boolean): readonly string[] =>
  events.flatMap(event => (holds(event) && 'step' in event && event.step && !isSource(event.step) ? [event.step] : []))
