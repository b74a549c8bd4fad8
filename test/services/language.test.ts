/** What `service` and `port` make of what they are given. */
import { expect, test } from 'vitest'
import { type Endpoint, flow, type Port, port, type Ref, service, task, workflow } from '../../src/dsl/index.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'
import { parseGraph, validateGraph } from '../../src/core/index.ts'
import { drawingOf } from '../../src/cli/draw/drawn.ts'
import { sh } from '../../src/exec/index.ts'
import { mock, simulate } from '../../src/sim/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

function graphOf(body: () => unknown) {
  const definition = definitionOf(workflow(body as () => never))
  if (!definition || !('body' in definition)) throw new Error('no workflow')
  return traceWorkflow(definition).graph
}

const codeOf = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    if (error instanceof Refusal) return `${error.diagnostics[0]?.code}: ${error.diagnostics[0]?.message}`
    throw error
  }
  return 'nothing'
}

test('a service is a node with its policy; its functions have names', () => {
  const api = service((_db: string, http: Port) => sh`node ${http}`, {
    name: 'api',
    ready: { http: '/health', status: 204 },
    readyTimeout: '5s',
    live: { probe: () => true, every: '1s' },
    restart: 2,
    reload: (_running, _db, _http) => undefined,
    stop: { signal: 'SIGINT' },
    env: ['HOME'],
  })
  const graph = graphOf(() => api('db', port('http', 8080)))
  expect(graph.root.nodes).toMatchObject([
    {
      kind: 'service',
      name: 'api',
      task: 'api',
      policy: { env: ['HOME'] },
      args: [{ kind: 'literal' }, { kind: 'resource', resource: { kind: 'port', name: 'http', number: 8080 } }],
      service: {
        ready: { kind: 'http', path: '/health', status: 204 },
        readyTimeoutMs: 5_000,
        live: { probe: { kind: 'function', fn: 'api.live' }, everyMs: 1_000, failures: 3 },
        restart: { times: 2, delayMs: 500, delayMsMax: 30_000, factor: 2 },
        reload: { kind: 'function', fn: 'api.reload' },
        stop: { signal: 'SIGINT', graceMs: 10_000 },
      },
    },
  ])
  expect(validateGraph(graph)).toEqual([])
  expect(drawingOf(graph.root).root.nodes).toMatchObject([{ kind: 'service', note: 'ready by GET /health' }])
  expect(parseGraph(JSON.parse(JSON.stringify(graph)))).toMatchObject({ ok: true })
})

test('what is looked at when nothing is said hangs on whether it has a port', () => {
  const readyOf = (body: () => unknown) =>
    graphOf(body).root.nodes.map(node => node.kind === 'service' && node.service.ready)
  const any = service((_options: { readonly at?: Port }) => undefined)
  expect(readyOf(() => [any({}), any({ at: port('http') })])).toEqual([{ kind: 'started' }, { kind: 'tcp' }])
  const each = (ready: NonNullable<Parameters<typeof service>[1]>['ready']) =>
    readyOf(() => service(() => 1, { ready })())[0]
  expect(each({ log: /up (\d)/gi })).toEqual({ kind: 'log', pattern: 'up (\\d)', flags: 'i' })
  expect(each({ tcp: 'admin' })).toEqual({ kind: 'tcp', port: 'admin' })
  expect(each({ file: 'x.sock' })).toEqual({ kind: 'file', path: 'x.sock' })
  expect(each('exit')).toEqual({ kind: 'exit' })
})

test('what is wrong with it is refused where it stands', () => {
  const bad = (options: object) => codeOf(() => service(() => 1, options))
  expect(bad({ ready: { http: '/', tcp: 'x' } })).toMatch(/^BAD_OPTION: ready takes 'tcp', 'exit', 'started'/)
  expect(bad({ stop: { signal: 'TERM' } })).toMatch(/^BAD_OPTION: stop.signal takes a signal, not "TERM"/)
  expect(bad({ restart: -1 })).toMatch(/^BAD_OPTION: restart takes/)
  expect(bad({ live: {} })).toMatch(/^BAD_OPTION: live.probe takes/)
  expect(bad({ readyTimeout: 'soon' })).toMatch(/^BAD_DURATION/)
  expect(bad({ executor: 'thread' })).toMatch(/^BAD_OPTION: There is no option executor/)
  expect(codeOf(() => port('http', 70_000))).toMatch(/^BAD_ARGUMENT: port\(\) takes a number from 1 to 65535/)
  expect(codeOf(() => port('http').number)).toMatch(/^PORT_OUTSIDE_SERVICE/)
  expect(codeOf(() => service(() => 1)())).toMatch(/^OUTSIDE_WORKFLOW/)
})

test('the endpoint is typed, with the fields that the function gives', () => {
  const plain = service((_port: Port) => sh`x`)
  const own = service(async (_port: Port) => ({ run: sh`x`, endpoint: { url: 'postgres://localhost/x', user: 'me' } }))
  const use = task((_endpoint: Endpoint, _user: string) => 1)
  workflow(() => {
    const at: Ref<Endpoint> = plain(port('http'))
    // @ts-expect-error it has no such field
    at.user
    // @ts-expect-error a port is no number here
    plain(80)
    return use(own(port('sql')), own(port('sql')).user)
  })
})

test('in a simulation a service is mocked with its endpoint', async () => {
  const api = service((_port: Port) => sh`x`, { name: 'api' })
  const use = task((at: Endpoint) => at.url, { name: 'use' })
  const wf = workflow(() => use(api(port('http'))))
  const at: Endpoint = { host: 'localhost', port: 1, url: 'http://localhost:1', ports: { http: 1 } }
  expect(await simulate(wf, { mocks: [mock(api, at)] })).toMatchObject({ status: 'succeeded', output: at.url })
  await expect(simulate(wf, { real: 'all' })).rejects.toThrow('A simulation would run the service api for real')
})

test('a flow cannot start a service itself', async () => {
  const api = service(() => sh`x`, { name: 'api' })
  const result = await simulate(flow(async () => await api()))
  expect(result).toMatchObject({ status: 'failed', fault: { code: 'OUTSIDE_WORKFLOW' } })
})
