/** All blobs that a value needs, those inside of it included: what a garbage collector must keep and an export must carry. */
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Blobs } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { blobsOfHandle } from './handle-codecs.ts'
import { nestedRefs } from './json.ts'

/** Codecs whose encoded form names other blobs. */
const NAMING = new Set(['json', 'dir', 'output', 'file'])

export async function blobsOf(ref: ValueRef, blobs: Blobs): Promise<readonly Hash[]> {
  // A routed value is elsewhere.
  if (ref.codec.startsWith('route:')) return []
  const own = ref.inline === undefined ? [ref.hash] : []
  if (!NAMING.has(ref.codec)) return own
  const text = ref.inline ?? Buffer.from(await blobs.get(ref.hash)).toString('utf8')
  const inner =
    ref.codec === 'json'
      ? await Promise.all(nestedRefs(text).map(each => blobsOf(each, blobs)))
      : [blobsOfHandle(ref.codec, text)]
  return [...own, ...inner.flat()]
}
