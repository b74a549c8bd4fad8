/** Commands and addresses as what a Task state calls: real processes, and a real server. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Binding } from '../../../src/lang/asl/task/binding.ts'
import type { TaskRequest } from '../../../src/lang/asl/task/index.ts'
import { perform } from './task-rig.ts'

const result = (value: unknown) => ({ kind: 'result', result: value })

const COMMANDS: readonly (readonly [what: string, binding: Binding, came: unknown])[] = [
  ['JSON in, JSON out', { command: ['cat'] }, result({ id: 1 })],
  ['a text for the shell', { command: 'cat | tr 1 2' }, result({ id: 2 })],
  ['what it tells on stderr is no result', { command: 'echo told >&2; echo 3' }, result(3)],
  ['a text that is no JSON', { command: 'echo done' }, result('done\n'.trim())],
  ['nothing', { command: 'true' }, result(null)],
  [
    'its exit code is its error',
    { command: 'echo first; echo why >&2; exit 7' },
    { error: 'ExitCode.7', cause: 'why' },
  ],
  [
    'its variables',
    { command: 'printf \'"%s %s"\' "$TUTTI_STATE" "$COLOUR"', env: { COLOUR: 'red' } },
    result('Charge red'),
  ],
  ['its folder', { command: 'pwd', cwd: '..' }, result('/')],
  [
    'a program that is not there',
    { command: ['no-such-program-here'] },
    expect.objectContaining({ refused: 'ASL_COMMAND_MISSING' }),
  ],
]

describe('a command', () => {
  test.concurrent.each(COMMANDS)('%s', async (_, binding, came) => {
    expect(await perform({ bindings: { charge: binding }, folder: tmpdir() })).toEqual(came)
  })

  test('out of time', async () => {
    const came = await perform({ bindings: { charge: { command: 'sleep 60' } }, folder: '/' }, { timeoutSeconds: 0.1 })
    expect(came).toEqual({ error: 'States.Timeout', cause: undefined })
  })
})

let server: Server
let address: string
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', chunk => (body += chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      const status = Number(/status=(\d+)/.exec(url ?? '')?.[1] ?? 200)
      response.writeHead(status, { 'content-type': 'application/json', 'x-two': ['1', '2'] })
      const text = /as=text/.test(url ?? '')
        ? 'plain'
        : JSON.stringify({ method, url, body, type: headers['content-type'], mine: headers['x-mine'] })
      response.end(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

type Case = readonly [what: string, path: string, request: Partial<TaskRequest>, came: unknown]

const HTTP = 'arn:aws:states:::http:invoke'
const API = 'arn:aws:states:::apigateway:invoke'

const CASES: readonly Case[] = [
  [
    'a function',
    '/charge',
    {},
    result({ method: 'POST', url: '/charge', body: '{"id":1}', type: 'application/json', mine: 'yes' }),
  ],
  ['a function whose answer is no JSON', '/charge?as=text', {}, result('plain')],
  ['a function that fails', '/charge?status=500&as=text', {}, { error: 'Http.StatusCode.500', cause: 'plain' }],
  [
    'http:invoke goes to its own path on the host that is bound',
    '',
    {
      resource: HTTP,
      argument: {
        ApiEndpoint: 'https://api.example.com/v1/orders',
        Method: 'PUT',
        QueryParameters: { a: 'b c', list: ['1', '2'] },
        Headers: { 'X-Mine': 'mine' },
        RequestBody: { id: 1 },
      },
    },
    result({
      Headers: expect.objectContaining({ 'content-type': ['application/json'] }),
      ResponseBody: {
        method: 'PUT',
        url: '/v1/orders?a=b+c&list=1&list=2',
        body: '{"id":1}',
        type: 'application/json',
        mine: 'yes, mine',
      },
      StatusCode: 200,
      StatusText: 'OK',
    }),
  ],
  [
    'http:invoke sends a form',
    '/base',
    {
      resource: HTTP,
      argument: {
        ApiEndpoint: 'https://api.example.com/form',
        Method: 'POST',
        Headers: { 'content-type': 'application/x-www-form-urlencoded' },
        RequestBody: { a: 1, b: 'x y' },
      },
    },
    expect.objectContaining({
      result: expect.objectContaining({
        ResponseBody: expect.objectContaining({ url: '/base/form', body: 'a=1&b=x+y' }),
      }),
    }),
  ],
  [
    'http:invoke fails by its status',
    '',
    { resource: HTTP, argument: { ApiEndpoint: 'https://a.example.com/?status=404&as=text', Method: 'GET' } },
    {
      error: 'States.Http.StatusCode.404',
      cause: expect.stringMatching(/"ResponseBody":"plain","StatusCode":404,"StatusText":"Not Found"\}$/),
    },
  ],
  [
    'apigateway:invoke',
    '',
    {
      resource: API,
      argument: {
        ApiEndpoint: 'id.execute-api.us-east-1.amazonaws.com',
        Method: 'POST',
        Stage: 'prod',
        Path: '/order',
        RequestBody: 'raw',
        Headers: { 'X-Mine': ['a', 'b'] },
      },
    },
    expect.objectContaining({
      result: expect.objectContaining({
        ResponseBody: expect.objectContaining({ url: '/prod/order', body: 'raw', mine: 'yes, a, b' }),
        StatusCode: 200,
      }),
    }),
  ],
  [
    'apigateway:invoke fails with the body',
    '',
    {
      resource: API,
      argument: { ApiEndpoint: 'id.example.com', Method: 'GET', QueryParameters: { status: ['403'], as: ['text'] } },
    },
    { error: 'ApiGateway.403', cause: 'plain' },
  ],
]

describe('an address', () => {
  test.each(CASES)('%s', async (_, path, request, came) => {
    const binding = { http: `${address}${path}`, headers: { 'x-mine': 'yes' } }
    const resource = request.resource ?? 'charge'
    expect(await perform({ bindings: { charge: binding, [resource]: binding } }, request)).toEqual(came)
  })

  test('where nobody listens', async () => {
    const came = await perform({ bindings: { charge: { http: 'http://127.0.0.1:1/' } } })
    expect(came).toEqual({ error: 'States.Http.Socket', cause: expect.stringContaining('http://127.0.0.1:1/: ') })
  })
})
