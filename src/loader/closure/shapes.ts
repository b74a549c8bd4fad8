/** Single nodes of a syntax tree: what they change, what they run, what they are. No state, no names resolved. */
import { bare, isFunction, type Node } from '../instrument/tree.ts'

export type Call = Extract<Node, { type: 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' }>

/** Methods of the language's own objects that change what they are called on. */
const CHANGING = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'add', 'delete', 'clear', 'append', 'next'],
])
/** Functions of `Object` and `Reflect` that change their first argument. */
const CHANGING_FIRST = new Set([
  ...['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf', 'freeze', 'seal', 'preventExtensions'],
  ...['set', 'deleteProperty'],
])

const LOOPS = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'])
export const isLoop = (node: Node): boolean => LOOPS.has(node.type)

/** `a` of `a.b[c].d`. */
export function rootOf(node: Node): Node | undefined {
  const value = bare(node)
  if (value.type === 'Identifier') return value
  return value.type === 'MemberExpression' ? rootOf(value.object) : undefined
}

/** The identifiers whose variable, or what it holds, is changed by this very node. */
export function changedRoots(node: Node): readonly Node[] {
  switch (node.type) {
    case 'AssignmentExpression':
      return targetRoots(node.left)
    case 'UpdateExpression':
      return targetRoots(node.argument)
    case 'UnaryExpression':
      return node.operator === 'delete' ? targetRoots(node.argument) : []
    case 'ForOfStatement':
    case 'ForInStatement':
      return node.left.type === 'VariableDeclaration' ? [] : targetRoots(node.left)
    case 'CallExpression': {
      const callee = bare(node.callee)
      const isChanging =
        callee.type === 'MemberExpression' &&
        !callee.computed &&
        callee.property.type === 'Identifier' &&
        CHANGING.has(callee.property.name)
      return isChanging ? targetRoots(callee.object) : []
    }
    default:
      return []
  }
}

function targetRoots(target: Node | null): readonly Node[] {
  if (!target) return []
  const value = bare(target)
  switch (value.type) {
    case 'ObjectPattern':
      return value.properties.flatMap(each => targetRoots(each.type === 'RestElement' ? each.argument : each.value))
    case 'ArrayPattern':
      return value.elements.flatMap(each => targetRoots(each))
    case 'AssignmentPattern':
      return targetRoots(value.left)
    case 'RestElement':
      return targetRoots(value.argument)
    default: {
      const root = rootOf(value)
      return root ? [root] : []
    }
  }
}

/** The root of what `Object.assign(a, …)` and the like change. */
export function firstArgument(node: Extract<Node, { type: 'CallExpression' }>): Node | undefined {
  const callee = bare(node.callee)
  const [first] = node.arguments
  if (!first || callee.type !== 'MemberExpression' || callee.computed) return undefined
  const isObject = callee.object.type === 'Identifier' && /^(?:Object|Reflect)$/.test(callee.object.name)
  return isObject && callee.property.type === 'Identifier' && CHANGING_FIRST.has(callee.property.name)
    ? rootOf(first)
    : undefined
}

/** Whether a node other than a call runs code that is not seen there, or changes something; `looks`: only by a getter or a coercion. */
export function changes(node: Node, parent: Node | undefined): 'acts' | 'looks' | undefined {
  switch (node.type) {
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'AssignmentExpression':
    case 'UpdateExpression':
    case 'ForOfStatement':
    case 'ArrayPattern':
    case 'ImportExpression':
      return 'acts'
    case 'UnaryExpression':
      return node.operator === 'delete' ? 'acts' : 'looks'
    case 'SpreadElement':
      return parent?.type === 'ObjectExpression' ? 'looks' : 'acts'
    case 'MemberExpression':
    case 'ObjectPattern':
    case 'BinaryExpression':
    case 'ForInStatement':
      return 'looks'
    case 'TemplateLiteral':
      return node.expressions.length > 0 ? 'looks' : undefined
    default:
      return undefined
  }
}

/** How many values of `this` begin at a node. */
export const selvesOf = (node: Node, parent: Node | undefined, key: string): number =>
  (node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'StaticBlock' ? 1 : 0) +
  (key === 'value' && parent?.type === 'PropertyDefinition' ? 1 : 0)

/** What a declaration or initialiser makes can hold no state that somebody could change without writing to its name. */
export function isConstant(node: Node, languageName: (callee: Node) => string | undefined): boolean {
  const value = bare(node)
  switch (value.type) {
    case 'Literal':
      return !('regex' in value && value.regex)
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'UnaryExpression':
      return true
    case 'CallExpression':
      return languageName(value.callee) !== undefined
    case 'ClassDeclaration':
    case 'ClassExpression':
      return value.body.body.every(
        each => each.type !== 'StaticBlock' && !(each.type === 'PropertyDefinition' && each.static),
      )
    default:
      return isFunction(value)
  }
}
