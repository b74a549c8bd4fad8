/** `tutti migrate`: a run that has not ended goes on as one of another version. */
import { appendMove, beforeMove, withRun } from '../../run/move/move.ts'
import type { RunRow } from '../../store/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { findRun, withStore } from '../store.ts'
import { lineOf } from '../versions/line.ts'
import { fitting, isThere, movable, type Movement, type Mover, moveRun, openMover, tryRun } from '../versions/move.ts'
import { nameOf } from '../versions/row.ts'
import { type MigrateFlags, timeoutOf } from './migrate-flags.ts'

export async function migrateCommand(io: Io, word: string | undefined, flags: MigrateFlags): Promise<number> {
  if (flags.undo) return takeBack(io, mustName(word, '--undo'), flags)
  if (flags.to === undefined)
    throw usage('tutti migrate needs a version', 'For example tutti migrate RUN --to 1.3.0, or --undo')
  const to = flags.to
  if (flags.all || flags.from !== undefined)
    return (await import('./migrate-all.ts')).migrateAll(io, word, { ...flags, to })
  const run = mustName(word, `--to ${to}`)
  return withStore(io, flags, async store => {
    const row = movable(findRun(store, run))
    const mover = await openMover(io, store, lineOf(store.path, row.file, row.workflow), { ...flags, to })
    if (isThere(mover, row)) return already(io, flags, mover, row)
    const movement = fitting(mover, row, await tryRun(mover, row))
    const isDriven = store.leases.holder(row.run) !== undefined
    if (!flags.dryRun) await moveRun(mover, row, timeoutOf(flags))
    say(io, flags, mover, row, movement)
    if (!flags.dryRun && !isDriven) io.err(`go on with: tutti resume ${row.run}\n`)
    return EXIT.succeeded
  })
}

function mustName(word: string | undefined, then: string): string {
  if (word === undefined) throw usage('tutti migrate needs a run', `For example tutti migrate RUN ${then}`)
  return word
}

function already(io: Io, flags: MigrateFlags, { opened }: Mover, { run }: RunRow): number {
  const version = nameOf(opened.row)
  if (flags.json) io.out(`${JSON.stringify({ run, version: opened.row.number, moved: false, can: true })}\n`)
  io.err(`run ${run} is one of ${version} already: nothing to do\n`)
  return EXIT.succeeded
}

const SHOWN = 5

function say(io: Io, flags: MigrateFlags, { opened }: Mover, row: RunRow, { trial }: Movement): void {
  const next = trial.kind === 'fits' ? trial.next : []
  const { run } = row
  const from = row.version === undefined ? {} : { from: row.version }
  if (flags.json)
    io.out(`${JSON.stringify({ run, ...from, version: opened.row.number, moved: !flags.dryRun, can: true, next })}\n`)
  const version = nameOf(opened.row)
  io.err(`run ${run} ${flags.dryRun ? 'can move' : 'moved'} to ${version}\n`)
  if (next.length > 0) io.err(`next: ${next.slice(0, SHOWN).join(', ')}${next.length > SHOWN ? ', …' : ''}\n`)
  if (!flags.dryRun) io.err(`take it back, until something happens in it: tutti migrate ${run} --undo\n`)
}

function takeBack(io: Io, run: string, flags: MigrateFlags): Promise<number> {
  return withStore(io, flags, async store => {
    movable(findRun(store, run))
    await beforeMove(store, findRun(store, run))
    const to = await withRun(store, run, timeoutOf(flags), async lease => {
      const row = movable(findRun(store, run))
      const before = await beforeMove(store, row)
      if (!flags.dryRun) await appendMove(store, lease, row, before, Date.now())
      return before
    })
    const version = to.version === undefined ? {} : { version: to.version }
    if (flags.json) io.out(`${JSON.stringify({ run, ...version, moved: !flags.dryRun, can: true })}\n`)
    io.err(
      `run ${run} ${flags.dryRun ? 'can be' : 'is'} what it was${to.version === undefined ? '' : `: ${to.version}`}\n`,
    )
    return EXIT.succeeded
  })
}
