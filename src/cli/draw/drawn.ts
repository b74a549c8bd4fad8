/**
 * What a drawing of a graph shows: boxes in boxes, an arrow from each step to those that wait for it, and links, which
 * may lead out of a region: what a step cancels, what a call enters again, before what a milestone closes, who waits for whom.
 */
import { dependenciesOf } from '../../core/graph/dependencies.ts'
import { type Expr, type Node, type NodeKind, type Region, regionsOf } from '../../core/graph/graph.ts'
import { exprText, insideOf, type NameOf, noteOf } from './notes.ts'

/** A kind each for what looks different. */
export type DrawnKind = Exclude<NodeKind, 'wait'> | 'timer' | 'signal' | 'recursion' | 'place' | 'transition'

export interface DrawnNode {
  /** Unique in the whole drawing. */
  readonly key: string
  readonly name: string
  readonly kind: DrawnKind
  /** A second line: what the step reads, chooses by, waits for. */
  readonly note: string
  /** `detached`: nobody waits for its end. `marked`, `last`: a place of a net with a token at the start, and its end. */
  readonly look?: 'detached' | 'marked' | 'last' | 'marked last'
  /** In a drawing of what is different. */
  readonly change?: DrawnChange
  /** In a drawing of what goes wrong; `order`: the how-manieth to begin, from 1. */
  readonly part?: { readonly look: DrawnPart; readonly order?: number }
  readonly regions: readonly DrawnRegion[]
}

/** What a step has to do with what goes wrong. `aside`: nothing. */
export type DrawnPart = 'ran' | 'holds' | 'waits' | 'dead' | 'aside'

/** What became of a step between two versions. `moved`: it has another name or stands elsewhere. */
export type DrawnChange = 'added' | 'removed' | 'changed' | 'moved' | 'same'

export interface DrawnRegion {
  readonly key: string
  /** `then`, an arm's label; empty where a node has one region only. */
  readonly label: string
  /** `branch`: one way of several. `rescue`: entered on an error. `undo`: after a failure further on. */
  readonly role: 'body' | 'branch' | 'rescue' | 'undo'
  readonly nodes: readonly DrawnNode[]
  readonly edges: readonly DrawnEdge[]
}

/** Keys of two nodes of the same region. */
export interface DrawnEdge {
  readonly from: string
  readonly to: string
  /** How many tokens an arc of a net moves, when it is not one. */
  readonly label?: string
  readonly change?: Extract<DrawnChange, 'added' | 'removed' | 'same'>
}

/** Keys of any two nodes; `to` is empty for the workflow itself. */
export interface DrawnLink {
  readonly kind: 'cancels' | 'recurs' | 'before' | 'waits'
  readonly from: string
  readonly to: string
}

export interface Drawing {
  readonly root: DrawnRegion
  readonly links: readonly DrawnLink[]
}

export function drawingOf(root: Region): Drawing {
  const links: DrawnLink[] = []
  return {
    root: drawnRegion(root, { key: '', label: '', role: 'body' }, [{ prefix: '', owner: '', region: root }], links),
    links,
  }
}

/** A region and the node that holds it, as seen from inside: the innermost last. */
interface Around {
  readonly prefix: string
  readonly owner: string
  readonly region: Region
}

const nameIn =
  (around: readonly Around[]): NameOf =>
  (id, up) =>
    around.at(-1 - up)?.region.nodes.find(node => node.id === id)?.name ?? id

/** What is around the nodes of one of a node's regions. */
type Enter = (label: string, region: Region) => readonly Around[]

type Head = Pick<DrawnRegion, 'key' | 'label' | 'role'>

function drawnRegion(region: Region, head: Head, around: readonly Around[], links: DrawnLink[]): DrawnRegion {
  const { key } = head
  const known = new Set(region.nodes.map(node => node.id))
  const edges = region.nodes.flatMap(node =>
    // What the validator would refuse (a dangling or a looping edge) is left out: a drawing helps to find it.
    dependenciesOf(node)
      .filter(id => known.has(id) && id !== node.id)
      .map(id => ({ from: `${key}${id}`, to: `${key}${node.id}` })),
  )
  return { ...head, nodes: region.nodes.map(node => drawnNode(node, around, links)), edges }
}

function linksOf(node: Node, around: readonly Around[]): readonly DrawnLink[] {
  const from = `${around.at(-1)?.prefix ?? ''}${node.id}`
  switch (node.kind) {
    case 'cancel': {
      const outer = around.at(-1 - node.target.up)
      return outer ? [{ kind: 'cancels', from, to: `${outer.prefix}${node.target.node}` }] : []
    }
    case 'call': {
      const outer = node.recurs === undefined ? undefined : around.at(-1 - node.recurs)
      return outer ? [{ kind: 'recurs', from, to: outer.owner }] : []
    }
    case 'scope':
      return node.until === undefined
        ? []
        : [{ kind: 'before', from, to: `${around.at(-1)?.prefix ?? ''}${node.until}` }]
    default:
      return []
  }
}

