/**
 * Which steps the claims of a graph mean, and the claims that mean none.
 *
 *   G10. A claim means steps of the region that it stands in, of those in there, and of those around it: what it says of a
 *        definition it says of all its calls below that region.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import { type Graph, type Node, type Region, regionsOf } from './graph.ts'
import { operandsOf, type Property, type StepRef } from './property.ts'
import { pathMark } from './placed.ts'
import { stepPaths } from './rename.ts'

/** A property where it stands, with the steps that it means. */
export interface PlacedProperty {
  readonly property: Property
  /** Path of the region (`ci/`); empty for the outermost. */
  readonly around: string
  /** For each operand, the paths of its steps from the outermost region on. */
  readonly meant: readonly (readonly string[])[]
  /** Flows below the region, in which a definition may be called that nobody sees; empty when only steps are named. */
  readonly flows: readonly string[]
}

/** All that is claimed in a graph that has passed the validator. */
export function placedProperties({ root }: Pick<Graph, 'root'>): readonly PlacedProperty[] {
  const found: PlacedProperty[] = []
  visit([{ region: root, path: '' }], found)
  return found
}

/** A region and the path that leads to it. */
interface Level {
  readonly region: Region
  readonly path: string
}

/** `levels`: innermost first. */
function visit(levels: readonly Level[], found: PlacedProperty[]): void {
  const { region, path } = levels[0]!
  for (const property of region.properties ?? []) found.push(placed(property, levels))
  for (const node of region.nodes)
    for (const [label, inner] of regionsOf(node)) {
      const level = { region: inner, path: path + node.id + pathMark(node, label) }
      visit(inner === node.undo?.body ? [level] : [level, ...levels], found)
    }
}

function placed(property: Property, levels: readonly Level[]): PlacedProperty {
  const { region, path } = levels[0]!
  const operands = operandsOf(property)
  const namesCalls = operands.some(steps => steps.some(ref => ref.kind === 'calls'))
  return {
    property,
    around: path,
    meant: operands.map(steps => [
      ...new Set(
        steps.flatMap(ref => {
          const level = ref.kind === 'calls' ? levels[0] : levels[ref.up]
          return level ? stepsMeant(level.region, ref).map(inner => level.path + inner) : []
        }),
      ),
    ]),
    flows: namesCalls ? flowsIn(region).map(inner => path + inner) : [],
  }
}

/** Paths from the region on. */
function stepsMeant(region: Region, ref: StepRef): readonly string[] {
  const found: string[] = []
  for (const { around, node } of stepPaths(region))
    if (isMeant(ref, around + node.id, node)) found.push(around + node.id)
  return found
}

const flowsIn = (region: Region): readonly string[] =>
  [...stepPaths(region)].flatMap(({ around, node }) => (node.kind === 'flow' ? [around + node.id] : []))

function isMeant(ref: StepRef, path: string, node: Node): boolean {
  if (ref.kind === 'step') return ref.path === path
  const callee = calleeOf(node)
  return callee !== undefined && callee.of === ref.of && callee.name === ref.name
}

/** What a step calls, as a claim names it. */
function calleeOf(node: Node): Omit<Extract<StepRef, { kind: 'calls' }>, 'kind'> | undefined {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'service':
      return { of: 'task', name: node.task }
    case 'source':
      return node.source.kind === 'function' ? { of: 'task', name: node.source.task } : undefined
    case 'flow':
      return { of: 'flow', name: node.flow }
    case 'call':
      return { of: 'workflow', name: node.workflow }
    case 'wait':
      return node.on.kind === 'signal' ? { of: 'signal', name: node.on.signal } : undefined
    default:
      return undefined
  }
}

/** `around`: regions from the property's own, which is `owner`'s, outwards; at the body of an undo they end. Code: PROPERTY_UNKNOWN_STEP. */
export function checkProperties(around: readonly Region[], owner: Node | undefined, found: Diagnostic[]): void {
  const region = around[0]!
  for (const [index, property] of (region.properties ?? []).entries())
    for (const ref of operandsOf(property).flat()) {
      const within = ref.kind === 'calls' ? region : around[ref.up]
      if (within && stepsMeant(within, ref).length > 0) continue
      // Who knows what a flow calls.
      if (ref.kind === 'calls' && flowsIn(region).length > 0) continue
      found.push(unknownStep(property, `properties[${index}] of ${owner?.id ?? 'the root'}`, ref, within))
    }
}

function unknownStep({ kind, at }: Property, where: string, ref: StepRef, within: Region | undefined): Diagnostic {
  const known = within ? [...stepPaths(within)] : []
  const names =
    ref.kind === 'step'
      ? known.map(({ around, node }) => around + node.id)
      : known.flatMap(({ node }) => {
          const callee = calleeOf(node)
          return callee ? [callee.name] : []
        })
  const name = ref.kind === 'step' ? ref.path : ref.name
  const near = nearestName(name, [...new Set(names)])
  // Graphs that nobody wrote in a file have no positions.
  const which = at ? `A property (${kind})` : `${where} (${kind})`
  return {
    code: 'PROPERTY_UNKNOWN_STEP',
    severity: 'error',
    message:
      ref.kind === 'step'
        ? `${which} speaks of the step ${name}, which is not there`
        : `${which} speaks of ${name}, which is never called here`,
    hint:
      near === undefined
        ? 'Name a step of this body, or something that it or a workflow that it calls does call.'
        : `Did you mean ${near}?`,
    ...(at ? { at } : {}),
  }
}
