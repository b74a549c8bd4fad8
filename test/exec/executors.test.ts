/** The three executors of the house, each with real threads and processes, through the suite and in what only they can do. */
import { spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onion } from '../../src/exec/onion.ts'
import { processes } from '../../src/exec/process.ts'
import { threads } from '../../src/exec/thread.ts'
import { type Pool, workerPool } from '../../src/exec/remote/pool.ts'
import { acceptWorkers, attachTo } from '../../src/exec/remote/socket.ts'
import { frameParser } from '../../src/exec/remote/stream-channel.ts'
import { sh } from '../../src/exec/sh/sh.ts'
import { unreachable } from '../../src/util/unreachable.ts'
import { attemptOf, folderBlobs, freshFolder, isAlive, literal, remember } from './fixture.ts'
import { executorSuite } from './suite.ts'
import { bindings } from './tasks.ts'

let entry: string
beforeAll(async () => {
  // Node 20 runs no TypeScript: workers get the entry as one file of JavaScript, as the released package does.
  entry = join(await freshFolder(), 'entry.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('entry.ts', import.meta.url))],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    sourcemap: 'inline',
  })
})

const poolSubject = ({ execute, close }: Pool) => ({ execute, close })

executorSuite(
  'inline',
  async blobs => ({
    execute: onion({
      open: async () => bindings,
      blobs: folderBlobs(blobs),
      values: { cwd: process.cwd() },
      inline: { graceMs: 200 },
    }),
    close: async () => {},
  }),
  {
    'fails a task whose timer throws or whose promise nobody hears':
      'the test runner listens for these too and would fail; thread and process run the same code',
  },
)

executorSuite('thread', async blobs =>
  poolSubject(threads({ entry: pathToFileURL(entry), data: blobs, workersMax: 2 })),
)

executorSuite('process', async blobs =>
  poolSubject(processes({ command: [process.execPath, entry, blobs], workersMax: 2 })),
)

describe('a worker process', () => {
  let pool: Pool
  beforeAll(async () => {
    pool = processes({ command: [process.execPath, entry, await freshFolder()], workersMax: 1, stopMs: 300 })
  })
  afterAll(() => pool.close())
  const signal = new AbortController().signal

  test('K1, K2: killed -9 is noticed at once, its children die, and the next attempt runs elsewhere', async () => {
    const reports = remember()
    const outcome = pool.execute(attemptOf({ task: 'waitsForKill' }), signal, reports)
    const pid = Number((await reports.seen('pid')).split(' ').at(-1))
    const child = Number((await reports.seen('child')).split(' ').at(-1))
    process.kill(pid, 'SIGKILL')
    expect(await outcome).toMatchObject({
      kind: 'failed',
      fault: { code: 'WORKER_LOST', message: expect.stringContaining('SIGKILL') },
    })
    expect(isAlive(pid)).toBe(false)
    await expect.poll(() => isAlive(child)).toBe(false)
    const again = await pool.execute(attemptOf({ task: 'attemptNumber', attempt: 2 }), signal, remember())
    expect(again).toMatchObject({ kind: 'succeeded', output: { inline: '2' } })
  })

  test('K1: a crash that the task caused is the task’s failure', async () => {
    expect(await pool.execute(attemptOf({ task: 'aborts' }), signal, remember())).toMatchObject({
      kind: 'failed',
      fault: { code: 'TASK_CRASHED' },
    })
  })

  test('survives a task that throws after it returned', async () => {
    const pidOf = async (task: string) => {
      const outcome = await pool.execute(attemptOf({ task }), signal, remember())
      return outcome.kind === 'succeeded' ? outcome.output.inline : outcome
    }
    const pid = await pidOf('throwsAfterReturn')
    expect(await pidOf('throwsAfterReturn')).toBe(pid)
    expect(await pidOf('throwsAfterReturn')).toBe(pid)
  })

  test('out of time in a loop that hears nothing is killed', async () => {
    const outcome = await pool.execute(
      attemptOf({ task: 'busy', args: [literal(60_000)], policy: { timeoutMs: 200 } }),
      signal,
      remember(),
    )
    expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'TIMEOUT' } })
  })

  test('K3: cancelled in a loop that hears nothing is killed', async () => {
    const abort = new AbortController()
    const outcome = pool.execute(attemptOf({ task: 'busy', args: [literal(60_000)] }), abort.signal, remember())
    abort.abort()
    expect(await outcome).toEqual({ kind: 'cancelled' })
    expect(await pool.execute(attemptOf({ task: 'attemptNumber' }), signal, remember())).toMatchObject({
      kind: 'succeeded',
    })
  })

  test('K1: silent for longer than its lease is lost', async () => {
    const leased = processes({ command: [process.execPath, entry, await freshFolder()], workersMax: 1, leaseMs: 1_500 })
    const reports = remember()
    const outcome = leased.execute(attemptOf({ task: 'waitsForKill' }), signal, reports)
    const pid = Number((await reports.seen('pid')).split(' ').at(-1))
    process.kill(pid, 'SIGSTOP')
    expect(await outcome).toMatchObject({ kind: 'failed', fault: { code: 'WORKER_LOST' } })
    expect(isAlive(pid)).toBe(false)
    await leased.close()
  })

  test('that cannot be started fails the attempt', async () => {
    const none = processes({ command: ['no-such-node'], workersMax: 1 })
    expect(await none.execute(attemptOf({ task: 'add' }), signal, remember())).toMatchObject({
      kind: 'failed',
      fault: { message: expect.stringContaining('ENOENT') },
    })
  })
})

