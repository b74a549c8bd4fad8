/** Addresses: a function's work over HTTP, and the calls that http:invoke and apigateway:invoke make. */
import type { Json } from '../../../../util/json.ts'
import { StateError } from '../../state-error.ts'
import type { HttpBinding } from '../binding.ts'
import { headerLists, textOf } from '../integrations.ts'
import { type Fields, fieldsOf, isRecord, required } from '../parameters.ts'
import type { TaskRequest } from '../request.ts'

/** Sends JSON; gives the text that came. A status that is no success is `Http.StatusCode.<n>`, the body its cause. */
export async function callAddress(binding: HttpBinding, body: string, signal: AbortSignal): Promise<string> {
  const { http, method = 'POST', headers = {} } = binding
  const response = await send(http, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    signal,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
  })
  const text = await response.text()
  if (!response.ok) throw new StateError(`Http.StatusCode.${response.status}`, text)
  return isJson(text) ? text : JSON.stringify(text)
}

/** http:invoke: `ApiEndpoint` is a whole address; what the binding names stands in the place of its host. */
export async function invokeHttp(binding: HttpBinding, request: TaskRequest): Promise<Json> {
  const fields = fieldsOf(request)
  const url = redirected(binding.http, new URL(required(request, fields, 'ApiEndpoint')))
  const method = required(request, fields, 'Method')
  addQuery(url, fields.QueryParameters)
  const headers = new Headers(binding.headers)
  for (const [name, value] of Object.entries(isRecord(fields.Headers) ? fields.Headers : {}))
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, textOf(each as Json))
  const { response, answer } = await exchange({ url, method, headers, fields, request })
  if (!response.ok) throw new StateError(`States.Http.StatusCode.${response.status}`, JSON.stringify(answer))
  return answer
}

interface Exchange {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly fields: Fields
  readonly request: TaskRequest
}

async function exchange({ url, method, headers, fields, request: { signal } }: Exchange) {
  const body = bodyOf(fields, headers)
  const response = await send(url.href, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  return { response, answer: await answerOf(response) }
}

/** apigateway:invoke: host, stage and path are fields of their own. */
export async function invokeApi(binding: HttpBinding, request: TaskRequest): Promise<Json> {
  const fields = fieldsOf(request)
  const { Stage, Path, Headers: given } = fields
  const host = required(request, fields, 'ApiEndpoint')
  const method = required(request, fields, 'Method')
  const path = [Stage, Path]
    .filter(part => typeof part === 'string' && part !== '')
    .map(part => String(part).replace(/^\/+/, ''))
  const url = redirected(binding.http, new URL(`https://${host}/${path.join('/')}`))
  addQuery(url, fields.QueryParameters)
  const headers = new Headers(binding.headers)
  for (const [name, values] of Object.entries(headerLists(request, given)))
    for (const value of values) headers.append(name, value)
  const { response, answer } = await exchange({ url, method, headers, fields, request })
  if (!response.ok) throw new StateError(`ApiGateway.${response.status}`, textOf(answer.ResponseBody))
  return answer
}

function redirected(to: string, url: URL): URL {
  const target = new URL(to)
  return new URL(target.pathname.replace(/\/$/, '') + url.pathname + url.search, target.origin)
}

function addQuery(url: URL, parameters: Json | undefined): void {
  for (const [name, value] of Object.entries(isRecord(parameters) ? parameters : {}))
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, textOf(each as Json))
}

/** A text as it is, anything else as JSON; a form where its type says so. */
function bodyOf({ RequestBody }: Fields, headers: Headers): string | undefined {
  if (RequestBody === undefined || RequestBody === null) return undefined
  if (typeof RequestBody === 'string') return RequestBody
  if (headers.get('content-type') === 'application/x-www-form-urlencoded' && isRecord(RequestBody)) {
    const pairs = Object.entries(RequestBody).map(([name, value]) => [name, textOf(value)] as [string, string])
    return new URLSearchParams(pairs).toString()
  }
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return JSON.stringify(RequestBody)
}

async function answerOf(response: Response): Promise<{ readonly [field: string]: Json }> {
  const text = await response.text()
  const headers: { [name: string]: string[] } = {}
  for (const [name, value] of response.headers) headers[name] = [...(headers[name] ?? []), value]
  return {
    Headers: headers,
    ResponseBody: isJson(text) ? (JSON.parse(text) as Json) : text,
    StatusCode: response.status,
    StatusText: response.statusText,
  }
}

/** A host that does not answer is an error of the task, not of ours. */
async function send(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options)
  } catch (error) {
    if (options.signal?.aborted) throw error
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new StateError('States.Http.Socket', `${url}: ${cause}`)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
