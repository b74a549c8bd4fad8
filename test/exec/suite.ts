/** What every executor promises, as a table: one implementation more is one call more. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bound, Outcome } from '../../src/core/engine/protocol.ts'
import type { Executor } from '../../src/exec/attempt.ts'
import { declareSecrets } from '../../src/exec/secrets/open.ts'
import { decodeFault, valueStore, type ValueStore } from '../../src/values/index.ts'
import type { SecretOrigin } from '../../src/core/graph/graph.ts'
import {
  attemptOf,
  folderBlobs,
  freshFolder,
  isAlive,
  literal,
  remember,
  type Given,
  type Remembered,
} from './fixture.ts'

export interface Subject {
  readonly execute: Executor
  close(): Promise<void>
}

export interface Skips {
  /** Why the executor cannot be tried with it here. */
  readonly [test: string]: string
}

const TOKEN = 'tok/en+ 42~"öé?'
const secretArg = (name: string, from: SecretOrigin = { kind: 'env' }): Bound => ({
  kind: 'resource',
  resource: { kind: 'secret', name, from },
})

export function executorSuite(name: string, make: (blobs: string) => Promise<Subject>, skips: Skips = {}): void {
  describe(name, () => {
    let subject: Subject
    let folder: string
    let values: ValueStore

    beforeAll(async () => {
      Object.assign(process.env, { SUITE_TOKEN: TOKEN, SUITE_SEEN: '1', SUITE_UNSEEN: '1' })
      declareSecrets([{ kind: 'secret', name: 'SUITE_TOKEN', from: { kind: 'env' } }])
      folder = await freshFolder()
      subject = await make(folder)
      values = valueStore(folderBlobs(folder), { cwd: process.cwd() })
    })
    afterAll(() => subject.close())

    const it = (title: string, body: () => Promise<void>) =>
      title in skips ? test.skip(`${title} (${skips[title]})`, body) : test(title, body)
    const start = (given: Given, signal = new AbortController().signal) => {
      const reports = remember()
      return { reports, outcome: subject.execute(attemptOf({ executor: name, ...given }), signal, reports) }
    }
    const run = async (given: Given) => {
      const { reports, outcome } = start(given)
      return { reports, outcome: await outcome }
    }
    const resultOf = async (given: Given) => decoded(await run(given))
    const decoded = async ({ outcome, reports }: { readonly outcome: Outcome; readonly reports: Remembered }) => {
      if (outcome.kind !== 'succeeded') throw new Error(`${JSON.stringify(outcome)}\n${reports.lines.join('\n')}`)
      return values.decode(outcome.output)
    }
    const faultOf = async (given: Given) => {
      const { outcome } = await run(given)
      if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome))
      return outcome.fault
    }

    const travellers: readonly unknown[] = [
      undefined,
      null,
      '',
      'text 👍\n',
      0,
      -0,
      Number.NaN,
      12345678901234567890n,
      new Date(1e12),
      new Map([['a', { b: 1 }]]),
      new Set([1, 'x']),
      new Uint8Array([0, 255, 7]),
      { nested: [{ deep: undefined }] },
      'x'.repeat(100_000),
    ]
    it('takes and returns values of all kinds', async () => {
      for (const value of travellers)
        expect(await resultOf({ task: 'identity', args: [literal(value)] })).toEqual(value)
      expect(
        await resultOf({
          task: 'add',
          args: [literal(1), { kind: 'apply', fn: 'double', args: [literal(4)], path: [] }],
        }),
      ).toBe(9)
      expect(await resultOf({ task: 'nothing' })).toBe(undefined)
    })

    it('takes values that stand in blobs', async () => {
      const large = { rows: Array.from({ length: 2_000 }, (_, id) => ({ id })) }
      const value = await values.encode(large, { task: 'given' })
      expect(value.inline).toBe(undefined)
      expect(await resultOf({ task: 'identity', args: [{ kind: 'value', value, path: ['rows', 1_999, 'id'] }] })).toBe(
        1_999,
      )
    })

    it('tells what a task threw, with its class, cause and fields', async () => {
      const fault = await faultOf({ task: 'throwsError' })
      expect(fault).toMatchObject({ code: 'CARD_DECLINED', message: 'no money' })
      const error = await decodeFault(fault, values)
      expect(error).toMatchObject({
        name: 'PaymentError',
        message: 'no money',
        code: 'CARD_DECLINED',
        amount: 12n,
        cause: { name: 'TypeError', cause: 'purse' },
      })
      expect((error as Error).stack).toContain('at throwsError')
      expect(await faultOf({ task: 'throwsText' })).toMatchObject({
        code: 'TASK_FAILED',
        message: expect.stringContaining('plain text'),
      })
      expect(await faultOf({ task: 'rejectsUndefined' })).toMatchObject({
        code: 'TASK_FAILED',
        message: 'threw undefined',
      })
    })

    it('tells the classes and the causes of what a task threw, circles included', async () => {
      expect(await faultOf({ task: 'throwsError' })).toMatchObject({
        types: ['PaymentError', 'Error'],
        causes: [
          {
            code: 'TASK_FAILED',
            message: 'empty',
            types: ['TypeError', 'Error'],
            causes: [{ message: 'threw "purse"' }],
          },
        ],
      })
      const { error: _, ...many } = await faultOf({ task: 'throwsMany' })
      expect(many).toEqual({
        code: 'TASK_FAILED',
        message: 'all of them',
        types: ['AggregateError', 'Error'],
        causes: [
          { code: 'CARD_DECLINED', message: 'first', types: ['PaymentError', 'Error'] },
          { code: 'TASK_FAILED', message: 'round', types: ['RangeError', 'Error'] },
          { code: 'TASK_FAILED', message: 'threw "third"' },
        ],
      })
      expect((await faultOf({ task: 'throwsText' })).types).toBe(undefined)
    })

    it('refuses a result that cannot be kept, and says where', async () => {
      const fault = await faultOf({ task: 'unkeepable' })
      expect(fault.code).toBe('VALUE_UNKEEPABLE')
      expect(fault.message).toContain('items[0].callback')
    })

    it('refuses a task that is not in the bundle, and an argument that cannot be made', async () => {
      expect(await faultOf({ task: 'noSuchTask' })).toMatchObject({ code: 'TASK_UNKNOWN' })
      expect(
        await faultOf({ task: 'identity', args: [{ kind: 'apply', fn: 'broken', args: [], path: [] }] }),
      ).toMatchObject({ code: 'ARGUMENT_FAILED', message: 'pure' })
    })

    it('passes on what the task and its commands print, by line', async () => {
      const { reports } = await run({ task: 'prints' })
      for (const line of [
        'stdout: hello world',
        'stderr: oh',
        "log: from { the: 'log' }",
        'log: warning: careful',
        'stdout: one two',
        'stderr: no line break',
      ]) {
        expect(reports.lines).toContain(line)
      }
      expect(reports.lines.join('\n')).toContain('│ (index) │')
      expect(reports.lines.join('\n')).not.toContain('silent')
    })

    it('gives the task its context, and cleans up its scratch folder', async () => {
      const { reports, outcome } = await run({ task: 'tellsCtx', attempt: 3 })
      const told = (await decoded({ reports, outcome })) as { readonly scratch: string }
      expect(told).toMatchObject({
        run: 'run-1',
        step: 'steps/tellsCtx',
        attempt: 3,
        idempotencyKey: 'run-1/steps/tellsCtx',
        again: true,
        exists: true,
      })
      expect(existsSync(told.scratch)).toBe(false)
      expect(reports.records).toEqual({ rows: { count: { $bigint: '3' }, at: { $date: '1970-01-01T00:00:00.000Z' } } })
    })

    it('tells commands which attempt they belong to', async () => {
      expect(await resultOf({ task: 'commandEnv', attempt: 2 })).toEqual([
        'run-1',
        'steps/commandEnv',
        '2',
        'run-1/steps/commandEnv',
      ])
    })

    it('warns of a command that was never awaited', async () => {
      const { reports } = await run({ task: 'forgetsAwait' })
      expect(reports.lines).toEqual(['log: warning: echo forgotten was never awaited, so it did not run'])
    })

    it('E1: cancels a task that never ends', async () => {
      const abort = new AbortController()
      const { reports, outcome } = start({ task: 'neverEnds' }, abort.signal)
      await reports.seen('started')
      abort.abort()
      expect(await outcome).toEqual({ kind: 'cancelled' })
    })

    it('E3: keeps a result that comes in spite of the abort', async () => {
      const abort = new AbortController()
      const { reports, outcome } = start({ task: 'listens' }, abort.signal)
      await reports.seen('started')
      abort.abort()
      expect(await decoded({ reports, outcome: await outcome })).toBe('finished in time')
    })

    it('does not start what is cancelled already', async () => {
      const { reports, outcome } = start({ task: 'neverEnds' }, AbortSignal.abort())
      expect(await outcome).toEqual({ kind: 'cancelled' })
      expect(reports.lines).toEqual([])
    })

    it('E2: leaves no child of a cancelled task alive, though they ignore SIGTERM', async () => {
      const abort = new AbortController()
      const { reports, outcome } = start({ task: 'sleepsInChildren' }, abort.signal)
      const pids = pidsIn(await reports.seen('pids'))
      expect(pids.map(isAlive)).toEqual([true, true])
      abort.abort()
      expect(await outcome).toEqual({ kind: 'cancelled' })
      expect(pids.map(isAlive)).toEqual([false, false])
    })

    it('E2: leaves no child alive that the task did not wait for', async () => {
      const { reports, outcome } = await run({ task: 'leavesChild' })
      expect(outcome.kind).toBe('succeeded')
      expect(pidsIn(reports.lines.find(each => each.includes('pids')) ?? '').map(isAlive)).toEqual([false])
    })

    it('fails a task that is out of time, whether it listens or not', async () => {
      for (const task of ['neverEnds', 'listens', 'sleepsInChildren']) {
        const fault = await faultOf({ task, policy: { timeoutMs: 300 } })
        expect(fault).toMatchObject({ code: 'TIMEOUT', message: `${task} took longer than its timeout of 300ms` })
      }
    })

    it('fails a task that is silent for too long, not one that is heard', async () => {
      for (const task of ['neverEnds', 'sleepsInChildren']) {
        const fault = await faultOf({ task, policy: { heartbeatMs: 300 } })
        expect(fault).toMatchObject({
          code: 'HEARTBEAT_TIMEOUT',
          message: `${task} was silent for longer than its heartbeat of 300ms`,
        })
      }
      for (const how of ['heartbeat', 'line', 'record'])
        expect(await resultOf({ task: 'isHeard', args: [literal(how)], policy: { heartbeatMs: 300 } })).toBe('done')
    })

    it('survives a task that ends the process', async () => {
      expect(await faultOf({ task: 'exits' })).toMatchObject({
        code: 'TASK_EXITED',
        message: expect.stringContaining('process.exit(7)'),
      })
      expect(await faultOf({ task: 'exitsAndCatches' })).toMatchObject({ code: 'TASK_EXITED' })
      expect(await resultOf({ task: 'add', args: [literal(1), literal(2)] })).toBe(3)
    })

    it('fails a task whose timer throws or whose promise nobody hears', async () => {
      expect(await faultOf({ task: 'throwsLater' })).toMatchObject({ message: 'too late' })
      expect(await faultOf({ task: 'rejectsUnheard' })).toMatchObject({ message: 'unheard' })
    })

    it('gives secrets to the task and to nobody else', async () => {
      const { reports, outcome } = await run({ task: 'usesSecret', args: [secretArg('SUITE_TOKEN')] })
      expect(await decoded({ reports, outcome })).toEqual({
        length: TOKEN.length,
        given: true,
        command: 'printf %s-%s [secret SUITE_TOKEN] x',
      })
      expectNoSecret(JSON.stringify([reports.lines, reports.records, outcome]))
      expect(reports.lines[0]).toBe('stdout: token [secret SUITE_TOKEN] and [secret SUITE_TOKEN]')
      for (const file of await readdir(folder)) expectNoSecret(await readFile(join(folder, file), 'utf8'))
    })

    it('fails a task that returns or throws a secret, and stores none', async () => {
      const token = [secretArg('SUITE_TOKEN')]
      for (const task of ['returnsSecret', 'returnsHiddenSecret'])
        expect(await faultOf({ task, args: token })).toMatchObject({ code: 'SECRET_LEAKED' })
      for (const task of ['throwsSecret', 'commandWithSecret']) {
        const fault = await faultOf({ task, args: token })
        expect(fault.message).toContain('[secret SUITE_TOKEN]')
        expectNoSecret(JSON.stringify(fault))
        expect(JSON.stringify(fault.error)).toContain('[secret SUITE_TOKEN]')
      }
      for (const file of await readdir(folder)) expectNoSecret(await readFile(join(folder, file), 'latin1'))
    })

    it('opens secrets from files and commands, and says where one is missing', async () => {
      const path = join(await freshFolder(), 'token')
      await writeFile(path, 'file-secret-1\n')
      const length = async (from: SecretOrigin) =>
        (await resultOf({ task: 'usesSecret', args: [secretArg('S', from)] })) as { readonly length: number }
      expect((await length({ kind: 'file', path })).length).toBe(13)
      expect((await length({ kind: 'command', command: 'echo command-secret' })).length).toBe(14)
      const missing: readonly (readonly [SecretOrigin, string])[] = [
        [{ kind: 'env' }, 'environment variable NOT_SET'],
        [{ kind: 'file', path: 'no/such/file' }, 'no/such/file'],
        [{ kind: 'command', command: 'echo do-not-show-me; exit 3' }, 'exit code 3'],
      ]
      for (const [from, where] of missing) {
        const fault = await faultOf({ task: 'usesSecret', args: [secretArg('NOT_SET', from)] })
        expect(fault.code).toBe('SECRET_MISSING')
        expect(fault.message).toContain(where)
      }
    })

    it('refuses a secret that is too short to be kept out of the logs', async () => {
      expect(
        await faultOf({ task: 'usesSecret', args: [secretArg('S', { kind: 'command', command: 'echo abc' })] }),
      ).toMatchObject({ code: 'SECRET_SHORT' })
    })

    it('shows a command the variables that its step declares, and no secret of another step', async () => {
      const names = (await resultOf({ task: 'envNames', policy: { env: ['SUITE_SEEN'] } })) as readonly string[]
      expect(names).toContain('SUITE_SEEN')
      expect(names).not.toContain('SUITE_UNSEEN')
      const all = (await resultOf({ task: 'envNames' })) as readonly string[]
      expect(all).toContain('SUITE_UNSEEN')
      expect(all).not.toContain('SUITE_TOKEN')
    })
  })
}

const pidsIn = (line: string): number[] => line.split(' ').slice(2).map(Number)

function expectNoSecret(text: string): void {
  const bytes = Buffer.from(TOKEN)
  const forms = [
    TOKEN,
    bytes.toString('latin1'),
    bytes.toString('base64').slice(0, -4),
    encodeURIComponent(TOKEN),
    JSON.stringify(TOKEN).slice(1, -1),
  ]
  for (const form of forms) expect(text).not.toContain(form)
}
