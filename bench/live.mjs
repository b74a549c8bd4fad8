/**
 * `npm run bench:live`: what must be quick while somebody waits: looks and decisions in a process that goes on, `tutti up`
 * from a write to the command that follows from it, many services, and short runs of few commands.
 *
 * Measured: whole processes, or in a process where it says so; medians. Not measured: what commands do (they do nothing).
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { root, setup } from '../scripts/setup.mjs'

const CLI = join(root, 'dist/cli.js')
const WRITES = 40
const SERVICES = 500
const UP_MS_MAX = 60_000
const COMMAND = `const command = task(async (turn: number, _before?: string) => (await sh\`true\`).command + turn)`

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const base = mkdtempSync(join(root, 'bench/.tutti/live-'))
const only = process.argv.slice(2).filter(word => !word.startsWith('--'))

const ROWS = { inside, chain, independent, latency, services }
try {
  for (const [name, measure] of Object.entries(ROWS)) {
    if (only.length > 0 && !only.includes(name)) continue
    for (const [what, value, aim] of await measure().catch(error => [[name, `not run: ${error.message}`, '']]))
      console.log(`| ${what.padEnd(58)} | ${value.padEnd(34)} | ${aim} |`)
  }
} finally {
  rmSync(base, { recursive: true, force: true })
}

async function inside() {
  const outfile = join(base, 'inside.mjs')
  const entryPoints = [join(root, 'bench/rebuild/live.ts')]
  await build({ entryPoints, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
  const { statMs, manifestMs, keysMs, keys } = JSON.parse(
    execFileSync(process.execPath, [outfile, base], { encoding: 'utf8' }),
  )
  return [
    [
      'look at 10,000 files in process',
      `${manifestMs.toFixed(1)} ms (stats alone: ${statMs.toFixed(1)} ms)`,
      '<= 1.5 x',
    ],
    [`what is stale of ${keys.toLocaleString('en-US')} keys, in process`, `${keysMs.toFixed(0)} ms`, '< 100 ms'],
  ]
}

function project(name, body, head = '') {
  const folder = join(base, name)
  mkdirSync(folder, { recursive: true })
  const imports = `import { file, files, type FileHandle, type Files, service, sh, task, workflow } from 'tutti'\n`
  writeFileSync(join(folder, 'tutti.ts'), `${imports}${head}\nexport const main = workflow(() => {\n${body}\n})\n`)
  return folder
}

async function coldRun(name, body, head, aim) {
  const times = []
  const folder = project(name, body, head)
  for (let round = 0; round < 5; round++) {
    rmSync(join(folder, '.tutti'), { recursive: true, force: true })
    const startedMs = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'run'], { cwd: folder, encoding: 'utf8' })
    times.push(performance.now() - startedMs)
    if (status !== 0) throw new Error(stderr.trim().slice(-500))
  }
  return [[name, `${median(times).toFixed(0)} ms`, aim]]
}

function chain() {
  const body = `  let last = command(0)\n  for (let turn = 1; turn < 40; turn++) last = command(turn, last)\n  return last`
  return coldRun('a chain of 40 commands, tutti run', body, COMMAND, '<= 500 ms')
}

function independent() {
  const body = `  for (let turn = 0; turn < 100; turn++) command(turn)`
  return coldRun('100 independent commands, tutti run', body, COMMAND, '<= 1,000 ms')
}

/** From a write to what the command that follows from it says about its own start. */
async function latency() {
  const folder = project(
    'up',
    `  note(file('trigger.txt'))\n  count(files('many/**'))`,
    `const note = task(async (trigger: FileHandle) => {
  await sh.shell\`date +%s%N >started.next; mv started.next started.txt\`
  return trigger.text()
})
const count = task((many: Files) => many.paths.length)`,
  )
  for (let index = 0; index < 10_000; index++) {
    if (index % 100 === 0) mkdirSync(join(folder, `many/d${index / 100}`), { recursive: true })
    writeFileSync(join(folder, `many/d${Math.floor(index / 100)}/f${index}`), String(index))
  }
  writeFileSync(join(folder, 'trigger.txt'), 'first')
  const started = join(folder, 'started.txt')
  const up = startUp(folder)
  try {
    await until(() => existsSync(started))
    await sleep(1_000)
    const times = []
    for (let turn = 0; turn < WRITES; turn++) {
      const before = readFileSync(started, 'utf8')
      await sleep(60 + ((turn * 37) % 90))
      const wroteMs = performance.timeOrigin + performance.now()
      writeFileSync(join(folder, 'trigger.txt'), `turn ${turn}`)
      await until(() => readFileSync(started, 'utf8') !== before)
      times.push(Number(readFileSync(started, 'utf8')) / 1e6 - wroteMs)
    }
    times.sort((a, b) => a - b)
    const [p50, p95] = [0.5, 0.95].map(part => times[Math.floor(part * times.length)])
    return [
      [
        'tutti up, 10,000 files: from write to command',
        `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
        '15 / 30 ms',
      ],
    ]
  } finally {
    await up.end()
  }
}

async function services() {
  const folder = project(
    'services',
    `  for (let index = 0; index < ${SERVICES}; index++) idle(index)`,
    `const idle = service((index: number) => sh.shell\`: >started/\${index}; exec sleep 1000\`)`,
  )
  mkdirSync(join(folder, 'started'))
  const startedMs = performance.now()
  const up = startUp(folder)
  try {
    await until(() => readdirSync(join(folder, 'started')).length === SERVICES)
    const ms = performance.now() - startedMs
    await sleep(1_000)
    const mb = (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${up.pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6
    return [
      [
        `tutti up, ${SERVICES} services started`,
        `${(ms / 1000).toFixed(1)} s, RSS ${mb.toFixed(0)} MB`,
        '10 s, 200 MB',
      ],
    ]
  } finally {
    await up.end()
  }
}

function startUp(folder) {
  const child = spawn(process.execPath, [CLI, 'up', '--quiet'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => (said += text))
  const ended = new Promise(resolve => child.once('exit', resolve))
  return {
    pid: child.pid,
    async end() {
      child.kill('SIGINT')
      await Promise.race([ended, sleep(20_000, undefined, { ref: false })])
      child.kill('SIGKILL')
      if (child.exitCode !== 0 && child.exitCode !== 130) console.error(`tutti up said: ${said.trim().slice(-500)}`)
    },
  }
}

async function until(holds) {
  const untilMs = performance.now() + UP_MS_MAX
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`not within ${UP_MS_MAX / 1000} s`)
    await sleep(1)
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
