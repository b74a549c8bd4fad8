/** Walks a syntax tree with several passes at once; each pass sees a node before and after its children. */
import type { Node } from 'oxc-parser'

export type { Node }

export interface Pass {
  /** `skip`: neither the children nor later passes see the node. */
  enter?(node: Node, parent: Node | undefined, key: string): 'skip' | undefined
  leave?(node: Node, parent: Node | undefined, key: string): void
}

export type Keys = Readonly<Record<string, readonly string[]>>

export function walk(root: Node, keys: Keys, passes: readonly Pass[]): void {
  visit(root, undefined, '')

  function visit(node: Node, parent: Node | undefined, key: string): void {
    let last = 0
    while (last < passes.length && passes[last]!.enter?.(node, parent, key) !== 'skip') last += 1
    if (last === passes.length) {
      visitChildren(node)
      last -= 1
    }
    // In reverse: who came first stands outermost.
    for (let index = last; index >= 0; index -= 1) passes[index]!.leave?.(node, parent, key)
  }

  function visitChildren(node: Node): void {
    // The parser's table lists for each type the fields that hold nodes; no type says so.
    const fields = node as unknown as Record<string, Node | readonly (Node | null)[] | null | undefined>
    for (const key of keys[node.type] ?? []) {
      const child = fields[key]
      if (Array.isArray(child)) {
        for (const item of child) if (item) visit(item, node, key)
      } else if (child) visit(child as Node, node, key)
    }
  }
}

/** Without the parentheses, type assertions and `!` around it: what is evaluated. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ChainExpression':
      return bare(node.expression)
    default:
      return node
  }
}

export const isFunction = (node: Node): boolean =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
