/** A version run with the inputs that it had, in a replica of the project, or with those of today. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lineOf } from '../../src/cli/versions/line.ts'
import { tutti } from '../cli/rig.ts'
import { type Project, projectWith } from './project.ts'

const READS = `import { dir, env, file, files, output, task, workflow, type Dir, type FileHandle, type Files, type Output } from 'tutti'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
const all = task(async (src: Files) => Promise.all(src.files().map(each => each.text())))
const one = task(async (each: FileHandle) => each.text())
const copy = task(async (from: Dir, to: Output) => {
  await writeFile(to.path, await readFile(join(from.path, 'data.txt')))
  return to
})
const shout = task((text: string) => text + '!')
export const w = workflow(() => ({
  all: all(files('src/**/*.txt')),
  one: one(file('one.txt')),
  copied: copy(dir('data'), output('out/copy.txt')),
  said: shout(env('GREETING', 'hello')),
}))
`
const THEN = { 'src/a.txt': 'a1', 'src/deep/b.txt': 'b1', 'one.txt': 'one1', 'data/data.txt': 'data1' }

const withInputs = (): Project => projectWith(READS, THEN)
const edit = (project: Project): void => {
  for (const name of Object.keys(THEN)) project.write(`${name} of today`, name)
  project.write('new', 'src/c.txt')
}
const allOf = (out: string): unknown => (JSON.parse(out) as { all: unknown }).all
const replicaIn = ({ folder }: Project): string => join(folder, '.tutti/replicas/tutti.ts%23w/1.0.0/base')
const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: folder, encoding: 'utf8' })

test('then are the inputs of the version, now those of today; what the steps write stays out of the project', async () => {
  const project = withInputs()
  await project.ok('publish', '--keep-sources')
  edit(project)
  const then = JSON.parse(await project.ok('run', 'w@1.0.0', '--sources', 'then'))
  expect(then).toMatchObject({ all: ['a1', 'b1'], one: 'one1', said: 'hello!' })
  expect(readFileSync(then.copied, 'utf8')).toBe('data1')
  expect(then.copied).toBe(join(replicaIn(project), 'out/copy.txt'))
  expect(existsSync(join(project.folder, 'out'))).toBe(false)
  const now = JSON.parse(await project.ok('run', 'w@1.0.0', '--sources', 'now'))
  expect(now.all).toEqual(['src/a.txt of today', 'new', 'src/deep/b.txt of today'])
  expect(readFileSync(join(project.folder, 'out/copy.txt'), 'utf8')).toBe('data/data.txt of today')
  expect(allOf(await project.ok('run', 'w@1.0.0', '--sources', 'then'))).toEqual(['a1', 'b1'])
})

test('what was given when the version was current is taken; what is done in a replica is not taken in the project', async () => {
  const project = projectWith(
    `import { existsSync } from 'node:fs'
