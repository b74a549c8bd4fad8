/** `tutti signal`: a value from outside for a run that waits for it, or will. */
import { issuesText } from '../../run/letters.ts'
import { signalRun } from '../../run/requests.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { parseJson } from '../parameters.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { answer, refuseEnded } from './answer.ts'
import { reopen } from './reopen.ts'
import { foldRun, stepsIn } from './stored-run.ts'

export interface SignalFlags extends StoreFlags {
  readonly id?: string
  readonly step?: string
  readonly json?: boolean
}

interface SignalWords {
  readonly run: string
  readonly name: string
  /** JSON, or `@FILE`; absent: no value. */
  readonly json: string | undefined
}

export const signalCommand = (io: Io, { run, name, json }: SignalWords, flags: SignalFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    refuseEnded(row, 'It takes no signal any more.')
    const value = json === undefined ? undefined : parseJson(json, 'The value of a signal')
    const step = flags.step === undefined ? undefined : await waitNamed(store, row, name, flags.step)
    if (store.leases.holder(row.run) === undefined) await checkValue(io, store, row, name, value)
    const delivery = await signalRun(store, row.run, {
      signal: name,
      value,
      ...(flags.id === undefined ? {} : { id: flags.id }),
      ...(step === undefined ? {} : { step }),
    })
    answer(io, flags, {
      run: row.run,
      delivery,
      asked: { kind: 'signal', signal: name },
      done: `run ${row.run} took the signal ${name}`,
    })
    return EXIT.succeeded
  })

/** The one step of that name that waits for the signal. */
async function waitNamed(store: Store, row: RunRow, signal: string, name: string): Promise<string> {
  const { view } = await foldRun(store, row)
  const steps = stepsIn(view, name).filter(
    ({ state }) => state.kind === 'awaiting' && state.what.kind === 'signal' && state.what.signal === signal,
  )
  const [only] = steps
  if (only && steps.length === 1) return only.id
  return refuse(
    'STEP_UNKNOWN',
    `${name} does not name one step of run ${row.run} that waits for the signal ${signal}`,
    {
      hint: `What it waits for: tutti show ${row.run}`,
    },
  )
}

/** A run that somebody runs checks the value itself. Here, before it is kept for one that nobody runs. */
async function checkValue(io: Io, store: Store, row: RunRow, name: string, value: unknown): Promise<void> {
  if (row.bundle === '') return
  const { bindings } = await reopen(io, store, row, false)
  const result = await bindings.signals.get(name)?.['~standard'].validate(value)
  if (!result?.issues) return
  refuse('SIGNAL_INVALID', issuesText(name, result.issues), { hint: `What it waits for: tutti show ${row.run}` })
}
