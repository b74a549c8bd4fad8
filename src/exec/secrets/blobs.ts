/** Blobs that take no secret: whatever way a value goes, bytes that hold one are refused before they are stored. */
import { createReadStream } from 'node:fs'
import type { Blobs } from '../../store/store.ts'
import { refuse } from '../../util/diagnostic.ts'
import { secretForms } from './vault.ts'

/** `blobs`, refusing with SECRET_LEAKED what holds a known secret in any of its forms. */
export function guardBlobs(blobs: Blobs): Blobs {
  return {
    put: bytes => {
      const name = leakInBytes(bytes)
      return name === undefined ? blobs.put(bytes) : refuseAsync(name, 'A value')
    },
    putFile: async path => {
      if (secretForms().length > 0) {
        const name = await leakInFile(path)
        if (name !== undefined) refuseLeak(name, `The file ${path}`)
      }
      return blobs.putFile(path)
    },
    get: hash => blobs.get(hash),
    has: hash => blobs.has(hash),
    file: hash => blobs.file(hash),
  }
}

/** What stands in a value without ever being a blob. */
export function inspect(bytes: Uint8Array, what: string): void {
  const name = leakInBytes(bytes)
  if (name !== undefined) refuseLeak(name, what)
}

export function refuseLeak(name: string, what: string): never {
  refuse('SECRET_LEAKED', `${what} contains the secret ${name}, so it was not stored`, {
    hint: 'Return what the secret is used for, never the secret itself; a step that needs it takes it as a parameter.',
  })
}

const refuseAsync = async (name: string, what: string): Promise<never> => refuseLeak(name, what)

function leakInBytes(bytes: Uint8Array): string | undefined {
  const forms = secretForms()
  if (forms.length === 0) return undefined
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return forms.find(form => buffer.includes(form.text))?.name
}

/** Reads the file once, each chunk together with the end of the one before. */
async function leakInFile(path: string): Promise<string | undefined> {
  const longest = Math.max(...secretForms().map(form => Buffer.byteLength(form.text)))
  let tail = Buffer.alloc(0)
  for await (const chunk of createReadStream(path)) {
    const seen = Buffer.concat([tail, chunk as Buffer]) // a stream without encoding gives buffers
    const name = leakInBytes(seen)
    if (name !== undefined) return name
    tail = seen.subarray(Math.max(0, seen.length - longest + 1))
  }
  return undefined
}
