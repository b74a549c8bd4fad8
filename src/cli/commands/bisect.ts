/** `tutti bisect`: the first version from which something is bad, found by running versions. What is fresh is not run again. */
import { join } from 'node:path'
import semver from 'semver'
import { checkArguments } from '../../run/arguments.ts'
import { startRun, valuesOf } from '../../run/launch.ts'
import { newRunId } from '../../run/run-id.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { bumpOf, type Inferred } from '../../versions/bump.ts'
import { difference } from '../../versions/difference.ts'
import { EXIT } from '../exit.ts'
import { mustBeBound } from '../bound.ts'
import { type Io, usage } from '../io.ts'
import { moduleCache } from '../module-cache.ts'
import { readArguments } from '../parameters.ts'
import { renderFirstBad, renderProbe } from '../render/bisect.ts'
import { showable } from '../run-output.ts'
import { storeFolder, type StoreFlags, withStore } from '../store.ts'
import { firstBad } from '../versions/bisect.ts'
import { type Check, judge, type Judged, type Tried } from '../versions/check.ts'
import { workflowOf } from '../versions/line.ts'
import { lineFor } from '../versions/lines.ts'
import { contentsOf, openVersion } from '../versions/open.ts'
import { findVersion } from '../versions/reference.ts'
import { nameOf } from '../versions/row.ts'
import { renamedBetween, stillThere } from '../versions/renames.ts'
import { CURRENT } from '../versions/words.ts'
import { drive } from './drive.ts'
import { foldRun } from './stored-run.ts'
import { readTarget } from './words.ts'

export interface BisectFlags extends StoreFlags {
  readonly good?: string
  readonly bad?: string
  readonly param?: readonly string[]
  readonly input?: string
  readonly check?: string
  readonly step?: string
  readonly outputDiffers?: boolean
  readonly concurrency?: number
  readonly json?: boolean
}

export async function bisectCommand(io: Io, words: readonly string[], flags: BisectFlags): Promise<number> {
  const target = readTarget(io, words)
  const { good, bad = CURRENT } = flags
  if (good === undefined) throw usage('tutti bisect needs a version that is good', 'For example --good 1.2.0')
  const check = checkOf(flags)
  const folder = storeFolder(io, flags, target.file)
  const cache = moduleCache(join(folder, 'cache'))
  try {
    return await withStore(io, { ...flags, store: folder }, async store => {
      const line = lineFor(io, store, target)
      const rows = between(store, line, findVersion(store, line, good), findVersion(store, line, bad))
      return search({ io, store, rows, check, flags, cache })
    })
  } finally {
    cache.flush()
  }
}

function checkOf({ check, step, outputDiffers }: BisectFlags): Check {
  const checks: readonly Check[] = [
    ...(check === undefined ? [] : [{ kind: 'command', line: check } as const]),
    ...(step === undefined ? [] : [{ kind: 'step', step } as const]),
    ...(outputDiffers ? [{ kind: 'output-differs' } as const] : []),
  ]
  if (checks.length > 1) throw usage('tutti bisect takes one of --check, --step and --output-differs')
  return checks[0] ?? { kind: 'fails' }
}

/** From the good one to the bad one, both included, in the order of their numbers. Pre-releases only where they are named. */
function between(store: Store, line: string, good: VersionRow, bad: VersionRow): readonly VersionRow[] {
  const order = semver.compare(good.number, bad.number)
  if (order >= 0)
    refuse('BISECT_ORDER', `${nameOf(good)} does not come before ${nameOf(bad)}`, {
      hint: 'The good version must be the older one: swap --good and --bad, and turn the check round.',
    })
  return store.versions
    .list(line)
    .filter(
      ({ number }) =>
        number === good.number ||
        number === bad.number ||
        (semver.gt(number, good.number) && semver.lt(number, bad.number) && semver.prerelease(number) === null),
    )
    .sort((a, b) => semver.compare(a.number, b.number))
}

interface Search {
  readonly io: Io
  readonly store: Store
  /** The first is said to be good, the last to be bad. */
  readonly rows: readonly VersionRow[]
  readonly check: Check
  readonly flags: BisectFlags
  readonly cache: ReturnType<typeof moduleCache>
}

async function search(given: Search): Promise<number> {
  const { io, rows, flags } = given
  const last = rows.length - 1
  const reference = await probe(given, 0, undefined)
  if (reference.kind === 'interrupted') return reference.exit
  if (reference.judged.verdict !== 'good') return refuseEnd(rows[0]!, 'good', reference.judged)
  const good = reference.kind === 'tried' ? reference.tried : undefined
  const end = await probe(given, last, good)
  if (end.kind === 'interrupted') return end.exit
  if (end.judged.verdict !== 'bad') return refuseEnd(rows[last]!, 'bad', end.judged)
  let exit: number = EXIT.interrupted
  const found = await firstBad(0, last, async index => {
    const probed = await probe(given, index, good)
    if (probed.kind !== 'interrupted') return probed.judged.verdict
    exit = probed.exit
    return 'stop'
  })
  if (found.kind === 'stopped') return exit
  if (found.kind === 'open') return refuseOpen(rows.slice(found.good + 1, found.bad + 1))
  const [before, after] = [rows[found.good]!, rows[found.bad]!]
  const inferred = changesBetween(given.store, before, after)
  if (flags.json) {
    const { bump, reasons } = inferred
    io.out(
      `${JSON.stringify({ kind: 'first-bad', version: after.number, before: before.number, bump, changes: reasons })}\n`,
    )
  } else io.out(renderFirstBad({ before, after, inferred }, io.outScreen))
  return EXIT.succeeded
}

