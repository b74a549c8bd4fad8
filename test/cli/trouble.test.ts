/** What goes wrong round a run: signals, pipes, disks, damaged and foreign stores, other processes, and the oddest names. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { open } from '../../src/store/libsql.ts'
import { cli, folderWith, jsonLines, start, startTutti, tutti } from './rig.ts'

const IS_ROOT = process.getuid?.() === 0
const IMPORTS =
  "import { ctx, each, effect, output, type Output, secret, type Secret, sh, task, when, workflow } from 'tutti'\n"
const simple = { 'tutti.ts': `${IMPORTS}const job = task(() => 1)\nexport const main = workflow(() => job())\n` }
/** Waits in its second step until there is a file `go`. */
const gated = {
  'tutti.ts': `import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
${IMPORTS}const first = task(() => 1)
const gate = task(async (n: number) => {
  console.log('waiting')
  while (!existsSync('go')) await pause(10)
  return n + 1
})
export const main = workflow(() => gate(first()))
`,
}
const started = '"kind":"attempt.started","v":1,"step":"gate"'

test.concurrent('Ctrl-C stops a task that never ends; the run goes on where it was', async () => {
  const cwd = folderWith(gated)
  const live = startTutti(['run', '--json', '--id', 'a'], { cwd })
  await live.says(started)
  live.child.kill('SIGINT')
  const ended = await live.ended
  expect(ended.code, ended.err).toBe(130)
  expect(jsonLines(ended.out).at(-1)).toEqual({ kind: 'run.paused', run: 'a', reason: 'interrupted' })
  expect(ended.err).toContain('tutti resume a')
  expect((await tutti(['doctor'], { cwd })).code).toBe(0)
  writeFileSync(join(cwd, 'go'), '')
  const resumed = await tutti(['resume', 'a', '--json'], { cwd })
  expect(jsonLines(resumed.out).at(-1)).toMatchObject({ kind: 'run.ended', status: 'succeeded', output: 2 })
  expect(resumed.out).not.toContain('"step":"first"')
})

test.concurrent('SIGTERM stops gently, too, with its own exit code', async () => {
  const cwd = folderWith(gated)
  const live = startTutti(['run', '--json'], { cwd })
  await live.says(started)
  live.child.kill('SIGTERM')
  expect((await live.ended).code).toBe(143)
})

test.concurrent('Ctrl-C twice stops at once what will not stop gently, and takes its children along', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}const job = task(() => sh.shell\`trap '' INT TERM; echo $$ > pid; while :; do sleep 0.05; done\`)\nexport const main = workflow(() => job())\n`,
  })
  const live = startTutti(['run', '--id', 'a'], { cwd })
  await live.says('start')
  await until(() => existsSync(join(cwd, 'pid')) && readFileSync(join(cwd, 'pid'), 'utf8').trim() !== '')
  live.child.kill('SIGINT')
  await live.says('stopping')
  live.child.kill('SIGINT')
  expect((await live.ended).code).toBe(130)
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'))
  await until(() => !isAlive(pid))
  expect((await tutti(['doctor'], { cwd })).code).toBe(0)
  expect((await tutti(['runs'], { cwd })).out).toContain('paused')
})

test.concurrent('Ctrl-C ends the commands of a task', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}const job = task(() => sh\`sh -c ${"${'echo $$ > pid; exec sleep 100'}"}\`)\nexport const main = workflow(() => job())\n`,
  })
  const live = startTutti(['run'], { cwd })
  await until(() => existsSync(join(cwd, 'pid')) && readFileSync(join(cwd, 'pid'), 'utf8').trim() !== '')
  live.child.kill('SIGINT')
  expect((await live.ended).code).toBe(130)
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'))
  expect(isAlive(pid)).toBe(false)
})

