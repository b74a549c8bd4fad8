/** `tutti up` from outside: what is edited, and what runs again because of it. */
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTutti } from '../cli/rig.ts'
import { down, isAlive, type LiveUp, read, type Said, up } from './rig.ts'

const BUILD = `
import { effect, file, type FileHandle, files, type Files, sh, task, workflow } from 'tutti'

const count = task((texts: Files) => texts.paths.length)
const shout = task(async (text: FileHandle) => (await text.text()).trim().toUpperCase())
const join = task((number: number, text: string) => number + text)
const deploy = effect(async (text: string) => { await sh.shell\`echo \${text} >> deployed\` })

export const build = workflow(() => {
  const joined = join(count(files('src/**/*.txt')), shout(file('one.txt')))
  deploy(joined)
  return joined
})
`
const files = { 'tutti.ts': BUILD, 'one.txt': 'one', 'src/a.txt': 'a' }
const write = ({ cwd }: LiveUp, name: string, text: string): void => {
  mkdirSync(join(cwd, name, '..'), { recursive: true })
  writeFileSync(join(cwd, name), text)
}
const ended = (said: { readonly kind: string }): boolean => said.kind === 'up.settled'

test('V1, V2: an edit runs what hangs on it, and what has only been touched runs nothing', async () => {
  const live = await up(files)
  expect(read(live.cwd, 'deployed')).toBe('1ONE\n')
  expect(await live.after(() => write(live, 'one.txt', 'two'))).toEqual(['shout', 'joined', 'deploy'])
  utimesSync(join(live.cwd, 'one.txt'), 1, 1)
  write(live, 'src/.a.txt.swp', 'an editor at work')
  expect(await live.after(() => write(live, 'src/b.txt', 'b'))).toEqual(['count', 'joined', 'deploy'])
  expect(await live.after(() => rmSync(join(live.cwd, 'src/b.txt')))).toEqual(['deploy'])
  expect(await live.after(() => write(live, 'src/a.txt', 'another'))).toEqual(['count'])
  expect(read(live.cwd, 'deployed')).toBe('1ONE\n1TWO\n2TWO\n1TWO\n')
  expect(live.said.filter(ended)).toHaveLength(5)
})

test('a file that is replaced, and a folder that is moved away and back, are seen as edits', async () => {
  const live = await up(files)
  const path = join(live.cwd, 'one.txt')
  for (const text of ['two', 'three']) {
    const ran = await live.after(() => {
      writeFileSync(`${path}.tmp`, text)
      renameSync(`${path}.tmp`, path)
    })
    expect(ran).toContain('shout')
  }
  expect(await live.after(() => renameSync(join(live.cwd, 'src'), join(live.cwd, 'old')))).toContain('count')
  await live.after(() => renameSync(join(live.cwd, 'old'), join(live.cwd, 'src')))
  expect(await live.after(() => write(live, 'src/deep/er/c.txt', 'c'))).toContain('count')
  expect(read(live.cwd, 'deployed').trim().split('\n').at(-1)).toBe('2THREE')
})

test('V5: a changed task runs alone; a file that is broken changes nothing until it is mended', async () => {
  const live = await up(files)
  expect(
    await live.after(() => write(live, 'tutti.ts', BUILD.replace('number + text', 'number + "!" + text'))),
  ).toEqual(['joined', 'deploy'])
  write(live, 'tutti.ts', 'export const = 3')
  const broken = await live.next(each => each.kind === 'up.broken')
  expect(broken['diagnostics']).toMatchObject([{ code: 'SYNTAX_ERROR', at: { file: 'tutti.ts', line: 1 } }])
  expect(await live.after(() => write(live, 'one.txt', 'two'))).toEqual(['shout', 'joined', 'deploy'])
  expect(await live.after(() => write(live, 'tutti.ts', BUILD))).toEqual(['joined', 'deploy'])
  expect(read(live.cwd, 'deployed')).toBe('1ONE\n1!ONE\n1!TWO\n1TWO\n')
})

