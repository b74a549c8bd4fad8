/** From what `ensure` was given to the properties of a region: refs and definitions become paths and addresses. */
import { type Expr, type Node, type Path, type Region, regionsOf } from '../core/graph/graph.ts'
import type { Property, StepRef } from '../core/graph/property.ts'
import { pathMark } from '../core/graph/placed.ts'
import { type Position, refuse } from '../util/diagnostic.ts'
import type { Claim, Definition, Operand } from './definition.ts'
import { type Builder, hops, type Target } from './trace.ts'

/** Of a region that has been traced: what its body has claimed, and what is claimed of its workflow. */
export function claimedIn(builder: Builder): Pick<Region, 'properties'> {
  const { claims, definition } = builder
  const said = definition && 'claims' in definition ? definition.claims : undefined
  const all: readonly Claim<Target>[] = said ? [...said, ...claims] : claims
  return all.length === 0 ? {} : { properties: all.map(claim => propertyOf(builder, claim)) }
}

function propertyOf(builder: Builder, { kind, a, b, count, at }: Claim<Target>): Property {
  const refs = (operands: readonly Operand<Target>[]): readonly StepRef[] =>
    operands.map(operand => stepRefOf(builder, operand, at))
  return {
    kind,
    ...(at ? { at } : {}),
    ...(count === undefined ? {} : { count }),
    a: refs(a),
    ...(b ? { b: refs(b) } : {}),
    // Which kinds have which operands is seen to by those who make claims.
  } as Property
}

function stepRefOf(builder: Builder, operand: Operand<Target>, at: Position | undefined): StepRef {
  switch (operand.kind) {
    case 'signal':
      return { kind: 'calls', of: 'signal', name: operand.name() }
    case 'definition':
      return callsOf(builder, operand.definition)
    case 'step':
      return placeOf(builder, operand.target) ?? refuseFar(builder, operand.target, at)
  }
}

function callsOf({ trace: { bindings } }: Builder, definition: Definition): StepRef {
  const { kind, name, address } = definition
  // A call has its workflow's name; all else has an address.
  if (kind === 'workflow') return { kind: 'calls', of: 'workflow', name }
  const known = bindings.addresses.get(definition) ?? address ?? name
  return { kind: 'calls', of: kind === 'flow' ? 'flow' : 'task', name: known }
}

/** Seen from `builder`: a step of it, of a region around it, or of one inside of those. */
function placeOf(builder: Builder, target: Target): StepRef | undefined {
  if (target.kind !== 'node') return undefined
  let path = target.node.id + pathInto(target.node as Node, target.path)
  for (let at: Builder | undefined = target.builder; at; at = at.parent) {
    const up = hops(builder, at)
    if (up !== undefined) return { kind: 'step', path, up }
    const owner = at.owner.node as Node | undefined
    if (owner) path = owner.id + pathMark(owner, labelOf(owner, at)) + path
  }
  return undefined
}

/** A field of what a workflow call gives may be what a step inside of it gives: `/tested`. */
function pathInto(node: Node, path: Path): string {
  if (path.length === 0 || (node.kind !== 'call' && node.kind !== 'scope')) return ''
  const { result, nodes } = node.body
  const found = fieldOf(result, path)
  const inner = found && nodes.find(({ id }) => id === found.node)
  return inner ? pathMark(node, 'body') + inner.id + pathInto(inner, found.path) : ''
}

function fieldOf(result: Expr, path: Path): { readonly node: string; readonly path: Path } | undefined {
  if (result.kind === 'node')
    return result.up === 0 ? { node: result.node, path: [...result.path, ...path] } : undefined
  const [first, ...rest] = path
  const field =
    result.kind === 'record' && typeof first === 'string'
      ? result.fields[first]
      : result.kind === 'list' && typeof first === 'number'
        ? result.items[first]
        : undefined
  return field && fieldOf(field, rest)
}

/** The part of its step that was traced by `builder`; a region may have been made anew since, but its steps have their ids. */
function labelOf(owner: Node, { nodes }: Builder): string {
  const regions = regionsOf(owner)
  const [label] =
    regions.find(([, region]) => region.nodes === nodes) ??
    regions.find(([, region]) => region.nodes.map(({ id }) => id).join() === nodes.map(({ id }) => id).join()) ??
    regions[0] ??
    refuse('NOT_A_STEP', `${owner.name} has no steps inside`)
  return label
}

const refuseFar = (builder: Builder, target: Target, at: Position | undefined): never =>
  refuse(
    'REF_OUT_OF_REGION',
    `ensure() cannot speak of ${target.kind === 'node' ? target.node.name : 'this'}: it belongs to another ${
      target.builder.trace === builder.trace ? 'region' : 'workflow'
    }`,
    {
      ...(at ? { at } : {}),
      hint: 'Pass refs of steps of this body; of what a called workflow does, pass the task, effect or workflow itself.',
    },
  )
