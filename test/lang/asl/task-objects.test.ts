/** Calls of S3 on a folder that stands for a bucket. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folderWith, perform, REQUEST_ID } from './task-rig.ts'

const folder = folderWith()
mkdirSync(join(folder, 'bucket', 'in'), { recursive: true })
writeFileSync(join(folder, 'bucket', 'in', 'a.txt'), 'byte array data')
afterAll(() => rmSync(folder, { recursive: true }))

const call = (action: string, argument: object) =>
  perform(
    { bindings: { 's3://bucket': './bucket' }, folder },
    { resource: `arn:aws:states:::aws-sdk:s3:${action}`, argument: { Bucket: 'bucket', ...argument } },
  )
const result = (value: unknown) => ({ kind: 'result', result: value })

const missing = {
  error: 'S3.NoSuchKeyException',
  cause: `The specified key does not exist. (Service: S3, Status Code: 404, Request ID: ${REQUEST_ID}, Extended Request ID: ${REQUEST_ID})`,
}

test('an object is read as the SDK gives it', async () => {
  expect(await call('getObject', { Key: 'in/a.txt' })).toEqual(
    result({
      AcceptRanges: 'bytes',
      Body: 'byte array data',
      ContentLength: 15,
      ContentType: 'binary/octet-stream',
      ETag: '"383fd42bdf94a2ab38cbeb1d8eb7e53f"',
      LastModified: expect.stringMatching(/^\d{4}-.*Z$/),
      Metadata: {},
    }),
  )
})

test.each(['in/none.txt', 'in', '../x', '/etc/passwd'])('there is no object %s', async Key => {
  expect(await call('getObject', { Key })).toEqual(missing)
})

test('a text is written as it is, anything else as JSON, and may be listed and deleted', async () => {
  expect(await call('putObject', { Key: 'out/text', Body: 'x' })).toEqual(result({ ETag: expect.any(String) }))
  await call('putObject', { Key: 'out/json', Body: { a: [1] } })
  expect(readFileSync(join(folder, 'bucket', 'out', 'text'), 'utf8')).toBe('x')
  expect(readFileSync(join(folder, 'bucket', 'out', 'json'), 'utf8')).toBe('{"a":[1]}')
  expect(await call('deleteObject', { Key: 'out/text' })).toEqual(result({}))
  expect(await call('listObjectsV2', { Prefix: 'out/' })).toMatchObject(
    result({ Contents: [{ Key: 'out/json', Size: 9, StorageClass: 'STANDARD' }], KeyCount: 1, Name: 'bucket' }),
  )
  expect(await call('putObject', { Key: '../../x', Body: '' })).toMatchObject({
    cause: expect.stringContaining('leads out'),
  })
})

test('what is not done here is bound by hand', async () => {
  expect(await call('copyObject', {})).toMatchObject({ refused: 'ASL_UNBOUND' })
})
