/** `tutti debug`: any past attempt again, from the store alone, with nothing of the user's touched. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { attach } from './inspector.ts'
import {
  type Ended,
  folderWith,
  jsonLines,
  type Live,
  type Options,
  startTutti as startCli,
  tutti as runTutti,
} from './rig.ts'

const IMPORTS = `import { ctx, each, effect, files, flow, now, output, secret, sh, task, when, workflow } from 'tutti'
import type { Dir, Files, Output, Secret } from 'tutti'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
`

const FILE = `${IMPORTS}
const compile = task(async (src: Files, dist: Output) => {
  mkdirSync(dist.path, { recursive: true })
  for (const path of src.paths) writeFileSync(dist.path + '/' + path.replace('/', '-'), readFileSync(path, 'utf8').toUpperCase())
  await sh\`cat config.txt\`
  return dist
})
const count = task((dist: Dir) => {
  writeFileSync('by-the-way.txt', 'written beside')
  return { letters: readFileSync(dist.path + '/src-a.txt', 'utf8').length }
})
const post = effect((n: number) => {
  appendFileSync('posted', n + '\\n')
  return n
})
const triage = task((item: { key: string }) => item.key + '!')
const double = task((n: number) => n * 2)
const inner = workflow((n: number) => double(n))
export const main = workflow(() => {
  const counted = count(compile(files('src/*.txt'), output('dist')))
  post(counted.letters)
  each([{ key: 'a' }, { key: 'b/c' }], item => triage(item), { key: item => item.key })
  when(counted.letters, () => inner(counted.letters))
  const called = summed(3)
  return { counted, called }
})
export const summed = flow(async (n: number) => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += await double(i)
  await post(sum)
  await inner(sum)
  console.log('started', (await now()) > 0)
  return sum
})
`

/** What is made beside the project goes with the tests. */
const TMPDIR = folderWith()
const tutti = (words: readonly string[], { env, ...options }: Options): Promise<Ended> =>
  runTutti(words, { ...options, env: { TMPDIR, ...env } })
const startTutti = (words: readonly string[], { env, ...options }: Options): Live =>
  startCli(words, { ...options, env: { TMPDIR, ...env } })

const debugged = (cwd: string, step: string, ...words: string[]): Promise<Ended> =>
  tutti(['debug', 'r', step, ...words], { cwd })

/** All that lies in a folder, with its content; links (to packages) are not followed, and a database's own files may move. */
function contentOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('store.db'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => `${path}: ${readFileSync(path, 'latin1')}`)
}

const eventsOf = async (cwd: string): Promise<string> => (await tutti(['show', 'r', '--json'], { cwd })).out

const folderOf = ({ err }: Ended): string => /folder +(\S+)/.exec(err)?.[1] ?? ''

