/** The layers round an attempt: their order, and what users do with them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { literal, attemptOf, folderBlobs, freshFolder, remember } from './fixture.ts'
import { bindings } from './tasks.ts'
import type { Executor, Middleware } from '../../src/exec/attempt.ts'
import { ctx } from '../../src/exec/ctx.ts'
import { dispatch } from '../../src/exec/dispatch.ts'
import { onion, type OnionOptions, type Use } from '../../src/exec/onion.ts'
import { showMs } from '../../src/exec/middleware/timeout.ts'
import { setCommandsMax } from '../../src/exec/sh/limiter.ts'
import { sh } from '../../src/exec/sh/sh.ts'

const signal = new AbortController().signal
const add = attemptOf({ task: 'add', args: [literal(1), literal(2)] })

async function make(options: Partial<OnionOptions> = {}): Promise<Executor> {
  return onion({
    open: async () => bindings,
    blobs: folderBlobs(await freshFolder()),
    values: { cwd: process.cwd() },
    ...options,
  })
}

/** Writes down when it is entered and left. */
const traced =
  (log: string[], name: string): Middleware =>
  next =>
  async (attempt, signal, reports) => {
    log.push(`${name} in`)
    const outcome = await next(attempt, signal, reports)
    log.push(`${name} out`)
    return outcome
  }

describe('use', () => {
  test('adds layers inside io, the file’s outside of the task’s', async () => {
    const log: string[] = []
    const execute = await make({ use: () => [[traced(log, 'file')], [traced(log, 'task 1'), traced(log, 'task 2')]] })
    await execute(add, signal, remember())
    expect(log).toEqual(['file in', 'task 1 in', 'task 2 in', 'task 2 out', 'task 1 out', 'file out'])
  })

  test('gives layers the open values, to read and to replace', async () => {
    const tenfold: Middleware = next => (attempt, signal, reports) => {
      const { opened } = attempt
      if (opened === undefined) throw new Error('not inside io')
      return next(
        {
          ...attempt,
          opened: { ...opened, args: opened.args.map(arg => Number(arg) * 10), keep: value => opened.keep({ value }) },
        },
        signal,
        reports,
      )
    }
    const execute = await make({ use: () => [[tenfold]] })
    expect(await execute(add, signal, remember())).toMatchObject({
      kind: 'succeeded',
      output: { inline: '{"value":30}' },
    })
  })

  test('reorders, replaces and drops layers', async () => {
    const names: string[][] = []
    const withoutTimeout: Use = layers => {
      names.push(layers.map(layer => layer.name))
      return layers.filter(layer => layer.name !== 'timeout')
    }
    const known: Use = layers => {
      names.push(layers.map(layer => layer.name))
      return [{ name: 'known', middleware: () => async () => ({ kind: 'cancelled' }) }, ...layers]
    }
    const execute = await make({ use: (_, task) => (task === 'add' ? [withoutTimeout, known] : []) })
    expect(await execute(add, signal, remember())).toEqual({ kind: 'cancelled' })
    expect(names).toEqual([
      ['observe', 'timeout', 'heartbeat', 'secrets', 'io'],
      ['observe', 'heartbeat', 'secrets', 'io'],
    ])
    expect(await execute(attemptOf({ task: 'nothing' }), signal, remember())).toMatchObject({ kind: 'succeeded' })
  })

  test('a layer that throws is a fault, not an exception', async () => {
    const execute = await make({ use: () => [[() => async () => Promise.reject(new Error('layer'))]] })
    expect(await execute(add, signal, remember())).toEqual({
      kind: 'failed',
      fault: { code: 'EXECUTOR_FAILED', message: 'layer' },
    })
  })
})

