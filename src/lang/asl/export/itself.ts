/** A graph that was a state machine from the beginning is that machine again: what its states say is all in it. */
import type { Graph } from '../../../core/graph/graph.ts'
import type { Json } from '../../../util/json.ts'
import { machineIn } from '../compile/read-back.ts'
import { secondsOf } from './policy.ts'

/** What tells who the execution is (../bind.ts). */
const START = 'start'

/** Undefined: a graph that is, or has, something else. */
export function machineItself({ root, deadlineMs }: Graph): Json | undefined {
  const [net, ...others] = root.nodes.filter(({ id }) => id !== START)
  const machine = net && others.length === 0 ? machineIn(net) : undefined
  if (!machine) return undefined
  const { QueryLanguage, ...rest } = machine
  return {
    ...(QueryLanguage === undefined ? {} : { QueryLanguage }),
    ...(deadlineMs === undefined ? {} : { TimeoutSeconds: secondsOf(deadlineMs) }),
    ...(rest as unknown as { readonly [field: string]: Json }),
  }
}
