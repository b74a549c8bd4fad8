/** Blobs of a store with others laid over it: what is written goes on top, so that the store stays as it is. */
import type { Blobs } from '../../store/store.ts'

export const overlayBlobs = (below: Blobs, top: Blobs): Blobs => {
  const holding = async (hash: string): Promise<Blobs> => ((await top.has(hash)) ? top : below)
  return {
    put: bytes => top.put(bytes),
    putFile: path => top.putFile(path),
    has: async hash => (await top.has(hash)) || below.has(hash),
    get: async hash => (await holding(hash)).get(hash),
    file: async hash => (await holding(hash)).file(hash),
  }
}
