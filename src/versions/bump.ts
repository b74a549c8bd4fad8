/**
 * Which number a version gets: inferred from what is different, raised by hand, never lowered.
 *
 *   N1. The first version is 1.0.0. Numbers of one line only grow.
 *   N2. A number is counted from the greatest release; pre-releases since then count up on their own.
 */
import semver from 'semver'
import { refuse } from '../util/diagnostic.ts'
import type { Change, StepName } from './change.ts'
import { ruleFor } from './rules.ts'
import { changeText } from './text.ts'
import type { Bump } from './version.ts'

export interface Reason {
  readonly change: Change
  readonly bump: Bump
  /** What is different. */
  readonly text: string
  /** What that means for callers and live runs. */
  readonly why: string
}

export interface Inferred {
  /** `none`: nothing that counts is different, so that it is the order of the text alone. */
  readonly bump: Bump | 'none'
  /** Why, the weightiest first. */
  readonly reasons: readonly Reason[]
}

const RANK: { readonly [bump in Bump | 'none']: number } = { none: 0, patch: 1, minor: 2, major: 3 }

/** Reasons are fewer than changes: what follows from another reason is not said again. */
export function bumpOf(changes: readonly Change[]): Inferred {
  const told = changes.filter(newly(changes))
  const reasons = told.map((change): Reason => {
    const { bump, why } = ruleFor(change)
    return { change, bump, text: changeText(change) + insideText(change, changes), why }
  })
  reasons.sort((a, b) => RANK[b.bump] - RANK[a.bump])
  return { bump: reasons[0]?.bump ?? 'none', reasons }
}

/** Whether a change is told by itself: not a step inside of one that came or went with it, nor what its argument says. */
function newly(changes: readonly Change[]): (change: Change) => boolean {
  const [added, removed] = [pathsOf(changes, 'step.added'), pathsOf(changes, 'step.removed')]
  const rewired = new Set(changes.flatMap(change => (change.kind === 'step.changed' ? [change.step.path] : [])))
  return change => {
    switch (change.kind) {
      case 'step.added':
        return !isInside(change.step, added)
      case 'step.removed':
        return !isInside(change.step, removed)
      case 'edge.added':
      case 'edge.removed':
        return change.carries === 'order' || !rewired.has(change.to.path)
      default:
        return true
    }
  }
}

const pathsOf = (changes: readonly Change[], kind: 'step.added' | 'step.removed'): ReadonlySet<string> =>
  new Set(changes.flatMap(change => (change.kind === kind ? [change.step.path] : [])))

function isInside({ path }: StepName, paths: ReadonlySet<string>): boolean {
  if (paths.size === 0) return false
  for (let at = path.length - 1; at > 0; at--)
    if ('/.['.includes(path.charAt(at)) && paths.has(path.slice(0, at))) return true
  return false
}

/** How many steps came or went with it. */
function insideText(change: Change, changes: readonly Change[]): string {
  if (change.kind !== 'step.added' && change.kind !== 'step.removed') return ''
  const own = new Set([change.step.path])
  const count = changes.filter(
    ({ kind, ...each }) => kind === change.kind && 'step' in each && isInside(each.step, own),
  ).length
  return count === 0 ? '' : ` with ${count} ${count === 1 ? 'step' : 'steps'} inside`
}

export interface NumberOptions {
  /** Name of a pre-release: `beta`. */
  readonly pre?: string
  readonly atLeast?: Bump
}

/**
 * The number after `released`, those of one line in any order. `inferred`: against the greatest release, or the greatest
 * pre-release where there is none. Refuses with BUMP_TOO_LOW and BAD_PRE.
 */
export function nextNumber(
  released: readonly string[],
  inferred: Inferred | 'first',
  { pre, atLeast }: NumberOptions = {},
): string {
  if (pre !== undefined && !/^[a-z][0-9a-z-]*$/i.test(pre)) refuseBadPre(pre)
  const base = baseOf(released, inferred, atLeast)
  return pre === undefined ? base : `${base}-${pre}.${countOf(released, base, pre)}`
}

/** N2. The release that this is, or leads to. */
function baseOf(released: readonly string[], inferred: Inferred | 'first', atLeast: Bump | undefined): string {
  const last = semver.maxSatisfying([...released], '*')
  const begun = released
    .filter(number => semver.prerelease(number) !== null && (last === null || semver.gt(number, last)))
    .map(number => bare(number))
  const own =
    last === null || inferred === 'first' ? FIRST : (semver.inc(last, raised(inferred, atLeast, last)) ?? FIRST)
  return [own, ...begun].reduce((a, b) => (semver.gt(b, a) ? b : a))
}

const FIRST = '1.0.0'

/** `1.3.0` of `1.3.0-beta.0`. */
function bare(number: string): string {
  const { major, minor, patch } = semver.parse(number) ?? { major: 0, minor: 0, patch: 0 }
  return `${major}.${minor}.${patch}`
}

function raised(inferred: Inferred, atLeast: Bump | undefined, last: string): Bump {
  const needed = inferred.bump === 'none' ? 'patch' : inferred.bump
  if (atLeast === undefined) return needed
  if (RANK[atLeast] < RANK[needed]) refuseTooLow(inferred, atLeast, last)
  return atLeast
}

function refuseTooLow({ bump, reasons }: Inferred, atLeast: Bump, last: string): never {
  const why = reasons.filter(reason => reason.bump === bump).map(({ text, why: meaning }) => `${text} (${meaning})`)
  const shown = why.slice(0, REASONS_SHOWN).join('; ')
  const more = why.length > REASONS_SHOWN ? `; and ${why.length - REASONS_SHOWN} more` : ''
  return refuse('BUMP_TOO_LOW', `Since ${last} this is a ${bump} change, not a ${atLeast} one: ${shown}${more}`, {
    hint: `Leave --bump out, or take what was changed back: a number can be raised, never lowered.`,
  })
}
const REASONS_SHOWN = 3

const refuseBadPre = (pre: string): never =>
  refuse('BAD_PRE', `${JSON.stringify(pre)} cannot be the name of a pre-release`, {
    hint: 'Take letters, digits and hyphens, beginning with a letter: --pre beta.',
  })

/** One more than the greatest count of that name. */
function countOf(released: readonly string[], base: string, pre: string): number {
  const counts = released.flatMap(number => {
    const [name, count] = semver.prerelease(number) ?? []
    return bare(number) === base && name === pre && typeof count === 'number' ? [count] : []
  })
  return Math.max(-1, ...counts) + 1
}
