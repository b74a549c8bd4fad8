/**
 * The key of a step: what its result hangs on, as one hash. Two steps with one key would give the same result, so that one
 * may take the other's (DESIGN: code closure, arguments, declared environment).
 */
import type { Bound, ValueRef } from '../core/engine/protocol.ts'
import type { Node, Resource } from '../core/graph/graph.ts'
import type { KeyParts } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { joinPaths } from '../util/join-paths.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import { unreachable } from '../util/unreachable.ts'
import { sha256, whenHere } from '../values/index.ts'

/** The kinds that have keys: those that call a function of the user's. */
export type KeyedNode = Extract<Node, { kind: 'task' | 'effect' | 'service' }>

export interface KeyContext {
  /** Evaluates what is no plain value yet (a path into a value, a `.to`), and gives the ref of what came out. */
  refOf(bound: Bound): ValueRef | Promise<ValueRef>
  readonly env: { readonly [name: string]: string | undefined }
  /** `linux-x64 node20`: another one may give another result. */
  readonly platform: string
  /** Where the run's file lies, seen from what paths in the store are relative to; '' for that very folder. */
  readonly place: string
}

/** Raised whenever keys of the same things change. */
const GENERATION = 1

export function keyParts(
  node: KeyedNode,
  args: readonly Bound[],
  code: Hash,
  context: KeyContext,
): KeyParts | Promise<KeyParts> {
  const env = node.policy.env ? envOf(node.policy.env, context) : NO_ENV
  const where = whereOf(node, context)
  // A loop, and no closure: a run of 70,000 steps asks so often.
  const hashes: (Hash | Promise<Hash>)[] = []
  let waits = false
  for (const arg of args) {
    const hash = hashOf(arg, context)
    waits ||= typeof hash !== 'string'
    hashes.push(hash)
  }
  if (waits) return Promise.all(hashes).then(known => ({ code, args: known, env, where }))
  return { code, args: hashes as readonly Hash[], env, where }
}

const NO_ENV: KeyParts['env'] = {}

const envOf = (names: readonly string[], { env }: KeyContext): KeyParts['env'] =>
  Object.fromEntries(names.map(name => [name, envHash(env[name])]))

export const keyOf = (parts: KeyParts): Hash => sha256(`${GENERATION}${canonicalJson(parts as unknown as Json)}`)

const envHash = (value: string | undefined): Hash | null => (value === undefined ? null : sha256(value))

/**
 * Its folder is part of it: the same command means something else elsewhere. So is how its inputs are known, and that it is
 * an effect, whose result is no task's.
 */
function whereOf({ kind, dir = '', policy }: KeyedNode, { platform, place }: KeyContext): string {
  if (kind === 'task' && dir === '' && place === '' && policy.inputs === undefined) return platform
  const inputs = policy.inputs === undefined ? '' : ` ${policy.inputs.kind}`
  const folder = dir === '' && place === '' ? '' : ` ${joinPaths(place, dir)}`
  return `${kind === 'task' ? '' : `${kind} `}${platform}${folder}${inputs}`
}

function hashOf(bound: Bound, context: KeyContext): Hash | Promise<Hash> {
  switch (bound.kind) {
    case 'literal':
      return sha256(canonicalJson(bound.value))
    case 'value':
      return bound.path.length === 0 ? refHash(bound.value) : whenHere<ValueRef, Hash>(context.refOf(bound), refHash)
    case 'apply':
      return whenHere<ValueRef, Hash>(context.refOf(bound), refHash)
    case 'record':
      return joined(Object.keys(bound.fields), Object.values(bound.fields), context)
    case 'list':
      return joined([], bound.items, context)
    case 'resource':
      return sha256(resourceText(bound.resource, context))
    default:
      return unreachable(bound)
  }
}

function joined(names: readonly string[], inner: readonly Bound[], context: KeyContext): Hash | Promise<Hash> {
  const hashes = inner.map(each => hashOf(each, context))
  const join = (known: readonly Hash[]): Hash => sha256(JSON.stringify([names, known]))
  return hashes.some(each => each instanceof Promise) ? Promise.all(hashes).then(join) : join(hashes as readonly Hash[])
}

/** Equal bytes of two codecs are two values. Of outputs, whoever made them, the place and the content count. */
const refHash = ({ codec, hash }: ValueRef): Hash => `${codec}:${hash}`

function resourceText(resource: Resource, { place }: KeyContext): string {
  switch (resource.kind) {
    case 'output':
      return `output ${joinPaths(place, resource.path)}`
    // Not its value: that is nobody's business, and changes without a change of what is made.
    case 'secret':
      return `secret ${resource.name}`
    case 'port':
      return `port ${resource.name}`
    default:
      return unreachable(resource)
  }
}
