/** Where in a definition a check is, and how it says what is wrong there. */
import { nearestName } from '../../../util/nearest.ts'
import type { QueryLanguage } from '../machine.ts'
import type { Path } from '../source.ts'

/** AWS's own codes (API reference, ValidateStateMachineDefinitionDiagnostic); its API may answer with others. */
export type Code =
  | 'SCHEMA_VALIDATION_FAILED'
  | 'MISSING_TRANSITION_TARGET'
  | 'MISSING_END_STATE'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_STATE_NAME'
  | 'DUPLICATE_LABEL_NAME'
  | 'INVALID_LABEL_NAME'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION'
  | 'INVALID_VARIABLE_NAME'
  | 'RESERVED_VARIABLE_NAME'
  | 'NO_DOLLAR'
  | 'NO_PATH'
  | 'PASS_RESULT_IS_STATIC'

export interface Problem {
  readonly code: Code
  readonly severity: 'error' | 'warning'
  /** As AWS words it where it is known how. */
  readonly message: string
  /** AWS's `location`; absent: the whole workflow. */
  readonly location?: Path
  /** What is shown to the user, who looks for the field and not for the object that it should not be in. */
  readonly points: { readonly path: Path; readonly to: 'name' | 'value' | { readonly offset: number } }
  readonly hint?: string
  /** It is there because of another problem, and gone with it: AWS says it, we do not. */
  readonly follows?: true
}

/** What all checks of one definition share. */
export interface Whole {
  readonly problems: Problem[]
  /** Of the whole machine. */
  readonly language: QueryLanguage
  /** Names of states, wherever they are nested. */
  readonly names: Set<string>
  readonly labels: Set<string>
  /** Machines in states, still to be checked: in a list, so that no depth of nesting costs depth of calls. */
  readonly inner: Inner[]
}

export type MachineKind = 'whole' | 'branch' | 'processor'

export interface Inner {
  readonly value: unknown
  readonly kind: MachineKind
  readonly place: Place
}

/** A place knows the way up to the whole: what is checked is many times what is reported, so paths are made of it only then. */
export interface Place {
  readonly whole: Whole
  /** Of the whole itself: absent. */
  readonly up: Place | undefined
  readonly key: string | number
  /** Of the state; undefined where the state asks for one that it may not have: nothing is said about its fields then. */
  readonly language: QueryLanguage | undefined
  /** Of the execution that the state is in: that of the machine, or of a distributed map's children. */
  readonly type: 'STANDARD' | 'EXPRESS'
}

/** Written out: to spread `up` took most of the time of a check. */
export const into = (up: Place, key: string | number): Place => ({
  whole: up.whole,
  up,
  key,
  language: up.language,
  type: up.type,
})

export function pathOf(place: Place): Path {
  const path: (string | number)[] = []
  for (let step = place; step.up; step = step.up) path.push(step.key)
  return path.reverse()
}

/** What is wrong with the value at `place`. */
export function refuse(place: Place, message: string, hint?: string): void {
  refuseAs(place, 'SCHEMA_VALIDATION_FAILED', message, hint)
}

export function refuseAs(place: Place, code: Code, message: string, hint?: string): void {
  const path = pathOf(place)
  report(place, { code, severity: 'error', message, location: path, points: { path, to: 'value' }, ...hinted(hint) })
}

/** What is wrong is at the sign `offset` of the text at `place`. */
export function refuseInside(place: Place, code: Code, message: string, offset: number): void {
  const path = pathOf(place)
  report(place, { code, severity: 'error', message, location: path, points: { path, to: { offset } } })
}

/** What is wrong with the object at `place` is that it has `field`. */
export function refuseField(place: Place, field: string, message: string, hint?: string): void {
  const path = pathOf(place)
  const points = { path: [...path, field], to: 'name' } as const
  report(place, {
    code: 'SCHEMA_VALIDATION_FAILED',
    severity: 'error',
    message,
    location: path,
    points,
    ...hinted(hint),
  })
}

/** What AWS refuses, or takes and does not do what was meant, while it can be run here. */
export function warn(place: Place, message: string, hint?: string): void {
  warnAs(place, 'SCHEMA_VALIDATION_FAILED', message, hint)
}

export function warnAs(place: Place, code: Code, message: string, hint?: string): void {
  const path = pathOf(place)
  const points = { path, to: 'value' } as const
  report(place, { code, severity: 'warning', message, location: path, points, ...hinted(hint) })
}

export function report(place: Place, problem: Problem): void {
  place.whole.problems.push(problem)
}

const hinted = (hint: string | undefined) => (hint === undefined ? {} : { hint })

/** Names looked at for hints: a text may be wrong all over, and each hint looks at all names. */
const HINT_NAMES_MAX = 20_000
const HINT_LENGTH_MAX = 80

export function nearestOf(name: string, names: readonly string[], place: Place): string | undefined {
  if (name.length > HINT_LENGTH_MAX || place.whole.problems.length * names.length > HINT_NAMES_MAX) return undefined
  return nearestName(name, names)
}

export const didYouMean = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : `Did you mean \`${name}\`?`

export const hintOf = (name: string, names: readonly string[], place: Place): string | undefined =>
  didYouMean(nearestOf(name, names, place))
