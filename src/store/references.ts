/**
 * Which blobs are named, by whom. Conservative on purpose: whatever looks like an address counts as one, in events and, in
 * turn, in blobs that are JSON (a graph, a bundle's list of files, a directory's listing). So no codec has to tell.
 */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../core/engine/protocol.ts'
import type { Hash } from '../util/hash.ts'
import { blobFolder, blobPath } from './blobs.ts'
import { systemCode } from './fault.ts'

const ADDRESS_LENGTH = 64
const CHUNK_BYTES = 1 << 20

export const addressesIn = (text: string): readonly Hash[] => text.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? []

/** Addresses that an event's values have in the blob store; small values stand in the event itself. */
export function storedValuesIn(event: Event): readonly Hash[] {
  const found: Hash[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { codec, hash, sizeBytes, inline } = value as { readonly [field: string]: unknown }
    const isRef = typeof codec === 'string' && typeof hash === 'string' && typeof sizeBytes === 'number'
    if (isRef && inline === undefined) found.push(hash)
    for (const field of Object.values(value)) visit(field)
  }
  visit(event)
  return found
}

/** All blobs of a store, by address. */
export async function listBlobs(storeFolder: string): Promise<ReadonlySet<Hash>> {
  const found = new Set<Hash>()
  for (const shelf of await entries(blobFolder(storeFolder))) {
    if (!/^[0-9a-f]{2}$/.test(shelf)) continue
    for (const rest of await entries(join(blobFolder(storeFolder), shelf))) {
      if (/^[0-9a-f]{62}$/.test(rest)) found.add(shelf + rest)
    }
  }
  return found
}

/** `seeds`, as far as they are there, and all that they name. */
export async function reachableBlobs(storeFolder: string, seeds: Iterable<Hash>): Promise<ReadonlySet<Hash>> {
  const present = await listBlobs(storeFolder)
  const reached = new Set<Hash>()
  const open = [...seeds]
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (reached.has(hash) || !present.has(hash)) continue
    reached.add(hash)
    open.push(...(await addressesInFile(blobPath(storeFolder, hash))))
  }
  return reached
}

/** Addresses in a file that starts as JSON does; none in any other. */
async function addressesInFile(path: string): Promise<readonly Hash[]> {
  const file = await open(path, 'r')
  const buffer = Buffer.alloc(CHUNK_BYTES)
  const found = new Set<Hash>()
  try {
    let kept = ''
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES)
      const text = kept + buffer.toString('latin1', 0, bytesRead)
      if (found.size === 0 && kept === '' && !/^\s*[[{]/.test(text)) return []
      for (const address of addressesIn(text)) found.add(address)
      if (bytesRead === 0) return [...found]
      // One that lies across two chunks, with its neighbours.
      kept = text.slice(-(ADDRESS_LENGTH + 1))
    }
  } finally {
    await file.close()
  }
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
    throw error
  }
}