describe('a run whose file, outputs and effects are gone', () => {
  let cwd: string
  beforeAll(async () => {
    cwd = folderWith({ 'tutti.ts': FILE, 'src/a.txt': 'abc', 'src/b.txt': 'b', 'config.txt': 'configured\n' })
    const ended = await tutti(['run', 'tutti.ts', 'main', '--id', 'r'], { cwd })
    expect(ended.code, ended.err).toBe(0)
    for (const path of ['tutti.ts', 'dist', 'posted', 'by-the-way.txt']) rmSync(join(cwd, path), { recursive: true })
  })

  test.for([
    [
      'a command, with sources and an output',
      'compile',
      '',
      ['src      files src/a.txt src/b.txt', 'dist     output dist', '| configured'],
    ],
    ['a task, with the output of another', 'count', '{"letters":3}', ['dist     output dist', 'count  tutti.ts:11:7']],
    ['an item of an each, by its id', 'each[b%2Fc]/triage', '"b/c!"', ["{ key: 'b/c' }"]],
    ['a step of a called workflow in a branch', 'when.then/inner/double', '6', ['n        3']],
    ['a flow: its calls are answered, its effect is not called', 'summed', '6', ['n        3', '| started true']],
    ['a call of a flow', 'summed[summed.double#0~2]/step', '4', ['n        2']],
  ] as const)('%s', async ([, step, output, told]) => {
    const [before, events] = [contentOf(cwd), await eventsOf(cwd)]
    const ended = await debugged(cwd, step)
    expect(ended.code, ended.err).toBe(0)
    if (output !== '') expect(JSON.stringify(readOutput(ended.out))).toBe(output)
    for (const text of told) expect(ended.err).toContain(text)
    expect(ended.err).toContain('the same value as then')
    expect(contentOf(cwd)).toEqual(before)
    expect(await eventsOf(cwd)).toBe(events)
  })

  test('what it writes is in the folder that it names', async () => {
    const ended = await debugged(cwd, 'compile')
    expect(readFileSync(join(folderOf(ended), 'dist/src-a.txt'), 'utf8')).toBe('ABC')
    const counted = await debugged(cwd, 'count')
    expect(readFileSync(join(folderOf(counted), 'by-the-way.txt'), 'utf8')).toBe('written beside')
  })

  test('an effect is blocked unless it is allowed', async () => {
    const blocked = await debugged(cwd, 'post')
    expect([blocked.code, blocked.out]).toEqual([3, ''])
    expect(blocked.err).toContain('EFFECT_BLOCKED')
    expect(blocked.err).toContain('--allow-effects')
    const allowed = await debugged(cwd, 'post', '--allow-effects')
    expect(allowed.code, allowed.err).toBe(0)
    expect(readFileSync(join(folderOf(allowed), 'posted'), 'utf8')).toBe('3\n')
    expect(existsSync(join(cwd, 'posted'))).toBe(false)
  })

  test.for([
    ['each', ['STEP_HAS_NO_ATTEMPT', 'an each only holds other steps', 'each[a]/triage, each[b/c]/triage']],
    ['coutn', ['STEP_UNKNOWN', 'Did you mean count?']],
    ['count --attempt 7', ['ATTEMPT_UNKNOWN', 'no attempt 7', 'Its attempts: 1']],
    ['count --inspect=nowhere:', ['USAGE', 'no address']],
  ] as const)('refuses %s', async ([words, told]) => {
    const ended = await tutti(['debug', 'r', ...words.split(' ')], { cwd })
    expect([ended.code, ended.out]).toEqual([2, ''])
    for (const text of told) expect(ended.err).toContain(text)
  })

  test('says what has happened to sources, which are not kept', async () => {
    writeFileSync(join(cwd, 'src/a.txt'), 'changed')
    renameSync(join(cwd, 'src/b.txt'), join(cwd, 'b.txt'))
    const ended = await debugged(cwd, 'compile')
    expect(ended.err).toContain('SOURCE_CHANGED: src/a.txt has changed')
    expect(ended.err).toContain('SOURCE_CHANGED: src/b.txt is gone')
    expect(ended.code, ended.err).toBe(1)
    expect(ended.err).toContain('then it succeeded')
    writeFileSync(join(cwd, 'src/a.txt'), 'abc')
    renameSync(join(cwd, 'b.txt'), join(cwd, 'src/b.txt'))
  })
})

const readOutput = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text.trimEnd()
  }
}

