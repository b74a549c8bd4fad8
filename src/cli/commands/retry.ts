/** `tutti retry`: another try for steps that have none left and were parked. */
import { retryStep } from '../../run/requests.ts'
import type { RunView, StepView } from '../../observe/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { answer, refuseEnded } from './answer.ts'
import { foldRun, stepsIn } from './stored-run.ts'

export const retryCommand = (
  io: Io,
  run: string,
  name: string | undefined,
  flags: StoreFlags & { readonly json?: boolean },
): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    refuseEnded(row, `Run it again, keeping what succeeded: tutti redrive ${row.run}`)
    const { view } = await foldRun(store, row)
    for (const step of parkedSteps(view, name)) {
      const delivery = await retryStep(store, row.run, { step: step.id })
      answer(io, flags, {
        run: row.run,
        delivery,
        asked: { kind: 'retry', step: step.id },
        done: `${step.path} gets another try`,
      })
    }
    return EXIT.succeeded
  })

function parkedSteps(view: RunView, name: string | undefined): readonly StepView[] {
  const parked = [...view.held].filter(step => step.state.kind === 'parked')
  const meant = name === undefined ? parked : stepsIn(view, name).filter(step => step.state.kind === 'parked')
  if (meant.length > 0) return meant
  const what = name === undefined ? `Run ${view.run} has no parked step` : `${name} is not parked`
  return refuse('STEP_NOT_PARKED', what, {
    hint:
      parked.length > 0
        ? `Parked are ${parked.map(step => step.path).join(', ')}.`
        : 'Only a step that has no attempt left and was parked takes another try.',
  })
}
