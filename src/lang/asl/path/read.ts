/** What the paths of a state give. */
import type { Json } from '../../../util/json.ts'
import { type At, executing } from '../executing.ts'
import type { Vars } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { Unreadable } from './cursor.ts'
import { parsePath } from './parse.ts'
import type { Path } from './syntax.ts'
import { type Sought, walk } from './walk.ts'

/** What the roots of paths stand for: `$`, `$$` and `$name`. */
export interface PathScope {
  readonly input: Json
  readonly context: { readonly [field: string]: Json }
  readonly vars: Vars
}

/**
 * The value of `text`, or what Jayway says where there is none: for fields that word it in their own way. A text that is no path
 * is missing, too; `checkPath` finds those before anything runs.
 */
export function seekPath(text: string, scope: PathScope): Sought {
  const path = parsePath(text)
  if (path instanceof Unreadable) return { kind: 'missing', words: path.message }
  const document = documentOf(path, scope)
  if (document === undefined) return { kind: 'missing', words: `The variable '${nameOf(path)}' is not assigned` }
  return walk(path, document)
}

/** `undefined`: a variable that has no value. */
export function documentOf({ root }: Path, scope: PathScope): Json | undefined {
  switch (root.kind) {
    case 'input':
    case 'node':
      return scope.input
    case 'context':
      return scope.context
    case 'variable':
      return Object.hasOwn(scope.vars, root.name) ? scope.vars[root.name] : undefined
  }
}

const nameOf = ({ root }: Path): string => (root.kind === 'variable' ? root.name : '')

/** The error of a field of a template whose path finds nothing: it names the field, and shows what was looked into. */
export function missingField(text: string, field: string, scope: PathScope & At): StateError {
  const source = text.startsWith('$$') ? scope.context : scope.input
  return new StateError(
    'States.Runtime',
    `${executing(scope)} The JSONPath '${text}' specified for the field '${field}' could not be found in the input ` +
      `'${JSON.stringify(source)}'`,
  )
}
