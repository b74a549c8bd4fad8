/** How an attempt that was run again compares with what is recorded of it. */
import type { Fault, Outcome, ValueRef } from '../../core/index.ts'
import type { Blobs } from '../../store/store.ts'
import type { Json } from '../../util/json.ts'

export type Comparison =
  /** The same value, or the same failure. */
  | { readonly kind: 'same' }
  /** Another value: the first of the places where they differ. */
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  | { readonly kind: 'failed otherwise'; readonly then: Fault }
  /** It failed now and not then, or the other way round. */
  | { readonly kind: 'ended otherwise'; readonly then: Outcome }
  /** Nothing is recorded: the attempt still runs, or died with its process. */
  | { readonly kind: 'nothing recorded' }

export interface Difference {
  /** `.rows[3].name`; empty for the whole. */
  readonly path: string
  /** As JSON; absent where there was nothing. */
  readonly then?: string
  readonly now?: string
}

export async function compareOutcomes(then: Outcome | undefined, now: Outcome, blobs: Blobs): Promise<Comparison> {
  if (then === undefined) return { kind: 'nothing recorded' }
  if (then.kind === 'failed' && now.kind === 'failed') return compareFaults(then.fault, now.fault)
  if (then.kind === 'succeeded' && now.kind === 'succeeded') return compareValues(then.output, now.output, blobs)
  return then.kind === now.kind ? { kind: 'same' } : { kind: 'ended otherwise', then }
}

const compareFaults = (then: Fault, now: Fault): Comparison =>
  then.code === now.code && then.message === now.message ? { kind: 'same' } : { kind: 'failed otherwise', then }

async function compareValues(then: ValueRef, now: ValueRef, blobs: Blobs): Promise<Comparison> {
  if (then.codec === now.codec && then.hash === now.hash) return { kind: 'same' }
  const [before, after] = await Promise.all([contentOf(then, blobs), contentOf(now, blobs)])
  return { kind: 'differs', differences: [...differencesIn('', before, after)].slice(0, DIFFERENCES_MAX) }
}

/** More of them say no more. */
const DIFFERENCES_MAX = 8
/** A larger value is told by its size alone. */
const COMPARED_BYTES_MAX = 16 * 2 ** 20

/** The value as JSON that can be compared part by part; what is no JSON by its size and address. */
async function contentOf(ref: ValueRef, blobs: Blobs): Promise<Json> {
  const unread = `${ref.codec} of ${ref.sizeBytes} bytes (${ref.hash.slice(0, 12)})`
  if (ref.inline === undefined && ref.sizeBytes > COMPARED_BYTES_MAX) return unread
  try {
    const text = ref.inline ?? new TextDecoder('utf-8', { fatal: true }).decode(await blobs.get(ref.hash))
    return ref.codec === 'text' ? text : treeAsRecord(JSON.parse(text) as Json)
  } catch {
    // Bytes, a codec of the user's own, or removed by a gc.
    return unread
  }
}

/** A kept folder lists its entries in order: by name they can be compared one by one. */
function treeAsRecord(content: Json): Json {
  const shape = fieldOf(content, 'shape')
  const entries = fieldOf(shape, 'entries')
  if (!Array.isArray(entries)) return content
  return Object.fromEntries(
    (entries as readonly Json[]).map(entry => {
      const { path, ...rest } = entry as { readonly path: string; readonly [field: string]: Json }
      return [path, rest]
    }),
  )
}

const fieldOf = (value: Json | undefined, name: string): Json | undefined =>
  isRecord(value) ? (value[name] as Json | undefined) : undefined

type JsonRecord = { readonly [name: string]: Json }

const isRecord = (value: Json | undefined): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function* differencesIn(path: string, then: Json | undefined, now: Json | undefined): Generator<Difference> {
  if (Array.isArray(then) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(then.length, now.length); index += 1)
      yield* differencesIn(`${path}[${index}]`, then[index] as Json | undefined, now[index] as Json | undefined)
  } else if (isRecord(then) && isRecord(now)) {
    for (const name of new Set([...Object.keys(then), ...Object.keys(now)]))
      yield* differencesIn(`${path}${fieldPath(name)}`, then[name], now[name])
  } else if (JSON.stringify(then) !== JSON.stringify(now)) {
    yield typeof then === 'string' && typeof now === 'string' ? textDifference(path, then, now) : leaf(path, then, now)
  }
}

const fieldPath = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)

const leaf = (path: string, then: Json | undefined, now: Json | undefined): Difference => ({
  path,
  ...(then === undefined ? {} : { then: JSON.stringify(then) }),
  ...(now === undefined ? {} : { now: JSON.stringify(now) }),
})

/** Of texts of several lines the first line that differs. */
function textDifference(path: string, then: string, now: string): Difference {
  const [before, after] = [then.split('\n'), now.split('\n')]
  if (before.length === 1 && after.length === 1) return leaf(path, then, now)
  const line = before.findIndex((text, index) => text !== after[index])
  const at = line < 0 ? before.length : line
  return leaf(`${path || 'text'} line ${at + 1}`, before[at], after[at])
}
