/** What is taken from other runs, and what is not: the rules of src/freshness/freshness.ts, on real files with real runs. */
import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { gc } from '../../src/store/index.ts'
import { newProject, type Project } from './project.ts'

const open: Project[] = []
const project = (...args: Parameters<typeof newProject>): Project => {
  const made = newProject(...args)
  open.push(made)
  return made
}
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

const HEAD = `import { effect, each, env, file, files, flow, output, sh, task, workflow, type Dir, type FileHandle, type Files, type Output } from 'tutti'
import { readFile, writeFile, mkdir } from 'node:fs/promises'
`

/** src -> words -> total, upper -> out/upper.txt */
const BUILD = `${HEAD}
const words = task(async (src: Files) => {
  let text = ''
  for await (const path of src) text += (await readFile(path, 'utf8')) + ' '
  return text.split(/\\s+/).filter(Boolean).sort()
})
const total = task((list: string[]) => list.length)
const upper = task(async (list: string[], out: Output) => {
  await writeFile(out.path, list.join(' ').toUpperCase())
})
export const build = workflow(() => {
  const src = files('src/*.txt')
  const list = words(src)
  upper(list, output('out/upper.txt'))
  return total(list)
})
`
const SOURCES = { 'src/a.txt': 'one two', 'src/b.txt': 'three' }
const inFolder = async <T>(dir: string, body: () => Promise<T>): Promise<T> => {
  const before = process.cwd()
  process.chdir(dir)
  try {
    return await body()
  } finally {
    process.chdir(before)
  }
}
const run = (each: Project, options?: Parameters<Project['run']>[0]) => inFolder(each.dir, () => each.run(options))

describe('F1: a result is taken only if a step with an equal key gave it', () => {
  test('nothing changed: nothing runs', async () => {
    const build = project(BUILD, SOURCES)
    expect(await run(build)).toMatchObject({
      status: 'succeeded',
      output: 3,
      ran: ['words', 'upper', 'total'],
      known: [],
    })
    expect(await run(build)).toMatchObject({ output: 3, ran: [], known: ['total', 'upper', 'words'] })
  })

  const CHANGES: readonly (readonly [what: string, change: (build: Project) => void, ran: readonly string[]])[] = [
    ['another time of a source', build => utimesSync(join(build.dir, 'src/a.txt'), 1, 1), []],
    ['a source written with the same text', build => build.write('src/a.txt', 'one two'), []],
    ['a file that no glob matches', build => build.write('src/c.md', 'more'), []],
    ['a source with other text', build => build.write('src/a.txt', 'one four'), ['words', 'upper', 'total']],
    ['a new source', build => build.write('src/c.txt', 'four'), ['words', 'upper', 'total']],
    ['a source that has gone', build => build.remove('src/b.txt'), ['words', 'upper', 'total']],
    ['text with the same words: cut off early', build => build.write('src/a.txt', 'two  one'), ['words']],
    ['a comment', build => build.write('tutti.ts', `// a comment\n${BUILD}`), []],
    ['another form', build => build.write('tutti.ts', BUILD.replaceAll('\n  ', '\n      ')), []],
    [
      'the code of one task',
      build => build.write('tutti.ts', BUILD.replace('list.length', 'list.length * 1')),
      ['total'],
    ],
    [
      'the place of an output',
      build => build.write('tutti.ts', BUILD.replace('out/upper.txt', 'out/UPPER.txt')),
      ['upper'],
    ],
  ]
  test.each(CHANGES)('%s', async (_, change, ran) => {
    const build = project(BUILD, SOURCES)
    await run(build)
    change(build)
    expect(await run(build)).toMatchObject({ status: 'succeeded', ran })
    expect(await run(build)).toMatchObject({ status: 'succeeded', ran: [] })
  })

  test('going back to what was before takes what was then', async () => {
    const build = project(BUILD, SOURCES)
    await run(build)
    build.write('src/a.txt', 'four five six')
    expect(await run(build)).toMatchObject({ output: 4, ran: ['words', 'upper', 'total'] })
    build.write('src/a.txt', 'one two')
    expect(await run(build)).toMatchObject({ output: 3, ran: [], known: ['total', 'upper', 'words'] })
    expect(build.read('out/upper.txt')).toBe('ONE THREE TWO')
  })

  test('declared variables of the environment belong to the key, others do not', async () => {
    const greet = project(`${HEAD}
const greet = task(() => 'hello ' + process.env['TUTTI_TEST_NAME'], { env: ['TUTTI_TEST_NAME'] })
export const main = workflow(() => greet())`)
    process.env['TUTTI_TEST_NAME'] = 'a'
    expect(await run(greet)).toMatchObject({ output: 'hello a', ran: ['greet'] })
    process.env['TUTTI_TEST_OTHER'] = 'x'
    expect(await run(greet)).toMatchObject({ output: 'hello a', ran: [] })
    process.env['TUTTI_TEST_NAME'] = 'b'
    expect(await run(greet)).toMatchObject({ output: 'hello b', ran: ['greet'] })
    delete process.env['TUTTI_TEST_NAME']
    delete process.env['TUTTI_TEST_OTHER']
  })

  test('two steps of one key in one run both run', async () => {
    const twice = project(`${HEAD}
let n = 0
const count = task(() => ++n)
export const main = workflow(() => [count(), count()])`)
    expect(await run(twice)).toMatchObject({ ran: ['count', 'count~2'], output: [1, 2] })
    expect(await run(twice)).toMatchObject({ ran: [], output: [1, 2] })
  })

  test('items of an each are known one by one', async () => {
    const many = project(
      `${HEAD}
const list = task(async (src: FileHandle) => (await src.text()).split(','))
const double = task((n: string) => n + n)
export const main = workflow(() => each(list(file('list.txt')), n => double(n), { key: n => n }))`,
      { 'list.txt': 'a,b' },
    )
    expect(await run(many)).toMatchObject({ output: ['aa', 'bb'] })
    many.write('list.txt', 'b,c,a')
    expect(await run(many)).toMatchObject({ output: ['bb', 'cc', 'aa'], ran: ['list', 'each[c]/double'] })
  })

  test('a result that its run has lost to gc is still what the step gave last', async () => {
    const build = project(BUILD, SOURCES)
    for (const text of ['one', 'two', 'three', 'four']) {
      build.write('src/a.txt', text)
      await run(build)
    }
    const keep = { runs: 1, endedAfterMs: Date.now() + 1, blobsUsedAfterMs: Date.now() + 1 }
    expect((await gc(join(build.dir, '.tutti'), keep)).runs.length).toBe(3)
    expect(await run(build)).toMatchObject({ ran: [] })
    build.write('src/a.txt', 'one')
    expect(await run(build)).toMatchObject({ ran: ['words', 'upper', 'total'] })
  })
})

