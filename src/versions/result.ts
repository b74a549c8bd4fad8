/**
 * What a workflow gives, as JSON Schema: its result is an expression over what its steps give, whose types are declared, or
 * known by the kind of node. What is not known is `{}`.
 */
import type { Expr, Node, Path, Region } from '../core/graph/graph.ts'
import type { Json } from '../util/json.ts'
import { hoisted, partOf } from './defs.ts'
import type { Signature } from './version.ts'

/** By the name that nodes have it under. */
export type Signatures = { readonly [address: string]: Signature }

type Schema = { readonly [keyword: string]: Json | undefined }

/** `params`: types of what the region is given, where they are known. */
export function resultOf(region: Region, signatures: Signatures, params: { readonly [name: string]: Json } = {}): Json {
  return hoisted(typeOf(region.result, [{ region, params }], signatures))
}

interface Frame {
  readonly region: Region
  readonly params: { readonly [name: string]: Json }
}

const UNKNOWN: Schema = {}
/** How deep calls are followed: what recurs has no end. */
const DEPTH_MAX = 64

function typeOf(expr: Expr, frames: readonly Frame[], signatures: Signatures): Json {
  const inner = (each: Expr): Json => typeOf(each, frames, signatures)
  switch (expr.kind) {
    case 'literal':
      return ofLiteral(expr.value)
    case 'record': {
      const names = Object.keys(expr.fields)
      const properties = Object.fromEntries(names.map(name => [name, inner(expr.fields[name] as Expr)]))
      return { type: 'object', properties, required: names }
    }
    case 'list':
      return { type: 'array', prefixItems: expr.items.map(inner) }
    case 'param':
      return within(frames[expr.up]?.params[expr.param] ?? UNKNOWN, expr.path)
    case 'node': {
      const node = frames[expr.up]?.region.nodes.find(({ id }) => id === expr.node)
      return node && frames.length < DEPTH_MAX
        ? within(typeOfNode(node, frames.slice(expr.up), signatures), expr.path)
        : UNKNOWN
    }
    case 'apply':
      return within(signatures[expr.fn]?.result ?? UNKNOWN, expr.path)
    case 'resource':
      return UNKNOWN
  }
}

function typeOfNode(node: Node, frames: readonly Frame[], signatures: Signatures): Json {
  const inside = (region: Region, params: Frame['params'] = {}): Json =>
    typeOf(region.result, [{ region, params }, ...frames], signatures)
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'service':
      return signatures[node.task]?.result ?? UNKNOWN
    case 'flow':
      return signatures[node.flow]?.result ?? UNKNOWN
    case 'call': {
      if (node.recurs !== undefined) return UNKNOWN
      const args = Object.entries(node.args).map(([name, arg]) => [name, typeOf(arg, frames, signatures)] as const)
      return inside(node.body, Object.fromEntries(args))
    }
    case 'scope':
      return node.until === undefined ? inside(node.body) : UNKNOWN
    case 'each':
      return node.until || node.tolerate ? { type: 'array' } : { type: 'array', items: inside(node.body) }
    case 'when':
      return either([inside(node.then), inside(node.otherwise)])
    case 'match':
      return node.otherwise
        ? either([...Object.values(node.arms), node.otherwise].map(arm => inside(arm)))
        : either(Object.values(node.arms).map(arm => inside(arm)))
    case 'wait':
      return node.on.kind === 'signal' ? node.on.type : UNKNOWN
    default:
      return UNKNOWN
  }
}

/** A value that may be any of these. What is unknown in one is unknown. */
function either(types: readonly Json[]): Json {
  const texts = new Map(types.map(type => [JSON.stringify(type), type]))
  const [only] = texts.values()
  return texts.size === 1 && only !== undefined ? only : texts.has('{}') ? UNKNOWN : { anyOf: [...texts.values()] }
}

function within(type: Json, path: Path): Json {
  let at: Json = type
  for (const key of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return UNKNOWN
    const schema = at as Schema
    const part = typeof key === 'number' ? itemOf(schema, key) : fieldOf(schema, key)
    if (part === undefined) return UNKNOWN
    at = partOf(schema, part)
  }
  return at
}

const itemOf = ({ prefixItems, items }: Schema, index: number): Json | undefined =>
  (Array.isArray(prefixItems) ? (prefixItems as readonly Json[])[index] : undefined) ?? items

function fieldOf({ properties, required }: Schema, name: string): Json | undefined {
  const isSure = Array.isArray(required) && (required as readonly Json[]).includes(name)
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return undefined
  return isSure && Object.hasOwn(properties, name) ? (properties as Schema)[name] : undefined
}

/** Tagged values (dates and the like) are records of one field whose name says so: nothing is claimed of them. */
function ofLiteral(value: Json): Json {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return { type: typeof value }
    default:
      return value === null ? { type: 'null' } : UNKNOWN
  }
}
