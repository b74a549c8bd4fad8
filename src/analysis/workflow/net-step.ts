/**
 * A free-form net as a part of the whole. Nothing resets its places, so one that may be interrupted, or whose failure is
 * shown, is one opaque step here; ./check.ts looks at each such net by itself.
 */
import type { Node, Region } from '../../core/index.ts'
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
  if (
    node.transitions.some(
      ({ consumes }) => consumes.length > 0 && consumes.every(name => name === node.end) && consumes.length === 1,
    )
  )
    return
  passes(life, [places.get(node.end)!])
}
