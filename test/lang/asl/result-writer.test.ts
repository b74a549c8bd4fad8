/** A distributed map from a file to files, run by the engine: what was read, what became of each item, and what was written. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { run } from '../../../src/index.ts'
import { asl } from '../../../src/lang/asl/index.ts'
import { folderWith } from './task-rig.ts'

const folder = folderWith()
mkdirSync(join(folder, 'in'))
writeFileSync(join(folder, 'in', 'orders.csv'), 'id\n1\n2\n3\n')
afterAll(() => rmSync(folder, { recursive: true }))

const definition = {
  StartAt: 'Every',
  States: {
    Every: {
      Type: 'Map',
      Label: 'Orders',
      MaxConcurrency: 1,
      ToleratedFailureCount: 1,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: 'in', Key: 'orders.csv' },
      },
      ItemSelector: { 'order.$': '$$.Map.Item.Value.id', 'from.$': '$$.Map.Item.Source' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Ship',
        States: { Ship: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:ship', End: true } },
      },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'jobs' } },
      End: true,
    },
  },
}

const ship = ({ order }: { readonly order: string }) => {
  if (order === '2') throw new Error('no stock')
  return { shipped: order }
}

interface Written {
  readonly MapRunArn: string
  readonly ResultWriterDetails: { readonly Bucket: string; readonly Key: string }
}

test('its results are in files, by how they ended, with what each was given', async () => {
  const orders = asl(definition, { 's3://in': './in', 's3://out': './out', ship }, { name: 'orders', folder })
  const ended = await run(orders, { args: { input: {} }, store: join(folder, 'store') })
  if (ended.kind !== 'ended' || ended.status !== 'succeeded') throw new Error(JSON.stringify(ended))
  const { MapRunArn, ResultWriterDetails } = ended.output as Written
  expect(MapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:orders\/Orders:/)
  expect(ResultWriterDetails).toEqual({ Bucket: 'out', Key: expect.stringMatching(/^jobs\/[^/]+\/manifest\.json$/) })
  const read = (key: string): unknown => JSON.parse(readFileSync(join(folder, 'out', key), 'utf8'))
  const manifest = read(ResultWriterDetails.Key) as {
    readonly ResultFiles: { readonly [kind: string]: readonly { readonly Key: string }[] }
  }
  const told = (kind: string) =>
    (manifest.ResultFiles[kind] ?? []).flatMap(({ Key }) => read(Key) as readonly { Input: string; Output?: string }[])
  const input = (order: string) => JSON.stringify({ from: 's3://in/orders.csv', order })
  const inOrder = (text: string) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).sort()))
  expect(told('SUCCEEDED').map(({ Input, Output }) => [inOrder(Input), Output])).toEqual([
    [input('1'), '{"shipped":"1"}'],
    [input('3'), '{"shipped":"3"}'],
  ])
  expect(told('FAILED').map(({ Input }) => inOrder(Input))).toEqual([input('2')])
})
