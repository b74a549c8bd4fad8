/** What the passes over one module share: its text, its edits, and wrappers that wait for the node that they go round. */
import { Edits } from './edits.ts'
import type { Node, Pass } from './tree.ts'

export interface Rewriter {
  readonly source: string
  readonly edits: Edits
  /** Puts text round a node below the one that is being visited; nested wrappers nest as their nodes do. */
  readonly wrap: (node: Node, open: string, close: string) => void
  /** Writes the waiting wrappers; must be the first pass. */
  readonly pass: Pass
}

/** Names that the generated code uses; a user's own names will not look like this. */
export const HOOKS = {
  runtime: '$tutti',
  guard: '$tuttiGuard',
  name: '$tuttiName',
  namespace: '$tuttiModule',
  fallback: '$tuttiDefault',
} as const

export function createRewriter(source: string): Rewriter {
  const edits = new Edits()
  const waiting = new Map<Node, { readonly open: string; readonly close: string }[]>()
  return {
    source,
    edits,
    wrap(node, open, close) {
      const list = waiting.get(node)
      if (list) list.push({ open, close })
      else waiting.set(node, [{ open, close }])
    },
    pass: {
      enter(node) {
        for (const { open } of waiting.get(node) ?? []) edits.insert(node.start, open)
        return undefined
      },
      leave(node) {
        for (const { close } of [...(waiting.get(node) ?? [])].reverse()) edits.insert(node.end, close)
      },
    },
  }
}
