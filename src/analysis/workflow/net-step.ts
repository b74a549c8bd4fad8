/**
 * A free-form net as a part of the whole: one step that passes, as long as nothing in its bodies crosses scopes. ./nets.ts looks
 * at each net by itself. One whose bodies hold locks that matter stands there with all its places, where nothing interrupts it:
 * nothing resets them.
 */
import type { Node, Region } from '../../core/index.ts'
import { begins, failsItself, type Life, passes } from './life.ts'
import type { Ends } from './scope.ts'

type NetNode = Extract<Node, { kind: 'net' }>

export function composeNet(life: Life, node: NetNode, enter: (label: string, region: Region) => Ends): void {
  const { scope, at, permits } = life
  const { builder, crossings, opaque } = scope.composing
  const mayStop = permits.length > 0 || scope.failures === 'shown' || node.policy.deadlineMs !== undefined
  const hasParts = node.transitions.some(({ body }) => body.nodes.some(crossings.hasParts))
  if (mayStop || !hasParts) {
    if (hasParts) opaque.set(`${at.path} net`, { step: at, why: 'net' })
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
  if (canRest(node)) passes(life, [places.get(node.end)!])
}

/** A transition that lives of the end alone never lets it rest. */
const canRest = ({ transitions, end }: Pick<NetNode, 'transitions' | 'end'>): boolean =>
  !transitions.some(({ consumes }) => consumes.length === 1 && consumes[0] === end)
