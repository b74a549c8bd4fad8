/**
 * The tools that are compared: how each is told the graph, and how it is started. Telemetry and update checks are off.
 * `prepare(folder)` installs what is no part of the machine; what it throws is why the tool is skipped.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/setup.mjs'
import { commandOf, sourceText } from './graph.mjs'

const INSTALL_MS_MAX = 180_000

/**
 * All take two commands at a time. `targetsMax`: beyond it a cold build takes minutes, since each command goes through npm.
 * @typedef {{ name: string, command: string[], write(folder: string, graph: object): void, prepare?(folder: string): void,
 *   env?: Record<string, string>, targetsMax?: number, coldRounds?: number }} Tool
 */

/** @type {Tool[]} */
export const TOOLS = [
  { name: 'tutti', command: [process.execPath, join(root, 'dist/cli.js'), 'run'], write: writeTutti },
  {
    name: 'ninja',
    command: ['ninja', '--quiet', '-j', '2'],
    write: writeNinja,
    prepare: () => void execFileSync('ninja', ['--version']),
  },
  {
    name: 'make',
    command: ['make', '-s', '-j', '2'],
    write: writeMake,
    prepare: () => void execFileSync('make', ['--version']),
  },
  {
    name: 'turbo',
    command: ['node_modules/.bin/turbo', 'run', 'all', '--concurrency=2', '--output-logs=errors-only', '--ui=stream'],
    write: writeTurbo,
    prepare: folder => install(folder, ['turbo@2']),
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1', TURBO_DAEMON: 'false' },
    targetsMax: 1_000,
    coldRounds: 1,
  },
  {
    name: 'wireit',
    command: ['npm', 'run', '--silent', 'all'],
    write: writeWireit,
    prepare: folder => install(folder, ['wireit@0.14']),
    env: { WIREIT_PARALLEL: '2', WIREIT_LOGGER: 'quiet', DO_NOT_TRACK: '1' },
    targetsMax: 1_000,
  },
]

/** The sources as they are in the beginning, and the folder of the outputs. */
export function writeSources(folder, { sources }) {
  for (const name of ['src', 'out']) mkdirSync(join(folder, name), { recursive: true })
  for (const path of sources) writeFileSync(join(folder, path), sourceText(path))
}

/** What a user would write: tasks of files, and a loop in the workflow's body that calls them. */
function writeTutti(folder, { targets }) {
  writeFileSync(join(folder, 'targets.json'), JSON.stringify(targets))
  writeFileSync(
    join(folder, 'tutti.ts'),
    `import { readFileSync } from 'node:fs'
import { type Dir, file, type FileHandle, type Output, output, type Ref, sh, task, workflow } from 'tutti'

type Input = FileHandle | Dir
interface Target {
  readonly inputs: readonly string[]
  readonly output: string
  readonly kind: 'sum' | 'line' | 'word'
}

const one = task(async (a: Input, out: Output) => {
  await sh.shell\`read a <\${a}; printf '%s\\n' $(((a*31+11)%1000003)) >\${out}\`
  return out
})
const three = task(async (a: Input, b: Input, c: Input, out: Output) => {
  await sh.shell\`read a <\${a}; read b <\${b}; read c <\${c}; printf '%s\\n' $(((a*31+b*17+c*7+11)%1000003)) >\${out}\`
  return out
})
const line = task(async (a: Input, out: Output) => {
  await sh.shell\`read a <\${a}; printf '%s\\n' "$a" >\${out}\`
  return out
})
const word = task(async (a: Input, out: Output) => {
  await sh.shell\`read a b <\${a}; printf '%s\\n' "$a" >\${out}\`
  return out
})

export const all = workflow(() => {
  const made = new Map<string, Ref<Input>>()
  const inputOf = (path: string) => {
    if (!made.has(path)) made.set(path, file(path))
    return made.get(path)
  }
  for (const { inputs, output: path, kind } of JSON.parse(readFileSync('targets.json', 'utf8')) as Target[]) {
    const [a, b, c] = inputs.map(inputOf) as [Ref<Input>, Ref<Input>, Ref<Input>]
    const out = output(path)
    if (kind === 'line') made.set(path, line(a, out))
    else if (kind === 'word') made.set(path, word(a, out))
    else made.set(path, inputs.length === 1 ? one(a, out) : three(a, b, c, out))
  }
})
`,
  )
}

function writeNinja(folder, { targets }) {
  const builds = targets.map(target => {
    const command = commandOf(target).replaceAll('$', '$$$$')
    return `build ${target.output}: run ${target.inputs.join(' ')}\n  cmd = ${command}\n`
  })
  writeFileSync(join(folder, 'build.ninja'), `rule run\n  command = $cmd\n${builds.join('')}`)
}

function writeMake(folder, { targets }) {
  const rules = targets.map(target => {
    const command = commandOf(target).replaceAll('$', '$$$$')
    return `${target.output}: ${target.inputs.join(' ')}\n\t@${command}\n`
  })
  writeFileSync(
    join(folder, 'Makefile'),
    `.PHONY: all\nall: ${targets.map(({ output }) => output).join(' ')}\n${rules.join('')}`,
  )
}

/** Tasks of one package: as many packages would each pay for npm's look at the workspace. */
function writeTurbo(folder, graph) {
  const { targets, byOutput } = named(graph)
  const tasks = targets.map(({ name, inputs, output }) => [
    name,
    {
      dependsOn: upstreamOf(inputs, byOutput),
      inputs: ['turbo.json', ...inputs.filter(path => path.startsWith('src/'))],
      outputs: [output],
    },
  ])
  const all = ['all', { dependsOn: targets.map(({ name }) => name), cache: false }]
  writeFileSync(join(folder, 'turbo.json'), JSON.stringify({ tasks: Object.fromEntries([...tasks, all]) }))
  writePackage(folder, targets, { all: 'true' }, {})
}

function writeWireit(folder, graph) {
  const { targets, byOutput } = named(graph)
  const scripts = targets.map(({ name, inputs, output, ...rest }) => [
    name,
    {
      command: commandOf({ inputs, output, ...rest }),
      dependencies: upstreamOf(inputs, byOutput),
      files: inputs.filter(path => path.startsWith('src/')),
      output: [output],
    },
  ])
  const all = ['all', { dependencies: targets.map(({ name }) => name) }]
  writePackage(folder, targets, { all: 'wireit' }, { wireit: Object.fromEntries([...scripts, all]) })
}

const named = ({ targets }) => ({ targets, byOutput: new Map(targets.map(({ name, output }) => [output, name])) })
const upstreamOf = (inputs, byOutput) => inputs.flatMap(path => byOutput.get(path) ?? [])

function writePackage(folder, targets, scripts, more) {
  const script = target => ('wireit' in more ? 'wireit' : commandOf(target))
  const own = Object.fromEntries(targets.map(target => [target.name, script(target)]))
  const content = {
    name: 'bench',
    private: true,
    packageManager: `npm@${npmVersion()}`,
    scripts: { ...own, ...scripts },
    ...more,
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(content))
}

let version
const npmVersion = () => (version ??= execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim())

/** Into a folder of its own, which the tool's folder then uses: package.json there is the graph. */
function install(folder, packages) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  execFileSync('npm', ['install', '--no-fund', '--no-audit', '--loglevel=error', ...packages], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_MS_MAX,
  })
}
