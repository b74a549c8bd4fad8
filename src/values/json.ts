/**
 * The codec of plain data: tagged JSON. Values inside it that have a codec of their own (files, folders, instances of
 * classes that a user's codec knows) are stored by themselves and stand there as `{"$value": ref}`.
 */
import type { ValueRef } from '../core/engine/protocol.ts'
import { isRef } from '../dsl/handle.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Json } from '../util/json.ts'
import { fromTagged, toTagged } from '../util/tagged.ts'
import type { TextCodec, Reading, Writing } from './codec.ts'

const NESTED = '$value'

export const jsonCodec: TextCodec = {
  name: 'json',
  form: 'text',
  matches: () => true,
  encode: encodeJson,
  decode: decodeJson,
  copy: copyPlain,
  // JSON has no undefined: what needs a second look is told apart from every value.
  decodePlain: text => (text.includes('"$') ? undefined : JSON.parse(text)),
}

function encodeJson(value: unknown, writing: Writing): string | Promise<string> {
  const nested: Promise<void>[] = []
  const extend = (object: object): Json | undefined => {
    if (isRef(object)) refuseRefInside(writing)
    if (writing.codecFor(object) === undefined) return undefined
    const slot: Record<string, Json> = { [NESTED]: null }
    nested.push(
      writing.keep(object).then(ref => {
        slot[NESTED] = { ...ref }
      }),
    )
    return slot
  }
  const json = toTagged(value, { root: writing.where.root ?? 'result', extend })
  return nested.length === 0 ? JSON.stringify(json) : Promise.all(nested).then(() => JSON.stringify(json))
}

function decodeJson(text: string, reading: Reading): unknown {
  const json = JSON.parse(text) as Json
  // Plain JSON, the common case, is finished: every tag and every escaped key shows as `"$`.
  if (!text.includes('"$')) return json
  const refs: ValueRef[] = []
  const value = fromTagged(json, { revive: (tag, body) => void refs.push(nestedRef(tag, body)) })
  return refs.length === 0 ? value : fill(json, refs, reading)
}

/** The second pass: what stands inside is loaded first, since tags are revived synchronously and in the same order. */
async function fill(json: Json, refs: readonly ValueRef[], reading: Reading): Promise<unknown> {
  const values = await Promise.all(refs.map(ref => reading.load(ref)))
  let next = 0
  return fromTagged(json, { revive: () => values[next++] })
}

function nestedRef(tag: string, body: Json): ValueRef {
  if (tag === NESTED) return body as unknown as ValueRef
  refuse('VALUE_DAMAGED', `A stored value has the unknown tag "${tag}"`, {
    hint: 'It may come from a newer version of Tutti.',
  })
}

/** The refs that stand inside an encoded value: a garbage collector follows them. */
export function nestedRefs(text: string): readonly ValueRef[] {
  if (!text.includes(`"${NESTED}"`)) return []
  const refs: ValueRef[] = []
  fromTagged(JSON.parse(text) as Json, { revive: (tag, body) => void refs.push(nestedRef(tag, body)) })
  return refs
}

/** A deep copy of decoded data: no reader sees what another one changed in place. */
function copyPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyPlain)
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, '__proto__'))
    return fromTagged(toTagged(value))
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) copy[key] = copyPlain((value as Record<string, unknown>)[key])
  return copy
}

function refuseRefInside(writing: Writing): never {
  refuse('VALUE_UNKEEPABLE', `The result of ${writing.where.task} contains a ref, which is not a value`, {
    hint: 'In a flow, await the call before you return what it gave.',
  })
}
