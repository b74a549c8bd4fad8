/** A file that imports another project's: one graph, and each project's relative paths are its own. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { openStore } from '../../src/store/index.ts'
import { stampsOf } from '../../src/values/index.ts'
import { project } from '../dsl/rig.ts'

/** `lib` belongs to no project; `api` and `web` do; the root puts them together. */
const FILES = {
  'lib/steps.ts': `import { files, output, sh, task } from 'tutti'
export const where = task(async () => (await sh\`pwd\`).stdout.trim().split('/').pop())
export const sources = () => files('src/*.txt')
export const place = (path: string) => output(path)
export const list = task(async (src: any) => (await sh\`echo \${src}\`).stdout.trim())
`,
  'api/src/a.txt': 'api a',
  'api/src/b.txt': 'api b',
  'api/note.txt': 'note of api',
  'api/tutti.ts': `import { file, files, output, sh, task, workflow } from 'tutti'
import { list, place, sources, where } from '../lib/steps.ts'
export const pack = task(async (src: any, dist: any) => {
  await sh\`sh -c \${'cat "$@" > "$0"'} \${dist} \${src}\`
  return dist
})
export const api = workflow(() => ({
  dist: pack(files('src/*.txt'), output('dist/all')),
  note: task(async (n: any) => n.text())(file('note.txt')),
  same: list(sources()),
  where: where(),
  other: task(async (at: any) => at.path.split('/').slice(-3).join('/'))(place('elsewhere')),
}), { once: true })
`,
  'web/src/w.txt': 'web w',
  'web/tutti.ts': `import { files, output, sh, task, workflow } from 'tutti'
import { api, pack } from '../api/tutti.ts'
import { list, sources, where } from '../lib/steps.ts'
const show = task(async (dist: any, src: any) => (await sh\`cat \${dist} \${src}\`).stdout)
export const web = workflow(() => {
  const theirs = api()
  const own = pack(files('src/*.txt'), output('dist/all'))
  return { theirs, shown: show(theirs.dist, files('src/*.txt')), own, where: where(), mine: list(sources()) }
})
`,
  'tutti.ts': `import { workflow } from 'tutti'
import { api } from './api/tutti.ts'
import { web } from './web/tutti.ts'
export const all = workflow(() => [api().note, web().shown])
`,
}

let runs = 0

async function runFile(folder: string, file: string, store?: string) {
  return (await runIn(folder, file, store)).output
}

/** `ran`: tasks, by name, that no other run's result was taken for. */
async function runIn(folder: string, file: string, store = join(folder, file, '..', '.tutti')) {
  const dir = join(folder, file, '..')
  const loaded = await loadFile(join(folder, file), folder)
  const runnable = loaded.runnable([...loaded.workflows.keys()][0] ?? '')
  const run = `run${++runs}`
  const opened = await openStore(store)
  try {
    const local = openLocal(opened, { cwd: dir, reuse: { stamps: stampsOf(store) } })
    local.register(runnable)
    const { session, values } = await startRun(local, runnable, run, {})
    await session.ended
    const { phase } = session.state
    if (phase.kind !== 'ended') throw new Error('the run has not ended')
    if (phase.fault) throw new Error(`${phase.fault.code}: ${phase.fault.message}`)
    const ran: string[] = []
    for await (const { event } of opened.read({ run }))
      if (event.kind === 'attempt.started' && !/files|file/.test(event.step)) ran.push(event.step)
    return { output: phase.output && (await values.decode(phase.output)), ran: ran.sort() }
  } finally {
    await opened.close()
  }
}

const graphOf = async (folder: string, file: string) => {
  const loaded = await loadFile(join(folder, file), folder)
  return loaded.runnable([...loaded.workflows.keys()][0] ?? '').graph
}

