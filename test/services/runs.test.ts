import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Endpoint, port, type Port, service, task, workflow } from '../../src/dsl/index.ts'
import { openStore } from '../../src/store/index.ts'
import { sh } from '../../src/exec/index.ts'
import { folder, rosters, processesWith, program, runIn, SERVER } from './fixture.ts'

const fetched = task(async (api: Endpoint) => (await fetch(api.url)).text(), { name: 'fetched' })

test('a process is a service: it is ready, used, and stopped when the run is over', async () => {
  const cwd = folder()
  const path = program(cwd, 'server.mjs', SERVER)
  const api = service((http: Port) => sh`node ${path}`.env({ PORT: http.number }), { ready: { http: '/' } })
  const result = await runIn(
    cwd,
    workflow(() => fetched(api(port('http')))),
  )
  expect(result).toMatchObject({ status: 'succeeded', output: 'hello' })
  expect(processesWith(path)).toEqual([])
  expect(rosters(cwd)).toEqual([])
})

test('a run that fails or is paused stops its services, last first', async () => {
  const cwd = folder()
  const log: string[] = []
  const noting = (name: string) => service(() => ({ stop: () => void log.push(name) }), { name })
  const [db, api] = [noting('db'), service((_db: Endpoint) => ({ stop: () => void log.push('api') }), { name: 'api' })]
  const fails = task((_api: Endpoint) => {
    throw new Error('no')
  })
  expect(
    await runIn(
      cwd,
      workflow(() => fails(api(db()))),
    ),
  ).toMatchObject({ status: 'failed' })
  expect(log.splice(0)).toEqual(['api', 'db'])
  const abort = new AbortController()
  const pauses = task((_api: Endpoint) => {
    abort.abort()
    return new Promise<void>(() => undefined)
  })
  expect(
    await runIn(
      cwd,
      workflow(() => pauses(api(db()))),
      { signal: abort.signal },
    ),
  ).toMatchObject({ kind: 'paused' })
  expect(log).toEqual(['api', 'db'])
})

test('a resumed run starts its services again, where they were, before anything else', async () => {
  const cwd = folder()
  const path = program(cwd, 'server.mjs', SERVER)
  const api = service((http: Port) => sh`node ${path}`.env({ PORT: http.number }), { ready: { http: '/' } })
  const abort = new AbortController()
  const first = task(
    async (at: Endpoint) => {
      abort.abort()
      return at.port
    },
    { name: 'first' },
  )
  const ask = task(async (at: Endpoint, port: number) => [at.port === port, await (await fetch(at.url)).text()])
  const wf = workflow(() => {
    const at = api(port('http'))
    return ask(at, first(at))
  })
  expect(await runIn(cwd, wf, { id: 'r', signal: abort.signal })).toMatchObject({ kind: 'paused' })
  expect(processesWith(path)).toEqual([])
  expect(await runIn(cwd, wf, { id: 'r' })).toMatchObject({ status: 'succeeded', output: [true, 'hello'] })
  expect(processesWith(path)).toEqual([])
})

test('two runs of one folder run side by side, each with a service of its own', async () => {
  const cwd = folder()
  const path = program(cwd, 'server.mjs', SERVER)
  const api = service((http: Port) => sh`node ${path}`.env({ PORT: http.number }), { ready: { http: '/' } })
  let both: () => void = () => undefined
  const met = new Promise<void>(resolve => (both = resolve))
  const ports = new Set<number>()
  const meet = task(async (at: Endpoint) => {
    ports.add(at.port)
    if (ports.size === 2) both()
    await met
    return (await fetch(at.url)).text()
  })
  const wf = workflow(() => meet(api(port('http'))))
  const store = await openStore(join(cwd, '.tutti'))
  const results = await Promise.all([runIn(cwd, wf, { store }), runIn(cwd, wf, { store })])
  for (const result of results) expect(result).toMatchObject({ status: 'succeeded', output: 'hello' })
  expect(ports.size).toBe(2)
  await store.close()
})

test('a service that cannot start fails its step, with what it has written', async () => {
  const cwd = folder()
  const db = service(() => sh`sh -c ${'echo no room left >&2; exit 4'}`, { name: 'db', ready: { log: /ready/ } })
  const result = await runIn(
    cwd,
    workflow(() => db()),
  )
  expect(result).toMatchObject({
    status: 'failed',
    fault: { code: 'SERVICE_EXITED', message: 'db ended with exit code 4 before it was ready\n  no room left' },
  })
})

test('a service that a workflow inside starts is there for who uses its result', async () => {
  const cwd = folder()
  const path = program(cwd, 'server.mjs', SERVER)
  const api = service((http: Port) => sh`node ${path}`.env({ PORT: http.number }), { ready: { http: '/' } })
  const inner = workflow(() => ({ place: api(port('http')) }))
  expect(
    await runIn(
      cwd,
      workflow(() => fetched(inner().place)),
    ),
  ).toMatchObject({ output: 'hello' })
})

test('who uses a service that has failed for good is told', async () => {
  const cwd = folder()
  const end = join(cwd, 'end')
  const ends = `\nimport { existsSync } from 'node:fs'\nsetInterval(() => existsSync('end') && process.exit(3), 20)`
  const path = program(cwd, 'server.mjs', SERVER + ends)
  const api = service((http: Port) => sh`node ${path}`.env({ PORT: http.number }), {
    name: 'api',
    ready: { http: '/' },
    restart: 0,
  })
  const waits = task(
    (_at: Endpoint) => {
      writeFileSync(end, '')
      return new Promise<void>(() => undefined)
    },
    { name: 'waits' },
  )
  const other = task(async (place: { readonly at: Endpoint }) => place.at.port, { name: 'other' })
  const result = await runIn(
    cwd,
    workflow(() => {
      const at = api(port('http'))
      return { other: other({ at }), waits: waits(at) }
    }),
  )
  expect(result).toMatchObject({
    status: 'failed',
    fault: {
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('waits uses a service: api ended with exit code 3'),
    },
  })
})
