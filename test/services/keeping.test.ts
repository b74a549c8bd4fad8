/** What becomes of a service when it is asked for again, and when all are stopped. */
import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { ctx } from '../../src/exec/ctx.ts'
import type { Port } from '../../src/dsl/index.ts'
import { sh } from '../../src/exec/index.ts'
import { eventually, folder } from './fixture.ts'
import { keeper } from './keeper.ts'

const open: ReturnType<typeof keeper>[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.services.close()
})

function kept() {
  const mine = keeper(folder())
  open.push(mine)
  return mine
}

/** A function service that writes down what befalls it. */
function noted(log: string[], name = 'api') {
  let count = 0
  return (...args: unknown[]) => {
    const me = `${name}${++count}`
    log.push(`start ${me} ${args.join(' ')}`.trim())
    return { stop: () => void log.push(`stop ${me}`), endpoint: { me } }
  }
}

test('S8: the same key finds the same service, another one replaces it when it is gone', async () => {
  const { ask } = kept()
  const log: string[] = []
  const fn = noted(log)
  const [first, same] = await Promise.all([
    ask({ name: 'api', fn, args: ['a'] }),
    ask({ name: 'api', fn, args: ['a'] }),
  ])
  expect(same).toEqual(first)
  const other = await ask({ name: 'api', fn, args: ['b'] })
  expect(other['me']).toBe('api2')
  await ask({ name: 'api', fn, args: ['b'], code: '2' })
  await ask({ name: 'api', fn, args: ['b'], code: '2', policy: { readyTimeoutMs: 1 } })
  expect(log).toEqual([
    'start api1 a',
    'stop api1',
    'start api2 b',
    'stop api2',
    'start api3 b',
    'stop api3',
    'start api4 b',
  ])
})

test('a port stays the same when a service is replaced', async () => {
  const { ask } = kept()
  const ask1 = (code: string) =>
    ask({
      name: 'api',
      fn: (port: Port) => createServer((_, response) => response.end()).listen(port.number),
      ports: ['http'],
      code,
      policy: { ready: { kind: 'http', path: '/' } },
    })
  expect(await ask1('2')).toEqual(await ask1('1'))
})

test('reload: only arguments have changed', async () => {
  const { ask, lines } = kept()
  const log: string[] = []
  const fn = noted(log)
  const functions = {
    again: (handle: object, ...args: never[]) => void log.push(`again ${Object.keys(handle)} ${args}`),
  }
  const policy = { reload: { kind: 'function', fn: 'again' } } as const
  for (const args of [['a'], ['b']]) await ask({ name: 'api', fn, args, policy, functions })
  await ask({ name: 'api', fn, args: ['b'], code: '2', policy, functions })
  await ask({ name: 'api', fn, args: ['c'], code: '2', policy })
  expect(log).toEqual([
    'start api1 a',
    'again stop,endpoint b',
    'stop api1',
    'start api2 b',
    'stop api2',
    'start api3 c',
  ])
  expect(lines.join()).toContain('is restarted, since its reload failed: the bundle has no function again')
})

test('reload by a signal', async () => {
  const { ask, lines } = kept()
  const script = `trap 'echo reloaded' HUP; echo up; while :; do sleep 0.02; done`
  const policy = {
    ready: { kind: 'log', pattern: 'up', flags: '' },
    reload: { kind: 'signal', signal: 'SIGHUP' },
  } as const
  for (const args of [['a'], ['b']]) await ask({ name: 'api', fn: () => sh`sh -c ${script}`, args, policy })
  await eventually(() => lines.includes('api | reloaded'))
  expect(lines.filter(line => line === 'api | up')).toHaveLength(1)
})

test('S9: what was started later is stopped first, what was started together is stopped together', async () => {
  const { ask, services } = kept()
  const log: string[] = []
  const stops = new Map<string, () => void>()
  const slow = (name: string) => () => ({
    stop: () => {
      log.push(`stopping ${name}`)
      return new Promise<void>(resolve => stops.set(name, resolve))
    },
  })
  await ask({ name: 'db', fn: slow('db') })
  await Promise.all(['a', 'b'].map(name => ask({ name, fn: slow(name) })))
  await ask({ name: 'web', fn: slow('web') })
  const closed = services.close()
  for (const turn of [['web'], ['b', 'a'], ['db']]) {
    await eventually(() => turn.every(name => stops.has(name)))
    expect(log.splice(0).sort()).toEqual(turn.map(name => `stopping ${name}`).sort())
    for (const name of turn) stops.get(name)?.()
  }
  await closed
  await expect(ask({ name: 'late', fn: () => undefined })).rejects.toThrow('everything is being stopped')
})

test('S5, S6: functions are services: with a handle, a promise, something disposable, a signal', async () => {
  const { ask, services, states } = kept()
  const log: string[] = []
  await ask({ name: 'handle', fn: async () => ({ stop: () => void log.push('handle') }) })
  await ask({ name: 'disposable', fn: () => ({ [Symbol.asyncDispose]: async () => void log.push('disposable') }) })
  await ask({
    name: 'signal',
    fn: () => void ctx().signal.addEventListener('abort', () => void log.push('signal')),
  })
  await ask({
    name: 'promise',
    fn: () => {
      const { signal } = ctx()
      return {
        run: new Promise<void>(end => signal.addEventListener('abort', () => end())).then(() => log.push('promise')),
      }
    },
  })
  // A function that does not return until it is stopped needs another way to be seen.
  await ask({
    name: 'pending',
    fn: () => new Promise<void>(end => ctx().signal.addEventListener('abort', () => end(void log.push('pending')))),
    policy: { ready: { kind: 'function', fn: 'yes' } },
    functions: { yes: () => true },
  })
  expect(states.filter(each => each.endsWith('ready'))).toHaveLength(5)
  await services.close()
  expect(log).toEqual(['pending', 'promise', 'signal', 'disposable', 'handle'])
})

test('what a function throws when nobody listens ends its service, and its end restarts it', async () => {
  const { ask, states, lines } = kept()
  let fail: (error: Error) => void = () => undefined
  const working = () =>
    new Promise<void>((end, reject) => {
      fail = reject
      ctx().signal.addEventListener('abort', () => end())
    })
  await ask({ name: 'api', fn: () => ({ run: working() }) })
  fail(new Error('lost the queue'))
  await eventually(() => states.filter(each => each === 'api ready').length === 2)
  expect(lines).toContain('api | warning: SERVICE_LOST: api failed: lost the queue')
})

test('an endpoint that is no record is refused', async () => {
  const { ask } = kept()
  await expect(ask({ name: 'api', fn: () => ({ endpoint: 'localhost:80' }) })).rejects.toThrow('BAD_ENDPOINT')
})
