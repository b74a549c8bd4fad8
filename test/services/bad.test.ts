/** What services do wrong, with real processes. */
import { type AddressInfo, createServer } from 'node:net'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Port } from '../../src/dsl/index.ts'
import { sh } from '../../src/exec/index.ts'
import { eventually, folder, processesWith, program, SERVER } from './fixture.ts'
import { keeper } from './keeper.ts'

const open: ReturnType<typeof keeper>[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.services.close()
})

function kept(cwd = folder()) {
  const mine = keeper(cwd)
  open.push(mine)
  return { ...mine, cwd, program: (name: string, text: string) => program(cwd, name, text) }
}

/** Shell text as a service. */
const script = (text: string) => () => sh`sh -c ${text}`

/** Listens until the test is over. */
async function occupied(wanted = 0): Promise<{ readonly number: number; free(): void }> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(wanted, resolve))
  const { port } = server.address() as AddressInfo
  return { number: port, free: () => void server.close() }
}

test('a port that the user wants and somebody has is refused', async () => {
  const { ask } = kept()
  const { number, free } = await occupied()
  await expect(ask({ name: 'db', fn: script('sleep 9'), ports: [['sql', number]] })).rejects.toThrow(
    `Port ${number}, which db wants for sql, is taken by another program`,
  )
  free()
})

test('S2: a port that is allotted is the same again, another one when it is taken, another one elsewhere', async () => {
  const step = { name: 'api', fn: () => undefined, ports: ['http'] }
  const cwd = folder()
  const [a, again, other] = [kept(cwd), kept(cwd), kept()]
  const { port } = await a.ask(step)
  await a.services.close()
  expect((await again.ask(step))['port']).toBe(port)
  expect((await other.ask(step))['port']).not.toBe(port)
  // Of the same process and folder another service: both are given one at the same time.
  const both = await Promise.all(['x', 'y'].map(name => again.ask({ ...step, name, ports: ['http', 'admin'] })))
  const numbers = both.flatMap(({ ports }) => Object.values(ports as Record<string, number>))
  expect(new Set(numbers).size).toBe(4)
  await again.services.close()
  const { free } = await occupied(port as number)
  const late = kept(cwd)
  expect((await late.ask(step))['port']).not.toBe(port)
  free()
})

test('a service that ends at once says how, and its last lines', async () => {
  const { ask } = kept()
  await expect(
    ask({ name: 'api', fn: script('echo one; echo no such table >&2; exit 3'), policy: tcp }),
  ).rejects.toThrow(/^PORT_UNKNOWN/)
  await expect(
    ask({ name: 'api', fn: script('echo one; echo no such table >&2; exit 3'), policy: log(/never/) }),
  ).rejects.toThrow(/^SERVICE_EXITED: api ended with exit code 3 before it was ready\n.*one\n? *.*no such table/s)
  await expect(ask({ name: 'api', fn: script('kill -SEGV $$'), policy: log(/never/) })).rejects.toThrow(
    'api was killed by SIGSEGV before it was ready',
  )
  await expect(ask({ name: 'api', fn: () => sh`no-such-program`, policy: log(/never/) })).rejects.toThrow(
    'api did not start: no-such-program could not start: there is no program "no-such-program"',
  )
  await expect(
    ask({
      name: 'api',
      fn: () => {
        throw new TypeError('bad')
      },
    }),
  ).rejects.toThrow('bad')
})

test('a service that does not get ready says what was looked at and what was seen, and is gone', async () => {
  const { ask, cwd } = kept()
  const waits = script(`echo starting; exec sleep 1234 # ${cwd}`)
  const cases = [
    [{ kind: 'tcp' }, /a connection to localhost:\d+: nobody listens there\n {2}starting/],
    [{ kind: 'http', path: '/x' }, /GET http:\/\/localhost:\d+\/x: nobody listens there/],
    [{ kind: 'log', pattern: 'up', flags: 'i' }, /a line that matches \/up\/i: no line does/],
    [{ kind: 'file', path: 'sock' }, /the file sock: it is not there/],
    [{ kind: 'exit' }, /it has not ended/],
    [{ kind: 'function', fn: 'isUp' }, /its function isUp: no tables/],
  ] as const
  const functions = {
    isUp: () => {
      throw new Error('no tables')
    },
  }
  const asked = cases.map(([ready, message], index) =>
    expect(
      ask({ name: `s${index}`, fn: waits, ports: ['http'], policy: { ready, readyTimeoutMs: 500 }, functions }),
    ).rejects.toThrow(message),
  )
  await Promise.all(asked)
  expect(processesWith(cwd)).toEqual([])
})

