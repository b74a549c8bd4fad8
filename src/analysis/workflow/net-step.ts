/**
 * A free-form net as a part of the whole. Nothing resets its places, so one that may be interrupted, or whose failure is
 * shown, is one opaque step here; ./check.ts looks at each such net by itself.
 */
import type { Node, Region } from '../../core/index.ts'
import { NetBuilder } from './builder.ts'
import type { Composed, StepAt } from './composed.ts'
import { begins, failsItself, type Life, passes } from './life.ts'
import type { Ends } from './scope.ts'

type NetNode = Extract<Node, { kind: 'net' }>

export function composeNet(life: Life, node: NetNode, enter: (label: string, region: Region) => Ends): void {
  const { scope, at, permits } = life
  const { builder, opaque } = scope.composing
  if (permits.length > 0 || scope.failures === 'shown' || node.policy.deadlineMs !== undefined) {
    opaque.set(`${at.path} net`, { step: at, why: 'net' })
    const running = builder.place({ kind: 'inner', step: at })
    begins(life, [running])
    passes(life, [running])
    return failsItself(life, [running])
  }
  const places = new Map(node.places.map(name => [name, builder.place({ kind: 'token', step: at, name })]))
  const tokens = (names: readonly string[]): readonly number[] => names.map(name => places.get(name)!)
  begins(life, tokens(node.start))
  for (const { id, consumes, produces, body } of node.transitions) {
    const fires = (kind: 'fires' | 'fired', from: readonly number[], to: readonly number[]): void =>
      void builder.fire({ step: at, deed: { kind, label: id }, items: scope.items, from, to })
    if (body.nodes.length === 0) {
      fires('fires', tokens(consumes), tokens(produces))
      continue
    }
    const ends = enter(id, body)
    fires('fires', tokens(consumes), [ends.in])
    fires('fired', [ends.out], tokens(produces))
  }
  // A transition that lives of the end alone never lets it rest.
  if (canRest(node)) passes(life, [places.get(node.end)!])
}

const canRest = ({ transitions, end }: NetNode): boolean =>
  !transitions.some(({ consumes }) => consumes.length === 1 && consumes[0] === end)

/** The net of such a step by itself: what its transitions do is one thing each. */
export function composeNetAlone(step: StepAt, node: NetNode): Composed {
  const builder = new NetBuilder()
  const items: readonly number[] = []
  const places = new Map(node.places.map(name => [name, builder.place({ kind: 'token', step, name })]))
  const tokens = (names: readonly string[]): readonly number[] => names.map(name => places.get(name)!)
  const begin = builder.place({ kind: 'inner', step })
  const end = builder.place({ kind: 'inner', step })
  builder.mark(begin, { before: 1, after: 0 })
  builder.mark(end, { before: 0, after: 1 })
  builder.fire({ step, deed: { kind: 'begins' }, items, from: [begin], to: tokens(node.start) })
  for (const { id, consumes, produces, body } of node.transitions) {
    const fires = (kind: 'fires' | 'fired', from: readonly number[], to: readonly number[]): void =>
      void builder.fire({ step, deed: { kind, label: id }, items, from, to })
    if (body.nodes.length === 0) fires('fires', tokens(consumes), tokens(produces))
    else {
      const runs = builder.place({ kind: 'inner', step })
      fires('fires', tokens(consumes), [runs])
      fires('fired', [runs], tokens(produces))
    }
  }
  if (canRest(node)) builder.fire({ step, deed: { kind: 'passes' }, items, from: [places.get(node.end)!], to: [end] })
  return {
    net: builder.net(step.shown),
    meanings: builder.meanings,
    places: builder.places,
    steps: builder.steps,
    succeeded: end,
    failed: undefined,
    opaque: [],
  }
}
