/** What is watched and what is told, one idea a test; that nothing is missed is the torture test's. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { newBursts } from '../../src/watch/bursts.ts'
import { watched } from './rig.ts'

const write = (path: string): void => writeFileSync(path, String(Math.random()))

test('W1: what is written in one go is told together, and who writes all the time is told of all the same', async () => {
  const { watch: watching, root, after, path, batches } = watched(['a/1', 'a/2', 'a/3'])
  watching.set({ trees: [root] })
  await after(() => ['a/1', 'a/2', 'a/3'].map(name => write(path(name))), 'a/3')
  expect(batches.map(each => [...each].sort())).toEqual([['a/1', 'a/2', 'a/3']])
  const busy = setInterval(() => write(path('a/1')), 1)
  try {
    await after(() => undefined, 'a/1')
  } finally {
    clearInterval(busy)
  }
})

test('only what is asked for is told: a file among others, and the entries of a folder but not what is in them', async () => {
  const { watch: watching, after, path, batches } = watched(['a/1', 'a/2', 'b/c/1'])
  watching.set({ files: [path('a/1')], folders: [path('b')] })
  await after(() => {
    write(path('a/2'))
    write(path('b/c/1'))
    write(path('a/1'))
    write(path('b/1'))
  }, 'b/1')
  expect(new Set(batches.flat())).toEqual(new Set(['a/1', 'b/1']))
})

test('what is not there yet is seen when it comes, with all the folders on the way', async () => {
  const { watch: watching, after, path } = watched(['a/1'])
  watching.set({ files: [path('x/y/z/1')] })
  await after(() => mkdirSync(path('x/y/z'), { recursive: true }), 'x/y/z/1')
  await after(() => write(path('x/y/z/1')), 'x/y/z/1')
  await after(() => rmSync(path('x'), { recursive: true }), 'x/y/z/1')
  await after(() => mkdirSync(path('x/y/z'), { recursive: true }), 'x/y/z/1')
  await after(() => write(path('x/y/z/1')), 'x/y/z/1')
})

test('W4: in a folder that was moved and one that was made anew every later write is told', async () => {
  const { watch: watching, root, after, path } = watched(['a/b/1'])
  watching.set({ trees: [root] })
  await after(() => renameSync(path('a'), path('c')), 'c/b/1')
  await after(() => write(path('c/b/1')), 'c/b/1')
  await after(() => {
    mkdirSync(path('a/b'), { recursive: true })
    write(path('a/b/1'))
  }, 'a/b/1')
  await after(() => appendFileSync(path('a/b/1'), 'x'), 'a/b/1')
  await after(() => {
    write(path('a/b/.1.swp'))
    renameSync(path('a/b/.1.swp'), path('a/b/1'))
  }, 'a/b/1')
  await after(() => appendFileSync(path('a/b/1'), 'x'), 'a/b/1')
  await after(() => chmodSync(path('a/b/1'), 0o755), 'a/b/1')
})

test('W5: of a link what it leads to is told, step by step', async () => {
  const { watch: watching, after, path } = watched(['real/1', 'real/2', 'other/1'])
  symlinkSync(path('real'), path('way'))
  symlinkSync(path('way/1'), path('link'))
  watching.set({ files: [path('link')] })
  await after(() => write(path('real/1')), 'link')
  await after(() => {
    rmSync(path('way'))
    symlinkSync(path('other'), path('way'))
  }, 'link')
  await after(() => write(path('other/1')), 'link')
  await after(() => renameSync(path('other'), path('gone')), 'link')
})

test('what was set before is not told any more, and what is new is named once', async () => {
  const { watch: watching, after, path, batches } = watched(['a/1', 'b/1', 'b/2'])
  expect(watching.set({ folders: [path('a')] })).toEqual(['/'])
  expect(watching.set({ folders: [path('a')] })).toEqual([])
  expect(watching.set({ files: [path('b/1')] })).toEqual([path('b')])
  expect(watching.set({ files: [path('b/1'), path('b/2')] })).toEqual([path('b/2')])
  await after(() => {
    write(path('a/1'))
    write(path('b/1'))
  }, 'b/1')
  expect(batches.flat()).not.toContain('a/1')
})

test('folders of a tree can be left out', async () => {
  const { watch: watching, root, after, path, batches } = watched(['a/1', 'b/1'], { skip: each => each.endsWith('/b') })
  watching.set({ trees: [root] })
  await after(() => {
    write(path('b/1'))
    write(path('a/1'))
  }, 'a/1')
  expect(batches.flat()).toEqual(['a/1'])
})

test('W2, W6: where the system does not watch, folders are polled, which is told once', async () => {
  const { watch: watching, root, after, path, degraded } = watched(['a/1', 'b/1'], { mode: 'poll', pollMs: 10 })
  watching.set({ trees: [root] })
  await after(() => write(path('a/1')), 'a/1')
  await after(() => {
    writeFileSync(path('b/1'), 'same length 1')
    writeFileSync(path('b/1'), 'same length 2')
  }, 'b/1')
  await after(() => rmSync(path('b'), { recursive: true }), 'b')
  expect(degraded.map(each => each.cause)).toEqual(['asked'])
  expect(watching.counts.polled).toBe(watching.counts.folders)
})

test('W6: at the limit of watches the rest is polled, and all is seen', async () => {
  let left = 0
  const {
    watch: watching,
    root,
    after,
    path,
    degraded,
  } = watched(['a/1', 'b/1', 'c/1'], {
    pollMs: 10,
    watchFolder: (folder, listener) => {
      if (left-- <= 0) throw Object.assign(new Error('ENOSPC: System limit reached'), { code: 'ENOSPC' })
      return watch(folder, listener)
    },
  })
  left = root.split('/').length + 1
  watching.set({ trees: [root] })
  for (const name of ['a/1', 'b/1', 'c/1', 'd']) await after(() => write(path(name)), name)
  await after(() => mkdirSync(path('e/f'), { recursive: true }), 'e/f')
  await after(() => write(path('e/f/1')), 'e/f/1')
  expect(degraded.map(each => each.cause)).toEqual(['limit'])
  expect(watching.counts.polled).toBeGreaterThan(0)
  expect(watching.counts.polled).toBeLessThan(watching.counts.folders)
})

const namespaces = process.platform === 'linux' && spawnSync('unshare', ['-Ur', 'true']).status === 0

test.runIf(namespaces)('W6: the same with the kernel at its limit', { timeout: 30_000 }, () => {
  const script = join(mkdtempSync(join(tmpdir(), 'tutti-limited-')), 'limited.mjs')
  onTestFinished(() => rmSync(dirname(script), { recursive: true }))
  const entry = fileURLToPath(new URL('limited.ts', import.meta.url))
  buildSync({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm' })
  // In a namespace of its own, whose limit is nobody else's.
  const limited = 'echo 8 > /proc/sys/user/max_inotify_watches && exec "$0" "$1"'
  const words = ['-Ur', 'sh', '-c', limited, process.execPath, script]
  const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
  expect(stdout, stderr).toBe('limit\nseen a/1\nseen z/1\n')
})

test('W7: a burst in which the kernel may have dropped something is told as everything', async () => {
  const { watch: watching, root, after, path, batches } = watched(['a/1'], { burst: 20 })
  watching.set({ trees: [root] })
  await after(() => {
    for (let index = 0; index < 50; index++) write(path(`a/${index}`))
  }, 'a/49')
  expect(batches.flat()).toContain('/')
})

test('W7: events are counted for one turn of the event loop', async () => {
  let told = 0
  const bursts = newBursts(() => told++, 10)
  const hear = (count: number): void => {
    for (let index = 0; index < count; index++) bursts.count()
  }
  hear(9)
  await new Promise(resolve => setImmediate(resolve))
  hear(9)
  expect(told).toBe(0)
  hear(20)
  expect(told).toBe(1)
})

test('W3: some hundred folders are in place at once', () => {
  const names = Array.from({ length: 300 }, (_, index) => join(`d${index}`, '1'))
  const { watch: watching, root } = watched(names)
  watching.set({ trees: [root] })
  expect(watching.counts).toMatchObject({ polled: 0 })
  expect(watching.counts.folders).toBeGreaterThan(300)
})
