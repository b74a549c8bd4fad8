/**
 * JSON and JSON5 with places. The value of JSON is what the platform reads; where its parts stand is looked for when somebody asks.
 *
 * Invariants
 *   P1. A value is at most DEPTH_MAX deep, whatever the text: what walks it later may call itself.
 *   P2. A name that is there twice is found: JSON.parse would forget the first.
 */
import { evaluate, type MemberNode, type ObjectNode, parse, type ValueNode } from '@humanwhocodes/momoa'
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import { err, ok, type Result } from '../../../util/result.ts'
import { newPositions, type Path, type Repeated, type Source } from '../source.ts'
import { endOfString, piecesOf, seekPiece } from './places.ts'
import { bracketsDeeperThan, checkPlain, DEPTH_MAX, notReadable, tooDeep } from './plain.ts'

export interface Text {
  /** As it is shown. */
  readonly path: string
  readonly text: string
}

export function readJson(file: Text): Result<Source, readonly Diagnostic[]> {
  const positions = newPositions(file.path, file.text)
  const shape = shapeOf(file.text)
  if (shape.tooDeepAt !== undefined) return err([tooDeep(positions(shape.tooDeepAt))])
  let value: unknown
  try {
    value = JSON.parse(file.text)
  } catch (error) {
    return err([syntaxOf(complaintOf(file, error), file, 'JSON')])
  }
  const repeated =
    shape.members === namesIn(value) ? [] : repeatedIn(parse(file.text, { mode: 'json' }).body, file.path)
  return ok(placedIn(file.text, value, repeated, positions))
}

function placedIn(
  text: string,
  value: unknown,
  repeated: readonly Repeated[],
  positions: (offset: number) => Position,
): Source {
  const pieces = lazy(() => piecesOf(text))
  return {
    value,
    repeated,
    at: path => positions(seekPiece(pieces(), path).value.start),
    inside(path, offset) {
      const { start, end } = seekPiece(pieces(), path).value
      const written = text.slice(start, end)
      return positions(written.startsWith('"') && !written.includes('\\') ? start + 1 + offset : start)
    },
    nameAt(path) {
      const { nameAt, value: found } = seekPiece(pieces(), path)
      return positions(nameAt ?? found.start)
    },
  }
}

export function readJson5(file: Text): Result<Source, readonly Diagnostic[]> {
  const deepAt = bracketsDeeperThan(DEPTH_MAX, file.text)
  if (deepAt !== undefined) return err([tooDeep(newPositions(file.path, file.text)(deepAt))])
  try {
    const tree = parse(file.text, { mode: 'json5', allowTrailingCommas: true }).body
    const source = sourceOf(evaluate(tree), tree, repeatedIn(tree, file.path), file.path)
    const problem = checkPlain(source)
    return problem ? err([problem]) : ok(source)
  } catch (error) {
    return err([syntaxOf(error as Complaint, file, 'JSON5')])
  }
}

/** Of JSON5, which only a parser of it can read. */
const sourceOf = (value: unknown, tree: ValueNode, repeated: readonly Repeated[], file: string): Source => ({
  value,
  repeated,
  at: path => startOf(seek(tree, path).value, file),
  inside: (path, offset) => insideOf(seek(tree, path).value, offset, file),
  nameAt: path => {
    const { member, value: found } = seek(tree, path)
    return startOf(member?.name ?? found, file)
  },
})

/** How many `:` stand between strings, each the sign of one member, and where the text is too deep. */
function shapeOf(text: string): { readonly members: number; readonly tooDeepAt?: number } {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at)
        break
      case 0x3a: // :
        members += 1
        break
      case 0x5b: // [
      case 0x7b: // {
        depth += 1
        if (depth > DEPTH_MAX) return { members, tooDeepAt: at }
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1
        break
    }
  }
  return { members }
}

function namesIn(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0
  const isList = Array.isArray(value)
  let count = 0
  const parts = Object.values(value)
  for (const part of parts) count += namesIn(part)
  return isList ? count : count + parts.length
}