import { file, task, workflow, type FileHandle } from 'tutti'
const look = task(async (each: FileHandle) => [await each.text(), existsSync('undeclared.json'), process.hrtime.bigint().toString()])
export const w = workflow(() => look(file('one.txt')))
`,
    { 'one.txt': 'one1', 'undeclared.json': '{}' },
  )
  await project.ok('publish', '--keep-sources')
  const first = await project.ok('run')
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then')).toBe(first)
  project.write('one2', 'one.txt')
  const anew = await project.ok('run', 'w@1.0.0', '--sources', 'then', '--fresh')
  expect(JSON.parse(anew).slice(0, 2)).toEqual(['one1', false])
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then')).toBe(anew)
  project.write('one1', 'one.txt')
  expect(await project.ok('run')).toBe(first)
})

test.each([
  ['the store', 'kept', (project: Project) => rmSync(join(project.folder, 'src'), { recursive: true })],
  ['the project, where it is as it was', 'hashed', () => undefined],
  ['git, although it is gone from the tree', 'committed', (project: Project) => edit(project)],
] as const)('an input comes from %s', async (_, how, later) => {
  const project = withInputs()
  if (how === 'committed') {
    project.write('.tutti\nnode_modules\n', '.gitignore')
    git(project.folder, 'init', '-q')
    git(project.folder, 'add', '.')
    git(project.folder, 'commit', '-q', '-m', 'first')
  }
  await project.ok('publish', ...(how === 'kept' ? ['--keep-sources'] : []))
  later(project)
  if (how === 'committed') {
    git(project.folder, 'rm', '-q', '-r', '-f', 'src')
    git(project.folder, 'commit', '-q', '-m', 'second')
  }
  expect(allOf(await project.ok('run', 'w@1.0.0', '--sources', 'then'))).toEqual(['a1', 'b1'])
})

test('R1: what cannot be had is told before anything runs, all of it at once', async () => {
  const project = withInputs()
  await project.ok('publish')
  edit(project)
  rmSync(join(project.folder, 'one.txt'))
  const { code, exit, err } = await project.refusal('run', 'w@1.0.0', '--sources', 'then')
  expect({ code, exit }).toEqual({ code: 'SOURCES_GONE', exit: 3 })
  for (const name of Object.keys(THEN)) expect(err).toContain(name)
  expect(err).toContain('--keep-sources')
  expect(await project.json('runs')).toEqual([])
})

test('the file with the workflow, its modules and its inputs may all have gone', async () => {
  const project = projectWith(
    `import { files, task, workflow, type Files } from 'tutti'
import { shout } from './lib/shout.ts'
const all = task(async (src: Files) => shout((await Promise.all(src.files().map(each => each.text()))).join()))
export const w = workflow(() => all(files('src/*')))
`,
    { 'lib/shout.ts': `export const shout = (text: string): string => text + '!'\n`, 'src/a.txt': 'a1' },
  )
  await project.ok('publish', '--keep-sources')
  for (const name of ['tutti.ts', 'lib', 'src']) rmSync(join(project.folder, name), { recursive: true })
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then')).toBe('a1!\n')
  expect(readFileSync(join(replicaIn(project), 'lib/shout.ts'), 'utf8')).toContain('text + ')
})

test('R2, R3: a replica is put right each time: changed, foreign and missing files, modes, links that lead out', async () => {
  const project = projectWith(
    `import { dir, files, sh, task, workflow, type Dir, type Files } from 'tutti'
const all = task(async (src: Files, tree: Dir) => sh.shell\`ls -p \${tree} && cat \${src} && \${tree}/run.sh\`)
export const w = workflow(() => all(files('src/*.txt'), dir('tree')))
`,
    { 'src/a.txt': 'a1', 'tree/run.sh': '#!/bin/sh\necho ran\n', 'tree/.keep': '' },
  )
  chmodSync(join(project.folder, 'tree/run.sh'), 0o755)
  mkdirSync(join(project.folder, 'tree/empty'))
  await project.ok('publish', '--keep-sources')
  project.write('today', 'src/a.txt')
  project.write('today', 'src/c.txt')
  const first = await project.ok('run', 'w@1.0.0', '--sources', 'then', '--fresh')
  expect(first).toContain('empty/')
  const replica = replicaIn(project)
  writeFileSync(join(replica, 'src/a.txt'), 'other')
  writeFileSync(join(replica, 'src/foreign.txt'), 'foreign')
  rmSync(join(replica, 'tree/empty'), { recursive: true })
  chmodSync(join(replica, 'tree/run.sh'), 0o644)
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then', '--fresh')).toBe(first)
  rmSync(join(replica, 'src'), { recursive: true })
  symlinkSync(join(project.folder, 'src'), join(replica, 'src'))
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then', '--fresh')).toBe(first)
  expect(readFileSync(join(project.folder, 'src/a.txt'), 'utf8')).toBe('today')
  expect(readdirSync(join(project.folder, 'src'))).toContain('c.txt')
})

