/** From steps of a run to steps of the graph, by the paths that `placedNodes` has. */
import { type Graph, type Node, type Region, regionsOf } from '../../src/core/index.ts'

interface Placed {
  readonly path: string
  readonly node: Node
}

/** Every step of the graph, those of undos included, by path. */
export function nodesByPath({ root }: Pick<Graph, 'root'>): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>()
  const visit = (region: Region, around: string): void => {
    for (const node of region.nodes) {
      found.set(around + node.id, node)
      for (const [label, inner] of regionsOf(node)) visit(inner, insideOf(around + node.id, node, label))
    }
  }
  visit(root, '')
  return found
}

/** The path of what is inside a region of a step. */
export function insideOf(path: string, node: Node, label: string): string {
  if (node.kind === 'call' && label === 'body') return `${path}/`
  return node.kind === 'each' && label === 'body' ? `${path}[*]/` : `${path}.${label}/`
}

interface Level {
  readonly region: Region
  readonly path: string
}

/** `tests[a.ts]/triage` is `tests[*]/triage`; what a call enters again has the path of its first entering. */
export function pathOf({ root }: Pick<Graph, 'root'>, step: string): string {
  const segments = step.split('/')
  const own = segments.pop() ?? ''
  const levels: Level[] = [{ region: root, path: '' }]
  for (const segment of segments) levels.push(levelInside(levels, segment))
  const { region, path } = levels.at(-1)!
  return placedAt(region, path, own).path
}

function levelInside(levels: readonly Level[], segment: string): Level {
  const { region, path } = levels.at(-1)!
  const placed = placedAt(region, path, segment)
  if (placed.node.kind === 'call' && placed.node.recurs !== undefined)
    return levels[levels.length - 1 - placed.node.recurs]!
  const label = labelOf(segment)
  const found = regionsOf(placed.node).find(([each]) => each === label)
  if (!found) throw new Error(`${placed.path} has no region ${label}`)
  return { region: found[1], path: insideOf(placed.path, placed.node, label) }
}

function placedAt(region: Region, around: string, segment: string): Placed {
  const id = idIn(segment)
  const node = region.nodes.find(each => each.id === id)
  if (!node) throw new Error(`no step ${around}${id}`)
  return { path: around + id, node }
}

function idIn(segment: string): string {
  const end = segment.search(/[.[]/)
  return end < 0 ? segment : segment.slice(0, end)
}

function labelOf(segment: string): string {
  const mark = segment.slice(idIn(segment).length)
  return mark.startsWith('.') ? mark.slice(1).replace(/\[\d+\]$/, '') : 'body'
}

/** The step that a scope belongs to: `ci/race.fast/` is of `ci/race`. */
export function ownerOf(scope: string): string {
  const start = scope.lastIndexOf('/', scope.length - 2) + 1
  return scope.slice(0, start) + idIn(scope.slice(start, -1))
}
