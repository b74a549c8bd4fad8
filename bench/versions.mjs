/**
 * `npm run bench:versions`: what versions take in a store, and what it costs to list, publish, rewind, open, compare and
 * backtest them. `npm run bench:versions -- store` runs one part.
 *
 * Measured: whole processes where the command line is named, else in process; medians, each beside a baseline of the same
 * run. Not measured: what the steps of the workflows do.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, setup } from '../scripts/setup.mjs'

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
// Beside the checkout's own files: a temporary folder is often in memory, where a sync costs nothing.
const base = mkdtempSync(join(root, 'bench/.tutti/versions-'))
const only = process.argv.slice(2).filter(word => !word.startsWith('--'))

/** Prints the contents of the first version in a store. */
const FIRST = `
  import { openStore } from '../../src/store/index.ts'
  const store = await openStore(process.argv[2], { mode: 'existing' })
  const [first] = store.versions.list()
  process.stdout.write(store.versions.contents(first.line, first.number))
  await store.close()`

const PARTS = { store, publish, diff, backtest }
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (only.length > 0 && !only.includes(name)) continue
    try {
      for (const row of (await measure()) ?? []) print(row)
    } catch (error) {
      print([name, `not run: ${error.message}`, '', ''])
    }
  }
} finally {
  rmSync(base, { recursive: true, force: true })
}

function print([what, measured, baseline, aim]) {
  console.log(`| ${what.padEnd(62)} | ${measured.padEnd(10)} | ${baseline.padEnd(44)} | ${aim} |`)
}

/** Of the contents of a version that was really published, in a process of its own. */
async function store() {
  const project = join(base, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'tutti.ts'), pipeline())
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), 'publish'], {
    cwd: project,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  const contents = join(base, 'contents.json')
  const published = await bundled('first.ts', FIRST)
  writeFileSync(contents, execFileSync(process.execPath, [published, join(project, '.tutti')], { maxBuffer: 2 ** 26 }))
  const script = await bundled('store.mjs', undefined)
  const lines = execFileSync(process.execPath, [script, join(base, 'stores'), contents], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return lines
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

async function bundled(name, text) {
  const outfile = join(base, name.replace('.ts', '.mjs'))
  const from =
    text === undefined
      ? { entryPoints: [join(root, 'bench/versions/store.ts')] }
      : { stdin: { contents: text, resolveDir: join(root, 'bench/versions'), loader: 'ts' } }
  await build({ ...from, outfile, bundle: true, platform: 'node', format: 'esm', external: ['libsql'] })
  mkdirSync(join(base, 'stores'), { recursive: true })
  return outfile
}

/** 100 tasks of a few lines, each of which takes what the one before it gave. */
function pipeline() {
  const names = Array.from({ length: 100 }, (_, index) => `step${index}`)
  const tasks = names.map(
    (name, index) => `
/** What step ${index} does with what came before. */
const ${name} = task(async (input: string, mode: string): Promise<string> => {
  const done = await sh\`tool-${index} --input \${input} --mode \${mode}\`
  return done.stdout.trim() + ':${index}'
}, { timeout: '${(index % 9) + 1}m', retry: ${index % 4} })`,
  )
  const calls = names.map(
    (name, index) => `  const r${index} = ${name}(${index ? `r${index - 1}` : "'start'"}, 'fast')`,
  )
  return [
    "import { sh, task, workflow } from 'tutti'",
    ...tasks,
    'export const pipeline = workflow(() => {',
    ...calls,
    '  return r99',
    '})\n',
  ].join('\n')
}

async function publish() {
  const bench = await partOf('publish')
  return bench?.publishBench().map(({ steps, loadMs, publishMs, rewindMs }) => {
    const [load, made, rewind] = [loadMs, publishMs, rewindMs].map(ms => `${ms.toFixed(0)} ms`)
    return [
      `tutti publish of ${steps} steps, unchanged (a rewind: ${rewind})`,
      made,
      `tutti graph: ${load}, ${(publishMs / loadMs).toFixed(2)} x`,
      '<= 1.5 x',
    ]
  })
}

/** Prints its own rows. Aim: < 200 ms. */
async function diff() {
  await (await partOf('diff'))?.diffBench()
}

/** Prints its own rows. Aim: 200 runs a second. */
async function backtest() {
  await (await partOf('backtest'))?.backtestBench()
}

async function partOf(name) {
  const path = join(root, `bench/versions/${name}.mjs`)
  return existsSync(path) ? import(path) : undefined
}