test('S1: a service that ignores SIGTERM is killed after its grace', async () => {
  const { ask, services, cwd } = kept()
  const stubborn = script(`trap '' TERM; echo up; while :; do sleep 0.05; done # ${cwd}`)
  await ask({ name: 'api', fn: stubborn, policy: { ...log(/up/), stop: { signal: 'SIGTERM', graceMs: 150 } } })
  expect(processesWith(cwd)).not.toEqual([])
  await services.close()
  expect(processesWith(cwd)).toEqual([])
})

test('S1: what has left group and session and was let go by its parents is found', async () => {
  const { ask, services, cwd, program } = kept()
  const daemon = program(
    'daemon.mjs',
    `import { spawn } from 'node:child_process'
     const [, , depth] = process.argv
     if (depth > 0) spawn(process.execPath, [import.meta.filename, depth - 1], { detached: true, stdio: 'ignore' }).unref()
     else setInterval(() => {}, 1000)`,
  )
  await ask({ name: 'd', fn: () => sh`node ${daemon} 2`, policy: { ready: { kind: 'exit' } } })
  await eventually(() => processesWith(daemon).length === 1)
  await services.close()
  expect(processesWith(cwd)).toEqual([])
})

test('a service that leaves is over when what it has left is over', async () => {
  const { ask, states } = kept()
  const policy = { ready: { kind: 'exit' }, restart: { times: 1, delayMs: 1, delayMsMax: 1, factor: 1 } } as const
  await ask({ name: 'd', fn: script('sleep 0.3 >/dev/null 2>&1 &'), policy })
  await eventually(() => states.includes('d restarting'))
})

test('a line that comes in pieces is one line', async () => {
  const { ask, lines } = kept()
  const slow = script('printf "data"; sleep 0.05; printf "base is re"; sleep 0.05; echo "ady"; sleep 99')
  await ask({ name: 'db', fn: slow, policy: log(/^database is ready$/) })
  expect(lines).toEqual(['db | database is ready'])
})

test('a server that takes connections and never answers is not ready', async () => {
  const { ask } = kept()
  const fn = (port: Port) => {
    const server = createServer(() => undefined).listen(port.number)
    return { stop: () => void server.close() }
  }
  await expect(
    ask({ name: 'api', fn, ports: ['http'], policy: { ready: { kind: 'http', path: '/' }, readyTimeoutMs: 500 } }),
  ).rejects.toThrow(/GET .*: no answer yet/)
})

test('two ports, and an address of IPv6 alone', async () => {
  const { ask, program } = kept()
  const path = program('server.mjs', SERVER)
  const fn = (http: Port, admin: Port) =>
    sh`sh -c ${`node ${path} & PORT=${admin.number} node ${path} & wait`}`.env({ PORT: http.number, HOST: '::1' })
  const ready = { kind: 'http', path: '/', port: 'admin' } as const
  const endpoint = await ask({ name: 'api', fn, ports: ['http', 'admin'], policy: { ready } })
  const { http, admin } = endpoint['ports'] as { http: number; admin: number }
  expect(endpoint).toEqual({ host: 'localhost', port: http, url: `http://localhost:${http}`, ports: { http, admin } })
  expect(await (await fetch(`http://[::1]:${admin}/`)).text()).toBe('hello')
})

test('S7: what ends by itself is started again, and fails after so many times in a row', async () => {
  const { ask, states, lines, cwd, state } = kept()
  const count = join(cwd, 'count')
  const fn = script(`echo x >> ${count}; echo up; sleep 0.05; exit 7`)
  await ask({ name: 'api', fn, policy: log(/up/) })
  await eventually(() => state('api')?.kind === 'failed')
  expect(readFileSync(count, 'utf8')).toBe('x\nx\nx\n')
  expect(states.filter(each => each !== 'api starting')).toEqual([
    'api ready',
    'api restarting',
    'api ready',
    'api restarting',
    'api ready',
    'api restarting',
    'api failed',
  ])
  expect(lines).toContain(
    'api | warning: SERVICE_FAILED: api ended with exit code 7, and 2 restarts in a row did not help',
  )
})

