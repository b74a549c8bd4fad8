/**
 * Finds a node whose arcs equal those of another: a table of nodes by the hash of their arcs. A node whose arcs have changed
 * since it was put in is stale; stale entries are passed over, and left out when the table is built anew.
 */
export interface Twins {
  readonly kind: TwinKind
  /** Node + 1, or 0 for a free slot. */
  slots: Int32Array
  used: number
}

export interface TwinKind {
  hashOf(node: number): number
  isAlive(node: number): boolean
  areEqual(one: number, other: number): boolean
}

export const newTwins = (kind: TwinKind): Twins => ({ kind, slots: new Int32Array(64), used: 0 })

/** Another node with the same arcs, or undefined; then the node itself can be found from now on. */
export function twinOf(twins: Twins, node: number): number | undefined {
  const { kind } = twins
  const hash = kind.hashOf(node)
  if (twins.used * 2 >= twins.slots.length) rebuild(twins)
  const mask = twins.slots.length - 1
  // An entry of the node itself may be one of another hash; found from this one it serves as well.
  let isIn = false
  for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
    const other = twins.slots[slot]! - 1
    if (other < 0) {
      if (isIn) return undefined
      twins.slots[slot] = node + 1
      twins.used += 1
      return undefined
    }
    if (other === node) isIn = true
    else if (kind.isAlive(other) && kind.hashOf(other) === hash && kind.areEqual(node, other)) return other
  }
}

function rebuild(twins: Twins): void {
  const { kind, slots } = twins
  const nodes: number[] = []
  for (const entry of slots) if (entry > 0 && kind.isAlive(entry - 1)) nodes.push(entry - 1)
  let length = 64
  while (length < nodes.length * 4) length *= 2
  twins.slots = new Int32Array(length)
  twins.used = 0
  for (const node of nodes) putIn(twins, node)
}

function putIn(twins: Twins, node: number): void {
  const mask = twins.slots.length - 1
  let slot = spread(twins.kind.hashOf(node)) & mask
  while (twins.slots[slot] !== 0) {
    if (twins.slots[slot] === node + 1) return
    slot = (slot + 1) & mask
  }
  twins.slots[slot] = node + 1
  twins.used += 1
}

const spread = (hash: number): number => (Math.imul(hash, 0x9e3779b1) >>> 7) | 0
