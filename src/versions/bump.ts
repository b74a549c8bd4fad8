/**
 * Which number a version gets: inferred from what is different, raised by hand, never lowered.
 *
 *   N1. The first version is 1.0.0. Numbers of one line only grow.
 *   N2. A number is counted from the greatest release; pre-releases since then count up on their own.
 */
import semver from 'semver'
import { refuse } from '../util/diagnostic.ts'
import type { Change } from './change.ts'
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
  const tops = { 'step.added': topsOf(changes, 'step.added'), 'step.removed': topsOf(changes, 'step.removed') }
  const rewired = new Set(changes.flatMap(change => (change.kind === 'step.changed' ? [change.step.path] : [])))
  const reasons = changes.flatMap((change): readonly Reason[] => {
    const { bump, why } = ruleFor(change)
    const reason: Reason = { change, bump, text: changeText(change), why }
    switch (change.kind) {
      case 'step.added':
      case 'step.removed': {
        const inside = tops[change.kind].get(change.step.path)
        return inside === undefined ? [] : [{ ...reason, text: reason.text + insideText(inside) }]
      }
      case 'edge.added':
      case 'edge.removed':
        // The argument that takes another value says so.
        return change.carries === 'value' && rewired.has(change.to.path) ? [] : [reason]
      default:
        return [reason]
    }
  })
  reasons.sort((a, b) => RANK[b.bump] - RANK[a.bump])
  return { bump: reasons[0]?.bump ?? 'none', reasons }
}

/** Of steps that came or went, those that do not stand inside of another one, and how many do stand in them. */
function topsOf(changes: readonly Change[], kind: 'step.added' | 'step.removed'): ReadonlyMap<string, number> {
  const paths = new Set(changes.flatMap(change => (change.kind === kind ? [change.step.path] : [])))
  const tops = new Map<string, number>()
  for (const path of paths) {
    const top = outermost(path, paths)
    tops.set(top, (tops.get(top) ?? 0) + (top === path ? 0 : 1))
  }
  return tops
}

function outermost(path: string, paths: ReadonlySet<string>): string {
  for (let at = 1; at < path.length; at++) {
    if (!'/.['.includes(path.charAt(at))) continue
    const around = path.slice(0, at)
    if (paths.has(around)) return around
  }
  return path
}

const insideText = (count: number): string =>
  count === 0 ? '' : ` with ${count} ${count === 1 ? 'step' : 'steps'} inside`

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
