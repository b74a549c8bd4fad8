/**
 * `npm run bench:analysis`: what it costs to check nets and workflows. `npm run bench:analysis -- shared` runs one part;
 * `--nodes 150000`, `--seeds 3`, `--kinds fc,deep` narrow the generated nets.
 *
 * Measured: in process, a net a process (so that its peak memory is its own); the baseline is reading the same net from its
 * PNML file in the same process. Needs the shared nets and their generator beside the checkout; says so where they are not.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from '../scripts/setup.mjs'
import { median, options } from './analysis/words.mjs'

setup()
const { only, values } = options(process.argv.slice(2))
const beside = join(root, '../shared/conformance/petri')
// The generator looks whether it is what was started: by its real path.
const shared = existsSync(beside) ? realpathSync(beside) : beside
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const base = mkdtempSync(join(root, 'bench/.tutti/analysis-'))

const PARTS = {
  shared: sharedNets,
  workflow,
  tape,
  generated: () => generated(150_000),
  large: () => generated(1_000_000),
}
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (only.length > 0 && !only.includes(name)) continue
    if (!['workflow', 'tape'].includes(name) && !existsSync(shared)) print(name, 'skipped: no shared nets', '', '')
    else measure()
  }
} finally {
  rmSync(base, { recursive: true, force: true })
}

function print(what, measured, baseline, aim) {
  console.log(`| ${what.padEnd(44)} | ${measured.padEnd(34)} | ${baseline.padEnd(40)} | ${aim} |`)
}

function inProcess(script, ...words) {
  const heap = '--max-old-space-size=4000'
  const text = execFileSync(process.execPath, [heap, join(root, 'bench/analysis', script), ...words.map(String)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return JSON.parse(text)
}

function sharedNets() {
  const rounds = Array.from({ length: 5 }, () => inProcess('shared.mjs', shared))
  const wrong = rounds[0].wrong
  const checks = rounds.map(({ checkMs }) => checkMs)
  const reads = rounds.map(({ readMs }) => readMs)
  const ratio = (median(checks) / median(reads)).toFixed(1)
  print(
    `all ${rounds[0].count} shared nets in one process`,
    `${median(checks).toFixed(0)} ms, ${wrong.length} wrong`,
    `${ratio} x reading them (${median(reads).toFixed(0)} ms)`,
    '< 3 s, none wrong',
  )
  if (wrong.length > 0) console.log(wrong.join('\n'))
}

function workflow() {
  for (const row of inProcess('workflow.mjs'))
    print(
      row.what,
      `${row.ms.toFixed(1)} ms`,
      `${(row.ms / row.validateMs).toFixed(1)} x validating the graph`,
      row.aim,
    )
}

function tape() {
  for (const { what, ms, ratio, aim } of inProcess('tape.mjs')) print(what, `${ms.toFixed(1)} ms`, ratio, aim)
}

function generated(nodes) {
  const size = Number(values.nodes ?? nodes)
  const [aim, memory] = size > 150_000 ? ['<= 30 s', ', 4 GB'] : ['<= 3 s', '']
  for (const [kind, faults] of Object.entries(kindsOf())) {
    for (const fault of [undefined, ...faults]) {
      const rows = Array.from({ length: Number(values.seeds ?? 1) }, (_, index) => {
        const file = join(base, 'net.pnml')
        const words = ['--kind', kind, '--nodes', size, '--seed', index + 7, '--format', 'pnml', '--out', file]
        execFileSync(
          process.execPath,
          [
            '--max-old-space-size=8000',
            join(shared, 'gen.mjs'),
            ...words.map(String),
            ...(fault ? ['--fault', fault] : []),
          ],
          { stdio: 'ignore' },
        )
        return inProcess('net.mjs', file, fault === undefined ? 'sound' : 'unsound')
      })
      const worst = Math.max(...rows.map(({ checkMs }) => checkMs))
      const verdicts = [...new Set(rows.map(({ verdict }) => verdict))].join('; ')
      print(
        `${kind}, ${fault ?? 'sound'}, ${size} nodes`,
        `${worst.toFixed(0)} ms, ${Math.max(...rows.map(({ bytes }) => bytes / 1e6)).toFixed(0)} MB, ${verdicts}`,
        `${(worst / median(rows.map(({ readMs }) => readMs))).toFixed(2)} x reading it`,
        aim + memory,
      )
    }
  }
}

/** As the generator names them. */
function kindsOf() {
  const text = readFileSync(join(shared, 'gen.mjs'), 'utf8')
  const faults = Function(`return ${/FAULTS = (\{[\s\S]*?\});/.exec(text)[1]}`)()
  const wanted = values.kinds?.split(',')
  return Object.fromEntries(Object.entries(faults).filter(([kind]) => !wanted || wanted.includes(kind)))
}
