/**
 * A folder that stands for a bucket of S3, by the binding `'s3://bucket': './folder'`; keys are paths in it.
 *
 *   B1. A key never leads out of its folder.
 */
import { readFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { refuse } from '../../../util/diagnostic.ts'
import { StateError } from '../state-error.ts'
import type { Bindings } from '../task/binding.ts'

export interface Buckets {
  readonly bindings: Bindings
  /** Where the paths of bindings start. */
  readonly folder: string
}

export interface Listed {
  readonly key: string
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
}

/** Of what reads, or of what writes. */
export type StorageError = 'States.ItemReaderFailed' | 'States.ResultWriterFailed'

export function bucketFolder({ bindings, folder }: Buckets, bucket: string, state: string): string {
  const key = `s3://${bucket}`
  const bound = Object.hasOwn(bindings, key) ? bindings[key] : undefined
  if (typeof bound === 'string') return resolve(folder, bound)
  return refuse(
    'ASL_UNBOUND',
    `State ${JSON.stringify(state)} uses the bucket ${bucket}, which is bound to no folder`,
    {
      hint: `Add to the binding file: '${key}': './${bucket}'`,
    },
  )
}

export async function readObject(folder: string, key: string): Promise<Buffer> {
  try {
    const bytes = await readFile(inside(folder, key, 'States.ItemReaderFailed'))
    return key.endsWith('.gz') ? gunzipSync(bytes) : bytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(error)
    throw new StateError('States.ItemReaderFailed', 'The specified key does not exist.')
  }
}

const readFailure = (error: unknown): Error =>
  error instanceof StateError
    ? error
    : new StateError('States.ItemReaderFailed', error instanceof Error ? error.message : String(error))

export async function writeObject(folder: string, key: string, text: string): Promise<void> {
  const path = inside(folder, key, 'States.ResultWriterFailed')
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

function inside(folder: string, key: string, error: StorageError): string {
  const path = join(folder, key)
  if (path !== folder && path.startsWith(folder + sep)) return path
  throw new StateError(error, `The key ${key} leads out of its bucket.`)
}

/** In the order of keys, as S3 lists them: by their bytes. */
export async function listObjects(folder: string, prefix: string): Promise<readonly Listed[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new StateError('States.ItemReaderFailed', 'The specified bucket does not exist')
  })
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      return { path, key: path.slice(folder.length + 1).replaceAll(sep, '/') }
    })
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  return Promise.all(
    files.map(async ({ path, key }) => {
      const { size, mtimeMs } = await stat(path)
      return { key, path, bytes: size, modifiedMs: mtimeMs }
    }),
  )
}
