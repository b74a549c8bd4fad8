/** Calls of `aws-sdk:s3` on a bucket that a folder stands for: what machines do most, in the shapes of AWS's SDK. */
import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Json } from '../../../util/json.ts'
import { StateError } from '../state-error.ts'
import { type Fields, fieldsOf, required } from '../task/parameters.ts'
import type { TaskRequest } from '../task/request.ts'
import { type Buckets, bucketFolder, listObjects, readObject, writeObject } from './bucket.ts'

type Call = (folder: string, fields: Fields, request: TaskRequest) => Promise<Json>

/** By the action of the resource. */
const CALLS: { readonly [action: string]: Call } = {
  getObject: async (folder, fields, request) => {
    const path = await existing(folder, fields, request)
    const body = await readObject(folder, required(request, fields, 'Key'))
    return {
      AcceptRanges: 'bytes',
      Body: body.toString('utf8'),
      ContentLength: body.byteLength,
      ContentType: 'binary/octet-stream',
      ETag: tagOf(body),
      LastModified: new Date((await stat(path)).mtimeMs).toISOString(),
      Metadata: {},
    }
  },
  putObject: async (folder, fields, request) => {
    const { Body = '' } = fields
    const text = typeof Body === 'string' ? Body : JSON.stringify(Body)
    await writeObject(folder, required(request, fields, 'Key'), text)
    return { ETag: tagOf(text) }
  },
  deleteObject: async (folder, fields, request) => {
    const path = pathOf(folder, required(request, fields, 'Key'))
    if (path !== undefined) await rm(path, { force: true })
    return {}
  },
  listObjectsV2: async (folder, { Prefix, Bucket = '' }) => {
    const prefix = typeof Prefix === 'string' ? Prefix : ''
    const found = await listObjects(folder, prefix)
    const contents = found.map(({ key, bytes, modifiedMs }) => ({
      Key: key,
      LastModified: new Date(modifiedMs).toISOString(),
      Size: bytes,
      StorageClass: 'STANDARD',
    }))
    return { Contents: contents, IsTruncated: false, KeyCount: found.length, Name: Bucket, Prefix: prefix }
  },
}

/** Undefined: not one that is done here. */
export function callObjects(action: string, request: TaskRequest, buckets: Buckets): Promise<Json> | undefined {
  const call = Object.hasOwn(CALLS, action) ? CALLS[action] : undefined
  const { Bucket } = fieldsOf(request)
  if (!call || typeof Bucket !== 'string' || !Object.hasOwn(buckets.bindings, `s3://${Bucket}`)) return undefined
  return call(bucketFolder(buckets, Bucket, request.state), fieldsOf(request), request)
}

export const isDoneHere = (action: string): boolean => Object.hasOwn(CALLS, action)

const tagOf = (body: Buffer | string): string => `"${createHash('md5').update(body).digest('hex')}"`

async function existing(folder: string, fields: Fields, request: TaskRequest): Promise<string> {
  const path = pathOf(folder, required(request, fields, 'Key'))
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined)
  if (path !== undefined && found?.isFile()) return path
  const id = request.world.uuid()
  throw new StateError(
    'S3.NoSuchKeyException',
    `The specified key does not exist. (Service: S3, Status Code: 404, Request ID: ${id}, Extended Request ID: ${id})`,
  )
}

/** Undefined: it leads out. */
function pathOf(folder: string, key: string): string | undefined {
  const path = join(folder, key)
  return path.startsWith(folder + sep) ? path : undefined
}
