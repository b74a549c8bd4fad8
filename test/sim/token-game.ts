/**
 * The token game of every scope, played from what the reference says has happened: each of its steps must be a firing of the
 * region's net, and what the net fires by itself must be what the reference opens, skips and ends.
 */
import type { Region } from '../../src/core/graph/graph.ts'
import { compileRegion } from '../../src/core/net/compile.ts'
import { isSilent, type Net, ROLES, type RoleKind, roleOf, START } from '../../src/core/net/net.ts'

interface Played {
  readonly net: Net
  readonly tokens: number[]
  /** What the net has done by itself and nobody has told yet: `open 3`, `end -1`. */
  readonly silent: Set<string>
}

interface ScopeLike {
  readonly path: string
  readonly region: Region
}
interface StepLike {
  readonly id: string
  readonly node: { readonly id: string }
  readonly scope: ScopeLike
}

const nets = new WeakMap<Region, Net>()

function netOf(region: Region): Net {
  const known = nets.get(region)
  if (known) return known
  const net = compileRegion(region)
  nets.set(region, net)
  return net
}

export class TokenGame {
  readonly #played = new Map<ScopeLike, Played>()

  enter(scope: ScopeLike): void {
    const net = netOf(scope.region)
    const tokens = new Array<number>(net.placeCount).fill(0)
    tokens[START] = 1
    const played = { net, tokens, silent: new Set<string>() }
    this.#played.set(scope, played)
    playSilent(played)
  }

  /** A step of an open scope did this. */
  fired(step: StepLike, role: RoleKind): void {
    const played = this.#of(step.scope)
    const index = step.scope.region.nodes.findIndex(({ id }) => id === step.node.id)
    if (role === 'open' || role === 'skip') {
      if (!played.silent.delete(`${role} ${index}`)) throw new Error(`net: ${step.id} does ${role}, its net does not`)
      return
    }
    const transition = transitionOf(played.net, role, index)
    if (!isEnabled(played, transition)) throw new Error(`net: ${step.id} does ${role}, which its net cannot fire now`)
    fire(played, transition)
    playSilent(played)
  }

  /** An open scope is left, having ended or because something of it failed while the others went on. */
  leave(scope: ScopeLike, how: 'ended' | 'failed'): void {
    const played = this.#of(scope)
    const ends = how === 'ended' ? ['end -1', 'end-void -1'] : ['end-failed -1', 'end-void -1']
    if (!ends.some(end => played.silent.delete(end)))
      throw new Error(`net: the scope ${scope.path} has ${how}, its net has not`)
    if (played.silent.size > 0)
      throw new Error(`net: the scope ${scope.path} has ${how}, and its net also does ${[...played.silent].join(', ')}`)
    const left = played.tokens.reduce((sum, count) => sum + count, 0)
    if (left !== 1) throw new Error(`net: the scope ${scope.path} has ended, and its net keeps ${left} tokens`)
  }

  /** Nothing that the net did by itself may be untold when an event has been followed. */
  checkTold(scope: ScopeLike): void {
    const untold = this.#played.get(scope)?.silent
    if (untold && untold.size > 0)
      throw new Error(`net: in the scope ${scope.path} the net also does ${[...untold].join(', ')}`)
  }

  tokensIn(scope: ScopeLike): readonly number[] {
    return this.#of(scope).tokens
  }

  #of(scope: ScopeLike): Played {
    return this.#played.get(scope)!
  }
}

function transitionOf(net: Net, role: RoleKind, node: number): number {
  for (let transition = 0; transition < net.transitionCount; transition++)
    if (net.owners[transition] === node && ROLES[net.roles[transition]!] === role) return transition
  throw new Error(`net: there is no transition ${role} of node ${node}`)
}

const isEnabled = ({ net, tokens }: Played, transition: number): boolean => {
  for (let arc = net.preStart[transition]!; arc < net.preStart[transition + 1]!; arc++)
    if (tokens[net.pre[arc]!] === 0) return false
  return true
}

function fire({ net, tokens }: Played, transition: number): void {
  for (let arc = net.preStart[transition]!; arc < net.preStart[transition + 1]!; arc++) tokens[net.pre[arc]!]! -= 1
  for (let arc = net.postStart[transition]!; arc < net.postStart[transition + 1]!; arc++) tokens[net.post[arc]!]! += 1
}

function playSilent(played: Played): void {
  const { net, silent } = played
  for (let fired = true; fired; ) {
    fired = false
    for (let transition = 0; transition < net.transitionCount; transition++) {
      if (!isSilent(net, transition) || !isEnabled(played, transition)) continue
      fire(played, transition)
      fired = true
      const { kind, node } = roleOf(net, transition)
      if (kind !== 'begin' && kind !== 'join') silent.add(`${kind} ${node}`)
    }
  }
}
