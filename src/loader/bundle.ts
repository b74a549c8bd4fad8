/**
 * A file and all that it imports locally, ready to run anywhere: plain JSON, addressed by its content.
 *
 *   B1. Paths are relative to the entry's folder, with `/`; no absolute path of a machine is inside.
 *   B2. Equal sources give equal bytes.
 */
import { createHash } from 'node:crypto'
import { refuse, type Position } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { ModuleCells } from './closure/cells.ts'
import { lastNotAfter } from '../util/sorted.ts'
import type { EditMap } from './instrument/edits.ts'
import { lineStarts, placeOf } from './instrument/lines.ts'
import type { Links } from './instrument/link.ts'
import type { CallSite } from './instrument/sites.ts'

export interface Bundle {
  readonly version: 1
  /** Key of the module that was asked for. */
  readonly entry: string
  readonly modules: { readonly [path: string]: BundledModule }
}

export type BundledModule = ScriptModule | JsonModule | TextModule | NativeModule

export interface ScriptModule {
  readonly kind: 'script'
  /** As the user wrote it. */
  readonly source: string
  /** A function body that the linker runs. */
  readonly code: string
  /** From offsets in `code` to offsets in the source, or in the lowered text. */
  readonly map: EditMap
  readonly links: Omit<Links, 'prologue'>
  readonly sites: readonly CallSite[]
  /** What its functions reach. */
  readonly closures: ModuleCells
  readonly targets: { readonly [specifier: string]: Target }
  /** The loader wrote it, to stand before a file of another language: it is on no disk. */
  readonly made?: true
  /** Present when syntax had to be lowered: `[offset, line, column]`, flat, from the lowered text to the source. */
  readonly lowered?: readonly number[]
}

export interface JsonModule {
  readonly kind: 'json'
  readonly source: string
}

/** What another language is written in: whose meaning is not the loader's. */
export interface TextModule {
  readonly kind: 'text'
  readonly source: string
}

/** Node loads it from its file: CommonJS, or a binary. */
export interface NativeModule {
  readonly kind: 'native'
  readonly hash: Hash
  /** Of all local files that it requires, itself included; absent: of it alone. */
  readonly reach?: Hash
  /** These files, as seen from its folder; absent: they are too large to be kept. */
  readonly files?: { readonly [path: string]: KeptFile }
}

/** Its text, where it is text. */
export type KeptFile = string | { readonly base64: string }

/** What a specifier means. */
export type Target =
  /** `as: 'text'`: its text, whatever it is. */
  | { readonly kind: 'local'; readonly path: string; readonly as?: 'text' }
  | { readonly kind: 'builtin'; readonly name: string }
  /** The package of the running program, so that the user's file shares its instance. */
  | { readonly kind: 'tutti'; readonly name: string }
  | {
      readonly kind: 'package'
      readonly name: string
      readonly version: string
      readonly path: string
      /** Of its files, where the version does not say what they are: see ./resolve.ts. */
      readonly content?: Hash
    }

/** Bundles are JSON by construction, which an interface without index signature cannot say. */
const asJson = (bundle: Bundle): Json => bundle as unknown as Json

export const encodeBundle = (bundle: Bundle): Uint8Array => new TextEncoder().encode(canonicalJson(asJson(bundle)))

/** SHA-256 of the bytes: what `hashBytes` gives, by the machine's own implementation. */
export const hashBundle = (bundle: Bundle): Hash => createHash('sha256').update(encodeBundle(bundle)).digest('hex')

/** A bundle from its bytes, or BUNDLE_DAMAGED. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  try {
    const bundle = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Bundle>
    if (bundle.version === 1 && typeof bundle.entry === 'string' && bundle.modules?.[bundle.entry])
      return bundle as Bundle
  } catch {
    // Not JSON: the refusal below says all that there is to say.
  }
  refuse('BUNDLE_DAMAGED', 'The bundle of this run cannot be read', {
    hint: 'Run with --latest to use the file as it is today.',
  })
}

/** Whether it stands for no file of the user's. */
export const isMade = (module: { readonly kind: string; readonly made?: true }): boolean => module.made === true

/** A function from offsets, as sites and guards give them, to positions in the user's file. */
export function createPositions(
  path: string,
  { source, lowered }: Pick<ScriptModule, 'source' | 'lowered'>,
): (offset: number) => Position {
  if (lowered) return offset => ({ file: path, ...loweredPlace(lowered, offset) })
  let starts: readonly number[] | undefined
  return offset => ({ file: path, ...placeOf((starts ??= lineStarts(source)), offset) })
}

function loweredPlace(places: readonly number[], offset: number): { readonly line: number; readonly column: number } {
  const offsets = places.filter((_, index) => index % 3 === 0)
  if (offsets.length === 0) return { line: 1, column: 1 }
  const at = lastNotAfter(offsets, offset) * 3
  return { line: places[at + 1]!, column: places[at + 2]! }
}
