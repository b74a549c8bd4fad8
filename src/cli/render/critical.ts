/** What the time hangs on, for people and machines: the critical path, what is close to it, what more slots would bring. */
import type { Critical, CriticalStep, PathStep, WhatIf } from '../../analysis/index.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { ChangedStep, Timing } from '../commands/timing.ts'
import type { Screen } from './screen.ts'
import { clip, counted, padEnd, padStart, plain, showDuration, widthOf } from './text.ts'

/** Played as it is, and with one slot more; `with` absent: that would bring nothing. */
export interface MoreSlots {
  readonly slots: number
  readonly played: number
  readonly with: { readonly slots: number; readonly makespanMs: number } | undefined
}

export interface CriticalPage {
  readonly more: MoreSlots
  readonly shown: 'most' | 'all'
  readonly screen: Screen
}

export function renderCritical(timing: Timing, critical: Critical, { more, shown, screen }: CriticalPage): string {
  const { paint } = screen
  const { makespanMs, path, steps } = critical
  const others = steps.filter(({ gradient }) => gradient.most === 0)
  const close = others.toSorted((a, b) => a.slackMs - b.slackMs).slice(0, shown === 'all' ? undefined : CLOSE_SHOWN)
  const ties = steps.filter(({ gradient }) => gradient.least < gradient.most)
  return page([
    `${paint.bold(subjectText(timing))}  ${showDuration(makespanMs)}${timing.what.kind === 'workflow' ? ' expected' : ''}`,
    '',
    paint.bold('the critical path'),
    ...pathLines(path, screen, shown),
    ...(close.length === 0
      ? []
      : ['', paint.bold('and how much longer others may take'), ...closeLines(close, screen)]),
    ...(others.length > close.length
      ? [paint.dim(`${counted(others.length - close.length, 'step')} more: --all`)]
      : []),
    '',
    ...(ties.length === 0 ? [] : [tiesText(ties)]),
    ...(critical.coincidences > 1 && timing.what.kind === 'workflow' ? [COINCIDE] : []),
    slotsText(more),
  ])
}

export interface WhatIfTold {
  readonly changed: readonly ChangedStep[]
  readonly room: { readonly slots: number; readonly pools: ReadonlyMap<string, number> }
  readonly answer: WhatIf
}

export function renderWhatIf(timing: Timing, { changed, room, answer }: WhatIfTold, screen: Screen): string {
  const { paint } = screen
  const { before, after } = answer
  return page([
    `${paint.bold(subjectText(timing))}  ${showDuration(before.makespanMs)} → ${showDuration(after.makespanMs)}  (${differenceText(after.makespanMs - before.makespanMs)})`,
    ...changed.slice(0, CHANGED_SHOWN).map(({ step, ms }) => `  ${plain(step.shown)} takes ${showDuration(ms)}`),
    ...(changed.length > CHANGED_SHOWN ? [paint.dim(`  and ${changed.length - CHANGED_SHOWN} more`)] : []),
    ...(room.slots === timing.room.slots ? [] : [`  ${counted(room.slots, 'slot')} instead of ${timing.room.slots}`]),
    ...[...room.pools].map(([name, slots]) => `  ${counted(slots, 'slot')} of the pool ${plain(name)}`),
    '',
    paint.bold('the critical path then'),
    ...pathLines(after.path, screen, 'most'),
  ])
}

const page = (lines: readonly string[]): string => `${lines.join('\n').trimEnd()}\n`

const CLOSE_SHOWN = 8
const CHANGED_SHOWN = 8
/** Of a longer path, its beginning and its end. */
const PATH_SHOWN = 40

const COINCIDE =
  'Some steps are expected to end at the same instant: a little more of one may change who goes first, and with it the path.'

const subjectText = ({ what }: Timing): string => plain(what.kind === 'run' ? `run ${what.run}` : what.workflow)

