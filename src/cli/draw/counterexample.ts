/** A counterexample on its graph: what began, in order; what holds a lock, what waits for it, what never runs. */
import type { Counterexample } from '../../analysis/index.ts'
import type { Graph } from '../../core/index.ts'
import { sentenceOf } from '../render/counterexample.ts'
import { pathsIn } from './difference.ts'
import { type Drawing, type DrawnLink, type DrawnNode, type DrawnPart, type DrawnRegion, drawingOf } from './drawn.ts'
import { type LegendEntry, partsSvg } from './svg.ts'

export function counterexampleSvg(graph: Pick<Graph, 'root' | 'name'>, counterexample: Counterexample): string {
  const drawing = counterexampleDrawing(graph, counterexample)
  const sentence = sentenceOf(counterexample)
  return partsSvg(drawing, {
    name: graph.name,
    description: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
    legend: legendOf(drawing.root),
  })
}

type Part = NonNullable<DrawnNode['part']>

function counterexampleDrawing({ root }: Pick<Graph, 'root'>, counterexample: Counterexample): Drawing {
  const drawing = drawingOf(root)
  const nodes = pathsIn(drawing.root)
  const parts = new Map<string, Part>()
  for (const [path, part] of partsOf(counterexample)) {
    const key = nodes.get(path)?.key
    if (key !== undefined) parts.set(key, part)
  }
  const waits = counterexample.waits.flatMap(wait =>
    wait.kind === 'lock' ? wait.locks.flatMap(({ holder }) => linkBetween(nodes, wait.step.path, holder?.path)) : [],
  )
  return { root: withParts(drawing.root, parts), links: [...drawing.links, ...waits] }
}

function linkBetween(
  nodes: ReadonlyMap<string, DrawnNode>,
  waiting: string,
  holding: string | undefined,
): readonly DrawnLink[] {
  const [from, to] = [nodes.get(waiting)?.key, holding === undefined ? undefined : nodes.get(holding)?.key]
  return from !== undefined && to !== undefined ? [{ kind: 'waits', from, to }] : []
}

/** By step path. */
function partsOf({ way, waits, dead }: Counterexample): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>()
  let order = 0
  for (const { step, deed } of way)
    if (step && deed.kind === 'begins' && !parts.has(step.path)) parts.set(step.path, { look: 'ran', order: ++order })
  const mark = (path: string, look: DrawnPart): void => void parts.set(path, { ...parts.get(path), look })
  for (const wait of waits) if (wait.kind === 'step') mark(wait.step.path, 'waits')
  for (const wait of waits) {
    if (wait.kind !== 'lock') continue
    mark(wait.step.path, 'waits')
    for (const { holder } of wait.locks) if (holder) mark(holder.path, 'holds')
  }
  for (const { step, transition } of dead)
    mark(transition === undefined ? step.path : `${step.path}.${transition}`, 'dead')
  return parts
}

function withParts(region: DrawnRegion, parts: ReadonlyMap<string, Part>): DrawnRegion {
  return {
    ...region,
    nodes: region.nodes.map(node => ({
      ...node,
      part: parts.get(node.key) ?? { look: 'aside' },
      regions: node.regions.map(inner => withParts(inner, parts)),
    })),
  }
}

const LEGEND: Readonly<Record<DrawnPart, string>> = {
  ran: 'began, in this order',
  holds: 'holds a lock',
  waits: 'waits for ever',
  dead: 'never runs',
  aside: 'has no part in it',
}

function legendOf(root: DrawnRegion): readonly LegendEntry[] {
  const seen = new Set<DrawnPart>()
  const visit = ({ nodes }: DrawnRegion): void => {
    for (const { part, regions } of nodes) {
      if (part) seen.add(part.look)
      if (part?.order !== undefined) seen.add('ran')
      for (const inner of regions) visit(inner)
    }
  }
  visit(root)
  return Object.entries(LEGEND).flatMap(([look, text]) =>
    seen.has(look as DrawnPart) ? [{ change: look as DrawnPart, text }] : [],
  )
}