describe('a worker that was started by hand', () => {
  test('gets attempts, is noticed when it is killed, and ends when its owner does', async () => {
    const folder = await freshFolder()
    const path = join(folder, 'workers.sock')
    const pool = workerPool({ workersMax: 0, start: () => unreachable(0 as never) })
    const close = await acceptWorkers(path, pool)
    const attach = () => spawn(process.execPath, [entry, folder, path], { stdio: 'ignore' })
    const signal = new AbortController().signal

    const first = attach()
    const reports = remember()
    const outcome = pool.execute(attemptOf({ task: 'waitsForKill' }), signal, reports)
    await reports.seen('child')
    first.kill('SIGKILL')
    expect(await outcome).toMatchObject({ kind: 'failed', fault: { code: 'WORKER_LOST' } })

    const second = attach()
    const ended = new Promise(resolve => second.once('exit', resolve))
    expect(await pool.execute(attemptOf({ task: 'attemptNumber', attempt: 2 }), signal, remember())).toMatchObject({
      kind: 'succeeded',
      output: { inline: '2' },
    })
    await close()
    expect(await ended).toBe(0)
  })

  test('with nobody to attach to says so', async () => {
    await expect(attachTo(join(await freshFolder(), 'none.sock'))).rejects.toThrow('WORKER_NO_OWNER')
  })
})

test('P2: what a program has started with sh ends when the program exits', async () => {
  const folder = await freshFolder()
  const file = join(folder, 'program.mjs')
  const contents = `import { sh } from './sh.ts'
    sh.shell\`echo $$ > pid.new; mv pid.new pid; sleep 60\`.cwd(process.argv[2]).run().catch(() => {})
    const look = setInterval(() => { if (fs.existsSync(process.argv[2] + '/pid')) process.exit(5) }, 5)
    import fs from 'node:fs'`
  const resolveDir = fileURLToPath(new URL('../../src/exec/sh', import.meta.url))
  await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  expect((await sh`${process.execPath} ${file} ${folder}`.nothrow()).code).toBe(5)
  const pid = Number(await sh`cat ${join(folder, 'pid')}`.text())
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test('a second copy of the package in the process finds the attempt that the first one runs', async () => {
  const folder = await freshFolder()
  const file = join(folder, 'copy.mjs')
  const contents = `export { ctx } from './ctx.ts'; export { sh } from './sh/sh.ts'`
  const resolveDir = fileURLToPath(new URL('../../src/exec', import.meta.url))
  await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const copy: typeof import('../../src/exec/index.ts') = await import(/* @vite-ignore */ pathToFileURL(file).href)
  const fn = async () => `${copy.ctx().step} ${await copy.sh`printenv TUTTI_STEP`.text()}`
  const execute = onion({
    open: async () => ({ task: () => ({ fn }), pure: () => undefined }),
    blobs: folderBlobs(folder),
    values: { cwd: folder },
  })
  const reports = remember()
  const outcome = await execute(attemptOf({ task: 'copied' }), new AbortController().signal, reports)
  expect(outcome).toMatchObject({ kind: 'succeeded', output: { inline: '"steps/copied steps/copied"' } })
  expect(reports.lines).toEqual(['stdout: steps/copied'])
})

test('frames are told from other text on the same stream, however it is cut', () => {
  const text = 'raw\u001e{"a":1}\nmore\u001e{"b":"\\n"}\n'
  for (let cut = 0; cut <= text.length; cut++) {
    const frames: string[] = []
    let raw = ''
    const parse = frameParser(
      json => frames.push(json),
      piece => {
        raw += piece
      },
    )
    parse(text.slice(0, cut))
    parse(text.slice(cut))
    expect([frames, raw]).toEqual([['{"a":1}', '{"b":"\\n"}'], 'rawmore'])
  }
})

test('a thread in a loop that hears nothing is ended when its time is out', async () => {
  const pool = threads({ entry: pathToFileURL(entry), data: await freshFolder(), workersMax: 1, stopMs: 200 })
  const outcome = await pool.execute(
    attemptOf({ task: 'busy', args: [literal(60_000)], policy: { timeoutMs: 200 } }),
    new AbortController().signal,
    remember(),
  )
  expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'TIMEOUT' } })
  await pool.close()
})
