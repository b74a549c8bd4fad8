/** What a run of the net shows, when it is played step by step: a trace that was found elsewhere, or a run that goes on. */
import type { PetriNet } from '../net/petri-net.ts'
import type { Violation, ViolationKind } from '../net/verdict.ts'
import type { Flow } from '../search/firing.ts'
import { Runner } from '../search/runner.ts'

/**
 * Plays a trace and says the violation that its first part or its last marking shows; undefined where it shows none. `marks`
 * are lengths of first parts whose markings the last one may cover.
 */
export function seenIn(
  net: PetriNet,
  flow: Flow,
  { trace, marks }: { readonly trace: readonly number[]; readonly marks: readonly number[] },
): Violation | undefined {
  const runner = new Runner(net, flow)
  const isMark = new Set(marks)
  const earlier: Uint32Array[] = []
  for (const [length, t] of trace.entries()) {
    if (isMark.has(length)) earlier.push(runner.tokens.slice())
    if (runner.standing() === 'above') return found(runner, 'improper-completion', trace.slice(0, length))
    if (!runner.isEnabled(t)) return undefined
    runner.fire(t)
    if (!runner.isExact) return undefined
  }
  if (runner.standing() === 'above') return found(runner, 'improper-completion', trace)
  if (runner.enabledCount === 0 && runner.standing() === 'below') return found(runner, 'deadlock', trace)
  if (earlier.some(tokens => covers(runner.tokens, tokens))) return found(runner, 'unbounded', trace)
  return undefined
}

function covers(tokens: Uint32Array, earlier: Uint32Array): boolean {
  let isMore = false
  for (let place = 0; place < tokens.length; place++) {
    if (tokens[place]! < earlier[place]!) return false
    if (tokens[place]! > earlier[place]!) isMore = true
  }
  return isMore
}

/** What the runner shows where it stands. */
export function found({ net, tokens }: Runner, kind: ViolationKind, trace: readonly number[]): Violation {
  const places: number[] = []
  for (let place = 0; place < tokens.length; place++) {
    if (tokens[place]! > (kind === 'improper-completion' ? net.final[place]! : 0)) places.push(place)
  }
  return { kind, trace, length: 'found', places, transitions: [] }
}
