/** What stands in stored values for files and folders: found wherever it stands, and shown as the path that a checkout has it under. */
import type { ValueRef } from '../../core/index.ts'
import type { Blobs } from '../../store/index.ts'
import type { Json } from '../../util/json.ts'
import { sha256 } from '../../values/index.ts'
import { nestedRefs } from '../../values/json.ts'
import type { Kept } from '../../values/outputs.ts'
import { safePart } from './names.ts'

/** The folder of a checkout in which files lie. */
export const FILES = 'files'

/** A file or folder that a step made, as it was kept. */
export interface KeptHandle {
  /** In `files`, with `/`: as in the project, but for what would lead out of it. */
  readonly path: string
  readonly shape: Kept['shape']
}

const KEPT: ReadonlySet<string> = new Set(['output', 'dir', 'file'])
const HANDLES: ReadonlySet<string> = new Set([...KEPT, 'files'])

/** The handle's text, or the value's. Refuses as blobs do. */
export const textOf = async ({ inline, hash }: ValueRef, blobs: Blobs): Promise<string> =>
  inline ?? Buffer.from(await blobs.get(hash)).toString('utf8')

/** All that stand in a value, itself included. Larger values are not looked into: they would fill the memory. */
export async function keptIn(ref: ValueRef, blobs: Blobs, bytesMax: number): Promise<readonly KeptHandle[]> {
  if (KEPT.has(ref.codec)) {
    const kept = parseKept(await textOf(ref, blobs))
    return kept ? [kept] : []
  }
  if (ref.codec !== 'json' || ref.sizeBytes > bytesMax) return []
  const inner = nestedRefs(await textOf(ref, blobs))
  return (await Promise.all(inner.map(each => keptIn(each, blobs, bytesMax)))).flat()
}

/** undefined: it is a source, the user's own. */
function parseKept(text: string): KeptHandle | undefined {
  const kept = JSON.parse(text) as Partial<Kept>
  if (!kept.shape || !kept.place) return undefined
  const path =
    kept.place.kind === 'project' ? kept.place.path : `.tutti/restored/${sha256(text).slice(0, 16)}/${kept.place.name}`
  return { path: partsOf(path).join('/'), shape: kept.shape }
}

/** Names of a stored path; those that would lead up are escaped. */
export const partsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .map(safePart)

/** Plain JSON of a stored value, as `tutti run` prints it; files as paths in the checkout, sources as paths in the project. */
export async function shownJson(ref: ValueRef, blobs: Blobs): Promise<Json> {
  const text = await textOf(ref, blobs)
  if (HANDLES.has(ref.codec)) return shownHandle(text)
  const texts = new Map<string, string>()
  for (const inner of nestedRefs(text)) if (HANDLES.has(inner.codec)) texts.set(inner.hash, await textOf(inner, blobs))
  return shown(JSON.parse(text) as Json, texts) ?? null
}

function shown(json: Json, texts: ReadonlyMap<string, string>): Json | undefined {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return (json as readonly Json[]).map(each => shown(each, texts) ?? null)
  const fields = Object.entries(json as { readonly [name: string]: Json })
  const [tag, body] = fields.length === 1 ? (fields[0] ?? []) : []
  if (tag === '$undefined') return undefined
  if (tag === '$value') return shownInner(body as unknown as ValueRef, texts)
  return Object.fromEntries(
    fields.flatMap(([name, field]) => {
      const value = shown(field, texts)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** One of a codec of the user's stays named by its address. */
function shownInner(ref: ValueRef, texts: ReadonlyMap<string, string>): Json {
  const text = texts.get(ref.hash)
  return text === undefined
    ? { $value: { codec: ref.codec, hash: ref.hash, sizeBytes: ref.sizeBytes } }
    : shownHandle(text)
}

type KeptFiles = readonly (readonly [path: string, ...unknown: Json[]])[]

function shownHandle(text: string): Json {
  const kept = parseKept(text)
  if (kept) return kept.path === '' ? FILES : `${FILES}/${kept.path}`
  const other = JSON.parse(text) as
    | { readonly source: string }
    | { readonly dir: string; readonly files: KeptFiles }
    | KeptFiles
  if ('source' in other) return other.source
  const { dir, files } = 'dir' in other ? other : { dir: '', files: other }
  return files.map(([path]) => (dir === '' ? path : `${dir}/${path}`))
}
