/**
 * Two graphs in one drawing: the steps of the second, and those of the first that are gone where they stood. Which step of
 * one is which of the other, the differences tell; all else is compared by place.
 */
import type { Change } from '../../versions/change.ts'
import type { Face } from '../../versions/version.ts'
import { counted } from '../render/text.ts'
import { type Drawing, type DrawnChange, type DrawnEdge, type DrawnNode, type DrawnRegion, drawingOf } from './drawn.ts'
import { changesSvg, type LegendEntry } from './svg.ts'

export interface DrawnSides {
  readonly before: { readonly name: string; readonly face: Pick<Face, 'graph'> }
  readonly after: { readonly name: string; readonly face: Pick<Face, 'graph'> }
  readonly changes: readonly Change[]
  /** Of the steps that are in both: path before, path after. */
  readonly paths: ReadonlyMap<string, string>
}

export function differenceSvg(sides: DrawnSides): string {
  const { before, after } = sides
  const drawing = differenceDrawing(sides)
  const legend = legendOf(drawing.root)
  const told = legend.map(({ text }) => text).join(', ')
  return changesSvg(drawing, {
    name: `${before.name} → ${after.name}`,
    description: `What is different between ${before.name} and ${after.name}: ${told === '' ? 'nothing' : told}.`,
    legend,
  })
}

export function differenceDrawing({ before, after, changes, paths }: DrawnSides): Drawing {
  const [old, now] = [drawingOf(before.face.graph.root), drawingOf(after.face.graph.root)]
  const union = joinerOf(old.root, now.root, { changes, paths })
  return { root: union.region(old.root, now.root), links: now.links }
}

/** Drawn nodes by their paths, as steps have them (see placedNodes of the core). */
type ByPath = ReadonlyMap<string, DrawnNode>

export function pathsIn(
  region: DrawnRegion,
  prefix = '',
  found = new Map<string, DrawnNode>(),
): Map<string, DrawnNode> {
  for (const node of region.nodes) {
    const path = `${prefix}${idOf(node, region)}`
    found.set(path, node)
    for (const inner of node.regions) pathsIn(inner, path + markOf(node, inner), found)
  }
  return found
}

/** Places and transitions of a net stand beside one another under its name. */
const idOf = ({ key, kind, name }: DrawnNode, region: DrawnRegion): string =>
  kind === 'place' ? `(${name})` : kind === 'transition' ? name : key.slice(region.key.length)

function markOf({ kind, key }: DrawnNode, inner: DrawnRegion): string {
  if (kind === 'transition') return '/'
  const label = labelOf(key, inner)
  // The places and transitions of a net.
  if (label === '') return '.'
  if (label !== 'body') return `.${label}/`
  return kind === 'call' || kind === 'recursion' ? '/' : kind === 'each' ? '[*]/' : '.body/'
}

/** As the graph has it, not as it is shown. */
const labelOf = (owner: string, { key }: DrawnRegion): string => key.slice(owner.length + 1, -1)

interface Joiner {
  region(old: DrawnRegion | undefined, now: DrawnRegion): DrawnRegion
}

function joinerOf(
  oldRoot: DrawnRegion,
  nowRoot: DrawnRegion,
  { changes, paths }: Pick<DrawnSides, 'changes' | 'paths'>,
): Joiner {
  const [olds, nows] = [pathsIn(oldRoot), pathsIn(nowRoot)]
  const { successors, predecessors } = matched(olds, nows, paths)
  const notes = notesOf(changes, nows)
  const goneKey = (node: DrawnNode): string => `- ${node.key}`
  /** Where a node of the first stands in the drawing. */
  const keyOf = new Map([...olds.values()].map(node => [node.key, successors.get(node)?.key ?? goneKey(node)]))
  const joiner = { region: joined }
  return joiner

  function joined(old: DrawnRegion | undefined, now: DrawnRegion): DrawnRegion {
    const gone = (old?.nodes ?? []).filter(node => !successors.has(node)).map(removed)
    return { ...now, nodes: [...now.nodes.map(present), ...gone], edges: edgesOf(old, now) }
  }

  function present(node: DrawnNode): DrawnNode {
    const before = predecessors.get(node)
    const oldRegions = new Map((before?.regions ?? []).map(each => [labelOf(before?.key ?? '', each), each]))
    const regions = node.regions.map(each => joined(oldRegions.get(labelOf(node.key, each)), each))
    const labels = new Set(node.regions.map(each => labelOf(node.key, each)))
    const lost = [...oldRegions].filter(([label]) => !labels.has(label)).map(([, each]) => removedRegion(each))
    const { change, note } = before ? (notes.get(node) ?? SAME) : ADDED
    return {
      ...node,
      change,
      note: note === '' ? node.note : note,
      regions: [...regions, ...lost.filter(({ nodes }) => nodes.length > 0)],
    }
  }

  function removed(node: DrawnNode): DrawnNode {
    return { ...node, key: goneKey(node), change: 'removed', regions: node.regions.map(removedRegion) }
  }

  /** What has moved out of it is drawn where it is now. */
  function removedRegion(region: DrawnRegion): DrawnRegion {
    const nodes = region.nodes.filter(node => !successors.has(node)).map(removed)
    return { ...region, key: `- ${region.key}`, nodes, edges: oldEdges(region, new Set(nodes.map(({ key }) => key))) }
  }

  function edgesOf(old: DrawnRegion | undefined, now: DrawnRegion): readonly DrawnEdge[] {
    const gone = (old?.nodes ?? []).filter(node => !successors.has(node)).map(goneKey)
    const before = old ? oldEdges(old, new Set([...now.nodes.map(({ key }) => key), ...gone])) : []
    const [known, kept] = [new Set(before.map(nameOfEdge)), new Set(now.edges.map(nameOfEdge))]
    return [
      ...now.edges.map((edge): DrawnEdge => ({ ...edge, change: known.has(nameOfEdge(edge)) ? 'same' : 'added' })),
      ...before.filter(edge => !kept.has(nameOfEdge(edge))),
    ]
  }

  function oldEdges({ edges }: DrawnRegion, here: ReadonlySet<string>): readonly DrawnEdge[] {
    return edges
      .map(
        ({ from, to, ...rest }): DrawnEdge => ({
          ...rest,
          from: keyOf.get(from) ?? from,
          to: keyOf.get(to) ?? to,
          change: 'removed',
        }),
      )
      .filter(({ from, to }) => here.has(from) && here.has(to))
  }
}

