/**
 * A syntax tree as text for a digest: what the engine runs, and nothing of how it was written.
 *
 * Fields are kept unless they are known to mean nothing. So a field that the parser adds one day changes digests, which
 * costs a rerun; it never makes two different functions equal.
 */
import { isDeclaredOnly } from '../instrument/erase.ts'
import type { Node } from '../instrument/tree.ts'

const MEANINGLESS = new Set([
  'type',
  'start',
  'end',
  'typeAnnotation',
  'returnType',
  'typeParameters',
  'typeArguments',
  'superTypeArguments',
  'implements',
  'definite',
  'declare',
  'accessibility',
  'readonly',
  'override',
  'abstract',
  'shorthand',
  'tail',
])

/** `isCell`: nodes that are cells of their own, for which only a mark is written. */
export function syntaxText(root: Node, isCell: (node: Node) => boolean): string {
  const out: string[] = []
  write(root)
  return out.join('')

  function write(node: Node): void {
    if (node !== root && isCell(node)) {
      out.push('(cell)')
      return
    }
    switch (node.type) {
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
      case 'TSInstantiationExpression':
        return write(node.expression)
      case 'Literal':
        out.push(literalText(node))
        return
      case 'TemplateElement':
        out.push(`(quasi ${JSON.stringify(node.value.raw.replace(/\r\n?/g, '\n'))})`)
        return
      default:
        out.push(`(${node.type}`)
        writeFields(node)
        out.push(')')
    }
  }

  function writeFields(node: Node): void {
    const fields = node as unknown as Readonly<Record<string, unknown>> // by name: no type lists what the parser may add
    for (const key in fields) {
      const value = fields[key]
      if (MEANINGLESS.has(key) || value === null || value === undefined || value === false) continue
      // `a?.b` means something, `a?: string` does not.
      if (key === 'optional' && node.type !== 'MemberExpression' && node.type !== 'CallExpression') continue
      writeValue(key, value)
    }
  }

  function writeValue(key: string, value: unknown): void {
    if (Array.isArray(value)) return writeList(key, value)
    out.push(` ${key}=`)
    if (isNode(value)) write(value)
    else out.push(typeof value === 'bigint' ? String(value) : JSON.stringify(value))
  }

  function writeList(key: string, values: readonly unknown[]): void {
    out.push(` ${key}=[`)
    for (const item of values) {
      if (isNode(item)) {
        if (!isRun(item)) continue
        write(item)
      } else out.push(JSON.stringify(item))
      out.push(',')
    }
    out.push(']')
  }
}

/** Whether anything is left of it when types and empty statements are gone. */
function isRun(node: Node): boolean {
  if (node.type === 'EmptyStatement' || (node.type === 'Identifier' && node.name === 'this')) return false
  return !isDeclaredOnly(node) && (!node.type.startsWith('TS') || 'expression' in node)
}

function literalText(node: Extract<Node, { type: 'Literal' }>): string {
  if ('regex' in node && node.regex) return `/${node.regex.pattern}/${node.regex.flags}`
  if ('bigint' in node && node.bigint !== undefined) return `${node.bigint}n`
  return JSON.stringify(node.value) ?? 'undefined'
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