test('F1: a result that was taken again is what the step gave last, whatever gc removes', async () => {
  const build = project(BUILD, SOURCES)
  for (const text of ['one', 'two', 'one', 'one']) {
    build.write('src/a.txt', text)
    await run(build)
  }
  await gc(join(build.dir, '.tutti'), { runs: 1, endedAfterMs: Date.now() + 1, blobsUsedAfterMs: Date.now() + 1 })
  expect(await run(build)).toMatchObject({ ran: [] })
})

test('F1: calls of flows are known as steps are', async () => {
  const calls = project(`${HEAD}
const double = task((n: number) => n * 2)
export const main = flow(async () => (await double(await double(1))) + (await double(5)))`)
  expect(await run(calls)).toMatchObject({ output: 14, status: 'succeeded' })
  const again = await run(calls)
  expect(again).toMatchObject({ output: 14, ran: ['main'] })
  expect(again.known.length).toBe(3)
})

describe('F2: what a step wrote is as it left it', () => {
  const HARM: readonly (readonly [what: string, harm: (build: Project) => void])[] = [
    ['edited', build => build.write('out/upper.txt', 'by hand')],
    ['edited, of one length', build => build.write('out/upper.txt', 'ONE THREE TWA')],
    ['deleted', build => build.remove('out/upper.txt')],
    ['deleted with its folder', build => build.remove('out')],
    [
      'replaced by a folder',
      build => {
        build.remove('out/upper.txt')
        build.write('out/upper.txt/inside', 'x')
      },
    ],
    ['made executable', build => build.chmod('out/upper.txt', 0o755)],
  ]
  test.each(HARM)('%s: it is put back, and nothing runs', async (_, harm) => {
    const build = project(BUILD, SOURCES)
    await run(build)
    harm(build)
    expect(await run(build)).toMatchObject({ status: 'succeeded', ran: [] })
    expect(build.read('out/upper.txt')).toBe('ONE THREE TWO')
    expect(statSync(join(build.dir, 'out/upper.txt')).mode & 0o111).toBe(0)
  })

  test('a folder with more and less in it', async () => {
    const site = project(`${HEAD}
const make = task(async (out: Output) => {
  await mkdir(out.path + '/sub', { recursive: true })
  await writeFile(out.path + '/index.html', 'home')
  await writeFile(out.path + '/sub/page.html', 'page')
  return out
})
export const main = workflow(() => make(output('site')))`)
    await run(site)
    site.write('site/foreign.html', 'x')
    site.remove('site/sub')
    expect(await run(site)).toMatchObject({ ran: [] })
    expect(site.read('site/sub/page.html')).toBe('page')
    expect(() => site.read('site/foreign.html')).toThrow()
  })

  test('a step that fails leaves its last good output, and is tried again', async () => {
    const flaky = project(
      `${HEAD}
const make = task(async (src: FileHandle, out: Output) => {
  await writeFile(out.path, 'half')
  const text = await src.text()
  if (text === 'bad') throw new Error('bad')
  await writeFile(out.path, text)
})
export const main = workflow(() => { make(file('in.txt'), output('out.txt')) })`,
      { 'in.txt': 'good' },
    )
    await run(flaky)
    flaky.write('in.txt', 'bad')
    expect(await run(flaky)).toMatchObject({ status: 'failed', ran: ['make'] })
    expect(flaky.read('out.txt')).toBe('good')
    expect(await run(flaky)).toMatchObject({ status: 'failed', ran: ['make'] })
    flaky.write('in.txt', 'good')
    expect(await run(flaky)).toMatchObject({ status: 'succeeded', ran: [] })
  })
})