test('what a file imports, and what it reads while it is loaded, is loaded again, too; a missing module when it comes', async () => {
  const live = await up({
    'tutti.ts': `
      import { readFileSync } from 'node:fs'
      import { task, workflow } from 'tutti'
      import { text } from './text.ts'
      const name = readFileSync('name.txt', 'utf8')
      const say = task((what: string) => what)
      export const all = workflow(() => say(text + name))
    `,
    'text.ts': 'export const text = "a"',
    'name.txt': 'x',
  })
  expect(await live.after(() => write(live, 'text.ts', 'export const text = "b"'))).toEqual(['say'])
  expect(await live.after(() => write(live, 'name.txt', 'y'))).toEqual(['say'])
  write(live, 'text.ts', 'export { text } from "./more.ts"')
  await live.next(each => each.kind === 'up.broken')
  expect(await live.after(() => write(live, 'more.ts', 'export const text = "c"'))).toEqual(['say'])
})

const SLOW = `
import { file, type FileHandle, sh, task, workflow } from 'tutti'
const slow = task(async (text: FileHandle) => {
  const seen = await text.text()
  await sh.shell\`echo "start \${seen}" >> log; while [ ! -e go ]; do sleep 0.02; done; echo "end \${seen}" >> log\`
  return seen
})
export const build = workflow(() => slow(file('one.txt')))
`

test.each([
  ['restart', 'start 1\nstart 2\nstart 3\nend 3\n'],
  ['finish', 'start 1\nend 1\nstart 3\nend 3\n'],
] as const)('V3, V4: a change during a run is not lost: %s', async (policy, log) => {
  const live = await up({ 'tutti.ts': SLOW, 'one.txt': '0', go: '' }, ['--on-change', policy])
  const begun = (text: string): void => {
    // The command itself says that it has begun.
    while (!read(live.cwd, 'log').endsWith(text));
  }
  rmSync(join(live.cwd, 'go'))
  writeFileSync(join(live.cwd, 'log'), '')
  write(live, 'one.txt', '1')
  begun('start 1\n')
  write(live, 'one.txt', '2')
  await live.next(each => each.kind === 'up.outdated')
  if (policy === 'restart') {
    begun('start 2\n')
    write(live, 'one.txt', '3')
    await live.next(each => each.kind === 'up.outdated')
  } else {
    write(live, 'one.txt', '3')
    await live.next(each => each.kind === 'up.changed')
  }
  writeFileSync(join(live.cwd, 'go'), '')
  await live.next(each => ended(each) && each['status'] === 'succeeded')
  if (policy === 'finish') await live.next(each => ended(each) && each['status'] === 'succeeded')
  expect(read(live.cwd, 'log')).toBe(log)
})

const FAILING = `
import { file, type FileHandle, sh, task, workflow } from 'tutti'
const parse = task(async (text: FileHandle) => JSON.parse(await text.text()))
const use = task((value: unknown) => JSON.stringify(value))
const other = task(async (text: FileHandle) => text.text())
export const build = workflow(() => {
  const used = use(parse(file('one.json')))
  return [used, other(file('two.txt'))]
})
`

test('a failed step stops only what hangs on it, which is as it was, and is tried again when it is mended', async () => {
  const live = await up({ 'tutti.ts': FAILING, 'one.json': '1', 'two.txt': 'x' })
  const ran = live.after(() => {
    write(live, 'one.json', '{')
    write(live, 'two.txt', 'y')
  })
  expect(new Set(await ran)).toEqual(new Set(['parse', 'other']))
  expect(live.said.findLast(ended)).toMatchObject({ status: 'failed', failed: ['parse'] })
  expect(await live.after(() => write(live, 'two.txt', 'z'))).toEqual(['parse', 'other'])
  expect(await live.after(() => write(live, 'one.json', '2'))).toEqual(['parse', 'used'])
  expect(live.said.findLast(ended)).toMatchObject({ status: 'succeeded' })
})

const SERVING = `
import { file, type FileHandle, files, type Files, effect, service, sh, workflow, type Endpoint } from 'tutti'
const base = service((_: FileHandle) => sh.shell\`trap 'echo base >> ended; exit' TERM; echo $$ >> pids; while :; do sleep 0.05; done\`)
const top = service((_: Endpoint, __: Files) => sh.shell\`trap 'echo top >> ended; exit' TERM; echo $$ >> pids; while :; do sleep 0.05; done\`)
export const live = workflow(() => top(base(file('base.txt')), files('top/*')))
`
const serving = { 'tutti.ts': SERVING, 'base.txt': '1', 'top/1': '1' }
const pids = (cwd: string): readonly number[] => read(cwd, 'pids').trim().split('\n').map(Number)
const readyServices = (live: LiveUp): number => pids(live.cwd).filter(isAlive).length