test('observers see start, lines and end; one that throws harms nobody', async () => {
  const log: string[] = []
  const warnings: string[] = []
  const onWarning = (warning: Error) => void warnings.push(warning.message)
  process.on('warning', onWarning)
  const execute = await make({
    observers: [
      {
        started: () => {
          throw new Error('observer')
        },
      },
      {
        started: ({ name }) => void log.push(`${name} started`),
        line: (_, stream, text) => void log.push(`${stream} ${text}`),
        finished: (_, outcome) => void log.push(outcome.kind),
      },
    ],
  })
  await execute(attemptOf({ task: 'neverEnds', policy: { timeoutMs: 50 } }), signal, {
    line: () => {
      throw new Error('reports')
    },
    record: () => {},
    alive: () => {},
    saw: () => {},
  })
  await new Promise(setImmediate)
  process.off('warning', onWarning)
  expect(log).toEqual(['neverEnds started', 'stdout started', 'failed'])
  expect(warnings.join()).toMatch(/observer.*reports/)
})

test('a bundle that cannot be opened is a fault, and is tried again', async () => {
  let tries = 0
  const execute = await make({ open: async () => (++tries === 1 ? Promise.reject(new Error('torn')) : bindings) })
  expect(await execute(add, signal, remember())).toMatchObject({
    kind: 'failed',
    fault: { code: 'BUNDLE_FAILED', message: expect.stringContaining('torn') },
  })
  expect(await execute(add, signal, remember())).toMatchObject({ kind: 'succeeded' })
  await execute(add, signal, remember())
  expect(tries).toBe(2)
})

test('sources are read and kept as values', async () => {
  const execute = await make()
  process.env['ONION_ENV'] = 'x'
  const attempt = { ...add, args: [], work: { kind: 'source', source: { kind: 'env', name: 'ONION_ENV' } } } as const
  expect(await execute(attempt, signal, remember())).toMatchObject({ kind: 'succeeded', output: { inline: '"x"' } })
})

test('dispatch chooses by name and refuses unknown ones', async () => {
  const execute = dispatch({ inline: await make() })
  expect(await execute(add, signal, remember())).toMatchObject({ kind: 'succeeded' })
  expect(await execute(attemptOf({ task: 'add', executor: 'moon' }), signal, remember())).toMatchObject({
    kind: 'failed',
    fault: { code: 'EXECUTOR_UNKNOWN' },
  })
})

test('outside of a step ctx() is refused, and sh and console are as ever', async () => {
  expect(() => ctx()).toThrow('NO_CONTEXT')
  expect(await sh`pwd`.text()).toBe(process.cwd())
})

test('a command that is started when its attempt is over, or waits for a slot then, never runs', async () => {
  const folder = await freshFolder()
  let late: Promise<unknown> = Promise.resolve()
  const fn = () => {
    void sh`touch waiting`.run().catch(() => {})
    late = new Promise<void>(resolve => setImmediate(resolve))
      .then(() => sh`touch late`)
      .catch((error: unknown) => error)
  }
  setCommandsMax(1)
  const holder = sh.shell`while [ ! -e go ]; do sleep 0.01; done; ls`.cwd(folder).run()
  const execute = await make({ open: async () => ({ task: () => ({ fn }), pure: () => undefined }) })
  expect(await execute(attemptOf({ task: 'late', cwd: folder }), signal, remember())).toMatchObject({
    kind: 'succeeded',
  })
  expect(await late).toMatchObject({ code: 'COMMAND_CANCELLED' })
  await writeFile(join(folder, 'go'), '')
  expect((await holder).lines()).toEqual(['go'])
  setCommandsMax(4)
  expect((await sh`ls`.cwd(folder)).lines()).toEqual(['go'])
})

test('commands that run at once are bounded', async () => {
  setCommandsMax(2)
  const folder = await freshFolder()
  // Each counts how many have begun and not ended; mkdir is atomic.
  const counts = await Promise.all(
    Array.from({ length: 8 }, (_, index) => sh.shell`mkdir r${index}; ls | wc -l; rmdir r${index}`.cwd(folder).text()),
  )
  setCommandsMax(4)
  expect(Math.max(...counts.map(Number))).toBeLessThanOrEqual(2)
})

test.each([
  [0, '0ms'],
  [300, '300ms'],
  [90_000, '1m30s'],
  [86_400_000, '1d'],
  [3_600_001, '1h1ms'],
])('%i ms is shown as %s', (ms, text) => expect(showMs(ms)).toBe(text))