describe('attempts', () => {
  const file = `${IMPORTS}
const read = task(() => readFileSync('in.txt', 'utf8'))
const use = task((text: string, options: { token: Secret }) => {
  const { attempt, idempotencyKey, run, step, signal } = ctx()
  console.log(JSON.stringify({ text, attempt, idempotencyKey, run, step, aborted: signal.aborted }))
  ctx().record('seen', text)
  console.log('the token is ' + options.token.reveal())
  if (text === 'bad') throw new TypeError('cannot use ' + text, { cause: new Error('the reason') })
  return text.length
}, { retry: { times: 1, delay: 0 }, timeout: '2s' })
export const main = workflow(() => use(read(), { token: secret('TOKEN') }))
`
  let cwd: string
  const env = { TOKEN: 'planted-value-1' }
  beforeAll(async () => {
    cwd = folderWith({ 'tutti.ts': file, 'in.txt': 'bad' })
    await tutti(['run', 'tutti.ts', '--id', 'r'], { cwd, env })
    writeFileSync(join(cwd, 'in.txt'), 'fine')
    const redriven = await tutti(['redrive', 'r', '--from', 'read'], { cwd, env })
    expect(redriven.code, redriven.err).toBe(0)
  })

  test.for([
    [[], 3, 'fine', 0],
    [['--attempt', '1'], 1, 'bad', 1],
    [['--attempt', '2'], 2, 'bad', 1],
  ] as const)(
    '%j has the arguments and the context that it had, also after a redrive',
    async ([words, attempt, text, code]) => {
      const ended = await tutti(['debug', 'r', 'use', ...words], { cwd, env })
      expect(ended.code, ended.err).toBe(code)
      expect(ended.err).toContain(
        JSON.stringify({ text, attempt, idempotencyKey: 'r/use', run: 'r', step: 'use', aborted: false }),
      )
      expect(ended.err).toContain(`seen = "${text}"`)
      expect(ended.err).toContain(code === 0 ? 'the same value as then' : 'failed as then')
    },
  )

  test('a failure is shown at the line that it came from, with its cause', async () => {
    const ended = await tutti(['debug', 'r', 'use', '--attempt', '1'], { cwd, env })
    expect(ended.err).toContain('step use failed: cannot use bad')
    expect(ended.err).toContain("> 11 |   if (text === 'bad') throw new TypeError")
    expect(ended.err).toContain('caused by Error: the reason')
  })

  test('secrets are asked for today, and redacted', async () => {
    const ended = await tutti(['debug', 'r', 'use'], { cwd, env })
    expect(ended.err).toContain('the token is [secret TOKEN]')
    expect(ended.out + ended.err).not.toContain(env.TOKEN)
    const without = await tutti(['debug', 'r', 'use'], { cwd })
    expect(without.code).toBe(1)
    expect(without.err).toContain('SECRET_MISSING')
  })

  test('--json tells all of it as lines', async () => {
    const ended = await tutti(['debug', 'r', 'use', '--attempt', '1', '--json'], { cwd, env })
    const [started, called, , line, ...more] = jsonLines(ended.out)
    expect(started).toMatchObject({
      kind: 'debug.started',
      step: 'use',
      attempt: 1,
      task: 'use',
      at: { file: 'tutti.ts', line: 6 },
    })
    expect(called).toMatchObject({ kind: 'debug.called', args: { text: "'bad'" } })
    expect(line).toMatchObject({ kind: expect.stringMatching(/line|recorded/) })
    expect(more.at(-1)).toMatchObject({
      kind: 'debug.ended',
      outcome: 'failed',
      error: { code: 'TASK_FAILED', message: 'cannot use bad', at: { file: 'tutti.ts', line: 11 } },
      comparison: 'same',
    })
    expect(ended.err).toBe('')
  })

  test('--shell opens one where it would run', async () => {
    const live = startTutti(['debug', 'r', 'use', '--attempt', '1', '--shell'], {
      cwd,
      env: { ...env, SHELL: '/bin/sh' },
      input: 'pwd; echo "$TUTTI_STEP $TUTTI_ATTEMPT <$TOKEN>"; cat "$TUTTI_ARGUMENTS"; exit 7\n',
    })
    const ended = await live.ended
    expect(ended.code, ended.err).toBe(7)
    expect(ended.out).toMatch(/^\/.*\/project\nuse 1 <>\n/)
    expect(ended.out).toContain('"text": "bad"')
    expect(ended.out).toContain('"token": "[secret TOKEN]"')
  })
})

