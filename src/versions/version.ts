/**
 * What a published version is: all that makes its runs what they are, so that they can be had again when the file has changed
 * or gone.
 *
 *   V1. The hash of a version is that of its face: positions, comments and formatting are in none.
 *   V2. A version never changes once it is published, and its number names nothing else.
 */
import type { Graph } from '../core/graph/graph.ts'
import { canonicalGraph } from '../core/graph/identity.ts'
import { type Hash, hashText } from '../util/hash.ts'
import { canonicalJson, type Json } from '../util/json.ts'

/** What two versions are told apart by. */
export interface Face {
  /** Without positions. */
  readonly graph: Graph
  /** Of tasks, effects, services, flows by address, and of pure functions by id; null: it closes over a variable. */
  readonly code: { readonly [address: string]: Hash | null }
  /** By the same names, where something declares them. */
  readonly signatures: { readonly [address: string]: Signature }
  /** What the workflow gives, as JSON Schema; `{}` is unknown. */
  readonly result: Json
  /** What the code imports, and what that needs, by name. */
  readonly packages: readonly Package[]
}

/** JSON Schemas; `{}` is unknown. */
export interface Signature {
  readonly parameters: readonly Json[]
  readonly result: Json
}

export interface Package {
  readonly name: string
  readonly version: string
  /** As the lock has it (`sha512-…`). */
  readonly integrity?: string
}

/** What a version keeps beside its face. `Code`: the modules, in the loader's own form. */
export interface Contents<Code = Json> {
  readonly v: 1
  readonly face: Face
  readonly code: Code
  /** What the workflow's sources were when it was published. */
  readonly sources: readonly SourceFact[]
}

/** One file or variable that the workflow takes in; a folder only where nothing in it would tell of it. */
export interface SourceFact {
  /** Path of the step that takes it in, as ids have it. */
  readonly step: string
  readonly kind: 'file' | 'folder' | 'env'
  /** Relative to the folder of the workflow's file; a variable's name. */
  readonly name: string
  /** Of its content; null: it was not there, or it is a folder. */
  readonly hash: Hash | null
  readonly executable?: true
  /** Whether the content is kept as a blob under that hash. */
  readonly kept: boolean
}

/** What lists show of a version; small. */
export interface Facts {
  readonly message?: string
  readonly commit?: { readonly id: string; readonly clean: boolean }
  readonly channel: string
  /** `v20.19.2`, `linux-x64`: where it was published. */
  readonly node: string
  readonly platform: string
  /** As runs have them. */
  readonly graph: Hash
  readonly bundle: Hash
  /** Of all of `Face.packages`. */
  readonly packages: Hash
  /** The version that it was compared with; absent: it is the first. */
  readonly since?: string
  readonly bump: Bump | 'first'
  /** Why it has this number, a line each. */
  readonly changes: readonly string[]
  /** Declared at publishing: path in the version before, path in this one. */
  readonly renamed?: { readonly [before: string]: string }
}

export type Bump = 'major' | 'minor' | 'patch'

/** V1. */
export const versionHash = ({ graph, code, signatures, result, packages }: Face): Hash =>
  hashText(
    canonicalJson([canonicalGraph({ ...graph, reads: [] }), code, signatures, result, packages] as unknown as Json),
  )

export const encodeContents = (contents: Contents): Uint8Array => new TextEncoder().encode(JSON.stringify(contents))
export const decodeContents = (bytes: Uint8Array): Contents => JSON.parse(new TextDecoder().decode(bytes)) as Contents
