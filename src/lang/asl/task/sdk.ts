/** What AWS's SDK adds to the answers of its services: local answers carry it too, since definitions select from it. */
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'

interface Response {
  readonly body: string
  readonly type: string
  readonly headers?: { readonly [name: string]: string }
  readonly status?: number
}

export interface SdkMetadata {
  readonly SdkHttpMetadata: Json
  readonly SdkResponseMetadata: Json
}

/** Of an invocation of a function, beside what all calls have. */
export const functionHeaders = (world: World): { readonly [name: string]: string } => ({
  'X-Amz-Executed-Version': '$LATEST',
  'x-amzn-Remapped-Content-Length': '0',
  'X-Amzn-Trace-Id': traceId(world),
})

/** As X-Ray writes it: a moment in seconds, and chance. */
function traceId(world: World): string {
  const seconds = Math.floor(world.now() / 1_000)
  const digits = world.uuid().replaceAll('-', '')
  return `Root=1-${seconds.toString(16).padStart(8, '0')}-${digits.slice(0, 24)};Sampled=0`
}

/** Of a call that went well. */
export function sdkMetadata(world: World, { body, type, headers = {}, status = 200 }: Response): SdkMetadata {
  const requestId = world.uuid()
  const all: { [name: string]: string } = {
    ...headers,
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': type,
    Date: new Date(world.now()).toUTCString(),
    'x-amzn-RequestId': requestId,
  }
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      HttpHeaders: all,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
  }
}

/** How AWS ends the message of what a service refused. */
export const sdkRefusal = (message: string, service: string, status: number, world: World): string =>
  `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${world.uuid()})`
