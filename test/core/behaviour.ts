/** What the steps of tests do: pure functions of who asks, so that every schedule, crash and interpreter sees the same. */
import type { FlowCall, Library } from '../../src/core/engine/protocol.ts'
import { hashText } from '../../src/util/hash.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { trait } from './dice.ts'

/** How often steps fail: one in so many; 0 is never. */
export interface Behaviour {
  readonly failOneIn: number
  readonly library: Library
}

/** Times that a step fails before it succeeds; Infinity is for good. */
export function failuresOf({ failOneIn }: Behaviour, step: string): number {
  if (failOneIn === 0) return trait(`${step} failures`, 3) === 0 ? 1 : 0
  return trait(`${step} fails`, failOneIn) === 0 ? Number.POSITIVE_INFINITY : trait(`${step} failures`, 4) === 0 ? 1 : 0
}

/** The value of a step: a digest of its name and arguments. */
export const resultOf = (step: string, args: Json): Json => ({ h: hashText(canonicalJson([step, args])).slice(0, 12) })

export const branchOf = (step: string, labels: readonly string[]): string =>
  labels[trait(`${step} branch`, labels.length)]!

export const keysOf = (step: string): readonly string[] =>
  ['x', 'y/z', '[q]', 'p%é'].slice(0, trait(`${step} items`, 5))
/** Item values; every other list stands in a blob, not in the event. */
export const itemsOf = (
  step: string,
): { readonly values: readonly Json[]; readonly form: 'list' | 'value' | 'literal' } => ({
  values: keysOf(step).map(key => ({ of: [key], length: 3 })),
  form: (['list', 'value', 'literal'] as const)[trait(`${step} form`, 3)]!,
})

/** What a flow's body does. */
export interface Script {
  readonly mode: 'one by one' | 'all at once'
  readonly onFailure: 'throw' | 'catch'
  readonly calls: readonly ScriptedCall[]
}
export type ScriptedCall = Pick<FlowCall, 'key' | 'site' | 'target'>

export function scriptOf({ library }: Behaviour, step: string): Script {
  const deep = step.split('[').length > 4
  const count = deep ? 0 : trait(`${step} calls`, 4)
  return {
    mode: trait(`${step} mode`, 2) ? 'one by one' : 'all at once',
    onFailure: trait(`${step} catch`, 2) ? 'throw' : 'catch',
    calls: Array.from({ length: count }, (_, index) => scriptedCall(library, step, index)),
  }
}

function scriptedCall(library: Library, step: string, index: number): ScriptedCall {
  const site = `s${index}`
  const kind = (['task', 'effect', 'flow', 'workflow'] as const)[trait(`${step} call ${index}`, 4)]!
  const regions = [...library.keys()]
  if (kind === 'workflow' && regions.length > 0) {
    const region = regions[trait(`${step} region ${index}`, regions.length)]!
    return { key: `${site}~0`, site, target: { kind: 'workflow', workflow: 'w', params: ['a', 'b'], region } }
  }
  const node = {
    kind: kind === 'workflow' ? 'task' : kind,
    name: 'called',
    task: 't',
    executor: 'inline',
    policy: {},
  } as const
  return { key: `${site}~0`, site, target: { kind: 'node', node } }
}
