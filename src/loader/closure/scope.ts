/**
 * Which names each scope of a module declares, and where: all names, as the specification scopes them. A function's
 * parameters and its body are two scopes, since a default value does not see what the body declares.
 */
import { boundIdentifiers } from '../instrument/scopes.ts'
import { isFunction, walk, type Keys, type Node } from '../instrument/tree.ts'

/** The offset of each name's declaration. */
export type Names = Map<string, number>

const BLOCKS = new Set([
  'Program',
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
  'StaticBlock',
  'ClassExpression',
])

export function declaredNames(program: Node, keys: Keys): ReadonlyMap<Node, Names> {
  const scopes = new Map<Node, Names>()
  const blocks: Node[] = []
  const hoisting: Node[] = []

  walk(program, keys, [
    {
      enter(node, parent, key) {
        if (node.type.startsWith('TS') && !('expression' in node)) return 'skip'
        if (node.type === 'TSClassImplements') return 'skip'
        declareOutside(node)
        if (BLOCKS.has(node.type) || isFunction(node)) {
          blocks.push(node)
          scopes.set(node, new Map())
        }
        if (isHoisting(node, parent, key)) hoisting.push(node)
        declareInside(node)
        return undefined
      },
      leave(node) {
        if (blocks.at(-1) === node) blocks.pop()
        if (hoisting.at(-1) === node) hoisting.pop()
      },
    },
  ])
  return scopes

  function declare(scope: Node | undefined, name: string, offset: number): void {
    const names = scope && scopes.get(scope)
    if (names && !names.has(name)) names.set(name, offset)
  }

  /** The name of a function or class declaration belongs to the scope around it. */
  function declareOutside(node: Node): void {
    if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id && !node.declare)
      declare(blocks.at(-1), node.id.name, node.id.start)
    if (node.type === 'ImportDeclaration' && node.importKind !== 'type')
      for (const { local } of node.specifiers) declare(blocks.at(-1), local.name, local.start)
  }

  function declareInside(node: Node): void {
    if ((node.type === 'FunctionExpression' || node.type === 'ClassExpression') && node.id)
      declare(node, node.id.name, node.id.start)
    if (isFunction(node) && 'params' in node && Array.isArray(node.params))
      for (const param of node.params as readonly Node[]) declarePattern(node, param)
    if (node.type === 'CatchClause' && node.param) declarePattern(node, node.param)
    if (node.type === 'VariableDeclaration' && !node.declare)
      for (const { id } of node.declarations) declarePattern(node.kind === 'var' ? hoisting.at(-1) : blocks.at(-1), id)
  }

  function declarePattern(scope: Node | undefined, pattern: Node): void {
    for (const { name, start } of boundIdentifiers(pattern)) declare(scope, name, start)
  }
}

/** Where `var` comes to lie. */
const isHoisting = (node: Node, parent: Node | undefined, key: string): boolean =>
  node.type === 'Program' ||
  node.type === 'StaticBlock' ||
  (node.type === 'BlockStatement' && key === 'body' && parent !== undefined && isFunction(parent))
