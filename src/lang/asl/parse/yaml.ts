/** YAML 1.2 with places: what it says beyond JSON (anchors, merged keys, block texts) is gone from the value. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import { err, ok, type Result } from '../../../util/result.ts'
import { newPositions, type Path, type Source } from '../source.ts'
import type { Text } from './json.ts'
import { bracketsDeeperThan, checkPlain, notReadable, tooDeep } from './plain.ts'

/** Copies that anchors may make: beyond it a text of a kilobyte could grow to gigabytes. */
const COPIES_MAX = 1_000

/** The library comes to the end of the stack at about 1,000. */
const YAML_DEPTH_MAX = 200

/** Each level of a block takes a column, but a list in a map. */
const BLOCK_TOO_DEEP = new RegExp(`^[ ?:-]{${YAML_DEPTH_MAX}}`, 'm')

export function readYaml(file: Text): Result<Source, readonly Diagnostic[]> {
  const deepAt = bracketsDeeperThan(YAML_DEPTH_MAX, file.text) ?? BLOCK_TOO_DEEP.exec(file.text)?.index
  if (deepAt !== undefined) return err([tooDeep(newPositions(file.path, file.text)(deepAt), YAML_DEPTH_MAX)])
  try {
    return read(file)
  } catch (error) {
    const at = { file: file.path, line: 1, column: 1 }
    if (error instanceof ReferenceError) return err([notReadable(error.message, 'YAML', at)])
    throw error
  }
}

function read(file: Text): Result<Source, readonly Diagnostic[]> {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: false })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0) {
    return err(document.errors.map(each => notReadable(firstLine(each.message), 'YAML', position(each.pos[0]))))
  }
  const root = document.contents
  const startOf = (node: unknown) => position(isNode(node) ? (node.range?.[0] ?? 0) : 0)
  const source: Source = {
    value: document.toJS({ maxAliasCount: COPIES_MAX }) as unknown,
    repeated: repeatedIn(root, []).map(({ path, key }) => ({ path, at: startOf(key) })),
    at: path => startOf(seek(root, path).node),
    inside: (path, offset) => position(offsetIn(seek(root, path).node, offset, file.text)),
    nameAt: path => {
      const { node, key } = seek(root, path)
      return startOf(key ?? node)
    },
  }
  const problem = checkPlain(source)
  return problem ? err([problem]) : ok(source)
}

const firstLine = (message: string): string =>
  message
    .split('\n')[0]!
    .replace(/; please use .*$/, '')
    .replace(/[.:]$/, '')

function offsetIn(node: Node | null, offset: number, text: string): number {
  const [start, end] = node?.range ?? [0, 0]
  const at = isScalar(node) && typeof node.value === 'string' ? text.slice(start, end).indexOf(node.value) : -1
  return at < 0 ? start : start + at + offset
}

interface Found {
  readonly node: Node | null
  /** Of the field, where it is one. */
  readonly key?: unknown
}

function seek(root: Node | null, path: Path): Found {
  let found: Found = { node: root }
  for (const part of path) {
    const next = stepInto(found.node, part)
    if (!next) return { node: found.node }
    found = next
  }
  return found
}

function stepInto(node: Node | null, part: string | number): Found | undefined {
  if (isSeq(node)) {
    const item: unknown = typeof part === 'number' ? node.items[part] : undefined
    return isNode(item) ? { node: item } : undefined
  }
  const pair = isMap(node) ? node.items.findLast(each => nameOf(each) === part) : undefined
  return pair && { node: isNode(pair.value) ? pair.value : null, key: pair.key }
}

const nameOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key))

function repeatedIn(node: unknown, path: Path): readonly { readonly path: Path; readonly key: unknown }[] {
  if (isAlias(node)) return []
  if (isSeq(node)) return node.items.flatMap((item, index) => repeatedIn(item, [...path, index]))
  if (!isMap(node)) return []
  const seen = new Set<string>()
  return node.items.flatMap(pair => {
    const name = nameOf(pair)
    const again = seen.has(name) && name !== '<<' ? [{ path: [...path, name], key: pair.key }] : []
    seen.add(name)
    return [...again, ...repeatedIn(pair.value, [...path, name])]
  })
}