test('V6: services go on, the changed one is restarted alone, and Ctrl-C ends them in reverse order', async () => {
  const live = await up(serving)
  const [base = 0, top = 0] = pids(live.cwd)
  await live.after(() => write(live, 'top/1', '2'))
  expect([isAlive(base), isAlive(top)]).toEqual([true, false])
  live.signal('SIGINT')
  const { code, out } = await live.ended
  expect(code).toBe(0)
  expect(out).toContain('"up.stopped","services":["top","base"]')
  expect(read(live.cwd, 'ended')).toBe('top\ntop\nbase\n')
  expect(readyServices(live)).toBe(0)
})

test('V6: down stops it from elsewhere and says what', async () => {
  const live = await up(serving)
  const { code, err } = await down(live.cwd)
  expect(err).toBe(`stopped process ${live.pid}: top, base\n`)
  expect(code).toBe(0)
  expect((await live.ended).code).toBe(0)
  expect(readyServices(live)).toBe(0)
  expect((await down(live.cwd)).err).toBe('nothing is up here\n')
})

test('C1: a second one is refused; what a killed one left is ended by down, or by the next one', async () => {
  const live = await up(serving)
  const second = await startTutti(['up'], { cwd: live.cwd }).ended
  expect(second.code).toBe(3)
  expect(second.err).toContain(`UP_RUNNING tutti up runs here already: process ${live.pid}, for live of tutti.ts`)
  live.signal('SIGKILL')
  await live.ended
  expect((await down(live.cwd)).err).toMatch(
    /^(stopped what a killed process had left: |process \d+, which was up here, has been killed)/,
  )
  expect(readyServices(live)).toBe(0)

  const next = await up(live.cwd)
  next.signal('SIGKILL')
  await next.ended
  const last = await up(live.cwd)
  expect(pids(last.cwd).filter(isAlive)).toHaveLength(2)
  expect((await down(last.cwd)).code).toBe(0)
  expect(readyServices(last)).toBe(0)
})

test('where the system does not watch it polls, says so, and misses nothing', async () => {
  const live = await up(files, [], { TUTTI_WATCH: 'poll' })
  expect(live.said.filter(each => each.kind === 'up.degraded')).toMatchObject([{ cause: 'asked' }])
  expect(await live.after(() => write(live, 'one.txt', 'two'))).toEqual(['shout', 'joined', 'deploy'])
  expect(await live.after(() => write(live, 'src/b.txt', 'b'))).toEqual(['count', 'joined', 'deploy'])
})

test('what nobody tells of is asked for: a function now and then, the time at its instant', async () => {
  const live = await up(
    {
      'tutti.ts': `
        import { readFileSync } from 'node:fs'
        import { clock, source, task, workflow } from 'tutti'
        const note = task((what: string) => what)
        const hidden = source(() => readFileSync('hidden', 'utf8'))
        export const all = workflow(() => ({ hidden: note(hidden()), time: note(clock('3s')) }))
      `,
      hidden: '1',
    },
    ['--poll', '50ms'],
  )
  appendFileSync(join(live.cwd, 'hidden'), '2')
  const because = async (why: string) => live.next(each => ended(each) && each['because'] === why && ranNote(each))
  const ranNote = (each: Said): boolean => (each['ran'] as string[]).length > 1
  expect(await because('poll')).toMatchObject({ status: 'succeeded' })
  expect(await because('time')).toMatchObject({ status: 'succeeded' })
})

test('for people it says what has changed, what ran, and how to stop', async () => {
  const live = startTutti(['up'], { cwd: (await up(files)).cwd, env: { TUTTI_STORE: '.other' } })
  await live.says('up to date in')
  live.child.kill('SIGINT')
  const { code, err } = await live.ended
  expect(code).toBe(0)
  expect(err).toContain('tutti up: build of tutti.ts; Ctrl-C or tutti down stops it\n')
  expect(err).toMatch(/ok {8}joined {2}.*\nstart {5}deploy\nok {8}deploy .*\nup to date in .*: 4 steps ran\n/)
})