function drawnNode(node: Node, around: readonly Around[], links: DrawnLink[]): DrawnNode {
  links.push(...linksOf(node, around))
  const key = `${around.at(-1)?.prefix ?? ''}${node.id}`
  const nameOf = nameIn(around)
  const inside: Enter = (label, region) => [...around, { prefix: `${key}.${label}/`, owner: key, region }]
  const shown = { key, name: node.name, kind: kindOf(node), note: noteOf(node, nameOf) }
  const isNet = node.kind === 'net'
  const regions = regionsOf(node)
    .filter(([label, region]) => region.nodes.length > 0 || isTold(node, label))
    // Those of a net are its transitions, drawn between its places.
    .filter(([, region]) => !isNet || region === node.undo?.body)
    .map(([label, region]) =>
      drawnRegion(
        region,
        { key: `${key}.${label}/`, label: labelOf(node, label, nameOf), role: roleOf(node, label) },
        inside(label, region),
        links,
      ),
    )
  if (isNet) return { ...shown, regions: [netRegion(node, key, { inside, nameOf, links }), ...regions] }
  return { ...shown, ...(isDetached(node) ? { look: 'detached' as const } : {}), regions }
}

const isDetached = (node: Node): boolean => node.kind === 'scope' && node.join === 'detached'

function kindOf(node: Node): DrawnKind {
  if (node.kind === 'wait') return node.on.kind === 'signal' ? 'signal' : 'timer'
  return node.kind === 'call' && node.recurs !== undefined ? 'recursion' : node.kind
}

/** Ways that say something even when nothing is done there: that an error is caught, that an arm may win. */
function isTold(node: Node, label: string): boolean {
  switch (node.kind) {
    case 'any':
    case 'race':
    case 'some':
      return true
    case 'attempt':
      return label !== 'body' && label !== 'undo'
    default:
      return false
  }
}

function roleOf(node: Node, label: string): DrawnRegion['role'] {
  if (label === 'undo') return 'undo'
  if (node.kind === 'attempt') return label.startsWith('catch') ? 'rescue' : 'branch'
  return label === 'body' ? 'body' : 'branch'
}

function labelOf(node: Node, label: string, nameOf: NameOf): string {
  switch (node.kind) {
    case 'any': {
      const arm = node.arms[label]
      return arm ? `${label}: if ${exprText(arm.condition, nameOf)}` : label
    }
    case 'attempt': {
      const handler = node.handlers[label === 'catch' ? 0 : Number(label.replace('catch', '')) - 1]
      if (!label.startsWith('catch') || !handler) return label
      return handler.errors.length === 0 ? 'catch' : `catch ${handler.errors.join(', ')}`
    }
    default:
      return label === 'body' ? '' : label
  }
}

type NetNode = Extract<Node, { kind: 'net' }>

/** The net itself: places and transitions beside one another, arcs between them, bodies inside the transitions. */
function netRegion(
  node: NetNode,
  key: string,
  { inside, nameOf, links }: { readonly inside: Enter; readonly nameOf: NameOf; readonly links: DrawnLink[] },
): DrawnRegion {
  const place = (name: string): string => `${key}.(${name})`
  const places = node.places.map(
    (name): DrawnNode => ({ key: place(name), name, kind: 'place', note: '', ...lookOf(node, name), regions: [] }),
  )
  const transitions = node.transitions.map(({ id, guard, body }): DrawnNode => {
    const head = { key: `${key}.${id}/`, label: '', role: 'body' } as const
    return {
      key: `${key}.${id}`,
      name: id,
      kind: 'transition',
      note: guard && !isAlways(guard) ? `if ${exprText(guard, insideOf(nameOf))}` : '',
      regions: body.nodes.length > 0 ? [drawnRegion(body, head, inside(id, body), links)] : [],
    }
  })
  const edges = node.transitions.flatMap(({ id, consumes, produces }) => [
    ...weighted(consumes).map(([name, label]) => ({ from: place(name), to: `${key}.${id}`, ...label })),
    ...weighted(produces).map(([name, label]) => ({ from: `${key}.${id}`, to: place(name), ...label })),
  ])
  return { key: `${key}./`, label: '', role: 'body', nodes: [...places, ...transitions], edges }
}

const isAlways = (guard: Expr): boolean => guard.kind === 'literal' && guard.value === true

function lookOf(node: NetNode, name: string): Pick<DrawnNode, 'look'> {
  const looks = [...(node.start.includes(name) ? ['marked'] : []), ...(node.end === name ? ['last'] : [])]
  return looks.length === 0 ? {} : { look: looks.join(' ') as NonNullable<DrawnNode['look']> }
}

/** An arc for each place, with the number of its tokens where that is not one. */
function weighted(
  places: readonly string[],
): readonly (readonly [place: string, label: { readonly label?: string }])[] {
  const counts = new Map<string, number>()
  for (const name of places) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => [name, count === 1 ? {} : { label: String(count) }])
}
