/** What a ResultWriter does with the results of a distributed map: the files that AWS writes, or the form of the state's result. */
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'
import type { Writing } from '../state/storage.ts'
import { isRecord } from '../task/parameters.ts'
import { bucketFolder, type Buckets, writeObject } from './bucket.ts'

/** One child execution of a map run that has ended, or never began. */
export interface ChildResult {
  readonly arn: string
  readonly machineArn: string
  readonly name: string
  readonly input: Json
  readonly startedMs: number
  readonly stoppedMs: number
  readonly end:
    | { readonly kind: 'SUCCEEDED'; readonly output: Json }
    | { readonly kind: 'FAILED'; readonly error?: string; readonly cause?: string }
    | { readonly kind: 'PENDING' }
}

export interface MapRun {
  readonly state: string
  readonly arn: string
  readonly children: readonly ChildResult[]
  readonly world: World
}

/** The state's result. */
export async function writeResults(run: MapRun, writing: Writing, buckets: Buckets): Promise<Json> {
  const { argument, resource, config } = writing
  if (resource === undefined) return inForm(formed(run.children, config.Transformation ?? 'COMPACT'), config.OutputType)
  const fields = isRecord(argument) ? argument : {}
  const bucket = String(fields.Bucket ?? '')
  const folder = bucketFolder(buckets, bucket, run.state)
  const prefix = [typeof fields.Prefix === 'string' ? fields.Prefix.replace(/\/$/, '') : '', run.world.uuid()]
  const base = prefix.filter(part => part !== '').join('/')
  const files: { [kind: string]: Json[] } = { FAILED: [], PENDING: [], SUCCEEDED: [] }
  for (const kind of ['FAILED', 'PENDING', 'SUCCEEDED'] as const) {
    const children = run.children.filter(({ end }) => end.kind === kind)
    if (children.length === 0) continue
    const key = `${base}/${kind}_0.${config.OutputType === 'JSONL' ? 'jsonl' : 'json'}`
    const text = textOf(formed(children, config.Transformation ?? 'NONE'), config.OutputType)
    await writeObject(folder, key, text)
    files[kind]?.push({ Key: key, Size: Buffer.byteLength(text) })
  }
  const key = `${base}/manifest.json`
  const manifest = { DestinationBucket: bucket, MapRunArn: run.arn, ResultFiles: files }
  await writeObject(folder, key, JSON.stringify(manifest))
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: bucket, Key: key } }
}

const inForm = (items: readonly Json[], outputType: string | undefined): Json =>
  outputType === 'JSONL' ? textOf(items, outputType) : items

const textOf = (items: readonly Json[], outputType: string | undefined): string =>
  outputType === 'JSONL' ? items.map(item => JSON.stringify(item)).join('\n') : JSON.stringify(items)

/** `NONE`: with all that is known of each; else outputs alone, lists among them flattened where that is asked for. */
function formed(children: readonly ChildResult[], transformation: string): readonly Json[] {
  return children.flatMap(child => {
    if (transformation === 'NONE' || child.end.kind !== 'SUCCEEDED') return [described(child)]
    const { output } = child.end
    return transformation === 'FLATTEN' && Array.isArray(output) ? (output as readonly Json[]) : [output]
  })
}

/** As DescribeExecution tells it. */
function described({ arn, machineArn, name, input, startedMs, stoppedMs, end }: ChildResult): Json {
  const common = { Input: JSON.stringify(input), InputDetails: { Included: true }, Name: name }
  const machine = { StateMachineArn: machineArn, Status: end.kind }
  const times = { StartDate: new Date(startedMs).toISOString(), StopDate: new Date(stoppedMs).toISOString() }
  switch (end.kind) {
    case 'SUCCEEDED':
      return {
        ExecutionArn: arn,
        ...common,
        Output: JSON.stringify(end.output),
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'NOT_REDRIVABLE',
        RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        StartDate: times.StartDate,
        ...machine,
        StopDate: times.StopDate,
      }
    case 'FAILED':
      return {
        ...(end.cause === undefined ? {} : { Cause: end.cause }),
        ...(end.error === undefined ? {} : { Error: end.error }),
        ExecutionArn: arn,
        ...common,
        RedriveCount: 0,
        RedriveStatus: 'REDRIVABLE',
        StartDate: times.StartDate,
        ...machine,
        StopDate: times.StopDate,
      }
    case 'PENDING':
      return { ExecutionArn: arn, ...common, ...machine }
  }
}
