/** What AWS's SDK adds to the answers of its services: local answers carry it too, since definitions select from it. */
import type { Json } from '../../../util/json.ts'
import type { World } from '../scope.ts'

interface Response {
  readonly body: string
  readonly type: string
  readonly headers?: { readonly [name: string]: string }
}

export interface SdkMetadata {
  readonly SdkHttpMetadata: Json
  readonly SdkResponseMetadata: Json
}

/** Of a call that went well. */
export function sdkMetadata(world: World, { body, type, headers = {} }: Response): SdkMetadata {
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
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  }
}

/** How AWS ends the message of what a service refused. */
export const sdkRefusal = (message: string, service: string, status: number, world: World): string =>
  `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${world.uuid()})`
