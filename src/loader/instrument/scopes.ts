/**
 * Which names a scope declares, for the few names that matter to the loader: imports, and globals that it shadows.
 * Asking only for those keeps the analysis small; everything else resolves as the engine resolves it.
 */
import { isFunction, walk, type Keys, type Node, type Pass } from './tree.ts'

const SCOPES = new Set([
  'Program',
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
  'StaticBlock',
  'ClassExpression',
  'ClassDeclaration',
])

export interface Scopes {
  /** A pass that keeps track of where the walk is; must run before passes that ask. */
  readonly pass: Pass
  /** Whether the name, here, means what it means at the top of the module: an import or a global. */
  readonly isOuter: (name: string) => boolean
}

export function analyseScopes(program: Node, keys: Keys, watched: ReadonlySet<string>): Scopes {
  const declared = declarations(program, keys, watched)
  const stack: ReadonlySet<string>[] = []
  return {
    pass: {
      enter(node) {
        const names = declared.get(node)
        if (names) stack.push(names)
        return undefined
      },
      leave(node) {
        if (declared.has(node)) stack.pop()
      },
    },
    isOuter: name => !stack.some(names => names.has(name)),
  }
}

function declarations(program: Node, keys: Keys, watched: ReadonlySet<string>): ReadonlyMap<Node, ReadonlySet<string>> {
  const declared = new Map<Node, Set<string>>()
  const blocks: Node[] = []
  const functions: Node[] = []
  const declare = (scope: Node | undefined, name: string) => {
    if (!scope || !watched.has(name)) return
    const names = declared.get(scope)
    if (names) names.add(name)
    else declared.set(scope, new Set([name]))
  }
  const collect = (node: Node) => {
    // The name of a function or class declaration belongs to the scope around it.
    if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') {
      if (node.id && !node.declare) declare(blocks.at(-1), node.id.name)
    }
    const isScope = SCOPES.has(node.type) || isFunction(node)
    if (isScope) blocks.push(node)
    if (isFunction(node) || node.type === 'Program' || node.type === 'StaticBlock') functions.push(node)
    if (node.type === 'FunctionExpression' || node.type === 'ClassExpression') {
      if (node.id) declare(node, node.id.name)
    }
    if (isFunction(node) && 'params' in node && Array.isArray(node.params)) {
      for (const param of node.params as readonly Node[]) for (const name of boundNames(param)) declare(node, name)
    }
    if (node.type === 'CatchClause' && node.param) for (const name of boundNames(node.param)) declare(node, name)
    if (node.type === 'VariableDeclaration' && !node.declare) {
      const scope = node.kind === 'var' ? functions.at(-1) : blocks.at(-1)
      for (const { id } of node.declarations) for (const name of boundNames(id)) declare(scope, name)
    }
  }
  walk(program, keys, [
    {
      enter(node) {
        if (node.type.startsWith('TS') && !('expression' in node)) return 'skip'
        collect(node)
        return undefined
      },
      leave(node) {
        if (blocks.at(-1) === node) blocks.pop()
        if (functions.at(-1) === node) functions.pop()
      },
    },
  ])
  return declared
}

/** The names that a pattern binds. */
export const boundNames = (pattern: Node | null | undefined): readonly string[] =>
  boundIdentifiers(pattern).map(({ name }) => name)

/** The identifiers that a pattern binds. */
export function boundIdentifiers(
  pattern: Node | null | undefined,
): readonly { readonly name: string; readonly start: number }[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap(property =>
        boundIdentifiers(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap(element => boundIdentifiers(element))
    case 'AssignmentPattern':
      return boundIdentifiers(pattern.left)
    case 'RestElement':
      return boundIdentifiers(pattern.argument)
    default:
      return []
  }
}