test('patterns of a .gitignore count as they were, those around the store do not', async () => {
  const project = projectWith(
    `import { files, task, workflow, type Files } from 'tutti'
const names = task((src: Files) => src.paths)
export const w = workflow(() => names(files('**/*.txt', { ignore: 'gitignore' })))
`,
    { 'a.txt': 'a', 'b.txt': 'b', '.gitignore': 'b.txt\n.tutti\nnode_modules\n' },
  )
  git(project.folder, 'init', '-q')
  await project.ok('publish', '--keep-sources')
  project.write('a.txt\n.tutti\n', '.gitignore')
  expect(await project.ok('run', 'w@1.0.0', '--sources', 'then', '--fresh')).toBe('[\n  "a.txt"\n]\n')
})

test('a variable that is another one today is told; its value is kept nowhere', async () => {
  const project = projectWith(
    `import { env, task, workflow } from 'tutti'
const say = task((text: string) => text.length)
export const w = workflow(() => say(env('GREETING', 'x')))
`,
  )
  const run = (greeting: string, ...words: readonly string[]) =>
    tutti(words, { cwd: project.folder, env: { GREETING: greeting } })
  await run('the-first-value', 'publish')
  const stored = readdirSync(join(project.folder, '.tutti'), { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => readFileSync(join(each.parentPath, each.name), 'latin1'))
  expect(stored.join('')).not.toContain('the-first-value')
  const told = 'w@1.0.0: the variable GREETING has another value than when it was published'
  expect((await run('the-first-value', 'run', 'w@1.0.0', '--sources', 'then')).err).not.toContain(told)
  expect((await run('other', 'run', 'w@1.0.0', '--sources', 'then')).err).toContain(told)
})

test('a run in a replica is one of its version, and is resumed there', async () => {
  const project = projectWith(
    `import { file, signal, task, workflow, type FileHandle } from 'tutti'
const go = signal<string>()
const read = task(async (each: FileHandle, word: string) => [await each.text(), word])
export const w = workflow(() => read(file('one.txt'), go.wait()))
`,
    { 'one.txt': 'one1' },
  )
  await project.ok('publish', '--keep-sources')
  project.write('one2', 'one.txt')
  const { code } = await project.run('run', 'w@1.0.0', '--sources', 'then', '--id', 'r', '--no-wait')
  expect(code).toBe(6)
  await project.ok('signal', 'r', 'go', '"now"')
  expect(JSON.parse(await project.ok('resume', 'r'))).toEqual(['one1', 'now'])
  const file = join(replicaIn(project), 'tutti.ts')
  expect(lineOf(join(project.folder, '.tutti'), file, 'w')).toBe('tutti.ts#w')
  const [version] = await project.json('versions')
  expect(version).toMatchObject({ version: '1.0.0', runs: { total: 1, succeeded: 1 } })
})

test('--sources then is for versions', async () => {
  const project = withInputs()
  expect(await project.refusal('run', '--sources', 'then')).toMatchObject({ code: 'USAGE', exit: 2 })
})

const LIST = `import { files, output, sh, task, workflow, type Files, type Output } from 'tutti'
import { satisfies } from 'semver'
import { writeFile } from 'node:fs/promises'
const list = task(async (src: Files, out: Output) => {
  await writeFile(out.path, String(satisfies('1.2.3', '^1')))
  return [src.files().length, await Promise.all(src.files().map(each => each.text())), process.cwd(), out.path]
}, { executor: 'process' })
export const w = workflow(() => list(files('src/*.txt', '../shared/*.txt'), output('out.txt')))
`

test.each([
  ['in the folder of both', '.tutti', 'api%2Ftutti.ts%23w/1.0.0/base/api'],
  ['of the project alone', 'api/.tutti', 'tutti.ts%23w/1.0.0/up/base'],
])('inputs from beside the project, with the store %s; packages and other processes', async (_, store, place) => {
  const project = projectWith('', { 'api/tutti.ts': LIST, 'api/src/a.txt': 'a1', 'shared/s.txt': 's1' })
  const flags = ['--store', store]
  await project.ok('publish', 'api/tutti.ts', '--keep-sources', ...flags)
  project.write('today', 'api/src/a.txt')
  project.write('today', 'shared/s.txt')
  const words = ['run', 'api/tutti.ts', 'w@1.0.0', '--sources', 'then', ...flags]
  const folder = join(project.folder, store, 'replicas', place)
  expect(JSON.parse(await project.ok(...words))).toEqual([2, ['s1', 'a1'], folder, join(folder, 'out.txt')])
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('true')
  expect(existsSync(join(project.folder, 'api/out.txt'))).toBe(false)
})

test('R1: a store elsewhere, and a run in the background', async () => {
  const project = projectWith(READS, THEN)
  const aside = projectWith('')
  const flags = ['--store', join(aside.folder, 'store')]
  await project.ok('publish', '--keep-sources', ...flags)
  edit(project)
  await project.ok('run', 'w@1.0.0', '--sources', 'then', '--id', 'r', '--detach', ...flags)
  const lines = await project.run('logs', 'r', '--follow', ...flags)
  expect(lines.code).toBe(0)
  expect(await project.ok('checkout', 'r', '--print', 'all', ...flags)).toBe('[\n  "a1",\n  "b1"\n]\n')
  expect(existsSync(join(project.folder, 'out'))).toBe(false)
})

test('what a version took in can be kept later, as far as it is as it was', async () => {
  const project = withInputs()
  await project.ok('publish')
  project.write('today', 'one.txt')
  const { err } = await project.run('publish', '--keep-sources')
  expect(err).toContain('not kept, since it has changed since then: one.txt')
  expect(err).toContain('it is w@1.0.0 already')
  edit(project)
  const refused = await project.refusal('run', 'w@1.0.0', '--sources', 'then')
  expect(refused.err).toContain('took in is not to be had any more: one.txt\n')
  project.write('one1', 'one.txt')
  expect(allOf(await project.ok('run', 'w@1.0.0', '--sources', 'then'))).toEqual(['a1', 'b1'])
})

test('a pointer of LFS in git is told as what it is', async () => {
  const project = projectWith(
    `import { file, task, workflow, type FileHandle } from 'tutti'
const read = task((each: FileHandle) => each.text())
export const w = workflow(() => read(file('big.bin')))
`,
    {
      'big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n',
      '.gitignore': '.tutti\nnode_modules\n',
    },
  )
  git(project.folder, 'init', '-q')
  git(project.folder, 'add', '.')
  git(project.folder, 'commit', '-q', '-m', 'first')
  project.write('the content', 'big.bin')
  await project.ok('publish')
  project.write('another', 'big.bin')
  const { code, err } = await project.refusal('run', 'w@1.0.0', '--sources', 'then')
  expect(code).toBe('SOURCES_GONE')
  expect(err).toContain('big.bin (git has a pointer of LFS: git lfs pull')
})

test('gc removes a replica that nobody has used, but not one in which a run can go on', async () => {
  const project = projectWith(
    `import { file, signal, task, workflow, type FileHandle } from 'tutti'
const go = signal<string>()
const read = task(async (each: FileHandle) => each.text())
export const w = workflow(() => [read(file('one.txt')), go.wait()])
export const v = workflow(() => read(file('one.txt')))
`,
    { 'one.txt': 'one1' },
  )
  await project.ok('publish', '--all', '--keep-sources')
  await project.run('run', 'w@1.0.0', '--sources', 'then', '--no-wait')
  await project.ok('run', 'v@1.0.0', '--sources', 'then')
  const kept = () => readdirSync(join(project.folder, '.tutti/replicas'), { recursive: true }).map(String)
  expect(await project.ok('gc')).not.toContain('replica')
  expect(await project.ok('gc', '--keep-for', '0s')).toContain('1 replica,')
  expect(kept().filter(name => /^[^/]+\/1\.0\.0$/.test(name))).toEqual(['tutti.ts%23w/1.0.0'])
  expect(await project.ok('run', 'v@1.0.0', '--sources', 'then')).toBe('one1\n')
})
