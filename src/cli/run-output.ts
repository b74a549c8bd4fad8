/** What a run gave, on stdout: its result for people and scripts, or the last line of `--json`. */
import type { Fault, RunStatus, ValueRef } from '../core/index.ts'
import type { Json } from '../util/json.ts'
import { toTagged } from '../util/tagged.ts'
import type { RunView } from '../observe/index.ts'
import type { ValueStore } from '../values/index.ts'
import type { Io } from './io.ts'
import type { Decoded } from './render/faults.ts'
import { runEndedLine } from './render/run-end.ts'

export interface EndedRun {
  readonly run: string
  readonly status: RunStatus
  readonly output?: ValueRef
  readonly fault?: Fault
}

/** The same when the run has just ended and when it had ended before. */
export async function printEnd(
  io: Io,
  flags: { readonly json?: boolean },
  end: EndedRun,
  values: ValueStore,
): Promise<void> {
  const output = end.output && (await values.decode(end.output))
  const { run, status, fault } = end
  printDecoded(io, flags, { run, status, output, fault, decoded: await decodedFault(values, fault) })
}

/** The same where the values are at hand. */
export function printDecoded(
  io: Io,
  flags: { readonly json?: boolean },
  { output, ...end }: Omit<EndedRun, 'output'> & { readonly output: unknown; readonly decoded: Decoded },
): void {
  if (flags.json) io.out(`${runEndedLine({ ...end, ...(output === undefined ? {} : { output: showable(output) }) })}\n`)
  else printOutput(io, output)
}

/** Text as it is, all else as JSON, nothing when there is none. */
function printOutput(io: Io, output: unknown): void {
  if (output === undefined) return
  io.out(typeof output === 'string' ? `${output}\n` : `${JSON.stringify(showable(output), undefined, 2)}\n`)
}

/** Tagged JSON as scripts expect it: a handle is its path, and fields without a value are left out. */
export const showable = (value: unknown): Json => withoutUndefined(tagged(value)) ?? null

function withoutUndefined(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(each => withoutUndefined(each) ?? null)
  if (typeof value !== 'object' || value === null) return value
  if ('$undefined' in value) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const shown = withoutUndefined(each as Json)
      return shown === undefined ? [] : [[name, shown]]
    }),
  )
}

const tagged = (value: unknown): Json =>
  toTagged(value, {
    extend: object =>
      'path' in object && typeof object.path === 'string'
        ? object.path
        : 'paths' in object && Array.isArray(object.paths)
          ? (object.paths as string[])
          : undefined,
  })

/** Errors that are in blobs, for rendering, which does no I/O. */
export const decodedFault = (values: ValueStore, fault: Fault | undefined): Promise<Decoded> =>
  decodedFaults(values, fault ? [fault] : [])

/** More failures than this are not read one by one. */
const DECODED_MAX = 200

/** Those of the faults and of all that they follow from. */
export async function decodedFaults(values: ValueStore, faults: readonly Fault[]): Promise<Decoded> {
  const refs = new Map<string, ValueRef>()
  const pending = [...faults]
  for (let fault = pending.pop(); fault && refs.size < DECODED_MAX; fault = pending.pop()) {
    if (fault.error && fault.error.inline === undefined) refs.set(fault.error.hash, fault.error)
    pending.push(...(fault.causes ?? []))
  }
  return new Map(await Promise.all([...refs].map(async ([hash, ref]) => [hash, await values.decode(ref)] as const)))
}

/** Of a run and of its steps, failed attempts included. */
export const faultsOf = (view: RunView): readonly Fault[] => [
  ...(view.fault ? [view.fault] : []),
  ...[...view.steps.values()].flatMap(({ state, failures }) => [
    ...(state.kind === 'failed' ? [state.fault] : []),
    ...failures.map(failure => failure.fault),
  ]),
]
