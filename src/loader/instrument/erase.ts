/**
 * Takes the types out of a module and leaves everything else where it was, line for line.
 *
 * Only what can be erased is handled here; enums, parameter properties, decorators and the like are lowered first
 * (see parse.ts). Every statement gets its semicolon, so that what other passes put in front of the next one cannot join it.
 */
import type { Class, MethodDefinition, PropertyDefinition } from 'oxc-parser'
import type { Rewriter } from './rewriter.ts'
import { isFunction, type Node, type Pass } from './tree.ts'

/** Statements that automatic semicolons may end. */
const OPEN_ENDED = new Set([
  'ExpressionStatement',
  'VariableDeclaration',
  'ReturnStatement',
  'ThrowStatement',
  'BreakStatement',
  'ContinueStatement',
  'DebuggerStatement',
  'DoWhileStatement',
  'PropertyDefinition',
])

const TYPES_ONLY = new Set([
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSDeclareFunction',
  'TSGlobalDeclaration',
  'TSNamespaceExportDeclaration',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
  'TSAbstractAccessorProperty',
  'TSIndexSignature',
])

export function erasePass({ source, edits }: Rewriter): Pass {
  const erase = (start: number, end: number, tail = '') => {
    if (end > start) edits.replace(start, end, newlinesOf(source.slice(start, end)) + tail)
  }
  /** Without line breaks, where one would end a statement. */
  const eraseFlat = (start: number, end: number, text = ' ') => edits.replace(start, end, text)

  return {
    enter(node, parent, key) {
      if (isTypeOnly(node)) {
        erase(node.start, node.end, ';')
        return 'skip'
      }
      switch (node.type) {
        case 'Identifier':
          if (node.name === 'this' && key === 'params') {
            erase(node.start, afterComma(source, node.end))
            return 'skip'
          }
          if (isOptional(node)) erase(node.start + node.name.length, node.typeAnnotation?.start ?? node.end)
          return undefined
        case 'VariableDeclarator':
          if (node.definite)
            eraseMark(
              node.id.typeAnnotation ? node.id.start : node.id.end,
              node.id.typeAnnotation?.start ?? node.end,
              '!',
            )
          return undefined
        case 'TSTypeAnnotation':
          if (parent?.type === 'ArrowFunctionExpression') {
            // `) : {…} =>`: no line break may stand before the arrow, so the parenthesis moves behind what is erased.
            const parenthesis = source.lastIndexOf(')', node.start)
            eraseFlat(parenthesis, node.end, `${newlinesOf(source.slice(parenthesis, node.end))})`)
          } else erase(node.start, node.end)
          return 'skip'
        case 'TSTypeParameterDeclaration':
        case 'TSTypeParameterInstantiation':
          if (parent?.type === 'ArrowFunctionExpression') eraseFlat(node.start, node.end)
          else erase(node.start, node.end)
          return 'skip'
        case 'TSTypeAssertion':
          eraseFlat(node.start, node.expression.start)
          return undefined
        case 'ClassDeclaration':
        case 'ClassExpression':
          eraseClassHead(node)
          return undefined
        case 'TSClassImplements':
          return 'skip'
        case 'PropertyDefinition':
        case 'MethodDefinition':
          eraseModifiers(node)
          return undefined
        default:
          // What is left of types hangs below expressions that are erased on the way out.
          return node.type.startsWith('TS') && !('expression' in node) ? 'skip' : undefined
      }
    },
    leave(node, parent) {
      switch (node.type) {
        case 'TSAsExpression':
        case 'TSSatisfiesExpression':
        case 'TSNonNullExpression':
        case 'TSInstantiationExpression':
          return erase(node.expression.end, node.end)
        default:
          if (needsSemicolon(node, parent)) edits.insert(node.end, ';')
      }
    },
  }

  function needsSemicolon(node: Node, parent: Node | undefined): boolean {
    if (!OPEN_ENDED.has(node.type) || source[node.end - 1] === ';' || isTypeOnly(node)) return false
    const inLoopHead =
      parent?.type === 'ForStatement' || parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement'
    return !(node.type === 'VariableDeclaration' && inLoopHead)
  }

  function eraseClassHead(node: Class): void {
    if (node.abstract) erase(node.start, node.start + 'abstract'.length)
    const last = node.implements?.at(-1)
    if (!last) return
    const from = [node.id, node.typeParameters, node.superClass, node.superTypeArguments].reduce(
      (end, part) => Math.max(end, part?.end ?? 0),
      node.start,
    )
    const start = source.indexOf('implements', from)
    erase(start, last.end)
  }

  function eraseModifiers(node: PropertyDefinition | MethodDefinition): void {
    const head = source.slice(node.start, node.key.start)
    for (const match of head.matchAll(/\b(?:public|private|protected|readonly|override)\b\s*/g)) {
      erase(node.start + match.index, node.start + match.index + match[0].length)
    }
    const definite = 'definite' in node && node.definite === true
    if (!node.optional && !definite) return
    const annotation = 'typeAnnotation' in node ? node.typeAnnotation?.start : undefined
    eraseMark(node.key.end, annotation ?? node.value?.start ?? node.end, definite ? '!' : '?')
  }

  function eraseMark(from: number, to: number, mark: string): void {
    const at = source.indexOf(mark, from)
    if (at >= from && at < to) erase(at, at + 1)
  }
}

function isTypeOnly(node: Node): boolean {
  if (TYPES_ONLY.has(node.type)) return true
  switch (node.type) {
    case 'MethodDefinition':
      return node.value.type === 'TSEmptyBodyFunctionExpression'
    case 'VariableDeclaration':
    case 'ClassDeclaration':
    case 'PropertyDefinition':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
      return node.declare === true
    case 'FunctionDeclaration':
      return node.declare === true || !node.body
    default:
      return false
  }
}

/** Syntax that means something at run time and that JavaScript does not have: such a module is lowered before it is read. */
export function needsLowering(node: Node): boolean {
  switch (node.type) {
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
      return !node.declare
    case 'TSParameterProperty':
    case 'TSExportAssignment':
    case 'Decorator':
    case 'AccessorProperty':
      return true
    case 'TSImportEqualsDeclaration':
      return node.importKind !== 'type'
    case 'VariableDeclaration':
      return !node.declare && (node.kind === 'using' || node.kind === 'await using')
    default:
      return false
  }
}

export const isDeclaredOnly = (node: Node): boolean =>
  isTypeOnly(node) || (isFunction(node) && 'declare' in node && node.declare === true)

/** A parameter may be optional (`x?: T`), which the parser's types deny. */
const isOptional = (node: { readonly optional?: boolean }): boolean => node.optional === true

const newlinesOf = (text: string): string => text.replace(/[^\n\r\u2028\u2029]+/g, ' ')

function afterComma(source: string, from: number): number {
  const match = /^\s*,/.exec(source.slice(from))
  return from + (match?.[0].length ?? 0)
}