const nameOfEdge = ({ from, to }: DrawnEdge): string => `${from}\0${to}`

interface Look {
  readonly change: DrawnChange
  /** Empty: the node's own. */
  readonly note: string
}
const SAME: Look = { change: 'same', note: '' }
const ADDED: Look = { change: 'added', note: '' }

/** Which node of the second a node of the first has become. */
function matched(olds: ByPath, nows: ByPath, paths: ReadonlyMap<string, string>) {
  const successors = new Map<DrawnNode, DrawnNode>()
  const predecessors = new Map<DrawnNode, DrawnNode>()
  for (const [path, node] of olds) {
    const successor = nows.get(pathNow(path, node, paths) ?? '')
    if (!successor) continue
    successors.set(node, successor)
    predecessors.set(successor, node)
  }
  return { successors, predecessors }
}

/** Places and transitions go with their net: they are no steps. */
function pathNow(path: string, { kind, name }: DrawnNode, paths: ReadonlyMap<string, string>): string | undefined {
  if (kind !== 'place' && kind !== 'transition') return paths.get(path)
  const net = path.slice(0, -(kind === 'place' ? `.(${name})` : `.${name}`).length)
  const now = paths.get(net)
  return now === undefined ? undefined : now + path.slice(net.length)
}

/** What became of the steps that are in both, and what is told of it in their second lines. */
function notesOf(changes: readonly Change[], nows: ByPath): ReadonlyMap<DrawnNode, Look> {
  const found = new Map<DrawnNode, { change: DrawnChange; parts: string[] }>()
  const note = (path: string, change: 'changed' | 'moved', part: string): void => {
    const node = nows.get(path)
    if (!node) return
    const known = found.get(node) ?? { change, parts: [] }
    if (change === 'moved') known.change = change
    if (!known.parts.includes(part)) known.parts.push(part)
    found.set(node, known)
  }
  for (const change of changes) {
    switch (change.kind) {
      case 'step.renamed':
        // Another id alone, where steps of one name are counted, is nothing to look at.
        if (change.before.shown !== change.step.shown) note(change.step.path, 'moved', `was ${change.before.shown}`)
        break
      case 'step.moved':
        note(change.step.path, 'moved', `from ${change.before.shown}`)
        break
      case 'step.changed':
        note(change.step.path, 'changed', `~ ${change.field}`)
        break
      case 'code.changed':
        for (const step of change.steps) note(step.path, 'changed', '~ code')
        break
      default:
    }
  }
  return new Map(
    [...found].map(([node, { change, parts }]) => [node, { change, note: parts.join(', ').replace(/, ~ /g, ', ') }]),
  )
}

const LEGEND: readonly (readonly [change: DrawnChange, word: string])[] = [
  ['added', 'added'],
  ['removed', 'removed'],
  ['changed', 'changed'],
  ['moved', 'renamed or moved'],
  ['same', 'unchanged'],
]

function legendOf(root: DrawnRegion): readonly LegendEntry[] {
  const counts = new Map<DrawnChange, number>()
  const count = ({ nodes }: DrawnRegion): void => {
    for (const { change = 'same', kind, regions } of nodes) {
      if (kind !== 'place') counts.set(change, (counts.get(change) ?? 0) + 1)
      for (const inner of regions) count(inner)
    }
  }
  count(root)
  return LEGEND.flatMap(([change, word]) => {
    const steps = counts.get(change)
    return steps === undefined ? [] : [{ change, text: `${counted(steps, 'step')} ${word}` }]
  })
}
