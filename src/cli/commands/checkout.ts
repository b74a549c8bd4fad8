/** `tutti checkout`: what a run has given, in a folder, as it is now or was at any moment; or one value of it on stdout. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type RunView, everyStep } from '../../observe/index.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { inside } from '../../values/paths.ts'
import { giveRun, type Checkout } from '../checkout/checkout.ts'
import { keptIn } from '../checkout/handles.ts'
import { momentOf, type PastRun, type PastStep, readPast } from '../checkout/past.ts'
import { openTarget } from '../checkout/target.ts'
import { fillingOf, SHOWN_BYTES_MAX } from '../checkout/values.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { counted, showBytes } from '../render/text.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { stepsIn } from './stored-run.ts'

export interface CheckoutFlags extends StoreFlags {
  /** A folder. */
  readonly into?: string
  /** A sequence number or an instant. */
  readonly at?: string
  /** A step whose value goes to stdout. */
  readonly print?: string
  readonly force?: boolean
  readonly json?: boolean
}

export async function checkoutCommand(
  io: Io,
  run: string,
  steps: readonly string[],
  flags: CheckoutFlags,
): Promise<number> {
  const moment = momentOf(flags.at)
  const { into, print } = flags
  if ((into === undefined) === (print === undefined))
    throw usage('tutti checkout needs --into DIR or --print STEP', `For example tutti checkout ${run} --into out`)
  return withStore(io, flags, async store => {
    const row = findRun(store, run)
    const past = await readPast(store, row, moment)
    if (print !== undefined) return printValue(io, store, past, print)
    const owner = moment.kind === 'now' ? store.leases.holder(row.run) : undefined
    return checkout(io, { store, row, past, owner }, into ?? '', steps, flags)
  })
}

interface Asked {
  readonly store: Store
  readonly row: RunRow
  readonly past: PastRun
  readonly owner: string | undefined
}

async function checkout(
  io: Io,
  asked: Asked,
  into: string,
  steps: readonly string[],
  { force = false, json = false }: CheckoutFlags,
): Promise<number> {
  const root = resolve(io.cwd, into)
  if (inside(asked.store.path, root) !== undefined)
    throw usage(`${into} is in the store, which is not the place for it`, 'Name another folder with --into.')
  const isWanted = wantedBy(asked.past, steps)
  const target = await openTarget(root, into, force ? 'over' : 'new')
  try {
    const given = await giveRun({ ...asked, target, isWanted })
    if (json) io.out(`${JSON.stringify({ run: asked.row.run, seq: asked.past.seq, into: root, ...given })}\n`)
    else {
      io.out(`${into}\n`)
      io.err(summary(asked.row.run, given))
    }
    return given.gone.length > 0 && given.values + given.files === 0 ? EXIT.failed : EXIT.succeeded
  } finally {
    await target.close()
  }
}

/** The steps that are named, with all that is in them. */
function wantedBy({ view, steps }: PastRun, names: readonly string[]): (step: string) => boolean {
  if (names.length === 0) return () => true
  const all = known(view, steps)
  const ids = names.flatMap(name => stepsIn(view, name, all).map(({ id }) => id))
  const found = new Set(all.flatMap(({ id }) => (ids.some(each => id === each || isInside(id, each)) ? [id] : [])))
  return step => found.has(step)
}

type Named = Pick<PastStep, 'id' | 'path' | 'name'>

const known = (view: RunView, steps: PastRun['steps']): readonly Named[] => [
  ...new Map<string, Named>([...everyStep(view, view.root), ...steps.values()].map(step => [step.id, step])).values(),
]

/** Whether a step lies in a scope under another one: `around/`, `around.branch/`, `around[key]/`. */
const isInside = (id: string, around: string): boolean =>
  id.startsWith(around) && ['/', '.', '['].includes(id.charAt(around.length))

const SHOWN = 5

function summary(run: string, { values, files, bytes, gone }: Checkout): string {
  const what = `${run}: ${counted(values, 'value')} and ${counted(files, 'file')}, ${showBytes(bytes)}\n`
  const lines = gone.slice(0, SHOWN).map(each => `  gone: ${each.what} (${each.why})\n`)
  const more = gone.length > SHOWN ? [`  and ${gone.length - SHOWN} more: index.json names them\n`] : []
  return [what, ...lines, ...more].join('')
}

async function printValue(io: Io, store: Store, past: PastRun, name: string): Promise<number> {
  const found = stepsIn(past.view, name, known(past.view, past.steps))
  const [step, ...others] = found
  if (others.length > 0)
    refuse('STEP_AMBIGUOUS', `Run ${past.view.run} has ${found.length} steps ${name}`, {
      hint: `Name one of them: ${found
        .slice(0, SHOWN)
        .map(({ id }) => id)
        .join(', ')}.`,
    })
  const outcome = past.steps.get(step?.id ?? '')?.end?.outcome
  if (outcome?.kind !== 'succeeded')
    return refuse('STEP_HAS_NO_VALUE', `Step ${step?.path} of run ${past.view.run} has given no value`, {
      hint: `tutti show ${past.view.run} says what has become of it.`,
    })
  await write(io, await printed(store, outcome.output))
  return EXIT.succeeded
}

/** One file that a step made is printed itself; of what is larger, its path says more. */
async function printed(store: Store, ref: Parameters<typeof fillingOf>[0]): ReturnType<typeof fillingOf> {
  const isHandle = ref.codec === 'file' || ref.codec === 'output' || ref.codec === 'dir'
  const [kept] = isHandle ? await keptIn(ref, store.blobs, SHOWN_BYTES_MAX) : []
  if (kept?.shape.kind !== 'file') return fillingOf(ref, store.blobs)
  const { text, hash } = kept.shape
  return text === undefined ? { kind: 'blob', hash, blobs: store.blobs } : { kind: 'bytes', bytes: text }
}

async function write(io: Io, filling: Awaited<ReturnType<typeof fillingOf>>): Promise<void> {
  if (filling.kind === 'bytes' && typeof filling.bytes === 'string') return io.out(filling.bytes)
  if (filling.kind !== 'blob') throw new Error('defect: a value is text or a blob')
  // Streamed: it may be larger than memory.
  const from = createReadStream(await filling.blobs.file(filling.hash))
  await pipeline(from, process.stdout, { end: false }).catch(error => {
    // Who reads our output may stop doing so: `| head`.
    if ((error as { readonly code?: unknown }).code !== 'EPIPE') throw error
  })
}