function repeatedIn(node: ValueNode, file: string, path: Path = []): readonly Repeated[] {
  if (node.type === 'Array') {
    return node.elements.flatMap((element, index) => repeatedIn(element.value, file, [...path, index]))
  }
  return node.type === 'Object' ? repeatedOf(node, file, path) : []
}

function repeatedOf(node: ObjectNode, file: string, path: Path): readonly Repeated[] {
  const seen = new Set<string>()
  const found: Repeated[] = []
  for (const member of node.members) {
    const name = nameOf(member)
    if (seen.has(name)) found.push({ path: [...path, name], at: startOf(member.name, file) })
    seen.add(name)
    found.push(...repeatedIn(member.value, file, [...path, name]))
  }
  return found
}

const nameOf = (member: MemberNode): string =>
  member.name.type === 'Identifier' ? member.name.name : member.name.value

/** What is at `path`, or as far as it leads. */
function seek(root: ValueNode, path: Path): { readonly value: ValueNode; readonly member?: MemberNode } {
  let found: { value: ValueNode; member?: MemberNode } = { value: root }
  for (const part of path) {
    const next = stepInto(found.value, part)
    if (!next) return { value: found.value }
    found = next
  }
  return found
}

function stepInto(node: ValueNode, part: string | number): { value: ValueNode; member?: MemberNode } | undefined {
  if (node.type === 'Array') {
    const element = typeof part === 'number' ? node.elements[part] : undefined
    return element && { value: element.value }
  }
  const member = node.type === 'Object' ? membersOf(node).get(String(part)) : undefined
  return member && { value: member.value, member }
}

const indexes = new WeakMap<ObjectNode, ReadonlyMap<string, MemberNode>>()

/** The last of each name. A machine is asked for thousands of places in its states. */
function membersOf(node: ObjectNode): ReadonlyMap<string, MemberNode> {
  const known = indexes.get(node)
  if (known) return known
  const index = new Map(node.members.map(member => [nameOf(member), member]))
  indexes.set(node, index)
  return index
}

const startOf = (
  node: { readonly loc: { readonly start: { line: number; column: number } } },
  file: string,
): Position => ({
  file,
  line: node.loc.start.line,
  column: node.loc.start.column,
})

function insideOf(node: ValueNode, offset: number, file: string): Position {
  const start = startOf(node, file)
  const { line, column } = node.loc.end
  const isPlain = node.type === 'String' && line === start.line && column - start.column === node.value.length + 2
  return isPlain ? { ...start, column: start.column + 1 + offset } : start
}

const SIGNS: { readonly [token: string]: string } = {
  LBrace: '{',
  RBrace: '}',
  LBracket: '[',
  RBracket: ']',
  Comma: ',',
  Colon: ':',
}

/** The parser's own complaint, with signs instead of their names. */
function syntaxOf(complaint: Complaint, file: Text, format: 'JSON' | 'JSON5'): Diagnostic {
  const words = complaint.message
    .replace(/\s*\(\d+:\d+\)\s*$/, '')
    .replace(/ in JSON at position \d+.*$/, '')
    .replace(/\.$/, '')
    .replace(/token (\w+) found$/, (_, token: string) => (SIGNS[token] ? `\`${SIGNS[token]}\`` : token.toLowerCase()))
    .replace(/ found$/, '')
  return notReadable(words, format, newPositions(file.path, file.text)(offsetOf(complaint, file.text)))
}

interface Complaint {
  readonly message: string
  readonly offset?: number
}

/** What names no place complains of the end. */
const offsetOf = ({ message, offset }: Complaint, text: string): number =>
  offset ?? Number(/at position (\d+)/.exec(message)?.[1] ?? text.trimEnd().length)

/** JSON.parse does not say where in all versions; what parses with places does. */
function complaintOf(file: Text, error: unknown): Complaint {
  try {
    parse(file.text, { mode: 'json' })
    return error as Error
  } catch (located) {
    return located as Complaint
  }
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