describe('every construct', () => {
  const file = `import { any, attempt, critical, effect, lock, loop, net, race, scope, sleep, some, task, workflow } from 'tutti'
const add = task((n: number) => n + 1)
const name = task((text: string) => text.toUpperCase())
const breaks = task((what: string): string => { throw new RangeError('no ' + what) })
const charge = effect((order: string) => ({ receipt: 'r-' + order }))
const refund = effect((receipt: string, order: string) => receipt + ' of ' + order + ' back')
const told = task((code: string, message: string) => code + ': ' + message)
const ledger = lock()
export const main = workflow((order: string) => {
  loop(0, n => add(n), { until: n => n.to(x => x > 10) })
  race({ fast: () => name(order), slow: () => { const t = sleep('1h'); return name('late').after(t) } })
  attempt(() => breaks(order), { retry: { times: 1, delay: '1ms' }, catch: { RangeError: error => told(error.code, error.message) } })
  any({ a: [true, () => name('a')], b: [false, () => name('b')] })
  some(1, { x: () => name('x'), y: () => name('y') }, { rest: 'finish' })
  scope(() => critical(ledger, () => name('locked')))
  net({ start: 's', end: 'e', transitions: { one: { from: 's', to: 'm', run: () => name('one') }, two: { from: 'm', to: 'e', run: last => name(last.one) } } })
})
export const saga = workflow((order: string) => {
  const paid = charge(order).undo(paid => refund(paid.receipt, order))
  return breaks('stock').after(paid)
})
`
  let cwd: string
  beforeAll(async () => {
    cwd = folderWith({ 'tutti.ts': file })
    expect((await tutti(['run', 'tutti.ts', 'main', '-p', 'order=o7', '--id', 'r'], { cwd })).code).toBe(0)
    expect((await tutti(['run', 'tutti.ts', 'saga', '-p', 'order=o8', '--id', 'saga'], { cwd })).code).toBe(1)
  })

  test.for([
    ['r', 'loop[10]/add', 'the same value', '11'],
    ['r', 'race.fast/name', 'the same value', 'O7'],
    ['r', 'attempt.body[1]/breaks', 'failed as then', ''],
    ['r', 'attempt.catch/told', 'the same value', 'TASK_FAILED: no o7'],
    ['r', 'any.a/name', 'the same value', 'A'],
    ['r', 'scope.body/critical.body/name', 'the same value', 'LOCKED'],
    ['r', 'net.two/name', 'the same value', 'ONE'],
    ['saga', 'charge.undo/refund', 'the same value', 'r-o8 of o8 back'],
  ] as const)('%s %s', async ([run, step, compared, output]) => {
    const ended = await tutti(['debug', run, step, '--allow-effects'], { cwd })
    expect(ended.err).toContain(compared)
    expect(ended.out.trim()).toBe(output)
  })

  test.for([
    ['attempt', 'attempt.body/breaks, attempt.body[1]/breaks, attempt.catch/told'],
    ['race.slow/t', 'it is a wait'],
  ] as const)('refuses %s', async ([step, told]) => {
    const ended = await debugged(cwd, step)
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toContain('STEP_HAS_NO_ATTEMPT')
    expect(ended.err).toContain(told)
  })
})

describe('a flow that died in the middle', () => {
  const file = `${IMPORTS}
const quick = task((n: number) => n + 1)
const slow = (n: number) => new Promise<number>(resolve => setTimeout(resolve, existsSync('well') ? 0 : 60_000, n))
const waits = task(slow)
const acts = effect(slow)
export const calm = flow(async () => { const n = await quick(1); console.log('quick gave', n); return waits(n) })
export const bold = flow(async () => { const n = await quick(1); console.log('quick gave', n); return acts(n) })
`
  test.for([
    ['calm', 'waits', 'CALL_NOT_RECORDED'],
    ['bold', 'acts', 'EFFECT_BLOCKED'],
  ] as const)('%s comes as far as the log goes, and calls nothing', async ([name, last, code]) => {
    const cwd = folderWith({ 'tutti.ts': file })
    const live = startTutti(['run', 'tutti.ts', name, '--id', 'r'], { cwd })
    await live.says(`start     ${name}/${last}`)
    live.child.kill('SIGKILL')
    await live.ended
    writeFileSync(join(cwd, 'well'), '')
    const ended = await tutti(['debug', 'r', name], { cwd })
    expect(ended.code, ended.err).toBe(1)
    expect(ended.err).toContain('quick gave 2')
    expect(ended.err).toContain(code)
    expect(ended.err).toContain('how it ended then is not recorded')
    // The call itself has an attempt, and can be debugged alone.
    const call = await tutti(['debug', 'r', `${name}/${last}#1`, '--allow-effects'], { cwd })
    expect(call, call.err).toMatchObject({ code: 0, out: '2\n' })
  })
})

