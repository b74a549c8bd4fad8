/**
 * What the steps of random graphs do: pure functions of who asks and of the values that he sees, so that every schedule,
 * every crash and the reference interpreter agree. A step that sees a wrong value answers with another one.
 */
import type { Fault, FlowCall, Library } from '../../src/core/engine/protocol.ts'
import type { Node } from '../../src/core/graph/graph.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { type Dice, diceOf, trait } from '../core/dice.ts'
import { CODES, TYPES } from './generate.ts'

export interface Behaviour {
  readonly library: Library
  /** One step in so many fails for good; 0: none does. */
  readonly failOneIn: number
}

export const UNDEFINED: Json = { $undefined: true }

/** 53 bits of a text, after bryc's cyrb53: values are told apart by it, nothing more. */
export function digest(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36)
}

/** Chance that hangs on a step and the values that it sees. */
const about = (step: string, what: string, value: Json): Dice => diceOf(hash(`${step} ${what} ${canonicalJson(value)}`))
const hash = (text: string): number => Number.parseInt(digest(text).slice(-6), 36)

/** Far inside nothing begins that begins more: what recurs and loops comes to an end. */
const isDeep = (step: string): boolean => step.split('/').length > 7

/** The value of a step: a digest of its name and arguments. */
export const resultOf = (step: string, args: Json): Json => ({ h: digest(canonicalJson([step, args])) })

/** How often a step fails before it succeeds, and with which error. */
export function failuresOf({ failOneIn }: Behaviour, step: string): { readonly times: number; readonly fault: Fault } {
  const fault = {
    code: CODES[trait(`${step} code`, CODES.length)]!,
    message: 'as told',
    types: [TYPES[trait(`${step} type`, TYPES.length)]!, 'Error'],
  }
  if (failOneIn > 0 && trait(`${step} fails`, failOneIn) === 0) return { times: Number.POSITIVE_INFINITY, fault }
  return { times: trait(`${step} failures`, failOneIn > 0 ? 8 : 40) === 0 ? 1 + trait(`${step} often`, 3) : 0, fault }
}

/** What a condition, an item list or an instant gives instead of a value, seldom. */
export const evaluationFault = ({ failOneIn }: Behaviour, step: string): Fault | undefined =>
  failOneIn > 0 && trait(`${step} evaluates`, 4 * failOneIn) === 0
    ? { code: 'BROKEN', message: 'cannot be evaluated' }
    : undefined

/** The label that a when or a match goes to; where it is deep, the last, which is the base. */
export const branchOf = (step: string, labels: readonly string[], value: Json): string =>
  isDeep(step) ? labels.at(-1)! : about(step, 'branch', value).pick(labels)

/** In the order of the graph; the last is the base. */
export const matchLabels = ({ arms, otherwise }: Extract<Node, { kind: 'match' }>): readonly string[] => [
  ...Object.keys(arms),
  ...(otherwise ? ['otherwise'] : []),
]

/** Whether an arm of an any is taken. */
export const takes = (step: string, label: string, value: Json): boolean => about(step, label, value).roll(2) === 0

export const goesOn = (step: string, value: Json): boolean => !isDeep(step) && about(step, 'turn', value).roll(5) < 3

export const guardHolds = (step: string, transition: string, value: Json): boolean =>
  about(step, transition, value).roll(5) < 2

const KEYS = ['x', 'y/z', '[q]', 'p%é', 'v'] as const

/** The items that an expression stands for; every other list stands in a blob, not in the event. */
export function itemsOf(
  step: string,
  value: Json,
): { readonly items: readonly Json[]; readonly form: 'list' | 'value' | 'literal' } {
  const dice = about(step, 'items', value)
  const count = isDeep(step) ? dice.roll(2) : dice.roll(5)
  return {
    items: Array.from({ length: count }, (_, index) => ({ of: [KEYS[index]!], n: index })),
    form: dice.pick(['list', 'value', 'literal'] as const),
  }
}

/** The key that a key expression gives; seldom the same for two items. */
export const keyOf = (step: string, index: number, value: Json): string =>
  trait(`${step} twice`, 30) === 0 ? 'same' : `${KEYS[index % KEYS.length]}${index}${about(step, 'key', value).roll(9)}`

/** Milliseconds of a duration or since 1970, by what the expression gives. */
export const instantOf = (step: string, value: Json): number => about(step, 'instant', value).roll(80)

/** What a flow's body does. */
export interface Script {
  readonly mode: 'one by one' | 'all at once'
  readonly onFailure: 'throw' | 'catch'
  readonly calls: readonly ScriptedCall[]
}
export type ScriptedCall = Pick<FlowCall, 'key' | 'site' | 'target'> & { readonly args: readonly Json[] }

export function scriptOf({ library }: Behaviour, step: string): Script {
  const count = isDeep(step) || step.split('[').length > 3 ? 0 : trait(`${step} calls`, 4)
  return {
    mode: trait(`${step} mode`, 2) ? 'one by one' : 'all at once',
    onFailure: trait(`${step} catch`, 2) ? 'throw' : 'catch',
    calls: Array.from({ length: count }, (_, index) => scriptedCall(library, step, index)),
  }
}

function scriptedCall(library: Library, step: string, index: number): ScriptedCall {
  const site = `s${index}`
  const key = `${site}~0`
  const args: Json[] = [index, 'two']
  const kind = (['task', 'effect', 'flow', 'workflow', 'timer', 'signal'] as const)[trait(`${step} call ${index}`, 6)]!
  const policy = trait(`${step} retries ${index}`, 3) === 0 ? { retry: RETRY } : {}
  const regions = [...library.keys()]
  switch (kind) {
    case 'workflow': {
      const region = regions[trait(`${step} region ${index}`, regions.length)]!
      return { key, site, args, target: { kind, workflow: 'w', params: ['a', 'b'], region } }
    }
    case 'timer':
      return { key, site, args: [20 * index], target: { kind: 'wait', node: { name: 'nap', policy, on: NAP } } }
    case 'signal':
      return { key, site, args: [], target: { kind: 'wait', node: { name: 'news', policy, on: NEWS } } }
    default:
      return {
        key,
        site,
        args,
        target: { kind: 'node', node: { kind, name: 'called', task: 't', executor: 'inline', policy } },
      }
  }
}
const RETRY = [{ times: 1, backoff: 'fixed', delayMs: 5, delayMsMax: 5, jitter: 'none' }] as const
const NAP = { kind: 'timer', duration: { kind: 'literal', value: 0 } } as const
const NEWS = { kind: 'signal', signal: 's0', type: {}, early: 'kept' } as const
