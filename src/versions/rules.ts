/**
 * What each difference means for the number: a table. It stands in docs/versions.md too, row by row, and a test compares them.
 *
 *   major: what a caller gives or gets, or what a live run may stand at or hold, has changed or went
 *   minor: there is more than before, or the same steps do something else
 *   patch: only how something is done, or what it is called, has changed
 *
 *   R1. The first row that speaks of a change decides. A row without `which` speaks of all that the rows above have left.
 */
import type { Json } from '../util/json.ts'
import type { Change } from './change.ts'
import type { Bump } from './version.ts'

export interface Rule {
  readonly what: string
  readonly kind: Change['kind']
  /** How it changed, or which field of it; with the fields inside of that. */
  readonly which?: readonly string[]
  readonly bump: Bump
  readonly why: string
}

const rule = (what: string, kind: Change['kind'], which: string, bump: Bump, why: string): Rule => ({
  what,
  kind,
  ...(which === '' ? {} : { which: which.split(' ') }),
  bump,
  why,
})

export const RULES: readonly Rule[] = [
  rule('a parameter without a default is added', 'parameter.added', 'required', 'major', 'callers do not give it'),
  rule(
    'a parameter that need not be given is added',
    'parameter.added',
    'optional',
    'minor',
    'callers need not give it',
  ),
  rule('a parameter is removed', 'parameter.removed', '', 'major', 'callers give it'),
  rule('a parameter takes more', 'parameter.changed', 'widened', 'minor', 'all that callers give still fits'),
  rule(
    'a parameter takes less, or other values',
    'parameter.changed',
    'narrowed changed',
    'major',
    'what callers give may not fit any more',
  ),
  rule('a parameter must be given now', 'parameter.changed', 'required', 'major', 'callers do not give it'),
  rule(
    'a parameter need not be given any more',
    'parameter.changed',
    'optional',
    'minor',
    'callers need not give it any more',
  ),
  rule('a default is another one', 'parameter.changed', 'default', 'minor', 'who does not give it gets something else'),
  rule('a field of the result is added', 'result.added', '', 'minor', 'callers get more'),
  rule('a field of the result is removed', 'result.removed', '', 'major', 'callers use it'),
  rule(
    'the result, or a field of it, is less than it could be',
    'result.changed',
    'narrowed',
    'minor',
    'callers get only what they were ready for',
  ),
  rule(
    'the result, or a field of it, may be more, or is something else',
    'result.changed',
    'widened changed',
    'major',
    'callers may get what they are not ready for',
  ),
  rule('a signal is waited for that was not', 'signal.added', '', 'minor', 'something more can be sent'),
  rule('a signal is waited for no longer', 'signal.removed', '', 'major', 'somebody sends it'),
  rule('a signal takes more', 'signal.changed', 'widened', 'minor', 'all that is sent still fits'),
  rule(
    'a signal takes less, or other values',
    'signal.changed',
    'narrowed changed',
    'major',
    'what is sent may not fit any more',
  ),
  rule(
    'a signal that comes early is kept now',
    'signal.changed',
    'kept',
    'minor',
    'what is sent early is no longer lost',
  ),
  rule('a signal that comes early is lost now', 'signal.changed', 'transient', 'major', 'what is sent early is lost'),
  rule('a step is added', 'step.added', '', 'minor', 'more is done'),
  rule('a step is removed', 'step.removed', '', 'major', 'a live run may stand at it, or hold what it gave'),
  rule(
    'a step is shown under another name',
    'step.renamed',
    'id',
    'patch',
    'only what people see; the step is the same',
  ),
  rule(
    'a step has another id',
    'step.renamed',
    'content declared',
    'minor',
    'its path has changed; live runs find it by the rename',
  ),
  rule(
    'a step stands in another region',
    'step.moved',
    '',
    'major',
    'what a live run holds of it lies in another region',
  ),
  rule(
    'a step is of another kind',
    'step.changed',
    'kind',
    'major',
    'a live run that stands at it cannot go on as another kind',
  ),
  rule(
    'the key of an `each`, or how many of its items go together',
    'step.changed',
    'key batch',
    'major',
    'items are called otherwise: those of a live run are not found',
  ),
  rule(
    'places and transitions of a `net`',
    'step.changed',
    'places start end transitions',
    'major',
    'tokens of a live run may have no place',
  ),
  rule(
    'how a step is run: cache, inputs, pool, priority, executor, concurrency, probes of a service',
    'step.changed',
    'policy.cache policy.inputs policy.pool policy.priority executor concurrency service',
    'patch',
    'only how and when it is done',
  ),
  rule(
    'the name of a workflow that is called',
    'step.changed',
    'workflow',
    'patch',
    'only what the called workflow is called',
  ),
  rule(
    'what `ensure` claims of what a step holds',
    'step.changed',
    'properties',
    'patch',
    'runs do the same; only what is checked of them has changed',
  ),
  rule(
    'anything else of a step: arguments, conditions, sources, retries, deadlines, locks …',
    'step.changed',
    '',
    'minor',
    'the step does something else, or ends otherwise',
  ),
  rule('a step waits for another one (`.after`, or a value)', 'edge.added', '', 'minor', 'it waits for more'),
  rule('a step waits for another one no longer', 'edge.removed', '', 'minor', 'it waits for less'),
  rule('the code of a function', 'code.changed', '', 'patch', 'only code inside of a step'),
  rule(
    'a type of a function is declared that was not',
    'signature.changed',
    'declared',
    'patch',
    'nothing was known of the type, so nobody relied on it',
  ),
  rule('what a function takes', 'signature.changed', 'parameters', 'patch', 'steps of the same version call it'),
  rule(
    'a function gives records with more fields',
    'signature.changed',
    'extended',
    'minor',
    'what live runs hold lacks only what is new',
  ),
  rule('a function may give more', 'signature.changed', 'widened', 'minor', 'what live runs hold still fits'),
  rule(
    'a function gives less, or something else',
    'signature.changed',
    'narrowed changed',
    'major',
    'what live runs hold may not fit any more',
  ),
  rule('a package that the code imports', 'package.changed', '', 'patch', 'only code inside of steps'),
  rule(
    'the name of the workflow, or the order of its parameters',
    'workflow.changed',
    'name parameters',
    'patch',
    'parameters go by their names',
  ),
  rule(
    'what `ensure` claims of the workflow',
    'workflow.changed',
    'properties',
    'patch',
    'runs do the same; only what is checked of them has changed',
  ),
  rule(
    'the deadline, what a failed step does to the others, what the result is made of',
    'workflow.changed',
    '',
    'minor',
    'a run may end otherwise',
  ),
]

