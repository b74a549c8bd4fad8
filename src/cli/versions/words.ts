/**
 * Words that name a version: `ci@1.2.0`, `ci@^1.2`, `ci@next`, `@latest`. What stands before the `@` is a workflow, what stands
 * after it says which of its versions.
 */

export interface Reference {
  readonly workflow: string | undefined
  /** A number, a range, a channel, or one of the words below; absent: none was said. */
  readonly which: string | undefined
}

/** Not a version: the file as it is. */
export const FILE = 'file'
/** The greatest release. */
export const LATEST = 'latest'
/** What new runs take. */
export const CURRENT = 'current'

/** No path, even one through a folder of scoped packages. */
const REFERENCE = /^([^@/\\]*)@([^@/\\]+)$/

export function parseReference(word: string): Reference {
  const [, workflow, which] = REFERENCE.exec(word) ?? []
  if (which === undefined) return { workflow: word, which }
  return { workflow: workflow === '' ? undefined : workflow, which }
}
