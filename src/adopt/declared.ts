/**
 * What make was told of who needs what, from its own data base (`make -pn`, after the build), held against what was seen:
 * an order that nothing declares is luck, and an input that make does not know makes stale results.
 *
 * Only between commands of one run of make: what a recursive make declares, its caller does not know.
 */
import { spawn } from 'node:child_process'
import { basename, resolve } from 'node:path'
import type { Hazard } from './flow.ts'
import type { Step } from './steps.ts'
import type { Tool } from './units.ts'

export interface Declared {
  readonly hazards: readonly Hazard[]
  /** Inputs that make does not know; of one output the first. */
  readonly unknown: readonly { readonly output: string; readonly source: string }[]
}

/** Prerequisites by target, as absolute paths. */
export type Rules = ReadonlyMap<string, ReadonlySet<string>>

const ASK_MS = 60_000
/** Each run of make is asked; a build with more has its data base in the first ones. */
const MAKES_MAX = 60

export async function compareWithMake(tools: readonly Tool[], steps: readonly Step[]): Promise<Declared> {
  const makes = tools.filter(each => /^(?:g|b)?make$/.test(basename(each.exec.file))).slice(0, MAKES_MAX)
  const found = new Map<number, Rules>()
  for (const make of makes) found.set(make.id, rulesOf(await askMake(make), folderOf(make)))
  return compare(found, steps)
}

function compare(rules: ReadonlyMap<number, Rules>, steps: readonly Step[]): Declared {
  const hazards: Hazard[] = []
  const unknown: { output: string; source: string }[] = []
  for (const step of steps) {
    const [unit] = step.units
    const known = unit?.tool === undefined ? undefined : rules.get(unit.tool)
    const output = step.outputs.find(path => known?.has(path))
    if (known === undefined || unit === undefined || output === undefined) continue
    const reached = reach(known, step.outputs)
    for (const { path, step: from } of step.uses) {
      const writer = steps[from]
      const [by] = writer?.units ?? []
      if (
        by === undefined ||
        by.tool !== unit.tool ||
        writer === undefined ||
        writer.outputs.some(each => reached.has(each))
      )
        continue
      // A step without a target of its own (a phony one's recipe) cannot be told from one that nothing waits for.
      if (!writer.outputs.some(each => known.has(each))) continue
      hazards.push({ kind: 'undeclared-order', path, writer: by.id, reader: unit.id })
    }
    const source = step.sources.find(path => !reached.has(path))
    if (source !== undefined) unknown.push({ output, source })
  }
  return { hazards, unknown }
}

/** All that some targets hang on, themselves included. */
function reach(rules: Rules, targets: readonly string[]): ReadonlySet<string> {
  const reached = new Set(targets)
  for (const target of reached) for (const each of rules.get(target) ?? []) reached.add(each)
  return reached
}

/** Where its targets are: `make -C folder`. */
export function folderOf({
  exec,
}: {
  readonly exec: { readonly argv: readonly string[]; readonly cwd: string }
}): string {
  const moves = exec.argv.flatMap((word, index) => {
    if (word === '-C' || word === '--directory') return exec.argv[index + 1] ?? []
    return /^(?:-C|--directory=)(.+)/.exec(word)?.[1] ?? []
  })
  return resolve(exec.cwd, ...moves)
}

/** Its data base; empty when it does not answer. */
function askMake({ exec }: Tool): Promise<string> {
  const { MAKEFLAGS = '', MAKELEVEL: _level, ...env } = exec.env ?? {}
  // The jobs' pipe of then is closed.
  const flags = MAKEFLAGS.replaceAll(/ ?-j\S*| ?--jobserver\S+/g, '')
  return new Promise(done => {
    const child = spawn(exec.file, [...exec.argv.slice(1), '-pn', '--no-print-directory'], {
      cwd: exec.cwd,
      env: { ...env, ...(flags === '' ? {} : { MAKEFLAGS: flags }), LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: ASK_MS,
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk))
    child.once('error', () => done(''))
    child.once('close', () => done(Buffer.concat(chunks).toString('utf8')))
  })
}

/** Those of the outermost make, whose data base comes last. */
export function rulesOf(database: string, cwd: string): Rules {
  const rules = new Map<string, Set<string>>()
  const files = database.slice(database.lastIndexOf('\n# Make data base, printed on'))
  const lines = files.slice(Math.max(0, files.indexOf('\n# Files\n'))).split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('# files hash-table stats:')) break
    if (line === '' || /^[\t#]/.test(line) || lines[index - 1] === '# Not a target:') continue
    const [, target, rest = ''] = /^(\S[^:=]*?)::?(?: (.*))?$/.exec(line) ?? []
    if (target === undefined || /^\S+\s*[:+?!]?=/.test(rest)) continue
    const known = rules.get(resolve(cwd, target)) ?? new Set<string>()
    for (const word of rest.split(' ')) if (word !== '' && word !== '|') known.add(resolve(cwd, word))
    rules.set(resolve(cwd, target), known)
  }
  return rules
}
