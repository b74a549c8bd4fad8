/** TRACE: what an HTTP task sends and gets, told from its argument and its result. */
import type { Json } from '../../../util/json.ts'
import { isRecord } from './refuse.ts'
import type { HttpRequest, HttpResponse } from './request.ts'

/** As http:invoke takes it. */
export function requestOf(argument: Json): HttpRequest {
  const { ApiEndpoint, Method, Headers, QueryParameters, RequestBody } = isRecord(argument) ? argument : {}
  const endpoint = typeof ApiEndpoint === 'string' ? ApiEndpoint : ''
  return {
    protocol: protocolOf(endpoint),
    method: typeof Method === 'string' ? Method : '',
    url: withQuery(endpoint, QueryParameters),
    ...(Headers === undefined ? {} : { headers: textOf(Headers) }),
    ...(RequestBody === undefined ? {} : { body: textOf(RequestBody) }),
  }
}

/** `result`: as http:invoke gives it. */
export function responseOf(argument: Json, result: Json): HttpResponse {
  const { StatusCode, StatusText, Headers, ResponseBody } = isRecord(result) ? result : {}
  return {
    protocol: requestOf(argument).protocol,
    ...(StatusCode === undefined ? {} : { statusCode: textOf(StatusCode) }),
    ...(StatusText === undefined ? {} : { statusMessage: textOf(StatusText) }),
    ...(Headers === undefined ? {} : { headers: textOf(Headers) }),
    ...(ResponseBody === undefined ? {} : { body: textOf(ResponseBody) }),
  }
}

const protocolOf = (endpoint: string): string => /^(\w+):/.exec(endpoint)?.[1] ?? 'https'

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** A parameter with a list stands there once for each of its values. */
function withQuery(endpoint: string, parameters: Json | undefined): string {
  if (!isRecord(parameters) || !URL.canParse(endpoint)) return endpoint
  const url = new URL(endpoint)
  for (const [name, value] of Object.entries(parameters))
    for (const each of Array.isArray(value) ? (value as readonly Json[]) : [value])
      url.searchParams.append(name, textOf(each))
  return url.href
}