test.concurrent('a closed stdout changes neither the run nor its exit code', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}const job = task((n: number) => n)\nexport const main = workflow(() => { let last = job(0)\nfor (let i = 0; i < 200; i++) last = job(last)\nreturn last })\n`,
  })
  const piped = await start(
    'bash',
    ['-c', `"${process.execPath}" "${cli}" run --json --id a | head -1; echo "exit \${PIPESTATUS[0]}"`],
    { cwd },
  ).ended
  expect(piped.out).toMatch(/^\{"seq":1,.*\n/)
  expect(piped.out).toContain('exit 0')
  expect(piped.err).not.toContain('EPIPE')
  expect(jsonLines((await tutti(['runs', '--json'], { cwd })).out)).toMatchObject([{ run: 'a', status: 'succeeded' }])
  for (const command of ['runs', 'show', 'logs', 'graph', 'export']) {
    const quiet = await start(
      'bash',
      ['-c', `"${process.execPath}" "${cli}" ${command} | true; echo "exit \${PIPESTATUS[0]}"`],
      { cwd },
    ).ended
    expect(quiet.out, command).toContain('exit 0')
    expect(quiet.err, command).toBe('')
  }
})

test.concurrent('closed standard streams do not hinder a run', async () => {
  const cwd = folderWith(simple)
  for (const closed of ['<&-', '2>&-', '<&- 2>&-', '>&-', '<&- >&- 2>&-']) {
    const ended = await start('bash', ['-c', `"${process.execPath}" "${cli}" run ${closed}`], { cwd }).ended
    expect(ended.code, closed).toBe(0)
  }
})

test.concurrent('a live run can be neither resumed nor redriven by another process, but cancelled', async () => {
  const cwd = folderWith(gated)
  const live = startTutti(['run', '--json', '--id', 'a'], { cwd })
  await live.says(started)
  for (const words of [
    ['resume', 'a'],
    ['run', '--id', 'a'],
  ]) {
    const refused = await tutti(words, { cwd })
    expect(refused.err).toMatch(/^error RUN_OWNED .*\n.*hint: .*tutti cancel a/)
    expect(refused.code).toBe(2)
  }
  const redriven = await tutti(['redrive', 'a', '--from', 'first'], { cwd })
  expect(redriven.err).toContain('error RUN_LIVE')
  expect(redriven.code).toBe(2)
  const cancelled = await tutti(['cancel', 'a', '--reason', 'enough'], { cwd })
  expect(cancelled.code, cancelled.err).toBe(0)
  const ended = await live.ended
  expect(ended.code, ended.err).toBe(5)
  expect(jsonLines(ended.out).at(-1)).toMatchObject({ kind: 'run.ended', status: 'cancelled' })
  expect((await tutti(['resume', 'a'], { cwd })).err).toContain('RUN_ENDED')
})

test.concurrent('of two processes that resume one run, one is refused', async () => {
  const cwd = folderWith(gated)
  const live = startTutti(['run', '--json', '--id', 'a'], { cwd })
  await live.says(started)
  live.child.kill('SIGKILL')
  await live.ended
  const both = [startTutti(['resume', 'a'], { cwd }), startTutti(['resume', 'a'], { cwd })]
  const first = await Promise.race(both.map(each => each.ended))
  expect(first.code, first.err).toBe(2)
  expect(first.err).toContain('error RUN_OWNED')
  writeFileSync(join(cwd, 'go'), '')
  const codes = (await Promise.all(both.map(each => each.ended))).map(each => each.code)
  expect(codes.toSorted()).toEqual([0, 2])
})

test.concurrent('a run that was killed is cancelled without its code', async () => {
  const cwd = folderWith(gated)
  const live = startTutti(['run', '--json', '--id', 'a'], { cwd })
  await live.says(started)
  live.child.kill('SIGKILL')
  await live.ended
  rmSync(join(cwd, 'tutti.ts'))
  const cancelled = await tutti(['cancel', 'a'], { cwd })
  expect(cancelled.code, cancelled.err).toBe(0)
  expect(jsonLines((await tutti(['runs', '--json'], { cwd })).out)).toMatchObject([{ status: 'cancelled' }])
})

/** Permissions bind everybody but root. */
const asUser = IS_ROOT ? { uid: 65_534, gid: 65_534 } : {}

test.concurrent('a store that may not be written is told', async () => {
  const cwd = folderWith(simple)
  mkdirSync(join(cwd, '.tutti'))
  for (const folder of [join(cwd, '.tutti'), cwd]) chmodSync(folder, 0o555)
  onTestFinished(() => chmodSync(cwd, 0o755))
  const ended = await startTutti(['run'], { cwd, ...asUser }).ended
  expect(ended.err).toContain('error STORE_READONLY')
  expect(ended.code).toBe(3)
})

test.concurrent('a source that may not be read is told', async () => {
  const cwd = folderWith(simple)
  chmodSync(cwd, 0o755)
  chmodSync(join(cwd, 'tutti.ts'), 0o000)
  const ended = await startTutti(['run', '--store', '/dev/null/x'], { cwd, ...asUser }).ended
  expect(ended.err).toContain('error FILE_UNREADABLE')
  expect(ended.code).toBe(3)
})

test.skipIf(!IS_ROOT || process.platform !== 'linux')(
  'a full disk stops the run, which goes on when there is room (needs root to make a small disk)',
  async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}const fill = task((n: number) => String(n).repeat(400_000))\nconst size = task((...texts: string[]) => texts.reduce((sum, text) => sum + text.length, 0))\nexport const main = workflow(() => { let sum = size('x')\nfor (let i = 0; i < 8; i++) sum = size(fill(sum))\nreturn sum })\n`,
    })
    const disk = join(cwd, 'disk')
    mkdirSync(disk)
    const mount = (options: string): Buffer => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk])
    try {
      mount('size=3m')
    } catch {
      // No right to mount in this container: nothing can be said here about a full disk.
      return
    }
    onTestFinished(() => void execFileSync('umount', ['-l', disk]))
    const stopped = await tutti(['run', '--id', 'a', '--store', join(disk, 'store')], { cwd })
    expect(stopped.err).toContain('error STORE_FULL')
    expect(stopped.code, stopped.err).toBe(3)
    mount('remount,size=60m')
    expect((await tutti(['doctor', '--store', join(disk, 'store')], { cwd })).code).toBe(0)
    const resumed = await tutti(['resume', 'a', '--store', join(disk, 'store')], { cwd })
    expect(resumed.code, resumed.err).toBe(0)
    expect(resumed.out).toBe('2800000\n')
  },
)

