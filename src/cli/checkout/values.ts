/** The value of a step as a file: data as JSON that scripts read, text and bytes as they are. */
import type { Fault, ValueRef } from '../../core/index.ts'
import type { Blobs } from '../../store/index.ts'
import type { Json } from '../../util/json.ts'
import type { Filling } from '../../values/placing.ts'
import { unlessGone } from './files.ts'
import { shownJson, textOf } from './handles.ts'
import type { Target } from './target.ts'

/** A larger one stays as it is stored: it would fill the memory. */
export const SHOWN_BYTES_MAX = 64 * 2 ** 20

/** One line of the index. `at`: in the checkout; absent: it is not there, see `gone`. */
export interface LaidValue {
  readonly codec: string
  readonly hash?: string
  readonly sizeBytes: number
  readonly at?: string
  readonly gone?: string
}

type Form =
  | { readonly kind: 'json'; readonly ending: '.json' }
  /** As it is stored. */
  | { readonly kind: 'stored'; readonly ending: '.json' | '.txt' | '.bin' }

const JSON_CODECS: ReadonlySet<string> = new Set(['json', 'output', 'dir', 'file', 'files'])

export function formOf({ codec, inline, sizeBytes }: ValueRef): Form {
  if (JSON_CODECS.has(codec))
    return sizeBytes <= SHOWN_BYTES_MAX ? { kind: 'json', ending: '.json' } : { kind: 'stored', ending: '.json' }
  if (codec.startsWith('route:')) return { kind: 'stored', ending: '.json' }
  return { kind: 'stored', ending: codec === 'text' || inline !== undefined ? '.txt' : '.bin' }
}

export const jsonText = (json: Json): string => `${JSON.stringify(json, undefined, 2)}\n`

/** What to write for it. Refuses as blobs do. */
export async function fillingOf(ref: ValueRef, blobs: Blobs): Promise<Filling> {
  if (formOf(ref).kind === 'json') return { kind: 'bytes', bytes: jsonText(await shownJson(ref, blobs)) }
  return ref.inline === undefined ? { kind: 'blob', hash: ref.hash, blobs } : { kind: 'bytes', bytes: ref.inline }
}

export async function layValue(
  target: Target,
  blobs: Blobs,
  ref: ValueRef,
  nameOf: (ending: string) => string,
): Promise<LaidValue> {
  const { codec, hash, sizeBytes } = ref
  const told = { codec, ...(hash === '' ? {} : { hash }), sizeBytes }
  const at = nameOf(formOf(ref).ending)
  const gone = await unlessGone(async () => target.file(at, await fillingOf(ref, blobs)))
  return gone === undefined ? { ...told, at } : { ...told, gone }
}

/** An error and all that it follows from; the error itself where the store has it. */
export async function faultJson(fault: Fault, blobs: Blobs): Promise<Json> {
  const { code, message, step, types, causes = [], error } = fault
  return {
    code,
    message,
    ...(step === undefined ? {} : { step }),
    ...(types === undefined ? {} : { types: [...types] }),
    ...(error === undefined ? {} : { error: await errorJson(error, blobs) }),
    ...(causes.length === 0 ? {} : { causes: await Promise.all(causes.map(cause => faultJson(cause, blobs))) }),
  }
}

async function errorJson(ref: ValueRef, blobs: Blobs): Promise<Json> {
  let json: Json = null
  const gone = await unlessGone(async () => {
    json = ref.codec === 'json' ? await shownJson(ref, blobs) : await textOf(ref, blobs)
    return 'placed'
  })
  return gone === undefined ? json : { gone }
}
