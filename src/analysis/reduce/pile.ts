/** A stack of node numbers that holds each at most once. */
export interface Pile {
  entries: Int32Array
  size: number
  held: Uint8Array
}

export const newPile = (nodeCount: number): Pile => ({
  entries: new Int32Array(64),
  size: 0,
  held: new Uint8Array(nodeCount),
})

export function pileOn(pile: Pile, node: number): void {
  if (pile.held[node] === 1) return
  pile.held[node] = 1
  if (pile.size === pile.entries.length) {
    const more = new Int32Array(pile.size * 2)
    more.set(pile.entries)
    pile.entries = more
  }
  pile.entries[pile.size++] = node
}

/** The one put on last; the pile must not be empty. */
export function takeOff(pile: Pile): number {
  const node = pile.entries[--pile.size]!
  pile.held[node] = 0
  return node
}

/** Room for nodes with greater numbers. */
export function reservePile(pile: Pile, nodeCount: number): void {
  const more = new Uint8Array(nodeCount)
  more.set(pile.held)
  pile.held = more
}
