/**
 * The net of a region: what can happen in one scope. It is what the engine plays and what the analysis verifies.
 *
 * An ordinary place/transition net in compressed sparse rows (two flat arrays a relation, the second sliced by the first).
 * Tokens carry no values. Node k has the place `running` between its transitions:
 *
 *     edges in -> [open k] -> (running k) -> [pass k] -> edges out
 *                                         -> [fail k] -> (x)
 *
 * A node that may go on running after it has passed (a detached scope, the rest of a join) has one place more:
 *
 *                 [pass k] -> edges out, (lingering k) -> [drain k] -> an edge to the end
 *                                                      -> [spill k] -> (x)
 *
 * In a region where a step may fail or be withdrawn while the others go on, an edge has two places, `ok` and `void` ("this
 * will not come"), and a join is a chain that takes its edges one by one, so its size is linear:
 *
 *     (ok 1..i-1) + (ok i) -> [join] -> (ok 1..i)      any other pair -> [join] -> (void 1..i) -> [skip k] -> void edges out
 *
 *   N1. Places 0, 1, 2 are start, end `o` and exit `x`; transitions 0, 1 are `begin` and `end`.
 *   N2. Silent transitions that are enabled at once share no input place, so the order of silent firings does not matter.
 *   N3. A token in `o` is the last one: `end` takes one from every node that nobody waits for.
 */
export interface Net {
  readonly placeCount: number
  readonly transitionCount: number
  /** Input places of transition t: `pre[preStart[t] .. preStart[t + 1])`. */
  readonly preStart: Uint32Array
  readonly pre: Uint32Array
  readonly postStart: Uint32Array
  readonly post: Uint32Array
  /** Transitions that consume from place p. */
  readonly consumerStart: Uint32Array
  readonly consumers: Uint32Array
  /** What each transition is: an index of ROLES. */
  readonly roles: Uint8Array
  /** The node of each transition; -1 of those of the scope itself. */
  readonly owners: Int32Array
  /** The `open` transition of each node; the others of the node follow it. */
  readonly openOf: Uint32Array
  /** Whether edges have a void place. */
  readonly isVoidable: boolean
}

export const START = 0
export const END = 1
export const EXIT = 2

export const BEGIN = 0
export const FINISH = 1

/**
 * `end`, `end-void` (something was skipped), `end-failed` (something failed, the others have ended) leave the scope;
 * `open` begins a node, `pass`, `fail` and `void` (withdrawn) end it, `skip` says that it will never begin, `drain` and
 * `spill` end what lingers, `join` counts edges.
 */
export const ROLES = [
  'begin',
  'end',
  'end-void',
  'end-failed',
  'join',
  'open',
  'pass',
  'fail',
  'void',
  'skip',
  'drain',
  'spill',
] as const
export type RoleKind = (typeof ROLES)[number]

export interface Role {
  readonly kind: RoleKind
  /** -1 of those of the scope itself. */
  readonly node: number
}

/** What a transition stands for in its region. */
export const roleOf = (net: Net, transition: number): Role => ({
  kind: ROLES[net.roles[transition] ?? 0] ?? 'begin',
  node: net.owners[transition] ?? -1,
})

/** The `running` place of node k. */
export const runningPlace = (node: number): number => 3 + node

export const passTransition = (net: Net, node: number): number => net.openOf[node]! + 1
export const failTransition = (net: Net, node: number): number => net.openOf[node]! + 2
export const voidTransition = (net: Net, node: number): number => net.openOf[node]! + 3
/** Of a node that lingers. */
export const drainTransition = (net: Net, node: number): number => net.openOf[node]! + (net.isVoidable ? 5 : 3)
export const spillTransition = (net: Net, node: number): number => drainTransition(net, node) + 1

const SILENT: ReadonlySet<RoleKind> = new Set(['begin', 'end', 'end-void', 'join', 'open', 'skip'])
const SILENT_ROLES = Uint8Array.from(ROLES, role => (SILENT.has(role) ? 1 : 0))

/**
 * Silent transitions fire by themselves as soon as they are enabled; the others fire by an event. `end-void` stands for
 * `end-failed`, too: which of the two it is was decided when a step failed.
 */
export const isSilent = (net: Net, transition: number): boolean => SILENT_ROLES[net.roles[transition]!] === 1
