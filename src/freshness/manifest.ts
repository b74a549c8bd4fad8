/**
 * All that a run hung on and all that it wrote, as one file: whoever finds all of it as it was need not run, nor even load the
 * user's file. This module knows nothing but `node:fs`, since it is what a null run consists of.
 *
 *   N1. A manifest is fresh only if a run with the same words would take every result from another run.
 *   N2. A stamp in it is that of the very content that the run saw; what could have changed within one tick of the clock has
 *       its hash beside it, and is read again.
 *   N3. One that is damaged, of another version, or of other words is none.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Manifest extends ManifestHead {
  /** Absolute, or relative to `folder`. */
  readonly paths: readonly string[]
  /** Four for each path: mtimeMs, ctimeMs, size, ino. */
  readonly stamps: Float64Array
}

export interface ManifestHead {
  /** Of Tutti, and of this format. */
  readonly version: string
  /** The words of the command and where they were said. */
  readonly words: readonly string[]
  readonly cwd: string
  readonly folder: string
  readonly run: string
  readonly steps: number
  /** What the run printed on stdout. */
  readonly output: string
  /** Name, and a mark of the value; null: not set. */
  readonly env: readonly (readonly [name: string, mark: string | null])[]
  /** Paths at which nothing was. */
  readonly absent: readonly string[]
  /** After it the run would see something else. */
  readonly untilMs?: number
  /** Before it, too: a clock that went back. */
  readonly fromMs?: number
  /** Indices of paths that must be read again, with what they held. */
  readonly racy: readonly (readonly [index: number, hash: string, kind: 'file' | 'folder'])[]
}

const FORMAT = 'tutti manifest 1\n'
const NUMBERS = 4

export function writeManifest(file: string, { paths, stamps, ...head }: Manifest): void {
  const [json, text] = [Buffer.from(JSON.stringify(head)), Buffer.from(paths.join('\0'))]
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32LE(json.length, 0)
  sizes.writeUInt32LE(text.length, 4)
  const numbers = Buffer.from(stamps.buffer, stamps.byteOffset, stamps.byteLength)
  const mark = Buffer.from(markOf(json.toString('latin1')))
  const draft = `${file}.${process.pid}`
  mkdirSync(dirname(file), { recursive: true })
  try {
    writeFileSync(draft, Buffer.concat([Buffer.from(FORMAT), mark, sizes, numbers, json, text]))
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** undefined: there is none, or it cannot be trusted (N3). */
export function readManifest(file: string): Manifest | undefined {
  try {
    const bytes = readFileSync(file)
    const start = FORMAT.length + MARK_LENGTH
    if (bytes.toString('latin1', 0, FORMAT.length) !== FORMAT) return undefined
    const [jsonLength, textLength] = [bytes.readUInt32LE(start), bytes.readUInt32LE(start + 4)]
    const numbersLength = bytes.length - start - 8 - jsonLength - textLength
    const jsonAt = start + 8 + numbersLength
    if (
      markOf(bytes.toString('latin1', jsonAt, jsonAt + jsonLength)) !== bytes.toString('latin1', FORMAT.length, start)
    )
      return undefined
    const head = JSON.parse(bytes.toString('utf8', jsonAt, jsonAt + jsonLength)) as ManifestHead
    const text = bytes.toString('utf8', jsonAt + jsonLength)
    const paths = text === '' ? [] : text.split('\0')
    if (numbersLength !== paths.length * NUMBERS * 8) return undefined
    // A copy: doubles must be aligned.
    const numbers = bytes.buffer.slice(bytes.byteOffset + start + 8, bytes.byteOffset + jsonAt)
    return { ...head, paths, stamps: new Float64Array(numbers) }
  } catch {
    return undefined
  }
}

export interface World {
  readonly version: string
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: { readonly [name: string]: string | undefined }
  readonly nowMs: number
}

export type Check =
  | { readonly kind: 'fresh' }
  /** But for these, which must be read to be known. */
  | { readonly kind: 'racy'; readonly racy: ManifestHead['racy'] }
  | { readonly kind: 'changed'; readonly what: string }

/** Stats everything; reads nothing. */
export function checkManifest(manifest: Manifest, world: World): Check {
  const { version, words, cwd, folder, env, absent, untilMs, fromMs, racy, paths, stamps } = manifest
  if (version !== world.version) return changed('the version of Tutti')
  if (cwd !== world.cwd || words.length !== world.words.length || words.some((word, i) => word !== world.words[i]))
    return changed('the command')
  if ((untilMs !== undefined && world.nowMs >= untilMs) || (fromMs !== undefined && world.nowMs < fromMs))
    return changed('the time')
  for (const [name, mark] of env) if (envMark(world.env[name]) !== mark) return changed(`$${name}`)
  const prefix = `${folder}/`
  for (let index = 0; index < paths.length; index += 1) {
    const path = paths[index] as string
    if (!hasStamp(path.startsWith('/') ? path : prefix + path, stamps, index * NUMBERS)) return changed(path)
  }
  for (const path of absent) if (exists(path.startsWith('/') ? path : prefix + path)) return changed(path)
  return racy.length > 0 ? { kind: 'racy', racy } : { kind: 'fresh' }
}

const changed = (what: string): Check => ({ kind: 'changed', what })

function hasStamp(path: string, stamps: Float64Array, at: number): boolean {
  try {
    const stats = statSync(path, THROW_NOTHING)
    return (
      stats !== undefined &&
      stats.mtimeMs === stamps[at] &&
      stats.ctimeMs === stamps[at + 1] &&
      stats.size === stamps[at + 2] &&
      stats.ino === stamps[at + 3]
    )
  } catch {
    return false
  }
}

const THROW_NOTHING = { throwIfNoEntry: false } as const

function exists(path: string): boolean {
  try {
    return statSync(path, THROW_NOTHING) !== undefined
  } catch {
    // Under a file, or a loop of links: still nothing to read.
    return false
  }
}

export const envMark = (value: string | undefined): string | null => (value === undefined ? null : markOf(value))

/** Where the manifest of a command lies, in the folder of its store. */
export const manifestName = (words: readonly string[], cwd: string): string =>
  `${markOf(JSON.stringify([words, cwd]))}.run`

const MARK_LENGTH = 16

/** 64 bits of FNV-1a in two halves: it tells accidents apart, and costs no library at the start. */
function markOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0xcbf29ce4]
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ (unit + (low >>> 13)), 0x01000193)
  }
  return hex(low) + hex(high)
}

const hex = (number: number): string => (number >>> 0).toString(16).padStart(8, '0')
