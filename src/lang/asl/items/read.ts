/** What an ItemReader reads: the items of a distributed map, from files that stand for S3's objects. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { refuse } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import type { Read } from '../state/map.ts'
import type { Reading } from '../state/storage.ts'
import { isRecord } from '../task/parameters.ts'
import { resourceOf } from '../task/resource.ts'
import { bucketFolder, type Buckets, type Listed, listObjects, readObject } from './bucket.ts'
import { csvItems, csvLines, jsonItems, jsonLines, type ReaderConfig, readerFailed } from './format.ts'

export async function readItems(state: string, reading: Reading, buckets: Buckets): Promise<Read> {
  const { argument, config, maxItems } = reading
  const resource = resourceOf(reading.resource)
  const action = resource.kind === 'service' ? resource.action : resource.name
  const bucket = textOf(argument, 'Bucket')
  const at: Place = { folder: bucketFolder(buckets, bucket, state), state, buckets }
  const address = `s3://${bucket}`
  switch (action) {
    case 'listObjectsV2': {
      const found = await listObjects(at.folder, textOf(argument, 'Prefix'))
      if (config.Transformation === 'LOAD_AND_FLATTEN') return upTo(maxItems, await loaded(found, config, at, address))
      return upTo(maxItems, { items: await describedAll(found), source: address })
    }
    case 'getObject': {
      const key = textOf(argument, 'Key')
      return upTo(maxItems, { items: await objectItems(key, config, at), source: `${address}/${key}` })
    }
    default:
      return refuse('ASL_READER_UNKNOWN', `State ${JSON.stringify(state)} reads its items by ${reading.resource}`, {
        hint: 'An ItemReader uses arn:aws:states:::s3:getObject or arn:aws:states:::s3:listObjectsV2.',
      })
  }
}

const upTo = (most: number | undefined, { items, source }: Read): Read =>
  most === undefined ? { items, source } : { items: items.slice(0, most), source }

interface Place {
  readonly folder: string
  readonly state: string
  readonly buckets: Buckets
}

async function describedAll(found: readonly Listed[]): Promise<readonly Json[]> {
  const items: Json[] = []
  for (const each of found) items.push(await described(each))
  return items
}

async function described({ key, path, bytes, modifiedMs }: Listed): Promise<Json> {
  return {
    Etag: `"${await md5(path)}"`,
    Key: key,
    LastModified: Math.floor(modifiedMs / 1_000),
    Size: bytes,
    StorageClass: 'STANDARD',
  }
}

/** What S3 calls an object's tag when it was put in one piece. */
async function md5(path: string): Promise<string> {
  const hash = createHash('md5')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The items of all objects, one after the other. */
async function loaded(
  found: readonly Listed[],
  config: ReaderConfig,
  at: Place,
  address: string,
): Promise<{ readonly items: readonly Json[]; readonly source: readonly string[] }> {
  const items: Json[] = []
  const source: string[] = []
  for (const { key } of found)
    for (const item of await objectItems(key, config, at)) {
      items.push(item)
      source.push(`${address}/${key}`)
    }
  return { items, source }
}

async function objectItems(key: string, config: ReaderConfig, at: Place): Promise<readonly Json[]> {
  const { InputType = 'JSON', ManifestType } = config
  if (InputType === 'PARQUET') return refuseParquet(at.state)
  const text = (await readObject(at.folder, key)).toString('utf8')
  if (ManifestType === 'ATHENA_DATA') return athenaItems(text, config, at)
  switch (InputType) {
    case 'MANIFEST':
      return inventoryItems(text, at)
    case 'CSV':
      return csvItems(text, config)
    case 'JSONL':
      return jsonLines(text)
    default:
      return jsonItems(text, config)
  }
}

const refuseParquet = (state: string): never =>
  refuse('ASL_PARQUET', `State ${JSON.stringify(state)} reads Parquet, which cannot be read here`, {
    hint: 'Give the same items as JSON Lines or CSV where it runs locally.',
  })

/** A list of addresses, one a line; each file has items of the reader's own type. */
async function athenaItems(text: string, config: ReaderConfig, at: Place): Promise<readonly Json[]> {
  const { ManifestType: _, ...plain } = config
  const items: Json[] = []
  for (const [address = ''] of csvLines(text)) {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address.trim()) ?? []
    if (bucket === undefined || key === undefined) throw readerFailed(`${address} is no address of an object.`)
    const folder = bucketFolder(at.buckets, bucket, at.state)
    items.push(...(await objectItems(key, plain, { ...at, folder })))
  }
  return items
}

/** An S3 inventory: its files are CSV without headers, whose fields its schema names. */
async function inventoryItems(text: string, at: Place): Promise<readonly Json[]> {
  const manifest = JSON.parse(text) as unknown
  const { files, fileSchema, fileFormat = 'CSV' } = isRecord(manifest) ? manifest : {}
  if (!Array.isArray(files) || typeof fileSchema !== 'string') throw readerFailed('The manifest is no S3 inventory.')
  if (fileFormat !== 'CSV') return refuseParquet(at.state)
  const headers = fileSchema.split(',').map(name => name.trim())
  const items: Json[] = []
  for (const file of files as readonly Json[]) {
    const lines = csvLines((await readObject(at.folder, textOf(file, 'key'))).toString('utf8'))
    items.push(...lines.map(fields => Object.fromEntries(headers.map((name, index) => [name, fields[index] ?? '']))))
  }
  return items
}

function textOf(argument: Json, field: string): string {
  const value = isRecord(argument) ? argument[field] : undefined
  return typeof value === 'string' ? value : ''
}
