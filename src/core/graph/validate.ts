/**
 * The one validator that every language's graph passes. It reports everything that is wrong, in the order of the text.
 *
 * Codes: GRAPH_VERSION, GRAPH_TOO_DEEP, DUPLICATE_ID, BAD_ID, DANGLING_REF, UNDO_OPEN; and those of the files
 * beside this one, each for its concept: arms, numbers, free-net, surroundings, milestones, properties, cycles, outputs.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { checkArms } from './arms.ts'
import { checkCycles } from './cycles.ts'
import { eachReferenceIn, insideExpressions, ownExpressions } from './dependencies.ts'
import { checkNet } from './free-net.ts'
import { type Expr, type Graph, type Node, type Region, regionsOf } from './graph.ts'
import { checkMilestones } from './milestones.ts'
import { checkDeadline, checkNumbers } from './numbers.ts'
import { checkOutputs } from './outputs.ts'
import { dangling, problem } from './problem.ts'
import { checkProperties } from './properties.ts'
import { type Around, checkSurroundings, heldInside } from './surroundings.ts'

/** Regions nested deeper are a mistake, and what walks them recurses. */
const REGION_DEPTH_MAX = 250

/** Empty when the graph can run. */
export function validateGraph(graph: Graph): readonly Diagnostic[] {
  if (graph.version !== 1) return [versionProblem(graph)]
  const deep = tooDeep(graph.root)
  if (deep) return [deep]
  const found: Diagnostic[] = []
  checkDeadline(graph, found)
  checkRegion({ owner: undefined, levels: [levelOf(graph.root)], around: [outermost(graph.root)] }, found)
  checkOutputs(graph.root, found)
  return found
}

const versionProblem = (graph: Graph): Diagnostic => ({
  code: 'GRAPH_VERSION',
  severity: 'error',
  message: `Graph ${graph.name} has version ${String(graph.version)}; this Tutti reads version 1`,
  hint: 'Use the version of Tutti that wrote it, or a newer one.',
})

/** The first node that lies too deep. Iterative, so that it can be asked of any graph. */
function tooDeep(root: Region): Diagnostic | undefined {
  const pending: (readonly [region: Region, depth: number])[] = [[root, 0]]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [region, depth] = next
    for (const node of region.nodes) {
      const nested = regionsOf(node)
      if (nested.length > 0 && depth === REGION_DEPTH_MAX) {
        return problem(
          'GRAPH_TOO_DEEP',
          node,
          `${node.name} is nested more than ${REGION_DEPTH_MAX} regions deep`,
          'Move inner parts into a flow, which is not traced.',
        )
      }
      for (const [, inner] of nested) pending.push([inner, depth + 1])
    }
  }
  return undefined
}

/** What can be seen in a region. */
interface Level {
  readonly nodes: ReadonlySet<string>
  readonly params: ReadonlySet<string>
}

/** Where a region stands: the node that it is part of, and what can be seen there, innermost (its own) first. */
interface Place {
  readonly owner: Node | undefined
  readonly levels: readonly Level[]
  readonly around: readonly Around[]
  /** The node whose undo this is, or is part of. */
  readonly undoOf?: Node
}

const levelOf = ({ nodes, params }: Region): Level => ({
  nodes: new Set(nodes.map(node => node.id)),
  params: new Set(params),
})

const outermost = (region: Region, held: ReadonlySet<string> = NOTHING): Around => ({ region, part: undefined, held })

const NOTHING: ReadonlySet<string> = new Set()

function checkRegion(place: Place, found: Diagnostic[]): void {
  const { owner, around } = place
  const { region } = around[0]!
  const ids = new Set<string>()
  for (const node of region.nodes) {
    checkId(node, ids, found)
    checkNode(node, place, found)
    for (const [label, nested] of regionsOf(node)) checkRegion(placeInside(node, label, nested, place), found)
  }
  checkReferences(region.result, { ...place, node: owner }, found)
  checkMilestones(region, found)
  checkProperties(
    around.map(each => each.region),
    owner,
    found,
  )
  checkCycles(region, found)
}

function placeInside(node: Node, label: string, region: Region, { levels, around, undoOf }: Place): Place {
  const held = around[0]?.held ?? NOTHING
  // An undo outlives what is around it: nothing of that can be seen.
  if (region === node.undo?.body)
    return { owner: node, levels: [levelOf(region)], around: [outermost(region, held)], undoOf: node }
  const inner: Around = { region, part: { owner: node, label }, held: heldInside(node, held) }
  return {
    owner: node,
    levels: [levelOf(region), ...levels],
    around: [inner, ...around],
    ...(undoOf ? { undoOf } : {}),
  }
}

function checkNode(node: Node, place: Place, found: Diagnostic[]): void {
  checkNumbers(node, found)
  checkArms(node, found)
  if (node.kind === 'net') checkNet(node, found)
  checkSurroundings(node, place.around, found)
  const { levels } = place
  for (const id of node.after) if (!levels[0]?.nodes.has(id)) found.push(dangling(node, `the step ${id}`))
  for (const expr of ownExpressions(node)) checkReferences(expr, { ...place, node }, found)
  for (const { expr, region } of insideExpressions(node))
    checkReferences(
      expr,
      { ...place, node, levels: [{ nodes: NOTHING, params: new Set(region.params) }, ...levels] },
      found,
    )
}

function checkId(node: Node, ids: Set<string>, found: Diagnostic[]): void {
  if (ids.has(node.id))
    found.push(
      problem('DUPLICATE_ID', node, `Two steps of one region have the id ${node.id}`, 'Give one of them another name.'),
    )
  if (!/^[^/[\].\u0000-\u001f]+$/.test(node.id)) {
    found.push(
      problem(
        'BAD_ID',
        node,
        `${JSON.stringify(node.id)} cannot be a step's id`,
        'Ids have no / [ ] . or control characters.',
      ),
    )
  }
  ids.add(node.id)
}

/** `node` holds the expression; undefined for the result of the whole graph. */
function checkReferences(
  expr: Expr,
  { levels, undoOf, node }: Pick<Place, 'levels' | 'undoOf'> & { readonly node: Node | undefined },
  found: Diagnostic[],
): void {
  eachReferenceIn(expr, reference => {
    const level = levels[reference.up]
    const known = reference.kind === 'param' ? level?.params.has(reference.param) : level?.nodes.has(reference.node)
    if (known) return
    const what = reference.kind === 'param' ? `the parameter ${reference.param}` : `the step ${reference.node}`
    found.push(undoOf && !level ? openUndo(undoOf, what) : dangling(node, what))
  })
}

const openUndo = (node: Node, what: string): Diagnostic =>
  problem(
    'UNDO_OPEN',
    node,
    `The undo of ${node.name} uses ${what} from around it, which may be gone by then`,
    'Capture it: what an undo needs is bound when its step succeeds.',
  )
