/** The null run's manifest (src/freshness/manifest.ts): fresh only while nothing that the run hung on is another. */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkManifest, manifestName, readManifest, type World, writeManifest } from '../../src/freshness/manifest.ts'
import { manifestVersion } from '../../src/cli/null-run.ts'
import { settle } from '../../src/cli/racy.ts'
import { newProject, type Project } from './project.ts'

const open: Project[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
  delete process.env['TUTTI_TEST_MODE']
})

const FILE = `import { env, every, file, files, output, task, workflow, effect, type Files, type FileHandle, type Output } from 'tutti'
import { writeFile, mkdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
const title = readFileSync('title.txt', 'utf8')
const page = task(async (src: Files, extra: FileHandle, mode: string, out: Output) => {
  await mkdir(out.path, { recursive: true })
  await writeFile(out.path + '/index.html', title + mode + src.paths.join() + (await extra.text()))
  return out
})
export const site = workflow(() => page(files('src/**/*.md'), file('extra.txt'), env('TUTTI_TEST_MODE', 'dev'), output('dist')))
`
const SOURCES = { 'src/a.md': 'a', 'src/deep/b.md': 'b', 'extra.txt': 'x', 'title.txt': 't' }

async function site(): Promise<{ readonly project: Project; readonly manifest: string }> {
  const project = newProject(FILE, SOURCES)
  open.push(project)
  const manifest = join(project.dir, '.tutti/fresh', manifestName(['run'], project.dir))
  const before = process.cwd()
  process.chdir(project.dir)
  try {
    const { status, blocks } = await project.run({ manifest: true })
    expect({ status, blocks }).toEqual({ status: 'succeeded', blocks: [] })
  } finally {
    process.chdir(before)
  }
  return { project, manifest }
}

const worldOf = (dir: string, change: Partial<World> = {}): World => ({
  version: manifestVersion('1'),
  words: ['run'],
  cwd: dir,
  env: process.env,
  nowMs: Date.now(),
  ...change,
})

/** As the command line asks: what is racy is read. */
function isFresh(manifest: string, world: World): boolean {
  const found = readManifest(manifest)
  if (!found) return false
  const check = checkManifest(found, world)
  return check.kind === 'fresh' || (check.kind === 'racy' && settle(manifest, found))
}

test('N1: nothing has changed', async () => {
  const { project, manifest } = await site()
  expect(isFresh(manifest, worldOf(project.dir))).toBe(true)
  expect(isFresh(manifest, worldOf(project.dir))).toBe(true)
})

const CHANGES: readonly (readonly [what: string, change: (project: Project) => void])[] = [
  ['a source is edited', project => project.write('src/a.md', 'A')],
  ['a source is edited, of one length and time', project => sameTime(project, 'src/a.md', 'A')],
  ['a source goes', project => project.remove('src/deep/b.md')],
  ['a source comes', project => project.write('src/c.md', 'c')],
  ['a source comes in a folder deep inside', project => project.write('src/deep/c.md', 'c')],
  ['a single file is edited', project => project.write('extra.txt', 'y')],
  ['what was read while loading is edited', project => project.write('title.txt', 'T')],
  ['the file itself is edited', project => project.write('tutti.ts', `${FILE}\n`)],
  ['an output is edited', project => project.write('dist/index.html', 'by hand')],
  ['an output goes', project => project.remove('dist/index.html')],
  ['a file comes into an output', project => project.write('dist/foreign.html', '')],
  ['an output goes with its folder', project => project.remove('dist')],
  ['a variable is another', () => void (process.env['TUTTI_TEST_MODE'] = 'production')],
]
test.each(CHANGES)('N1: not fresh when %s', async (_, change) => {
  const { project, manifest } = await site()
  change(project)
  expect(isFresh(manifest, worldOf(project.dir))).toBe(false)
})

const WORLDS: readonly (readonly [what: string, change: Partial<World>])[] = [
  ['another version of Tutti', { version: manifestVersion('2') }],
  ['other words', { words: ['run', '--only', 'page'] }],
  ['said elsewhere', { cwd: '/' }],
]
test.each(WORLDS)('N3: not fresh for %s', async (_, change) => {
  const { project, manifest } = await site()
  expect(isFresh(manifest, worldOf(project.dir, change))).toBe(false)
})

describe('N2: a stamp is that of what the run saw', () => {
  test('what may have changed within one tick is read again, then trusted', async () => {
    const { project, manifest } = await site()
    project.write('dist/index.html', project.read('dist/index.html'))
    const [found, path] = [readManifest(manifest), join(project.dir, 'dist/index.html')]
    if (!found) throw new Error('no manifest')
    // As if the file had been racy when the manifest was written: its stamp is there, and its hash beside it.
    const index = found.paths.indexOf('dist/index.html')
    const { mtimeMs, ctimeMs, size, ino } = statSync(path)
    const stamps = found.stamps.slice()
    stamps.set([mtimeMs, ctimeMs, size, ino], index * 4)
    const hash = project.stamps.hashNow(path).hash
    writeManifest(manifest, { ...found, stamps, racy: [[index, hash, 'file']] })
    expect(isFresh(manifest, worldOf(project.dir))).toBe(true)
    writeManifest(manifest, { ...found, stamps, racy: [[index, '0'.repeat(64), 'file']] })
    expect(isFresh(manifest, worldOf(project.dir))).toBe(false)
  })

  test('there is no manifest of a run during which something changed', async () => {
    const project = newProject(
      FILE.replace('await mkdir(out', "await writeFile('extra.txt', 'changed meanwhile'); await mkdir(out"),
      SOURCES,
    )
    open.push(project)
    const manifest = join(project.dir, '.tutti/fresh', manifestName(['run'], project.dir))
    process.chdir(project.dir)
    await project.run({ manifest: true })
    process.chdir('/')
    expect(readManifest(manifest)).toBe(undefined)
  })
})

describe('N3: what cannot be trusted is none', () => {
  test.each([
    ['gone', (file: string) => rmSync(file)],
    ['empty', (file: string) => writeFileSync(file, '')],
    ['cut off', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
    ['of something else', (file: string) => writeFileSync(file, 'hello '.repeat(1_000))],
    ['damaged', (file: string) => writeFileSync(file, flipped(readFileSync(file)))],
  ])('%s', async (_, harm) => {
    const { project, manifest } = await site()
    harm(manifest)
    expect(isFresh(manifest, worldOf(project.dir))).toBe(false)
  })
})

test.each([
  ['an effect', 'export const site = workflow(() => tell(1))\nconst tell = effect((n: number) => n)'],
  ["cache: 'off'", "export const site = workflow(() => one())\nconst one = task(() => 1, { cache: 'off' })"],
  ['a closure', 'export const site = workflow(() => made())\nconst made = [1].map(n => task(() => n))[0]!'],
])('a run with %s leaves no manifest', async (_, text) => {
  const project = newProject(`import { effect, task, workflow } from 'tutti'\n${text.split('\n').reverse().join('\n')}`)
  open.push(project)
  const { status, blocks } = await project.run()
  expect(status).toBe('succeeded')
  expect(blocks.length).toBeGreaterThan(0)
})

function sameTime(project: Project, path: string, text: string): void {
  const absolute = join(project.dir, path)
  const { atime, mtime } = statSync(absolute)
  project.write(path, text)
  utimesSync(absolute, atime, mtime)
}

/** In the middle of its text. */
function flipped(bytes: Buffer): Buffer {
  const at = bytes.indexOf('"words"')
  bytes[at + 2] = bytes.readUInt8(at + 2) ^ 1
  return bytes
}