test('what is not live any more is started again, and is live again', async () => {
  const { ask, states, lines, cwd, program } = kept()
  const sick = join(cwd, 'sick')
  const path = program(
    'server.mjs',
    `import { createServer } from 'node:http'
     import { existsSync, rmSync } from 'node:fs'
     rmSync(${JSON.stringify(sick)}, { force: true })
     createServer((_, r) => { r.statusCode = existsSync(${JSON.stringify(sick)}) ? 500 : 200; r.end() }).listen(process.env.PORT)`,
  )
  const probe = { kind: 'http', path: '/' } as const
  const fn = (port: Port) => sh`node ${path}`.env({ PORT: port.number })
  await ask({ name: 'api', fn, ports: ['http'], policy: { ready: probe, live: { probe, everyMs: 20, failures: 2 } } })
  writeFileSync(sick, '')
  await eventually(() => states.filter(each => each === 'api ready').length === 2)
  expect(existsSync(sick)).toBe(false)
  expect(lines.join('\n')).toMatch(/SERVICE_LOST: api is not live any more: GET http:.*: status 500/)
})

test('what is cancelled while it is being started is gone', async () => {
  const { ask, cwd } = kept()
  const abort = new AbortController()
  const asked = ask({ name: 'api', fn: script(`sleep 1234 # ${cwd}`), policy: log(/never/), signal: abort.signal })
  await eventually(() => processesWith(cwd).length > 0)
  abort.abort(new Error('cancelled'))
  await expect(asked).rejects.toThrow('cancelled')
  expect(processesWith(cwd)).toEqual([])
})

const tcp = { ready: { kind: 'tcp' } } as const
const log = (pattern: RegExp) => ({ ready: { kind: 'log', pattern: pattern.source, flags: pattern.flags } }) as const

test('a start that is superseded leaves its port to the next one; a try after a failure looks at it anew', async () => {
  const { ask, program } = kept()
  const path = program('server.mjs', SERVER)
  const fn = (port: Port) => sh`node ${path}`.env({ PORT: port.number })
  const abort = new AbortController()
  const never = ask({ name: 'api', fn, ports: ['http'], policy: log(/never/), signal: abort.signal }).catch(
    () => 'gone',
  )
  await eventually(() => processesWith(path).length > 0)
  const next = ask({ name: 'api', fn, ports: ['http'], policy: { ready: { kind: 'http', path: '/' } } })
  abort.abort(new Error('superseded'))
  expect(await never).toBe('gone')
  const { port } = await next
  expect(port).toBeGreaterThan(0)

  const bad = { name: 'bad', fn: script('exit 1'), ports: ['http'], policy: log(/up/) }
  await expect(ask(bad)).rejects.toThrow('SERVICE_EXITED')
  const other = await ask({ name: 'bad', fn: () => undefined, ports: ['http'] })
  expect(await ask({ name: 'bad', fn: () => undefined, ports: ['http'], code: '2' })).toEqual(other)
  await expect(ask(bad)).rejects.toThrow('SERVICE_EXITED')
  const { free } = await occupied(other['port'] as number)
  expect((await ask({ name: 'bad', fn: () => undefined, ports: ['http'] }))['port']).not.toBe(other['port'])
  free()
})

test('a service that is stopped while it is being started does not hold that up', async () => {
  const { ask, cwd, services } = kept()
  const asked = ask({ name: 'api', fn: script(`sleep 1234 # ${cwd}`), policy: log(/never/) }).catch(error => error)
  await eventually(() => processesWith(cwd).length > 0)
  await services.stop('w api')
  expect(await asked).toBeInstanceOf(Error)
  expect(services.list()).toEqual([])
  expect(processesWith(cwd)).toEqual([])
})

test('S1: a member of the group is told once, what has left it is told, too', async () => {
  const { ask, services, lines, cwd, program } = kept()
  const counts = program(
    'counts.mjs',
    `const started = process.argv[2]
     let times = 0
     process.on('SIGTERM', () => { times += 1; console.log(started, 'told', times); setTimeout(() => process.exit(), 200) })
     console.log(started, 'up'); setInterval(() => {}, 1000)`,
  )
  const text = `node ${counts} inside & setsid node ${counts} outside & trap 'exit 0' TERM; wait`
  await ask({ name: 's', fn: script(text), policy: log(/outside up/) })
  await eventually(() => lines.includes('s | inside up'))
  await services.close()
  expect(lines.filter(line => line.includes('told')).sort()).toEqual(['s | inside told 1', 's | outside told 1'])
  expect(processesWith(cwd)).toEqual([])
})