describe('paths', () => {
  test.each(['web/tutti.ts', 'tutti.ts'])('of %s', async file => {
    const folder = project(FILES)
    const output = await runFile(folder, file)
    expect(readFileSync(join(folder, 'api/dist/all'), 'utf8')).toBe('api aapi b')
    expect(readFileSync(join(folder, 'web/dist/all'), 'utf8')).toBe('web w')
    if (file === 'tutti.ts') return expect(output).toEqual(['note of api', 'api aapi bweb w'])
    expect(output).toMatchObject({
      theirs: {
        note: 'note of api',
        same: 'src/a.txt src/b.txt',
        where: 'api',
        other: `${folder.split('/').pop()}/api/elsewhere`,
      },
      shown: 'api aapi bweb w',
      where: 'web',
      mine: 'src/w.txt',
    })
  })

  test('the graph says in which project each step works', async () => {
    const folder = project(FILES)
    const { root } = await graphOf(folder, 'web/tutti.ts')
    const dirs = root.nodes.map(node => [node.id, 'dir' in node ? node.dir : undefined])
    expect(Object.fromEntries(dirs)).toMatchObject({ pack: '../api', show: undefined, where: undefined })
  })

  test('a task that is given files of another project names them from where it works', async () => {
    const folder = project({
      'api/tutti.ts': `import { sh, task, workflow } from 'tutti'
export const list = task(async (src: any) => (await sh\`echo \${src}\`).stdout.trim())
export const api = workflow(() => list(1))`,
      'web/x.txt': '',
      'web/tutti.ts': `import { files, workflow } from 'tutti'
import { list } from '../api/tutti.ts'
export const web = workflow(() => list(files('*.txt')))`,
    })
    expect(await runFile(folder, 'web/tutti.ts')).toBe('../web/x.txt')
  })
})

describe('outputs', () => {
  const writing = (path: string) => ({
    'api/tutti.ts': `import { output, task, workflow } from 'tutti'
export const api = workflow(() => task(async (at: any) => at)(output(${JSON.stringify(path)})))`,
    'web/tutti.ts': `import { workflow } from 'tutti'
import { api } from '../api/tutti.ts'
export const web = workflow(() => api())`,
  })

  test.each(['../web/dist', '../dist', '/dist', '..'])('%s is outside of its project', async path => {
    await expect(graphOf(project(writing(path)), 'web/tutti.ts')).rejects.toThrow('outside of the project')
  })

  test('no link leads one out of its project', async () => {
    const folder = project(writing('out/x'))
    mkdirSync(join(folder, 'web/in'))
    symlinkSync('../web/in', join(folder, 'api/out'))
    await expect(runFile(folder, 'web/tutti.ts')).rejects.toThrow('OUTPUT_OUTSIDE')
    expect(existsSync(join(folder, 'web/in/x'))).toBe(false)
  })

  test('two projects may use one name, two steps may not write one place', async () => {
    const twice = {
      ...writing('dist'),
      'web/tutti.ts': `import { workflow } from 'tutti'
import { api } from '../api/tutti.ts'
export const web = workflow(() => [api(), api()])`,
    }
    await expect(graphOf(project(twice), 'web/tutti.ts')).rejects.toThrow('both write ../api/dist')
  })
})

describe('a workflow that is called once', () => {
  const composed = (web: string) => ({
    'api/tutti.ts': `import { task, workflow } from 'tutti'
export const api = workflow(() => ({ one: task(() => 1)() }), { once: true })`,
    'tutti.ts': `import { each, task, when, workflow } from 'tutti'
import { api } from './api/tutti.ts'
const plus = task((a: any, b: any) => a + b)
const inner = workflow(() => plus(api().one, 10))
export const all = workflow(() => ${web})`,
  })

  test.each([
    ['[inner(), inner(), plus(api().one, 100)]', [11, 11, 101]],
    ['each([1, 2], n => plus(n, api().one))', [2, 3]],
    ['when(task(() => true)(), () => inner())', 11],
  ])('is one step beside the outermost ones: %s', async (body, output) => {
    const folder = project(composed(body))
    const { root } = await graphOf(folder, 'tutti.ts')
    expect(JSON.stringify(root).match(/"workflow":"api"/g)).toHaveLength(1)
    expect(root.nodes.filter(node => node.kind === 'call' && node.workflow === 'api')).toHaveLength(1)
    expect(await runFile(folder, 'tutti.ts')).toEqual(output)
  })

  test('has no parameters', async () => {
    const file = "import { workflow } from 'tutti'\nexport const w = workflow((a: any) => a, { once: true })"
    await expect(graphOf(project({ 'tutti.ts': file }), 'tutti.ts')).rejects.toThrow(
      'once is for a workflow without parameters',
    )
  })
})

