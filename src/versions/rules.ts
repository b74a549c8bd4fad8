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
  readonly kind: Change['kind']
  /** How it changed, or which field of it; with the fields inside of that. */
  readonly which?: readonly string[]
  readonly bump: Bump
  readonly why: string
}

const rule = (kind: Change['kind'], which: string, bump: Bump, why: string): Rule => ({
  kind,
  ...(which === '' ? {} : { which: which.split(' ') }),
  bump,
  why,
})

export const RULES: readonly Rule[] = [
  rule('parameter.added', 'required', 'major', 'callers do not give it'),
  rule('parameter.added', 'optional', 'minor', 'callers need not give it'),
  rule('parameter.removed', '', 'major', 'callers give it'),
  rule('parameter.changed', 'widened', 'minor', 'all that callers give still fits'),
  rule('parameter.changed', 'narrowed changed', 'major', 'what callers give may not fit any more'),
  rule('parameter.changed', 'required', 'major', 'callers do not give it'),
  rule('parameter.changed', 'optional', 'minor', 'callers need not give it any more'),
  rule('parameter.changed', 'default', 'minor', 'who does not give it gets something else'),
  rule('result.added', '', 'minor', 'callers get more'),
  rule('result.removed', '', 'major', 'callers use it'),
  rule('result.changed', 'narrowed', 'minor', 'callers get only what they were ready for'),
  rule('result.changed', 'widened changed', 'major', 'callers may get what they are not ready for'),
  rule('signal.added', '', 'minor', 'something more can be sent'),
  rule('signal.removed', '', 'major', 'somebody sends it'),
  rule('signal.changed', 'widened', 'minor', 'all that is sent still fits'),
  rule('signal.changed', 'narrowed changed', 'major', 'what is sent may not fit any more'),
  rule('signal.changed', 'kept', 'minor', 'what is sent early is no longer lost'),
  rule('signal.changed', 'transient', 'major', 'what is sent early is lost'),
  rule('step.added', '', 'minor', 'more is done'),
  rule('step.removed', '', 'major', 'a live run may stand at it, or hold what it gave'),
  rule('step.renamed', 'id', 'patch', 'only what people see; the step is the same'),
  rule('step.renamed', 'content declared', 'minor', 'its path has changed; live runs find it by the rename'),
  rule('step.moved', '', 'major', 'what a live run holds of it lies in another region'),
  rule('step.changed', 'kind', 'major', 'a live run that stands at it cannot go on as another kind'),
  rule('step.changed', 'key batch', 'major', 'items are called otherwise: those of a live run are not found'),
  rule('step.changed', 'places start end transitions', 'major', 'tokens of a live run may have no place'),
  rule(
    'step.changed',
    'policy.cache policy.inputs policy.pool policy.priority executor concurrency service',
    'patch',
    'only how and when it is done',
  ),
  rule('step.changed', 'workflow', 'patch', 'only what the called workflow is called'),
  rule('step.changed', '', 'minor', 'the step does something else, or ends otherwise'),
  rule('edge.added', '', 'minor', 'it waits for more'),
  rule('edge.removed', '', 'minor', 'it waits for less'),
  rule('code.changed', '', 'patch', 'only code inside of a step'),
  rule('signature.changed', 'declared', 'patch', 'nothing was known of the type, so nobody relied on it'),
  rule('signature.changed', 'parameters', 'patch', 'steps of the same version call it'),
  rule('signature.changed', 'widened', 'minor', 'what live runs hold still fits'),
  rule('signature.changed', 'narrowed changed', 'major', 'what live runs hold may not fit any more'),
  rule('package.changed', '', 'patch', 'only code inside of steps'),
  rule('workflow.changed', 'name parameters', 'patch', 'parameters go by their names'),
  rule('workflow.changed', '', 'minor', 'a run may end otherwise'),
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
    case 'workflow.changed':
      return change.field
    case 'signature.changed':
      return isUnknown(change.before) ? 'declared' : change.part === 'result' ? change.how : change.part
    default:
      return ''
  }
}

const isUnknown = (type: Json): boolean => typeof type === 'object' && type !== null && Object.keys(type).length === 0