test.concurrent('a store of a newer Tutti is left alone', async () => {
  const cwd = folderWith(simple)
  await tutti(['run'], { cwd })
  const database = open(join(cwd, '.tutti', 'store.db'))
  database.exec('PRAGMA user_version = 9999')
  database.close()
  // A null run opens no store.
  for (const words of [['run', '--fresh'], ['runs'], ['doctor']]) {
    const ended = await tutti(words, { cwd })
    expect(ended.err, words[0]).toContain('error STORE_NEWER')
    expect(ended.code).toBe(3)
  }
})

test.concurrent('whichever byte of a store flips, it is told, or it did not matter', async () => {
  const cwd = folderWith(simple)
  for (let index = 0; index < 3; index++) await tutti(['run', '--id', `r${index}`], { cwd })
  const whole = await tutti(['show', 'r0', '--json'], { cwd })
  const path = join(cwd, '.tutti', 'store.db')
  const bytes = readFileSync(path)
  for (const at of [0, 17, 100, 0.3, 0.5, 0.7, 0.9].map(place =>
    place < 1 ? Math.floor(place * bytes.length) : place,
  )) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] ?? 0) ^ 0x55
    writeFileSync(path, damaged)
    for (const words of [['show', 'r0', '--json'], ['doctor'], ['run', '--id', 'r1']]) {
      const ended = await tutti(words, { cwd })
      const told = `byte ${at}, ${words[0]}: ${ended.out.slice(0, 500)}${ended.err}`
      expect([0, 3], told).toContain(ended.code)
      if (ended.code === 3) expect(ended.err, told).toMatch(/^error (STORE|BLOB)_[A-Z]+/m)
      else if (words[0] === 'show') expect(ended.out, told).toBe(whole.out)
    }
  }
}, 60_000)

