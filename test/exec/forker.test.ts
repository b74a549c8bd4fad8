/** What only a forker could do wrong: other environments, folders, ends and streams than those of a plain start. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ForkedExit, fork, type Order, setForkAfter } from '../../src/exec/sh/forker.ts'
import { runCommand, type Spawned } from '../../src/exec/sh/spawn.ts'
import { freshFolder, isAlive } from './fixture.ts'

const ENV = { PATH: process.env['PATH'], HOME: '/ada', SHLVL: '2' }
const order = (script: string, more: Partial<Order> = {}): Order => ({
  file: '/bin/sh',
  args: ['-c', script],
  cwd: '/',
  env: ENV,
  ...more,
})

async function finished(asked: Order): Promise<{ readonly exit: ForkedExit; readonly stdout: string }> {
  const forked = await fork(asked)
  if (forked === undefined) throw new Error('not forked')
  let stdout = ''
  forked.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  forked.stderr.resume()
  const closed = [forked.stdout, forked.stderr].map(stream => new Promise(resolve => stream.once('close', resolve)))
  const exit = await forked.exited
  await Promise.all(closed)
  return { exit, stdout }
}

async function plainly(asked: Order): Promise<string> {
  setForkAfter(1)
  const command: Spawned = {
    ...asked,
    input: undefined,
    signal: new AbortController().signal,
    graceMs: 100,
    keptCharsMax: 10_000,
    line: () => undefined,
  }
  const { stdout } = await runCommand(command)
  return stdout.text
}

beforeAll(() => setForkAfter(0))

describe('a forked command', () => {
  const ends: readonly (readonly [string, ForkedExit])[] = [
    ['exit 0', { kind: 'exited', code: 0 }],
    ['exit 3', { kind: 'exited', code: 3 }],
    ['exit 127', { kind: 'exited', code: 127 }],
    ['exit 137', { kind: 'exited', code: 137 }],
    ['exit 143', { kind: 'exited', code: 143 }],
    ['kill -9 $$', { kind: 'killed', signal: 'SIGKILL' }],
    ['kill -15 $$', { kind: 'killed', signal: 'SIGTERM' }],
    ['kill -2 $$', { kind: 'killed', signal: 'SIGINT' }],
    ['kill -13 $$', { kind: 'killed', signal: 'SIGPIPE' }],
    ['kill -11 $$', { kind: 'killed', signal: 'SIGSEGV' }],
    ['kill -1 $$', { kind: 'killed', signal: 'SIGHUP' }],
  ]
  test.each(ends)('F1: %s ends as it would have', async (script, exit) => {
    expect((await finished(order(script))).exit).toEqual(exit)
  })

  const environments: readonly (readonly [string, Order['env']])[] = [
    ['the one that the forker had', ENV],
    ['another value, and one less', { PATH: ENV.PATH, SHLVL: '2', X: 'a b' }],
    ['quotes, line breaks, dollars', { ...ENV, X: `'"$HOME\`id\`\n\\ ` }],
    ['other alphabets', { ...ENV, X: 'häß ✓ 日本' }],
    ['folders and depth of shells', { ...ENV, PWD: '/elsewhere', OLDPWD: '/old', SHLVL: '7' }],
    ['another language', { ...ENV, LC_ALL: 'C.UTF-8', LANG: 'de_DE.UTF-8' }],
    ['names that are no names to a shell', { ...ENV, 'npm_config_//host/:x': '1', 'a-b': '2' }],
    ['names that are bash’s', { ...ENV, BASH_ENV: '/nowhere', UID: '5', TMOUT: '1', POSIXLY_CORRECT: '1' }],
  ]
  test.each(environments)('has its environment: %s', async (_name, env) => {
    const show = order('', { file: process.execPath, args: ['-p', 'JSON.stringify(process.env)'], env })
    const expected = JSON.parse(await plainly(show)) as object
    setForkAfter(0)
    const forked = await fork(show)
    // F1: what bash cannot carry out faithfully is left to the plain way.
    if (forked === undefined) return expect(Object.keys(env).some(name => !(name in ENV))).toBe(true)
    let stdout = ''
    forked.stdout.on('data', text => (stdout += String(text)))
    forked.stderr.resume()
    await new Promise(resolve => forked.stdout.once('close', resolve))
    const { _: _program, ...seen } = JSON.parse(stdout) as Record<string, string>
    expect(seen).toEqual(expected)
  })

  test('has its folder, however it is named', async () => {
    const folder = join(await freshFolder(), "-it's $HOME ✓")
    await mkdir(folder)
    expect((await finished(order('pwd', { cwd: folder }))).stdout.trim()).toBe(folder)
  })

  test('leads a group of its own, and holds no stream but its own', async () => {
    const asked = order('ps -o pid=,pgid= -p $$; ls /proc/self/fd | xargs')
    const [ids, streams] = (await finished(asked)).stdout.split('\n')
    expect(new Set(ids?.trim().split(/\s+/)).size).toBe(1)
    expect(streams).toEqual((await plainly(asked)).split('\n')[1])
    setForkAfter(0)
  })

  test('gets a new forker when the pipes of one are used up, and many run at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, index) => finished(order(`sleep 0.0${index % 9}; echo ${index}`))),
    )
    expect(all.map(({ stdout }) => Number(stdout))).toEqual(all.map((_, index) => index))
  })

  test('is not missed when it has ended before anybody waits for it', async () => {
    const one = async (left: number): Promise<void> => {
      if (left === 0) return
      expect((await finished(order('exit 7'))).exit).toEqual({ kind: 'exited', code: 7 })
      return one(left - 1)
    }
    await Promise.all(Array.from({ length: 6 }, () => one(50)))
  })

  test('that is stopped has not ended', async () => {
    const { stdout, exit } = await finished(order('(sleep 0.2; kill -CONT $$) & kill -STOP $$; echo on'))
    expect([stdout, exit]).toEqual(['on\n', { kind: 'exited', code: 0 }])
  })

  test('F1: with an interpreter that is not there is not forked', async () => {
    const folder = await freshFolder()
    const file = join(folder, 'script')
    await writeFile(file, '#!/no/such/interpreter\n')
    await chmod(file, 0o755)
    expect(await fork(order('', { file, args: [] }))).toBeUndefined()
  })

  test('F1: that is not there is not forked, nor one in a folder that is not there', async () => {
    expect(await fork(order('', { file: 'no-such-program' }))).toBeUndefined()
    expect(await fork(order('', { cwd: '/no/such/folder' }))).toBeUndefined()
  })
})

test('F2: an idle forker holds up nobody’s exit, and ends with us', async () => {
  const folder = await freshFolder()
  const outfile = join(folder, 'forker.mjs')
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/exec/sh/forker.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  })
  const program = `
    import { fork, setForkAfter } from ${JSON.stringify(outfile)}
    setForkAfter(0)
    const forked = await fork({ file: '/bin/sh', args: ['-c', 'echo $PPID'], cwd: '/', env: { PATH: process.env.PATH } })
    forked.stdout.on('data', text => process.stdout.write(text))
    forked.stderr.resume()
    await forked.exited`
  const startedMs = performance.now()
  const args = ['--input-type=module', '-e', program]
  const pid = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  expect(performance.now() - startedMs).toBeLessThan(4_000) // an idle one is kept for 5 s
  expect(pid).toBeGreaterThan(1)
  while (isAlive(pid)) await new Promise(resolve => setTimeout(resolve, 5))
})
