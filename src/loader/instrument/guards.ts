/**
 * Puts a guard round every operand that is tested or coerced: a ref there would give a silently wrong graph.
 *
 * Operands that cannot be a ref by their syntax (literals, functions, results of arithmetic and comparison) stay as they are.
 * An ordinary value passes through the guard unchanged, evaluated once and in its old place.
 */
import { isRefless } from './plain.ts'
import { HOOKS, type Rewriter } from './rewriter.ts'
import { bare, type Node, type Pass } from './tree.ts'

/** `plain`: names that never hold a ref. `textOf`: an identifier as the generated code writes it. */
export function guardPass(
  { source, edits, wrap }: Rewriter,
  plain: ReadonlySet<string>,
  textOf: (identifier: string) => string,
): Pass {
  const canBeRef = (node: Node): boolean => {
    const value = bare(node)
    return !isRefless(value) && !(value.type === 'Identifier' && plain.has(value.name))
  }
  const guard = (node: Node | null | undefined, form: string) => {
    if (!node || !canBeRef(node)) return
    const isSequence = node.type === 'SequenceExpression'
    wrap(
      node,
      `${HOOKS.guard}(${isSequence ? '(' : ''}`,
      `${isSequence ? ')' : ''}, ${JSON.stringify(form)}, ${blamed(node).start})`,
    )
  }
  const call = (text: string, form: string, offset: number) =>
    `${HOOKS.guard}(${text}, ${JSON.stringify(form)}, ${offset})`

  const closings = new Map<Node, string>()

  return {
    leave(node) {
      const closing = closings.get(node)
      if (closing) edits.insert(node.end, closing)
    },
    enter(node, parent) {
      switch (node.type) {
        case 'IfStatement':
          guard(node.test, 'if')
          break
        case 'ConditionalExpression':
          guard(node.test, '?:')
          break
        case 'WhileStatement':
          guard(node.test, 'while')
          break
        case 'DoWhileStatement':
          guard(node.test, 'do while')
          break
        case 'ForStatement':
          guard(node.test, 'for')
          break
        case 'ForOfStatement':
          guard(node.right, 'for of')
          break
        case 'ForInStatement':
          guard(node.right, 'for in')
          break
        case 'SwitchStatement':
          guard(node.discriminant, 'switch')
          for (const each of node.cases) guard(each.test, 'case')
          break
        case 'LogicalExpression':
          guard(node.left, node.operator)
          break
        case 'BinaryExpression':
          if (node.left.type !== 'PrivateIdentifier') guard(node.left, node.operator)
          guard(node.right, node.operator)
          break
        case 'UnaryExpression':
          guardUnary(node)
          break
        case 'UpdateExpression':
          guardTarget(node, node.argument, node.operator)
          break
        case 'AssignmentExpression':
          guardAssignment(node)
          break
        case 'TemplateLiteral':
          if (parent?.type !== 'TaggedTemplateExpression')
            for (const each of node.expressions) guard(each, 'a template string')
          break
        case 'SpreadElement':
          guard(node.argument, 'spread')
          break
        case 'AwaitExpression':
          guard(node.argument, 'await')
          break
        case 'YieldExpression':
          if (node.delegate) guard(node.argument, 'yield*')
          break
        case 'MemberExpression':
          if (node.computed) guard(node.property, 'a computed key')
          break
        case 'Property':
        case 'PropertyDefinition':
        case 'MethodDefinition':
          if (node.computed) guard(node.key, 'a computed key')
          break
        case 'ThrowStatement':
          // A string has no stack: the runtime notes where it was thrown.
          wrap(node.argument, `${HOOKS.runtime}.thrown((`, `), ${blamed(node.argument).start})`)
          break
      }
      return undefined
    },
  }

  function guardUnary(node: Extract<Node, { type: 'UnaryExpression' }>): void {
    if (node.operator === 'void') return
    if (node.operator === 'delete') {
      const target = bare(node.argument)
      if (target.type === 'MemberExpression' && target.object.type !== 'Super') guard(target.object, 'delete')
      return
    }
    if (node.operator !== 'typeof' || node.argument.type !== 'Identifier') return guard(node.argument, node.operator)
    // `typeof missing` is 'undefined', not an error: the guard must not read a name that is not there.
    const text = textOf(node.argument.name)
    if (text === node.argument.name)
      wrap(
        node.argument,
        `(typeof ${text} === "undefined" ? undefined : ${HOOKS.guard}(`,
        `, "typeof", ${node.argument.start}))`,
      )
    else guard(node.argument, 'typeof')
  }

  function guardAssignment(node: Extract<Node, { type: 'AssignmentExpression' }>): void {
    if (node.operator === '=') return
    if (node.operator === '&&=' || node.operator === '||=' || node.operator === '??=')
      return expandLogical(node, node.operator)
    guardTarget(node, node.left, node.operator)
    guard(node.right, node.operator)
  }

  /** `x++` and `x += y` read a plain variable: it is guarded just before. A member is read once, so its own coercion refuses. */
  function guardTarget(node: Node, target: Node, form: string): void {
    const name = bare(target)
    if (name.type !== 'Identifier' || !canBeRef(name)) return
    edits.insert(node.start, `(${call(textOf(name.name), form, target.start)}, `)
    closings.set(node, ')')
  }

  /** `x ||= y` is `x || (x = y)`, with the first `x` guarded; only for targets that may be read twice unseen. */
  function expandLogical(node: Extract<Node, { type: 'AssignmentExpression' }>, operator: '&&=' | '||=' | '??='): void {
    const target = simpleTarget(bare(node.left))
    if (target === undefined) return
    edits.insert(node.start, `(${call(target, operator, node.left.start)} ${operator.slice(0, 2)} (`)
    closings.set(node, '))')
    const at = source.indexOf(operator, node.left.end)
    edits.replace(at, at + operator.length, '=')
  }

  function simpleTarget(node: Node): string | undefined {
    if (node.type === 'Identifier') return textOf(node.name)
    if (node.type !== 'MemberExpression' || node.property.type === 'PrivateIdentifier') return undefined
    const object =
      node.object.type === 'ThisExpression'
        ? 'this'
        : node.object.type === 'Identifier'
          ? textOf(node.object.name)
          : undefined
    if (object === undefined) return undefined
    if (!node.computed) return `${object}.${source.slice(node.property.start, node.property.end)}`
    if (node.property.type === 'Identifier') return `${object}[${textOf(node.property.name)}]`
    return node.property.type === 'Literal'
      ? `${object}[${source.slice(node.property.start, node.property.end)}]`
      : undefined
  }
}

/** The expression whose value it is: the place that an error names. */
function blamed(node: Node): Node {
  const value = bare(node)
  return value.type === 'SequenceExpression' ? blamed(value.expressions.at(-1)!) : value
}