test.concurrent('odd names of files, keys, tasks, parameters and secrets come through', async () => {
  const odd = [
    'with space',
    '"quoted" \'twice\'',
    'new\nline',
    '🎻 emoji',
    '../../up',
    'a/b[c].d',
    '',
    'x'.repeat(10_000),
    '\u202eback',
  ]
  const file = `it's "the" 🎻 file.ts`
  const cwd = folderWith({
    [`odd dir's/${file}`]: `import { object, record, string } from 'valibot'
${IMPORTS}const job = task((key: string) => { console.log(key); return key }, { name: 'a "task" 🎻\\n' })
const hidden = task((token: Secret) => token.reveal().length)
export const main = workflow({ 'odd "name"\\n🎻': record(string(), string()) }, params => ({
  keys: each(${JSON.stringify(odd)}, key => job(key), { key: key => key }),
  given: params['odd "name"\\n🎻'],
  length: hidden(secret('ODD NAME 🎻')),
}))
`,
  })
  const given = Object.fromEntries(odd.map(key => [key, key]))
  const ended = await tutti(
    [
      'run',
      `odd dir's/${file}`,
      '--id',
      'a',
      '--junit',
      'report "x".xml',
      '--input',
      JSON.stringify({ 'odd "name"\n🎻': given }),
    ],
    { cwd, env: { 'ODD NAME 🎻': 'hidden-value' } },
  )
  expect(ended.code, ended.err).toBe(0)
  expect(JSON.parse(ended.out)).toEqual({ keys: odd, given, length: 'hidden-value'.length })
  const store = ['--store', join(cwd, "odd dir's", '.tutti')]
  for (const words of [['show', 'a'], ['show', 'a', '--json'], ['logs', 'a'], ['runs'], ['doctor']]) {
    const shown = await tutti([...words, ...store], { cwd })
    expect(shown.code, shown.err).toBe(0)
    if (words.length === 2) expect(shown.out.split('\n').every(line => line.length < 12_000)).toBe(true)
  }
  expect(existsSync(join(cwd, 'report "x".xml'))).toBe(true)
  expect(existsSync(join(cwd, '..', 'up'))).toBe(false)
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.concurrent('doctor recovers what is intact, and takes a loss for the truth when told to', async () => {
  const cwd = folderWith(simple)
  for (const id of ['a', 'b']) expect((await tutti(['run', '--id', id], { cwd })).code).toBe(0)
  const head = join(cwd, '.tutti', 'head')
  const kept = readFileSync(head)
  const rows = (await tutti(['runs', '--json'], { cwd })).out
  const store = join(cwd, '.tutti', 'store.db')
  const before = readFileSync(store)
  expect((await tutti(['run', '--id', 'c'], { cwd })).code).toBe(0)
  // The database of before beside the head of now: events are gone.
  writeFileSync(store, before)
  for (const name of ['store.db-wal', 'store.db-shm']) rmSync(join(cwd, '.tutti', name), { force: true })
  const told = await tutti(['runs'], { cwd })
  expect(told.err).toMatch(/error STORE_TRUNCATED .*\d+.*\d+/)
  expect(told.code).toBe(3)
  expect((await tutti(['doctor'], { cwd })).code).toBe(3)
  expect((await tutti(['doctor', '--recover', 'saved'], { cwd })).code).toBe(0)
  expect((await tutti(['runs', '--json', '--store', 'saved'], { cwd })).out).toBe(rows)
  expect((await tutti(['doctor', '--accept-loss'], { cwd })).code).toBe(0)
  expect((await tutti(['doctor'], { cwd })).code).toBe(0)
  expect((await tutti(['runs', '--json'], { cwd })).out).toBe(rows)
  expect(readFileSync(head).length).toBe(kept.length)
})
