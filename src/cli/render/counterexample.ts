/** A counterexample of a workflow in words: one sentence, then what had to turn out so, what waits, and all that happened. */
import type { Counterexample, Deed } from '../../analysis/index.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'

type Seen = Counterexample['calls'][number]
type LockWait = Extract<Counterexample['waits'][number], { kind: 'lock' }>
type Detail = 'choices' | 'all'

/** Names in the sentence at most; `lines` has them all. */
const NAMED_MAX = 3

/** `where`: positions beside the names. */
const named = ({ name, items, at }: Seen, where?: (at: Position) => string): string => {
  const item = items.length > 0 ? ` of item ${items.join('.')}` : ''
  return `${name}${item}${where && at ? ` (${where(at)})` : ''}`
}

const joined = (names: readonly string[], word = 'and'): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`

/** What goes wrong, in one sentence. */
export function sentenceOf(counterexample: Counterexample): string {
  const conditions = counterexample.choices.filter(({ what }) => what !== 'fires').map(conditionOf)
  const what = outcomeOf(counterexample)
  return conditions.length === 0 || conditions.length > NAMED_MAX ? what : `if ${joined(conditions)}, ${what}`
}

function conditionOf({ step, what, label = '' }: Counterexample['choices'][number]): string {
  switch (what) {
    case 'fails':
    case 'times out':
      return `${named(step)} ${what}`
    case 'cancels':
      return `${named(step)} comes first`
    case 'chooses':
      return `${named(step)} has ${/item/.test(label) ? label : `taken ${label}`}`
    case 'fires':
      return `${label} of ${named(step)} fires`
  }
}

function outcomeOf(counterexample: Counterexample): string {
  const { kind, calls, dead, net, tokens, waits } = counterexample
  if (calls.length > 0)
    return `${calls.at(-1)!.name} is called again in any case, so ${calls[0]!.name} never comes to an end`
  if (kind === 'dead-transition') return deadSentence(dead)
  const places = joined(tokens.map(({ place, count }) => (count > 1 ? `${place} (${count})` : place)))
  if (net) {
    if (kind === 'unbounded') return `tokens pile up in ${net.name} without end`
    return kind === 'deadlock'
      ? `${net.name} is stuck with tokens on ${places || 'no place'}: nothing can fire, and its end is not reached`
      : `${net.name} goes on for ever and cannot reach its end any more${places === '' ? '' : `, once tokens are on ${places}`}`
  }
  const circle = circleOf(waits.flatMap(wait => (wait.kind === 'lock' ? [wait] : [])))
  if (circle.length > 0)
    return circle
      .map(({ wait, holder }) => {
        const holds = holder ? `${named(holder.step)} holds ${joined(holder.locks)} and ` : `${named(wait.step)} `
        return `${holds}waits for ${joined(wait.locks.map(lock => lock.name))}`
      })
      .join(', while ')
  const first = waits[0]
  if (first?.kind === 'step')
    return `${named(first.step)} waits for ever for ${joined(first.after.map(each => named(each)))}`
  return kind === 'deadlock' ? 'the run stops short of its end' : 'the run can never end'
}

function deadSentence(dead: Counterexample['dead']): string {
  const names = dead.map(({ step, transition }) =>
    transition === undefined ? step.name : `${transition} of ${step.name}`,
  )
  const shown = names.length > NAMED_MAX ? [...names.slice(0, NAMED_MAX), `${names.length - NAMED_MAX} more`] : names
  return `${joined(shown)} can never run`
}

interface Link {
  readonly wait: LockWait
  /** What stands around it and holds what the one before wants. */
  readonly holder: LockWait['inside'][number] | undefined
}

const isSame = (left: Seen, right: Seen): boolean =>
  left.path === right.path && left.items.join() === right.items.join()

/** Who waits for whom in a circle; all that wait, where there is none. */
export function circleOf(waits: readonly LockWait[]): readonly Link[] {
  const links: Link[] = []
  for (let next = waits[0]; next; ) {
    const wait = next
    const start = links.findIndex(link => link.wait === wait)
    if (start >= 0) return links.slice(start).map(link => link)
    links.push({ wait, holder: wait.inside.at(-1) })
    const holder = wait.locks.find(lock => lock.holder)?.holder
    if (!holder) return links
    next = waits.find(each => isSame(each.step, holder) || each.inside.some(({ step }) => isSame(step, holder)))
  }
  return links
}

/** What there is to say beside the sentence. */
export function linesOf(
  counterexample: Counterexample,
  detail: Detail,
  showPlace: (at: Position) => string = showPosition,
): readonly string[] {
  const name = (step: Seen): string => named(step, showPlace)
  const { choices, waits, dead, calls, way } = counterexample
  return [
    ...choices.map(({ step, what, label }) => `${name(step)} ${what}${label === undefined ? '' : ` ${label}`}`),
    ...waits.map(wait => waitLine(wait, name)),
    ...dead.map(
      ({ step, transition }) => `${transition === undefined ? '' : `${transition} of `}${name(step)} never runs`,
    ),
    ...(calls.length > 0 ? [calls.map(name).join(' calls ')] : []),
    ...guardLines(counterexample, name),
    ...(detail === 'all'
      ? way.map(({ step, deed }, index) => `${index + 1}. ${step ? `${name(step)} ` : 'the run '}${deedText(deed)}`)
      : []),
  ]
}

function waitLine(wait: Counterexample['waits'][number], name: (step: Seen) => string): string {
  if (wait.kind === 'step') return `${name(wait.step)} waits for ${joined(wait.after.map(name))}`
  const locks = wait.locks.map(
    ({ name: lock, holder }) => `the lock ${lock}${holder ? `, which ${name(holder)} holds` : ''}`,
  )
  return `${name(wait.step)} waits for ${joined(locks)}`
}

function guardLines({ choices }: Counterexample, name: (step: Seen) => string): readonly string[] {
  const guards = [...new Set(choices.flatMap(({ by, step }) => (by === 'data' ? [name(step)] : [])))]
  return guards.length === 0 ? [] : [`hangs on ${joined(guards)}: the check takes every choice as possible`]
}

function deedText(deed: Deed): string {
  switch (deed.kind) {
    case 'chooses':
    case 'fires':
    case 'fired':
      return `${deed.kind} ${deed.label}`
    case 'passed-over':
      return 'is passed over'
    case 'times-out':
      return 'times out'
    case 'interrupted':
    case 'withdrawn':
    case 'skipped':
      return `is ${deed.kind}`
    case 'ends':
      return `has ${deed.how}`
    default:
      return deed.kind
  }
}

/** As plain data, in which every step has its path, name and position. */
export const counterexampleJson = ({ choices, waits, tokens, dead, calls, way }: Counterexample): object => ({
  choices,
  waits,
  ...(tokens.length > 0 ? { tokens } : {}),
  ...(dead.length > 0 ? { dead } : {}),
  ...(calls.length > 0 ? { calls } : {}),
  way: way.map(({ step, deed }) => ({ step, ...deed })),
})