describe('how it ends', () => {
  const file = `${IMPORTS}
const slow = task(async () => {
  await new Promise(resolve => setTimeout(resolve, existsSync('quick') ? 0 : 60_000))
  return 1
}, { timeout: '200ms' })
const random = task(() => ({ same: 1, other: Math.random(), rows: existsSync('more') ? [1, 2, 3] : [1, 2] }))
const exits = task(() => existsSync('well') ? 1 : process.exit(3))
const aborts = task(() => existsSync('well') ? 1 : process.abort(), { executor: 'process' })
const waits = task((signal: string) => new Promise(resolve => {
  if (existsSync('well')) return resolve(signal)
  console.log('waiting')
  ctx().signal.addEventListener('abort', () => resolve('asked to stop'))
}))
export const main = workflow(() => [random(), exits(), aborts(), waits('x')])
export const late = workflow(() => slow())
`
  let cwd: string
  beforeAll(async () => {
    cwd = folderWith({ 'tutti.ts': file, well: '' })
    expect((await tutti(['run', 'tutti.ts', 'main', '--id', 'r'], { cwd })).code).toBe(0)
    expect((await tutti(['run', 'tutti.ts', 'late', '--id', 'late'], { cwd })).code).toBe(1)
    rmSync(join(cwd, 'well'))
  })

  test('another value: where it differs', async () => {
    writeFileSync(join(cwd, 'more'), '')
    const ended = await debugged(cwd, 'random')
    expect(ended.err).toMatch(
      /another value than then\n {2}\.other {2}then 0\.\d+ {2}now 0\.\d+\n {2}\.rows\[2\] {2}then nothing {2}now 3\n$/,
    )
  })

  test('an attempt has all the time that it wants', async () => {
    writeFileSync(join(cwd, 'quick'), '')
    const ended = await tutti(['debug', 'late', 'slow'], { cwd })
    expect(ended.code, ended.err).toBe(0)
    expect(ended.err).toContain('then it failed with TIMEOUT')
  })

  test.for([
    ['exits', 'TASK_EXITED'],
    ['aborts', 'TASK_CRASHED'],
  ] as const)('%s ends itself, not the debugger', async ([step, code]) => {
    const ended = await debugged(cwd, step)
    expect(ended.code, ended.err).toBe(1)
    expect(ended.err).toContain(code)
    expect(ended.err).toContain('then it succeeded')
  })

  test('Ctrl-C asks it to stop', async () => {
    const live = startTutti(['debug', 'r', 'waits'], { cwd })
    await live.says('| waiting')
    live.child.kill('SIGINT')
    expect(await live.ended).toMatchObject({ code: 130, out: 'asked to stop\n' })
  })

  test('--in-place runs it in the project itself', async () => {
    const ended = await debugged(cwd, 'random', '--in-place')
    expect(folderOf(ended)).toBe(cwd)
  })
})