test('F5: what changed while a step ran is not kept for others', async () => {
  const racing = project(
    `${HEAD}
const read = task(async (src: FileHandle) => {
  const text = await src.text()
  if (text === 'one') await writeFile(src.path, 'two')
  return text
})
const all = task(async (src: Files) => [...src.paths])
export const main = workflow(() => ({ text: read(file('in.txt')), all: all(files('*.md')) }))`,
    { 'in.txt': 'one', 'a.md': '' },
  )
  expect(await run(racing)).toMatchObject({ output: { text: 'one', all: ['a.md'] } })
  racing.write('in.txt', 'one')
  expect(await run(racing)).toMatchObject({ ran: ['read'], known: ['all'] })
})

describe('F3: what cannot be told is never taken', () => {
  test('tasks that close over a local variable', async () => {
    const made = project(`${HEAD}
const [x, y] = ['x', 'y'].map(name => task(() => name))
export const main = workflow(() => [x!(), y!()])`)
    expect(await run(made)).toMatchObject({ output: ['x', 'y'] })
    const again = await run(made)
    expect(again.output).toEqual(['x', 'y'])
    expect(again.ran.length).toBe(2)
    expect(again.blocks.length).toBeGreaterThan(0)
  })

  test("cache: 'off'", async () => {
    const now = project(`${HEAD}
const stamp = task(() => 1, { cache: 'off' })
const next = task((n: number) => n + 1)
export const main = workflow(() => next(stamp()))`)
    await run(now)
    expect(await run(now)).toMatchObject({ ran: ['stamp'], known: ['next'] })
  })

  test('--fresh, and --fresh=STEP', async () => {
    const build = project(BUILD, SOURCES)
    await run(build)
    expect(await run(build, { fresh: ['words'] })).toMatchObject({ ran: ['words'], known: ['total', 'upper'] })
    expect(await run(build, { fresh: ['*'] })).toMatchObject({ ran: ['words', 'upper', 'total'] })
  })

  test('a redrive from a step takes nothing for it and what follows from it', async () => {
    const build = project(BUILD, SOURCES)
    const first = await run(build)
    const again = await inFolder(build.dir, () => build.redrive(first.id, ['total']))
    expect(again).toMatchObject({ ran: ['total'], output: 3 })
  })
})

test('F4: an effect runs once in each run', async () => {
  const tell = project(`${HEAD}
const tell = effect((n: number) => n)
const one = task(() => 1)
export const main = workflow(() => tell(one()))`)
  expect(await run(tell)).toMatchObject({ ran: ['one', 'tell'] })
  expect(await run(tell)).toMatchObject({ ran: ['tell'], known: ['one'] })
})

test('F1: what a file arranges round its tasks counts as their code', async () => {
  const text = (mark: string) => `${HEAD.replace('import {', 'import { configure,')}
const one = task(() => 1)
configure({ use: [next => (attempt, signal, reports) => { const mark = '${mark}'; return next(attempt, signal, reports) }] })
export const main = workflow(() => one())`
  const arranged = project(text('a'))
  await run(arranged)
  expect(await run(arranged)).toMatchObject({ ran: [] })
  arranged.write('tutti.ts', text('b'))
  expect(await run(arranged)).toMatchObject({ ran: ['one'] })
})