export function ruleFor(change: Change): Rule {
  const which = whichOf(change)
  const found = RULES.find(
    each => each.kind === change.kind && (each.which === undefined || each.which.some(word => speaksOf(word, which))),
  )
  if (!found) throw new Error(`defect: no rule for ${change.kind} ${which}`)
  return found
}

/** A field, or one inside of it. */
const speaksOf = (word: string, which: string): boolean =>
  which === word || (which.startsWith(word) && /[.[]/.test(which.charAt(word.length)))

function whichOf(change: Change): string {
  switch (change.kind) {
    case 'parameter.added':
      return change.required ? 'required' : 'optional'
    case 'parameter.changed':
    case 'result.changed':
    case 'signal.changed':
      return change.how
    case 'step.renamed':
      return change.by
    case 'step.changed':
      // What a transition does, and when it goes, moves no token of a live run.
      return /^transitions\..*\.(?:guard|body)(?:[.[]|$)/.test(change.field) ? 'transition' : change.field
    case 'workflow.changed':
      return change.field
    case 'signature.changed':
      return isUnknown(change.before) ? 'declared' : change.part === 'result' ? change.how : change.part
    default:
      return ''
  }
}

const isUnknown = (type: Json): boolean => typeof type === 'object' && type !== null && Object.keys(type).length === 0
