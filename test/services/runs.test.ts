import { expect, test } from 'vitest'
import { type Endpoint, port, type Port, service, task, workflow } from '../../src/dsl/index.ts'
import { sh } from '../../src/exec/index.ts'
import { folder, ledgers, processesWith, program, runIn, SERVER } from './fixture.ts'

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
  expect(ledgers(cwd)).toEqual([])
})
