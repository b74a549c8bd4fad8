/** What a service is kept for while it stays the same. */
import type { Attempt, Work } from '../exec/attempt.ts'
import type { Bindings } from '../exec/inline.ts'
import { hashText } from '../util/hash.ts'
import { canonicalJson, type Json } from '../util/json.ts'

export type ServiceWork = Extract<Work, { kind: 'service' }>

export interface Keys {
  readonly key: string
  /** The part of the key that is no argument. */
  readonly code: string
}

export function keysOf(attempt: Attempt, work: ServiceWork, bindings: Bindings): Keys {
  const policy = { service: work.service, env: attempt.policy.env ?? [] } as unknown as Json // plain data
  const code = hashText(canonicalJson([codeOf(bindings, work), policy, environmentOf(attempt)]))
  const args = attempt.args as unknown as Json // plain data, references by hash
  return { code, key: hashText(canonicalJson([code, attempt.key ?? args])) }
}

/** Variables that it says it hangs on. */
const environmentOf = ({ policy }: Attempt): Json => (policy.env ?? []).map(name => process.env[name] ?? null)

/** What the loader has found that its function hangs on; where it has not, the whole bundle. */
function codeOf(bindings: Bindings, { bundle, task }: ServiceWork): string {
  const definition = bindings.task(task)?.options as { readonly code?: () => { readonly hash?: string } } | undefined
  return definition?.code?.().hash ?? bundle
}
