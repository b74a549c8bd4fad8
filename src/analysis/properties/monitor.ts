/**
 * A property as an automaton that reads what a run does: letters are what a transition means for it, states are what is still
 * allowed or owed. One that has gone wrong stays so; `over` is where nothing can go wrong any more.
 *
 * What must come about is asked of runs that succeed: `succeeds` while something is owed is wrong, `fails` forgives.
 */
import type { Property } from '../../core/index.ts'

/** What a transition does, as bits: several at once are one event. */
export const Letter = { aBegins: 1, aDone: 2, bBegins: 4, bDone: 8, succeeds: 16, fails: 32 } as const

export interface Monitor {
  /** The first is where it begins. */
  readonly states: readonly string[]
  /** Letters that it reads. */
  readonly letters: number
  next(state: number, letters: number): number
  /** The run has done what it must not, or, of `reachable`, what it should. */
  readonly wrong: number
  /** Nothing can go wrong any more. */
  readonly over: number
  /** Whether a run that stays in the state for ever is wrong. */
  isOwing(state: number): boolean
}

/** The kinds that are about an order of events; `never` and `atMost` are about what runs at one time. */
export type Ordered = Exclude<Property['kind'], 'never' | 'atMost'>

type Rule = (letters: number) => string | undefined
/** For each state, where letters lead; undefined: it stays. */
type Table = { readonly [state: string]: Rule }

const { aDone, bBegins, bDone, succeeds, fails } = Letter

const has = (letters: number, letter: number): boolean => (letters & letter) !== 0

const OWING = 'owing'
const WRONG = 'wrong'
const OVER = 'over'

/** What is owed when the run ends. */
const ending: Rule = letters => (has(letters, succeeds) ? WRONG : has(letters, fails) ? OVER : undefined)

const TABLES: { readonly [kind in Ordered]: { readonly letters: number; readonly rules: Table } } = {
  precedes: {
    letters: aDone | bBegins,
    rules: {
      before: letters => (has(letters, bBegins) ? WRONG : has(letters, aDone) ? OVER : undefined),
    },
  },
  absent: {
    letters: aDone | bBegins,
    rules: {
      before: letters => (has(letters, aDone) ? 'after' : undefined),
      after: letters => (has(letters, bBegins) ? WRONG : undefined),
    },
  },
  exclusive: {
    letters: aDone | bDone,
    rules: {
      none: letters =>
        has(letters, aDone) && has(letters, bDone)
          ? WRONG
          : has(letters, aDone)
            ? 'a'
            : has(letters, bDone)
              ? 'b'
              : undefined,
      a: letters => (has(letters, bDone) ? WRONG : undefined),
      b: letters => (has(letters, aDone) ? WRONG : undefined),
    },
  },
  alternates: {
    letters: aDone | bDone,
    rules: {
      a: letters => (has(letters, bDone) ? WRONG : has(letters, aDone) ? 'b' : undefined),
      b: letters => (has(letters, aDone) ? WRONG : has(letters, bDone) ? 'a' : undefined),
    },
  },
  responds: {
    letters: aDone | bDone | succeeds | fails,
    rules: {
      quiet: letters => (has(letters, aDone) && !has(letters, bDone) ? OWING : undefined),
      owing: letters => (has(letters, bDone) ? 'quiet' : ending(letters)),
    },
  },
  eventually: {
    letters: aDone | succeeds | fails,
    rules: {
      owing: letters => (has(letters, aDone) ? OVER : ending(letters)),
    },
  },
  exactlyOnce: {
    letters: aDone | succeeds | fails,
    rules: {
      owing: letters => (has(letters, aDone) ? 'once' : ending(letters)),
      once: letters => (has(letters, aDone) ? WRONG : undefined),
    },
  },
  reachable: {
    letters: aDone,
    rules: { before: letters => (has(letters, aDone) ? WRONG : undefined) },
  },
}

export function monitorOf(kind: Ordered): Monitor {
  const { letters, rules } = TABLES[kind]
  const states = [...Object.keys(rules), WRONG, OVER]
  const indexOf = new Map(states.map((state, index) => [state, index]))
  return {
    states,
    letters,
    wrong: states.indexOf(WRONG),
    over: states.indexOf(OVER),
    next: (state, given) => {
      const to = rules[states[state] ?? '']?.(given)
      return (to === undefined ? undefined : indexOf.get(to)) ?? state
    },
    isOwing: state => states[state] === OWING,
  }
}
