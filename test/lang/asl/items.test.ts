/** Items of distributed maps: from files that stand for objects of S3, and their results back into such files. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type ChildResult, readItems, writeResults } from '../../../src/lang/asl/items/index.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import { Refusal } from '../../../src/util/diagnostic.ts'
import { REQUEST_ID, world } from './task-rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-items-'))
afterAll(() => rmSync(folder, { recursive: true }))

const put = (key: string, body: string | Buffer): void => {
  const path = join(folder, 'bucket', key)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, body)
}
put('list.json', '[1,{"a":2}]')
put('object.json', '{"data":{"a/b":[1,2]},"text":"x"}')
put('broken.json', '[1,')
put('lines.jsonl', '{"a":1}\n\n[2]\r\n3')
put('plain.csv', '\uFEFFid,name\n1,"Ann, ""the"" first"\n2\n3,Bob,extra\n\n')
put('headless.csv', 'a|1\nb|2\n')
put('twice.csv', 'a,a\n1,2\n')
put('old.csv.gz', gzipSync('id\n7\n'))
put('in/b.json', '[3]')
put('in/a.json', '[1,[2]]')
put(
  'inventory.json',
  JSON.stringify({ fileSchema: 'Bucket, Key, Size', fileFormat: 'CSV', files: [{ key: 'inv/1.csv.gz' }] }),
)
put('inv/1.csv.gz', gzipSync('"bucket","a.txt","5"\n'))
put('athena.csv', 's3://bucket/lines.jsonl\ns3://bucket/lines.jsonl\n')

const buckets = { bindings: { 's3://bucket': './bucket' }, folder }

const GET = 'arn:aws:states:::s3:getObject'
const LIST = 'arn:aws:states:::s3:listObjectsV2'

interface Row {
  readonly says: string
  readonly key?: string
  readonly prefix?: string
  readonly config?: object
  readonly maxItems?: number
  readonly gives: unknown
}

const failed = (cause: unknown) => ({ error: 'States.ItemReaderFailed', cause })

const ROWS: readonly Row[] = [
  { says: 'a list of JSON', key: 'list.json', gives: [1, { a: 2 }] },
  { says: 'no more than asked for', key: 'list.json', maxItems: 1, gives: [1] },
  {
    says: 'a list inside of an object',
    key: 'object.json',
    config: { InputType: 'JSON', ItemsPointer: '/data/a~1b' },
    gives: [1, 2],
  },
  {
    says: 'a pointer to nothing',
    key: 'object.json',
    config: { ItemsPointer: '/none' },
    gives: failed(expect.any(String)),
  },
  { says: 'an object', key: 'object.json', gives: failed('Attempting to map over non-iterable node.') },
  { says: 'no JSON', key: 'broken.json', gives: failed(expect.stringContaining('Unable to parse')) },
  { says: 'lines of JSON', key: 'lines.jsonl', config: { InputType: 'JSONL' }, gives: [{ a: 1 }, [2], 3] },
  {
    says: 'CSV with headers: quotes, missing and extra fields, an empty line',
    key: 'plain.csv',
    config: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    gives: [
      { id: '1', name: 'Ann, "the" first' },
      { id: '2', name: '' },
      { id: '3', name: 'Bob' },
    ],
  },
  {
    says: 'CSV without headers, by another delimiter',
    key: 'headless.csv',
    config: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['l', 'n'], CSVDelimiter: 'PIPE' },
    gives: [
      { l: 'a', n: '1' },
      { l: 'b', n: '2' },
    ],
  },
  {
    says: 'the same header twice',
    key: 'twice.csv',
    config: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    gives: failed('CSV headers cannot contain duplicates.'),
  },
  {
    says: 'what is compressed',
    key: 'old.csv.gz',
    config: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    gives: [{ id: '7' }],
  },
  { says: 'no such object', key: 'none.json', gives: failed('The specified key does not exist.') },
  { says: 'B1: a key that leads out', key: '../../etc/passwd', gives: failed(expect.stringContaining('leads out')) },
  {
    says: 'the objects of a bucket, by their keys',
    prefix: 'in/',
    gives: [
      {
        Etag: '"a1922f62540f88535aeabdb5c8155ab3"',
        Key: 'in/a.json',
        LastModified: expect.any(Number),
        Size: 7,
        StorageClass: 'STANDARD',
      },
      expect.objectContaining({ Key: 'in/b.json', Size: 3 }),
    ],
  },
  {
    says: 'what is in all of them',
    prefix: 'in/',
    config: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' },
    gives: [1, [2], 3],
  },
  {
    says: 'an inventory',
    key: 'inventory.json',
    config: { InputType: 'MANIFEST' },
    gives: [{ Bucket: 'bucket', Key: 'a.txt', Size: '5' }],
  },
  {
    says: "Athena's manifest",
    key: 'athena.csv',
    config: { InputType: 'JSONL', ManifestType: 'ATHENA_DATA' },
    gives: [{ a: 1 }, [2], 3, { a: 1 }, [2], 3],
  },
  { says: 'Parquet', key: 'list.json', config: { InputType: 'PARQUET' }, gives: { refused: 'ASL_PARQUET' } },
]

async function came(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof StateError) return { error: error.error, cause: error.reason }
    if (error instanceof Refusal) return { refused: error.diagnostics[0]?.code }
    throw error
  }
}

describe('what an ItemReader reads', () => {
  test.each(ROWS)('$says', async ({ key, prefix, config = {}, maxItems, gives }) => {
    const reading = {
      resource: key === undefined ? LIST : GET,
      argument: { Bucket: 'bucket', ...(key === undefined ? { Prefix: prefix } : { Key: key }) },
      config,
      ...(maxItems === undefined ? {} : { maxItems }),
    }
    expect(await came(readItems('Each', reading, buckets).then(({ items }) => items))).toEqual(gives)
  })

  test.each([
    [{ resource: LIST, argument: { Bucket: 'bucket', Prefix: 'in/' }, config: {} }, 's3://bucket'],
    [{ resource: GET, argument: { Bucket: 'bucket', Key: 'list.json' }, config: {} }, 's3://bucket/list.json'],
    [
      {
        resource: LIST,
        argument: { Bucket: 'bucket', Prefix: 'in/' },
        config: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' },
      },
      ['s3://bucket/in/a.json', 's3://bucket/in/a.json', 's3://bucket/in/b.json'],
    ],
  ])('where items come from: %j', async (reading, source) => {
    expect(await readItems('Each', reading, buckets)).toMatchObject({ source })
  })

  test('a bucket that is bound to no folder', async () => {
    const reading = { resource: GET, argument: { Bucket: 'other', Key: 'a' }, config: {} }
    await expect(readItems('Each', reading, buckets)).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'ASL_UNBOUND',
          message: 'State "Each" uses the bucket other, which is bound to no folder',
          hint: "Add to the binding file: 's3://other': './other'",
        },
      ],
    })
  })
})

const child = (name: string, end: ChildResult['end']): ChildResult => ({
  arn: `arn:execution:${name}`,
  machineArn: 'arn:machine',
  name,
  input: name,
  startedMs: 0,
  stoppedMs: 1_000,
  end,
})
const run = {
  state: 'Each',
  arn: 'arn:run',
  world,
  children: [
    child('a', { kind: 'SUCCEEDED', output: [1, 2] }),
    child('b', { kind: 'FAILED', error: 'E', cause: 'c' }),
    child('d', { kind: 'SUCCEEDED', output: 3 }),
  ],
}
const B = expect.objectContaining({ Name: 'b', Error: 'E', Cause: 'c', Status: 'FAILED', RedriveStatus: 'REDRIVABLE' })

describe('what a ResultWriter gives', () => {
  test.each([
    [{}, [[1, 2], B, 3]],
    [{ Transformation: 'FLATTEN' }, [1, 2, B, 3]],
    [
      { Transformation: 'NONE' },
      [expect.objectContaining({ Output: '[1,2]', Input: '"a"' }), B, expect.objectContaining({ Output: '3' })],
    ],
  ])('as the state’s result: %j', async (config, gives) => {
    expect(await writeResults(run, { config }, buckets)).toEqual(gives)
  })

  test('as files, by the status of executions', async () => {
    const writing = {
      resource: 'arn:aws:states:::s3:putObject',
      argument: { Bucket: 'bucket', Prefix: 'out/' },
      config: {},
    }
    const base = `out/${REQUEST_ID}`
    expect(await writeResults(run, writing, buckets)).toEqual({
      MapRunArn: 'arn:run',
      ResultWriterDetails: { Bucket: 'bucket', Key: `${base}/manifest.json` },
    })
    const at = join(folder, 'bucket', base)
    const read = (name: string): unknown => JSON.parse(readFileSync(join(at, name), 'utf8'))
    expect(readdirSync(at).sort()).toEqual(['FAILED_0.json', 'SUCCEEDED_0.json', 'manifest.json'])
    expect(read('FAILED_0.json')).toEqual([B])
    expect(read('SUCCEEDED_0.json')).toEqual([
      {
        ExecutionArn: 'arn:execution:a',
        Input: '"a"',
        InputDetails: { Included: true },
        Name: 'a',
        Output: '[1,2]',
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'NOT_REDRIVABLE',
        RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        StartDate: '1970-01-01T00:00:00.000Z',
        StateMachineArn: 'arn:machine',
        Status: 'SUCCEEDED',
        StopDate: '1970-01-01T00:00:01.000Z',
      },
      expect.objectContaining({ Name: 'd' }),
    ])
    expect(read('manifest.json')).toEqual({
      DestinationBucket: 'bucket',
      MapRunArn: 'arn:run',
      ResultFiles: {
        FAILED: [{ Key: `${base}/FAILED_0.json`, Size: expect.any(Number) }],
        PENDING: [],
        SUCCEEDED: [{ Key: `${base}/SUCCEEDED_0.json`, Size: expect.any(Number) }],
      },
    })
  })

  test('as lines', async () => {
    const config = { Transformation: 'COMPACT', OutputType: 'JSONL' }
    const writing = {
      resource: 'arn:aws:states:::s3:putObject',
      argument: { Bucket: 'bucket', Prefix: 'lines' },
      config,
    }
    await writeResults(run, writing, buckets)
    const text = readFileSync(join(folder, 'bucket', 'lines', REQUEST_ID, 'SUCCEEDED_0.jsonl'), 'utf8')
    expect(text).toBe('[1,2]\n3')
  })
})
