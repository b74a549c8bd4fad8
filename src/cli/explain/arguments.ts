/** How two arguments differ, in a few words: by what is in the log and the store, without putting anything on disk. */
import type { Bound, Path, ValueRef } from '../../core/index.ts'
import type { Blobs } from '../../store/index.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { redact } from '../../exec/index.ts'
import { clip, plain } from '../render/text.ts'

/** `compared` is the label, such as `argument 1 (src)`; undefined: no difference is seen. */
export async function argumentDifference(
  compared: string,
  old: Bound | undefined,
  now: Bound,
  blobs: Blobs,
): Promise<string | undefined> {
  if (!old) return `${compared} is new`
  if (same(old, now)) return undefined
  if (old.kind === 'record' && now.kind === 'record')
    return inside(compared, Object.entries(now.fields), name => old.fields[name], blobs)
  if (old.kind === 'list' && now.kind === 'list' && old.items.length === now.items.length)
    return inside(compared, Object.entries(now.items), index => old.items[Number(index)], blobs)
  if (old.kind === 'apply' && now.kind === 'apply' && old.fn === now.fn) {
    for (const [index, arg] of now.args.entries()) {
      const found = await argumentDifference(`what ${compared} is made of`, old.args[index], arg, blobs)
      if (found !== undefined) return found
    }
  }
  const [before, after] = await Promise.all([contentOf(old, blobs), contentOf(now, blobs)])
  if (!before || !after) return `${compared} is another value`
  return contentDifference(compared, before, after)
}

/** The first field or item that differs. */
async function inside(
  compared: string,
  fields: readonly (readonly [string, Bound])[],
  oldOf: (name: string) => Bound | undefined,
  blobs: Blobs,
): Promise<string> {
  for (const [name, field] of fields) {
    const found = await argumentDifference(`${compared}, ${plain(name)}`, oldOf(name), field, blobs)
    if (found !== undefined) return found
  }
  return `${compared} has other fields`
}

const same = (a: Bound, b: Bound): boolean =>
  canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json)

/** What a value is, as far as it can be told apart for people. */
type Content =
  /** By path, with what tells one content from another. */
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, string> }
  | { readonly kind: 'file'; readonly path: string; readonly mark: string }
  | { readonly kind: 'text'; readonly text: string }

async function contentOf(bound: Bound, blobs: Blobs): Promise<Content | undefined> {
  switch (bound.kind) {
    case 'literal':
      return { kind: 'text', text: JSON.stringify(bound.value) }
    case 'value':
      return valueContent(bound.value, bound.path, blobs)
    case 'resource': {
      const { resource } = bound
      const name = resource.kind === 'output' ? resource.path : resource.name
      return { kind: 'text', text: `${resource.kind} ${name}` }
    }
    default:
      return undefined
  }
}

async function valueContent(ref: ValueRef, path: Path, blobs: Blobs): Promise<Content | undefined> {
  try {
    const text = ref.inline ?? Buffer.from(await blobs.get(ref.hash)).toString('utf8')
    const json = JSON.parse(text) as Json
    switch (ref.codec) {
      case 'json':
        return { kind: 'text', text: JSON.stringify(selected(json, path)) ?? 'undefined' }
      case 'files':
        return { kind: 'files', files: filesIn(json) }
      case 'file':
      case 'dir':
      case 'output':
        return keptContent(json)
      default:
        return undefined
    }
  } catch {
    // Not JSON, or gone: that it is another value is all that can be said.
    return undefined
  }
}

const selected = (json: Json, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, Json>)[key] : undefined),
    json,
  )

/** As the codec `files` writes them: `[path, hash, size]`, with a folder beside them if need be. */
function filesIn(json: Json): ReadonlyMap<string, string> {
  const list = Array.isArray(json) ? json : ((json as { readonly files?: Json }).files as readonly Json[] | undefined)
  return new Map((list ?? []).map(each => [String((each as Json[])[0]), String((each as Json[])[1])]))
}

interface KeptJson {
  readonly source?: string
  readonly hash?: string
  readonly place?: { readonly path?: string; readonly name?: string }
  readonly shape?: { readonly kind: string; readonly hash?: string; readonly entries?: readonly KeptEntry[] }
}
interface KeptEntry {
  readonly kind: string
  readonly path: string
  readonly hash?: string
  readonly target?: string
}

/** A source by its content, or what a task made. */
function keptContent(json: Json): Content | undefined {
  const { source, hash = '', place, shape } = json as KeptJson
  const path = source ?? place?.path ?? place?.name ?? ''
  if (shape?.entries)
    return {
      kind: 'files',
      files: new Map(shape.entries.map(each => [each.path, each.hash ?? each.target ?? each.kind])),
    }
  return { kind: 'file', path, mark: shape?.hash ?? hash }
}

const NAMES_SHOWN = 4
const VALUE_COLUMNS = 60

function contentDifference(compared: string, before: Content, after: Content): string {
  if (before.kind === 'files' && after.kind === 'files') return filesDifference(compared, before.files, after.files)
  if (before.kind === 'file' && after.kind === 'file')
    return before.path === after.path
      ? `${compared}: ${plain(after.path)} has another content`
      : `${compared}: ${plain(after.path)} instead of ${plain(before.path)}`
  if (before.kind === 'text' && after.kind === 'text')
    return `${compared}: ${showText(before.text)} → ${showText(after.text)}`
  return `${compared} is another kind of value`
}

const showText = (text: string): string => clip(plain(redact(text)), VALUE_COLUMNS)

function filesDifference(
  compared: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  const changes = [
    ...[...after].flatMap(([path, mark]) =>
      !before.has(path) ? [`${path} (added)`] : before.get(path) !== mark ? [`${path} (changed)`] : [],
    ),
    ...[...before.keys()].flatMap(path => (after.has(path) ? [] : [`${path} (removed)`])),
  ]
  const more = changes.length - NAMES_SHOWN
  const names = changes.slice(0, NAMES_SHOWN).map(plain).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return changes.length === 0 ? `${compared} is another value` : `${compared}: ${names}`
}
