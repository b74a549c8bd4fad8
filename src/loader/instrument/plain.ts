/**
 * Names that can never hold a ref, wherever they stand in the module: all that is ever put into them is a literal, a
 * function, or the result of arithmetic. They need no guard, which keeps counters and sums in tasks fast.
 *
 * By name alone, without scopes: one binding that might hold a ref (a parameter, a call's result) spoils the name.
 */
import { boundNames } from './scopes.ts'
import { bare, isFunction, walk, type Keys, type Node, type Pass } from './tree.ts'

const REFLESS = new Set([
  'Literal',
  'TemplateLiteral',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassExpression',
  'ArrayExpression',
  'ObjectExpression',
  'BinaryExpression',
  'UnaryExpression',
  'UpdateExpression',
  'MetaProperty',
  'ThisExpression',
  'Super',
  'ImportExpression',
])

/** Whether the value of `node` cannot be a ref, by its syntax. */
export function isRefless(node: Node): boolean {
  const value = bare(node)
  return REFLESS.has(value.type) || (value.type === 'Identifier' && value.name === 'undefined')
}

export function plainNames(program: Node, keys: Keys): ReadonlySet<string> {
  const plain = new Set<string>()
  const spoilt = new Set<string>()
  const put = (name: string, value: Node | null | undefined) => (!value || isRefless(value) ? plain : spoilt).add(name)
  const spoil = (pattern: Node | null | undefined) => {
    for (const name of boundNames(pattern)) spoilt.add(name)
  }
  const note = (node: Node, parent: Node | undefined) => {
    switch (node.type) {
      case 'VariableDeclaration':
        // The variable of `for (const x of …)` has no initialiser and yet a value.
        if (parent?.type === 'ForOfStatement') for (const { id } of node.declarations) spoil(id)
        return
      case 'VariableDeclarator':
        return node.id.type === 'Identifier' ? void put(node.id.name, node.init) : spoil(node.id)
      case 'AssignmentExpression': {
        const target = bare(node.left)
        if (target.type !== 'Identifier') return spoilTargets(target)
        if (!isArithmetic(node.operator)) put(target.name, node.right)
        return
      }
      case 'ForOfStatement':
        return spoilTargets(node.left)
      case 'CatchClause':
        return spoil(node.param)
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier':
        return void spoilt.add(node.local.name)
      default:
        if (isFunction(node) && 'params' in node && Array.isArray(node.params))
          for (const param of node.params as readonly Node[]) spoil(param)
    }
  }
  /** `[a, o.b] = …`: every name inside might get anything. */
  const spoilTargets = (target: Node) =>
    look(target, inner => void (inner.type === 'Identifier' && spoilt.add(inner.name)))
  look(program, note)
  for (const name of spoilt) plain.delete(name)
  return plain

  function look(root: Node, see: (node: Node, parent: Node | undefined) => void): void {
    const pass: Pass = {
      enter(node, parent) {
        see(node, parent)
        return undefined
      },
    }
    walk(root, keys, [pass])
  }
}

/** `<<=`, `**=` and the like coerce, so their result is no ref; the logical assignments pass a value on. */
const isArithmetic = (operator: string): boolean =>
  operator !== '=' && operator !== '&&=' && operator !== '||=' && operator !== '??='
