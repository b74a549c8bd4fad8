/**
 * The disk of a store is full, again and again, at whatever the run happens to write: events, blobs, the index, the head,
 * printed lines. The run stops with STORE_FULL; room is made; the next life goes on.
 */
import { deepStrictEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { doctor } from '../../src/store/index.ts'
import { check } from './account.ts'
import type { Fault } from './fault.ts'
import { type Durability, RUN, type Troubled, troubled, undisturbedRun } from './lives.ts'
import { cli, type Ended, startNode } from './processes.ts'

const LIVES_MAX = 10
/** After so many the disk is large enough. */
const STOPS = 2
const PLENTY_KB = 64 * 1024

export const full: Fault = {
  name: 'full',
  claim: 'a full disk: the run stops with STORE_FULL, and goes on when there is room; nothing half-written is believed',
  unavailable: () => (canMount() ? undefined : 'this user may not mount a small disk'),
  round: async ({ dice, folder }) => {
    const durability: Durability = dice.pick(['full', 'normal'])
    const expected = await undisturbedRun('command', 'heavy.ts')
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    let sizeKb = 400 + dice.roll(3_000)
    mount(disk, `size=${sizeKb}k`)
    try {
      const run = troubled({ folder, door: 'command', file: 'heavy.ts', durability, store: join(disk, 'store') })
      let stops = 0
      for (let life = 0; ; life += 1) {
        ok(life < LIVES_MAX, 'the run does not end')
        const ended = await run.begin().ended
        run.note(ended)
        if (ended.code === 0) break
        expectTold(ended)
        stops += 1
        await expectSound(run, folder, dice.roll(3) === 0)
        sizeKb = life >= STOPS ? PLENTY_KB : sizeKb + 4 + dice.roll(2_500)
        // Room is made by a larger disk, or by removing what lies on it.
        if (dice.roll(3) === 0) writeFileSync(join(disk, 'ballast'), Buffer.alloc(freeBytes(disk)))
        mount(disk, `remount,size=${sizeKb}k`)
        rmSync(join(disk, 'ballast'), { force: true })
      }
      const { steps } = await check(run.books, expected)
      return { runs: 1, steps, 'times full': stops, [durability]: 1 }
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  },
}

function expectTold({ code, err }: Ended): void {
  equal(code, 3, err)
  match(err, /^error STORE_FULL /m)
  doesNotMatch(err, /^ {4}at /m)
}

/** On the full disk: nothing is wrong with what is there, and the command line, which takes its time, can show the run. */
async function expectSound({ store }: Troubled, cwd: string, isShown: boolean): Promise<void> {
  const found = (await doctor(store)).diagnostics.filter(({ severity }) => severity === 'error')
  deepStrictEqual(
    found.filter(({ code }) => code !== 'STORE_FULL' && code !== 'STORE_MISSING'),
    [],
  )
  if (!isShown) return
  const shown = await startNode([cli, 'show', RUN, '--json', '--store', store], { cwd }).ended
  if (shown.code !== 0) match(shown.err, /^error (STORE_FULL|STORE_MISSING|RUN_UNKNOWN) /m)
  doesNotMatch(shown.err, /^ {4}at /m)
}

const mount = (path: string, options: string): void =>
  void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'tutti-mount-'))
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', path]).status !== 0) return false
    execFileSync('umount', ['-l', path])
    return true
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
