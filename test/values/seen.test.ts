/**
 * Random trees and random edits: when a look's stamps say that nothing has changed, a look from scratch gives the same value.
 * Edits keep the size and come within one tick of the clock as often as they can, since that is where stamps lie. The clock of
 * files is made as coarse as older kernels and other file systems have it: Linux tells two changes apart since 6.13.
 */
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Source } from '../../src/core/graph/graph.ts'
import { openBlobs } from '../../src/store/blobs.ts'
import { valueStore } from '../../src/values/index.ts'
import { isUnchanged, type Seen } from '../../src/values/seen.ts'
import { lookAt } from '../../src/values/sources.ts'
import { loadStamps, saveStamps, Stamps } from '../../src/values/stamps.ts'

const clock = vi.hoisted(() => ({ tickMs: 0 }))
vi.mock('node:fs', async importOriginal => {
  const real = await importOriginal<typeof import('node:fs')>()
  const rounded = (ms: number): number =>
    // Half a millisecond tells a fine clock from one of whole seconds.
    clock.tickMs === 0 ? ms : Math.floor(ms / clock.tickMs) * clock.tickMs - (clock.tickMs < 1_000 ? 0.5 : 0)
  const coarse =
    (look: (...args: never[]) => unknown) =>
    (...args: never[]) => {
      const stats = look(...args) as Stats | undefined
      return stats && Object.assign(stats, { mtimeMs: rounded(stats.mtimeMs), ctimeMs: rounded(stats.ctimeMs) })
    }
  const { statSync: s, lstatSync: l, fstatSync: f } = real
  return { ...real, statSync: coarse(s), lstatSync: coarse(l), fstatSync: coarse(f) }
})

const PATHS = ['a.ts', 'b.ts', 'x/a.ts', 'x/b.ts', 'x/y/a.ts', 'z/a.ts', 'a.js'] as const
const FOLDERS = ['x', 'x/y', 'z', 'w'] as const

type Step = Edit | { readonly kind: 'settle' } | { readonly kind: 'reload' } | { readonly kind: 'rest' }
type Edit =
  | { readonly kind: 'write'; readonly path: string; readonly text: string; readonly time: 'new' | 'kept' | 'future' }
  | { readonly kind: 'append' | 'remove' | 'touch' | 'chmod'; readonly path: string }
  | { readonly kind: 'move' | 'replace' | 'symlink' | 'hardlink'; readonly path: string; readonly to: string }
  | { readonly kind: 'ignore'; readonly folder: string; readonly text: string }

const path = fc.constantFrom(...PATHS, ...FOLDERS)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path,
      text: fc.constantFrom('1', '2', '3'),
      time: fc.constantFrom('new' as const, 'new' as const, 'kept' as const, 'future' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('append', 'remove', 'touch', 'chmod'), path }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('move', 'replace', 'symlink', 'hardlink'), path, to: path }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ignore' as const),
      folder: fc.constantFrom('.', 'x'),
      text: fc.constantFrom('', 'a.ts', 'y/', '!b.ts'),
    }),
  },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ kind: 'settle' }, { kind: 'reload' }, { kind: 'rest' }) },
)

const source: fc.Arbitrary<Source> = fc.oneof(
  fc.record({
    kind: fc.constant('files' as const),
    globs: fc.constantFrom(['**/*.ts'], ['*.ts'], ['x/**', '!x/y'], ['x/y/a.ts', 'z/*'], ['w/**', '*.js']),
    ignore: fc.constantFrom('none' as const, 'gitignore' as const),
  }),
  fc.constantFrom<Source>({ kind: 'file', path: 'x/a.ts' }, { kind: 'dir', path: 'x' }, { kind: 'dir', path: '.' }),
)

test('stamps never call unchanged what another look finds changed', async () => {
  const counts = { unchanged: 0, changed: 0 }
  await fc.assert(
    fc.asyncProperty(
      source,
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.constantFrom(0, 4, 10, 1_000),
      async (what, steps, tickMs) => {
        clock.tickMs = tickMs
        const top = mkdtempSync(join(tmpdir(), 'tutti-seen-'))
        try {
          await play(what, steps, top, counts)
        } finally {
          rmSync(top, { recursive: true, force: true })
        }
      },
    ),
    { numRuns: 100 },
  )
  // Neither answer alone would hold anything.
  expect(Math.min(counts.unchanged, counts.changed)).toBeGreaterThan(100)
})

async function play(
  what: Source,
  steps: readonly Step[],
  top: string,
  counts: { unchanged: number; changed: number },
): Promise<void> {
  const cwd = join(top, 'p')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'a.ts'), '1')
  let stamps = new Stamps()
  let last = await hashNow(what, cwd, stamps)
  for (const each of steps) {
    if (each.kind === 'settle') stamps.settle()
    else if (each.kind === 'reload') stamps = reloaded(stamps, join(top, 'stamps'))
    // Until files that were written by now can be trusted.
    else if (each.kind === 'rest') await new Promise(resolve => setTimeout(resolve, 25))
    else perform(each, cwd)
    if (last && isUnchanged(last.seen, { stamps, env: {}, nowMs: Date.now() })) {
      counts.unchanged++
      expect((await hashNow(what, cwd, new Stamps()))?.hash).toBe(last.hash)
    } else {
      counts.changed++
      last = await hashNow(what, cwd, stamps)
      // With stamps of before, as if there were none.
      expect(last?.hash).toBe((await hashNow(what, cwd, new Stamps()))?.hash)
    }
  }
}

async function hashNow(
  what: Source,
  cwd: string,
  stamps: Stamps,
): Promise<{ readonly hash: string; readonly seen: Seen } | undefined> {
  try {
    const { value, seen } = await lookAt(what, cwd, { stamps })
    const values = valueStore(openBlobs(join(dirname(cwd), 'store'), 'normal'), { cwd })
    return { hash: (await values.encode(value, { task: 'look' })).hash, seen }
  } catch {
    return undefined
  }
}

function reloaded(stamps: Stamps, file: string): Stamps {
  saveStamps(stamps, file)
  return loadStamps(file)
}

/** Whatever the system refuses is no edit. */
function perform(each: Edit, cwd: string): void {
  try {
    apply(each, cwd)
  } catch {
    // A folder where a file is meant, a name that is not there.
  }
}

function apply(each: Edit, cwd: string): void {
  const at = (name: string): string => join(cwd, name)
  switch (each.kind) {
    case 'write':
      return writeAt(at(each.path), each.text, each.time)
    case 'append':
      return appendFileSync(at(each.path), '!')
    case 'remove':
      return rmSync(at(each.path), { recursive: true })
    case 'touch':
      return utimesSync(at(each.path), new Date(), new Date())
    case 'chmod':
      return chmodSync(at(each.path), statSync(at(each.path)).mode ^ 0o100)
    case 'move':
      return renameSync(at(each.path), at(each.to))
    case 'replace':
      writeFileSync(at('.new'), each.to.slice(0, 1))
      return renameSync(at('.new'), at(each.path))
    case 'symlink':
      return symlinkSync(at(each.to), at(each.path))
    case 'hardlink':
      return linkSync(at(each.to), at(each.path))
    case 'ignore':
      return writeFileSync(at(join(each.folder, '.gitignore')), each.text)
  }
}

function writeAt(file: string, text: string, time: 'new' | 'kept' | 'future'): void {
  const before = statSync(file, { throwIfNoEntry: false })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  if (time === 'kept' && before) utimesSync(file, before.atimeMs / 1_000, before.mtimeMs / 1_000)
  if (time === 'future') utimesSync(file, 4_000_000_000, 4_000_000_000)
}
