/**
 * Gives every call a structural id, `<functions around it>/<callee>#<ordinal>`, that outlives edits elsewhere in the file.
 *
 *   S1. An id is unique in its module.
 *   S2. It depends on the names around the call and on equal calls before it in the same function, on nothing else.
 */
import { bare, isFunction, type Node, type Pass } from './tree.ts'

/** `anchors`: the offsets at which the engine may say that the call is, depending on the form of its callee. */
export interface CallSite {
  readonly id: string
  readonly offset: number
  readonly anchors: readonly number[]
}

type Call = Extract<Node, { type: 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' }>

export function createSites(source: string): { readonly pass: Pass; readonly sites: CallSite[] } {
  const sites: CallSite[] = []
  const counts = new Map<string, number>()
  const path: string[] = []
  const segments = new Map<Node, string>()
  const variables = new Map<Node, string>()
  const pushed = new Set<Node>()

  return {
    sites,
    pass: {
      enter(node, parent) {
        const label = labelOf(node, parent)
        if (label !== undefined) {
          path.push(label)
          pushed.add(node)
        }
        noteVariable(node)
        if (node.type === 'CallExpression' || node.type === 'NewExpression' || node.type === 'TaggedTemplateExpression')
          addSite(node)
        return undefined
      },
      leave(node) {
        if (pushed.has(node)) path.pop()
      },
    },
  }

  function addSite(node: Call): void {
    const callee = node.type === 'TaggedTemplateExpression' ? node.tag : node.callee
    const text = calleeText(bare(callee))
    const prefix = [...path, text].join('/')
    const ordinal = counts.get(prefix) ?? 0
    counts.set(prefix, ordinal + 1)
    segments.set(node, `${text}#${ordinal}`)
    const anchors = anchorsOf(node, callee)
    sites.push({ id: `${prefix}#${ordinal}`, offset: anchors[0]!, anchors: [...new Set(anchors)] })
  }

  /** V8 names a call by the last name of its callee, else by what opens the arguments; a construction by its `new`. */
  function anchorsOf(node: Call, callee: Node): readonly number[] {
    switch (node.type) {
      case 'NewExpression':
        return [node.start]
      case 'TaggedTemplateExpression':
        return [lastNameStart(callee), node.quasi.start]
      case 'CallExpression':
        return [lastNameStart(callee), source.indexOf('(', node.typeArguments?.end ?? callee.end)]
    }
  }

  function labelOf(node: Node, parent: Node | undefined): string | undefined {
    if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression')
      return node.id?.name ?? variables.get(node) ?? 'class'
    if (!isFunction(node)) return undefined
    if ((node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression') && node.id) return node.id.name
    const own = variables.get(node)
    if (own !== undefined) return own
    if (parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition' || parent?.type === 'Property')
      return keyText(parent.key)
    if (parent?.type === 'CallExpression' || parent?.type === 'NewExpression')
      return variables.get(parent) ?? segments.get(parent) ?? 'call'
    return parent?.type === 'ExportDefaultDeclaration' ? 'default' : 'function'
  }

  /** The value of a variable, seen through what does not change it, goes by the variable's name. */
  function noteVariable(node: Node): void {
    if (node.type === 'VariableDeclarator' && node.init && node.id.type === 'Identifier')
      variables.set(unwrapped(node.init), node.id.name)
    if (node.type === 'ExportDefaultDeclaration') variables.set(unwrapped(node.declaration), 'default')
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier')
      variables.set(unwrapped(node.right), node.left.name)
    if (node.type === 'Property' && !node.computed) variables.set(unwrapped(node.value), keyText(node.key))
  }
}

const unwrapped = (node: Node): Node => {
  const value = bare(node)
  return value.type === 'AwaitExpression' ? unwrapped(value.argument) : value
}

function calleeText(callee: Node): string {
  switch (callee.type) {
    case 'Identifier':
      return callee.name
    case 'ThisExpression':
      return 'this'
    case 'Super':
      return 'super'
    case 'MemberExpression': {
      const object = bare(callee.object)
      const prefix =
        object.type === 'Identifier' || object.type === 'ThisExpression' || object.type === 'MemberExpression'
          ? calleeText(object)
          : ''
      return `${prefix}.${callee.computed ? '[]' : keyText(callee.property)}`
    }
    default:
      return 'call'
  }
}

function keyText(key: Node): string {
  if (key.type === 'Identifier') return key.name
  if (key.type === 'PrivateIdentifier') return `#${key.name}`
  return key.type === 'Literal'
    ? String(key.value)
        .replace(/[/#~\s]/g, '_')
        .slice(0, 40)
    : '[]'
}

function lastNameStart(callee: Node): number {
  const value = bare(callee)
  return value.type === 'MemberExpression' ? value.property.start : value.start
}
