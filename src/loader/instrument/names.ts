/**
 * Gives definitions and refs the name that the user gave them: the variable, export, property or class static that they
 * are assigned to. What infers its name from the same place (functions, classes) is left alone; literals have none.
 */
import type { Linker } from './link.ts'
import { HOOKS, type Rewriter } from './rewriter.ts'
import { bare, type Node, type Pass } from './tree.ts'

const NAMEABLE = new Set([
  'CallExpression',
  'NewExpression',
  'AwaitExpression',
  'ConditionalExpression',
  'LogicalExpression',
  'TaggedTemplateExpression',
  'MemberExpression',
  'Identifier',
])
/**
 * Also named by the nearest variable when made deeper inside: in an array, by a callback of `map`. Not what is told apart by
 * its name alone (signals, pools, locks): two in one array would be one.
 */
const DEFINES = new Set(['task', 'effect', 'workflow', 'flow', 'service', 'source'])

export function namePass({ edits, wrap }: Rewriter, importOf: Linker['importOf']): Pass {
  const nearest: { readonly node: Node; readonly name: string; readonly offset: number }[] = []

  return {
    enter(node) {
      const given = namingOf(node)
      if (given) {
        nearest.push({ node, name: given.name, offset: given.offset })
        if (NAMEABLE.has(bare(given.value).type)) wrap(given.value, `${HOOKS.name}(`, close(given))
      }
      const around = nearest.at(-1)
      if (around && isDefinition(node)) edits.insert(node.start, `${HOOKS.name}(`)
      return undefined
    },
    leave(node) {
      const around = nearest.at(-1)
      if (around && isDefinition(node)) edits.insert(node.end, close(around))
      if (around?.node === node) nearest.pop()
    },
  }

  function isDefinition(node: Node): boolean {
    if (node.type !== 'CallExpression') return false
    const { callee } = node
    if (callee.type === 'Identifier') {
      const from = importOf(callee.name)
      return from?.specifier === 'tutti' && DEFINES.has(from.name)
    }
    return (
      callee.type === 'MemberExpression' &&
      !callee.computed &&
      callee.property.type === 'Identifier' &&
      DEFINES.has(callee.property.name) &&
      callee.object.type === 'Identifier' &&
      importOf(callee.object.name)?.specifier === 'tutti'
    )
  }
}

const close = ({ name, offset }: { readonly name: string; readonly offset: number }): string =>
  `, ${JSON.stringify(name)}, ${offset})`

interface Naming {
  readonly name: string
  readonly offset: number
  readonly value: Node
}

function namingOf(node: Node): Naming | undefined {
  switch (node.type) {
    case 'VariableDeclarator':
      return node.init && node.id.type === 'Identifier'
        ? { name: node.id.name, offset: node.id.start, value: node.init }
        : undefined
    case 'ExportDefaultDeclaration':
      return { name: 'default', offset: node.declaration.start, value: node.declaration }
    case 'AssignmentExpression': {
      const name = node.operator === '=' ? assignedName(bare(node.left)) : undefined
      return name === undefined ? undefined : { name, offset: node.left.start, value: node.right }
    }
    case 'Property': {
      const name =
        node.computed || node.shorthand || node.method || node.kind !== 'init' ? undefined : keyName(node.key)
      // The value of a pattern's property is a pattern; it is none of the nameable types but an identifier, which binds.
      return name === undefined || node.value.type === 'Identifier' || node.value.type === 'MemberExpression'
        ? undefined
        : { name, offset: node.key.start, value: node.value }
    }
    case 'PropertyDefinition': {
      const name = node.computed || !node.static ? undefined : keyName(node.key)
      return name === undefined || !node.value ? undefined : { name, offset: node.key.start, value: node.value }
    }
    default:
      return undefined
  }
}

function assignedName(target: Node): string | undefined {
  if (target.type === 'Identifier') return target.name
  return target.type === 'MemberExpression' && !target.computed && target.property.type === 'Identifier'
    ? target.property.name
    : undefined
}

function keyName(key: Node): string | undefined {
  if (key.type === 'Identifier') return key.name
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined
}