function changesBetween(store: Store, before: VersionRow, after: VersionRow): Inferred {
  const [old, now] = [contentsOf(store, before).face, contentsOf(store, after).face]
  const renamed = stillThere(renamedBetween(store.versions.list(before.line), before, after), old, now)
  return bumpOf(difference(old, now, { renamed }))
}

type Attempted =
  | { readonly kind: 'tried'; readonly tried: Tried }
  | { readonly kind: 'untried'; readonly why: string }
  /** By the user. */
  | { readonly kind: 'interrupted'; readonly exit: number }

type Probed =
  | { readonly kind: 'tried'; readonly tried: Tried; readonly judged: Judged }
  | { readonly kind: 'untried'; readonly judged: Judged }
  | Extract<Attempted, { kind: 'interrupted' }>

async function probe(given: Search, index: number, good: Tried | undefined): Promise<Probed> {
  const { io, check, flags, rows } = given
  const row = rows[index]!
  const startedMs = Date.now()
  const attempted = await tryVersion(given, row)
  if (attempted.kind === 'interrupted') return attempted
  const judged: Judged =
    attempted.kind === 'tried'
      ? await judge(check, attempted.tried, good, io.cwd)
      : { verdict: 'skip', why: attempted.why }
  const run = attempted.kind === 'tried' ? { run: attempted.tried.run } : {}
  const told = { version: row.number, ...judged, ...run, ms: Date.now() - startedMs }
  if (flags.json) io.out(`${JSON.stringify({ kind: 'probe', ...told })}\n`)
  else io.err(renderProbe(told, io.errScreen))
  return { ...attempted, judged }
}

/** A normal run of the version. */
async function tryVersion({ io, store, flags, cache }: Search, row: VersionRow): Promise<Attempted> {
  const { concurrency } = flags
  const run = newRunId(workflowOf(row.line))
  try {
    const { runnable } = await openVersion(io, store, row, cache)
    const { definition } = runnable
    mustBeBound(io, runnable)
    const args = await checkArguments(definition, await readArguments(definition, flags.param ?? [], flags.input))
    const exit = await drive(
      { ...io, out: () => undefined, err: () => undefined },
      store,
      runnable,
      { quiet: true, wait: false, ...(concurrency === undefined ? {} : { concurrency }) },
      local => startRun(local, runnable, run, args),
    )
    if (exit === EXIT.interrupted || exit === EXIT.terminated) return { kind: 'interrupted', exit }
  } catch (error) {
    // It cannot be opened, or takes other parameters: nothing of it has run.
    if (error instanceof Refusal && !store.runs.get(run)) return { kind: 'untried', why: error.message }
    throw error
  }
  const ended = store.runs.get(run)
  if (!ended || ended.endedAtMs === undefined) return { kind: 'untried', why: `run ${run} waits for something` }
  const { view, events } = await foldRun(store, ended)
  const end = events.at(-1)
  if (end?.kind !== 'run.ended') throw new Error(`defect: ${run} has ended without saying so`)
  const { output, status } = end
  if (status === 'cancelled') return { kind: 'untried', why: `run ${run} was cancelled` }
  const shown = output ? showable(await valuesOf(store, { cwd: io.cwd }).decode(output)) : null
  return { kind: 'tried', tried: { version: row.number, run, status, view, output, shown } }
}

function refuseEnd(row: VersionRow, said: 'good' | 'bad', { verdict, why }: Judged): never {
  const name = nameOf(row)
  if (verdict === 'skip')
    return refuse('BISECT_UNTRIED', `${name}, which is said to be ${said}, cannot be tried: ${why}`, {
      hint: `Name another version with --${said}.`,
    })
  return said === 'good'
    ? refuse('BISECT_NOT_GOOD', `${name} is said to be good, but it is bad: ${why}`, {
        hint: 'Name an older one with --good; tutti versions lists them.',
      })
    : refuse('BISECT_NOT_BAD', `${name} is said to be bad, but it is good: ${why}`, {
        hint: "What is wrong may come from today's inputs, not from a version.",
      })
}

function refuseOpen(rows: readonly VersionRow[]): never {
  const numbers = rows.map(({ number }) => number)
  return refuse(
    'BISECT_OPEN',
    `The first bad version is one of ${numbers.join(', ')}: only the last of them could be tried`,
    { hint: 'The probes say what the others lack.' },
  )
}