test('a project in the folder of another one is its own', async () => {
  const folder = project({
    'parts/a/data.txt': 'inner',
    'data.txt': 'outer',
    'parts/a/tutti.ts': `import { file, task, workflow } from 'tutti'
export const read = task(async (at: any) => at.text())
export const a = workflow(() => read(file('data.txt')))`,
    'tutti.ts': `import { file, workflow } from 'tutti'
import { a, read } from './parts/a/tutti.ts'
export const all = workflow(() => [a(), read(file('data.txt'))])`,
  })
  writeFileSync(join(folder, 'parts/data.txt'), 'between')
  expect(await runFile(folder, 'tutti.ts')).toEqual(['inner', 'outer'])
})

describe('projects that share a store', () => {
  const SHARED = {
    'api/in.txt': 'one',
    'api/tutti.ts': `import { file, output, sh, task, workflow } from 'tutti'
const build = task(async (src: any, dist: any) => {
  await sh\`cp \${src} \${dist}\`
  return dist
})
const plain = task(() => 'api')
export const api = workflow(() => ({ dist: build(file('in.txt'), output('dist')), plain: plain() }), { once: true })`,
    'web/tutti.ts': `import { task, workflow } from 'tutti'
import { api } from '../api/tutti.ts'
const read = task(async (dist: any) => (await import('node:fs')).readFileSync(dist.path, 'utf8'))
const plain = task(() => 'api')
export const web = workflow(() => [read(api().dist), plain()])`,
  }

  test('take the results of one another, at their own place', async () => {
    const folder = project(SHARED)
    const store = join(folder, '.tutti')
    expect((await runIn(folder, 'api/tutti.ts', store)).ran).toEqual(['build', 'plain'])
    rmSync(join(folder, 'api/dist'))
    const web = await runIn(folder, 'web/tutti.ts', store)
    // One text in two projects is two tasks: what they do hangs on where they stand.
    expect(web).toEqual({ output: ['one', 'api'], ran: ['plain', 'read'] })
    expect(readFileSync(join(folder, 'api/dist'), 'utf8')).toBe('one')
    writeFileSync(join(folder, 'api/in.txt'), 'two')
    expect((await runIn(folder, 'web/tutti.ts', store)).output).toEqual(['two', 'api'])
    expect((await runIn(folder, 'api/tutti.ts', store)).ran).toEqual([])
  })

  test('with a store each, they make their own', async () => {
    const folder = project(SHARED)
    await runIn(folder, 'api/tutti.ts')
    expect((await runIn(folder, 'web/tutti.ts')).ran).toEqual(['api/build', 'api/plain', 'plain', 'read'])
    expect((await runIn(folder, 'web/tutti.ts')).ran).toEqual([])
  })
})

test.each(['tutti.ts', 'api/tutti.ts'])(
  'a library in a folder around stands for the project that calls it: %s',
  async file => {
    const folder = project({
      'steps.ts': `import { file, sh, task } from 'tutti'
export const where = task(async () => (await sh\`pwd\`).stdout.trim().split('/').pop())
export const note = () => file('note.txt')
export const make = (name: string) => task(async () => name + (await sh\`pwd\`).stdout.trim().split('/').pop())`,
      'api/note.txt': 'of api',
      'api/tutti.ts': `import { task, workflow } from 'tutti'
import { make, note, where } from '../steps.ts'
const made = make('in ')
const read = task(async (at: any) => at.text())
export const api = workflow(() => [where(), read(note()), made()])`,
      'tutti.ts': `import { workflow } from 'tutti'
import { api } from './api/tutti.ts'
export const all = workflow(() => api())`,
    })
    expect(await runFile(folder, file)).toEqual(['api', 'of api', 'in api'])
  },
)