function pathLines(path: readonly PathStep[], { columns, paint }: Screen, shown: 'most' | 'all'): readonly string[] {
  const rows = path.map((step, index) => ({
    time: showDuration(step.durationMs),
    share: `${Math.round(step.share * 100)} %`,
    name: plain(step.shown),
    why: whyText(step, path[index - 1]),
  }))
  const [timeWidth, nameWidth] = [
    widest(rows.map(({ time }) => time)),
    Math.min(40, widest(rows.map(({ name }) => name))),
  ]
  const lines = rows.map(({ time, share, name, why }) =>
    clip(
      `  ${padStart(time, timeWidth)}  ${padStart(share, 5)}  ${padEnd(clip(name, nameWidth), nameWidth)}  ${why}`.trimEnd(),
      columns,
    ),
  )
  if (shown === 'all' || lines.length <= PATH_SHOWN) return lines
  const half = PATH_SHOWN / 2
  return [...lines.slice(0, half), paint.dim(`  … ${lines.length - PATH_SHOWN} more: --all`), ...lines.slice(-half)]
}

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.slice(0, 1_000).map(widthOf))

/** Why a step of the path began no sooner than it did. */
function whyText({ because, gapMs }: PathStep, before: PathStep | undefined): string {
  const gap = gapMs >= GAP_SHOWN_MS ? `, ${showDuration(gapMs)} later` : ''
  const giver = before ? plain(before.shown) : ''
  switch (because.kind) {
    case 'start':
      return gap === '' ? '' : `began ${showDuration(gapMs)} after the start`
    case 'needs':
      return gap === '' ? '' : `began ${showDuration(gapMs)} after it could`
    case 'slot':
      return `waited for the slot of ${giver}${gap}`
    case 'pool':
      return `waited for the slot of ${giver} in the pool ${plain(because.name)}${gap}`
    case 'lock':
      return `waited for the lock ${plain(because.name)}, which ${giver} held${gap}`
    default:
      return unreachable(because)
  }
}

const GAP_SHOWN_MS = 100

function closeLines(steps: readonly CriticalStep[], { columns }: Screen): readonly string[] {
  const rows = steps.map(({ slackMs, durationMs, shown, waitedMs }) => ({
    slack: `+${showDuration(slackMs)}`,
    time: showDuration(durationMs),
    name: plain(shown),
    waited: waitedMs >= GAP_SHOWN_MS ? `began ${showDuration(waitedMs)} after it could` : '',
  }))
  const width = (of: 'slack' | 'time' | 'name'): number => widest(rows.map(row => row[of]))
  const nameWidth = Math.min(40, width('name'))
  return rows.map(({ slack, time, name, waited }) =>
    clip(
      `  ${padStart(slack, width('slack'))}  ${padStart(time, width('time'))}  ${padEnd(clip(name, nameWidth), nameWidth)}  ${waited}`.trimEnd(),
      columns,
    ),
  )
}

const tiesText = (ties: readonly CriticalStep[]): string =>
  `Several ways are equally long: ${ties
    .slice(0, 6)
    .map(({ shown }) => plain(shown))
    .join(
      ', ',
    )}${ties.length > 6 ? ` and ${ties.length - 6} more` : ''} ${ties.length === 1 ? 'is' : 'are'} on some of them only, and alone shorten${ties.length === 1 ? 's' : ''} nothing.`

function slotsText({ slots, played, with: one }: MoreSlots): string {
  if (!one) return `More than ${counted(slots, 'slot')} would bring nothing.`
  return `With ${counted(one.slots, 'slot')} instead of ${slots}: ${showDuration(one.makespanMs)} instead of ${showDuration(played)} (${differenceText(one.makespanMs - played)}).`
}

const differenceText = (ms: number): string =>
  Math.abs(ms) < 0.5 ? 'the same' : `${ms < 0 ? '−' : '+'}${showDuration(Math.abs(ms))}`

export function criticalJson({ what, room, known }: Timing, critical: Critical, more: MoreSlots) {
  return {
    ...subjectJson(what),
    ...critical,
    slots: room.slots,
    known,
    playedMs: more.played,
    oneSlotMore: more.with ?? { slots: more.slots + 1, makespanMs: more.played },
  }
}

export function whatIfJson({ what, room: was }: Timing, { changed, room, answer }: WhatIfTold) {
  return {
    ...subjectJson(what),
    slots: { before: was.slots, after: room.slots },
    ...(room.pools.size === 0 ? {} : { pools: Object.fromEntries(room.pools) }),
    durations: changed.map(({ step, ms }) => ({ step: step.step, ms })),
    before: { makespanMs: answer.before.makespanMs, path: answer.before.path },
    after: { makespanMs: answer.after.makespanMs, path: answer.after.path },
  }
}

const subjectJson = (what: Timing['what']) => (what.kind === 'run' ? { run: what.run } : { workflow: what.workflow })