describe('under a debugger', () => {
  const file = `${IMPORTS}
const add = task(async (a: number, b: number): Promise<number> => {
  const sum: number = a + b
  return sum
})
export const main = workflow(() => add(1, 2))
`
  const lowered = file
    .replace('const add', 'enum Sign { Plus, Minus }\nconst add')
    .replace('a + b', 'a + b + Sign.Plus')
  let cwd: string
  beforeAll(async () => {
    cwd = folderWith({ 'tutti.ts': file, 'lowered.ts': lowered })
    for (const name of ['tutti', 'lowered'])
      expect((await tutti(['run', `${name}.ts`, '--id', name], { cwd })).code).toBe(0)
  })

  const addressTold = async (live: Live): Promise<string> => {
    await Promise.all([live.says('waiting for a debugger'), live.says('For help')])
    return /listening on (ws:\S+)/.exec(live.err)?.[1] ?? ''
  }

  test('a breakpoint by the address of the file pauses at its line', async () => {
    const live = startTutti(['debug', 'tutti', 'add', '--inspect=0'], { cwd })
    const inspector = await attach(await addressTold(live))
    await inspector.send('Debugger.enable')
    const url = pathToFileURL(join(cwd, 'tutti.ts')).href
    const set = await inspector.send('Debugger.setBreakpointByUrl', { url, lineNumber: lineOf(file, 'return sum') })
    expect(set['locations']).toHaveLength(1)
    await inspector.send('Runtime.runIfWaitingForDebugger')
    const { callFrames, hitBreakpoints } = await inspector.event('Debugger.paused')
    expect(hitBreakpoints).toEqual([set['breakpointId']])
    expect(callFrames[0].location.lineNumber).toBe(lineOf(file, 'return sum'))
    const { callFrameId } = callFrames[0]
    const value = await inspector.send('Debugger.evaluateOnCallFrame', {
      callFrameId,
      expression: '[a, b, sum]',
      returnByValue: true,
    })
    expect(value['result'].value).toEqual([1, 2, 3])
    // The process may be gone before it answers.
    void inspector.send('Debugger.resume')
    const ended = await live.ended
    expect(ended).toMatchObject({ code: 0, out: '3\n' })
    expect(ended.err).toContain('the same value as then')
  })

  test.for(['tutti', 'lowered'])('--inspect-brk pauses at the first line of the task in %s.ts', async name => {
    const live = startTutti(['debug', '--inspect-brk=127.0.0.1:0', name, 'add'], { cwd })
    const inspector = await attach(await addressTold(live))
    await inspector.send('Debugger.enable')
    await inspector.send('Runtime.runIfWaitingForDebugger')
    const { callFrames } = await inspector.event('Debugger.paused')
    const { scriptId, lineNumber, columnNumber } = callFrames[0].location
    for (
      let script = await inspector.event('Debugger.scriptParsed');
      ;
      script = await inspector.event('Debugger.scriptParsed')
    ) {
      if (script['scriptId'] !== scriptId) continue
      const { SourceMap } = await import('node:module')
      const map = JSON.parse(Buffer.from(script['sourceMapURL'].split(',')[1], 'base64').toString())
      const source = name === 'lowered' ? lowered : file
      expect(map.sourcesContent).toEqual([source])
      expect(fileURLToPath(map.sources[0])).toBe(join(cwd, `${name}.ts`))
      expect(new SourceMap(map).findEntry(lineNumber, columnNumber)).toMatchObject({
        originalLine: lineOf(source, 'const sum'),
      })
      break
    }
    // The process may be gone before it answers.
    void inspector.send('Debugger.resume')
    expect(await live.ended).toMatchObject({ code: 0, out: '3\n' })
  })

  test('an address that is taken is told', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const ended = await tutti(['debug', 'tutti', 'add', `--inspect=${port}`], { cwd })
    server.close()
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('INSPECTOR_UNAVAILABLE')
    expect(ended.err).toContain('in use')
  })

  test('Ctrl-C ends what waits for a debugger, and twice what one holds', async () => {
    const waiting = startTutti(['debug', 'tutti', 'add', '--inspect=0'], { cwd })
    await waiting.says('waiting for a debugger')
    waiting.child.kill('SIGINT')
    expect((await waiting.ended).code).toBe(130)
    const held = startTutti(['debug', 'tutti', 'add', '--inspect-brk=0'], { cwd })
    const inspector = await attach(await addressTold(held))
    await inspector.send('Debugger.enable')
    await inspector.send('Runtime.runIfWaitingForDebugger')
    await inspector.event('Debugger.paused')
    held.child.kill('SIGINT')
    await held.says('once more')
    held.child.kill('SIGINT')
    expect((await held.ended).code).toBe(130)
  })
})

/** As the inspector counts: from 0. */
const lineOf = (source: string, text: string): number => source.split('\n').findIndex(line => line.includes(text))
