/** The attempt that is run again: as it was, but for where it runs, and without bounds on its time. */
import { resolve } from 'node:path'
import type { Bound, StepDescription } from '../../core/index.ts'
import type { Attempt } from '../../exec/index.ts'
import { attemptOf } from '../attempts.ts'
import type { AttemptName } from './restore.ts'

export interface Rerun extends AttemptName {
  readonly bundle: string
  /** Where the user's file is, or was. */
  readonly projectFolder: string
  /** Where it runs now. */
  readonly folder: string
}

export function rerunOf(description: StepDescription, { projectFolder, folder, bundle, ...name }: Rerun): Attempt {
  // A source only reads, and what it reads is the project's.
  const cwd = description.node.kind === 'source' ? projectFolder : folder
  const attempt = attemptOf(description, { ...name, bundleId: bundle, cwd })
  const { timeoutMs: _timeout, heartbeatMs: _heartbeat, ...policy } = attempt.policy
  return { ...attempt, policy, args: attempt.args.map(arg => withSecretsOf(projectFolder, arg)) }
}

/** Secrets are asked where they are: a file of them is named from the project, not from its copy. */
function withSecretsOf(projectFolder: string, bound: Bound): Bound {
  const inside = (inner: Bound): Bound => withSecretsOf(projectFolder, inner)
  switch (bound.kind) {
    case 'resource': {
      const { resource } = bound
      if (resource.kind !== 'secret' || resource.from.kind !== 'file') return bound
      const path = resolve(projectFolder, resource.from.path)
      return { kind: 'resource', resource: { ...resource, from: { kind: 'file', path } } }
    }
    case 'record':
      return {
        kind: 'record',
        fields: Object.fromEntries(Object.entries(bound.fields).map(([name, field]) => [name, inside(field)])),
      }
    case 'list':
      return { kind: 'list', items: bound.items.map(inside) }
    case 'apply':
      return { ...bound, args: bound.args.map(inside) }
    case 'literal':
    case 'value':
      return bound
  }
}
