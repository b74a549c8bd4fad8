/**
 * From a build that runs to a tutti.ts that builds the same: run it under strace, find its commands, what each read and
 * wrote, and what hangs on what.
 *
 *   A6. What is written makes the same files from the same sources; what it cannot do is told as a note or a hazard.
 *   A7. When the build fails, or leaves nothing, nothing is written.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { type Diagnostic, refuse } from '../util/diagnostic.ts'
import { compareWithMake } from './declared.ts'
import { findingsOf } from './findings.ts'
import { flowOf } from './flow.ts'
import { type Image, imagesOf, withDescendants } from './images.ts'
import { quote } from './lines.ts'
import { isFile, isInstalled, isKeepable, isOurs, isScratch, linkTarget, scan, stampOf, statsOf } from './project.ts'
import { type Command, type Page, type Recipe, render } from './render.ts'
import { type Step, stepsOf } from './steps.ts'
import { surroundingsOf, withoutSecrets } from './surroundings.ts'
import { run, traceBuild } from './trace.ts'
import type { World } from './drafts.ts'
import { type Unit, unitsOf } from './units.ts'

export interface AdoptOptions {
  readonly cwd: string
  readonly command: readonly string[]
  /** A line for a shell, run before: it takes away what is built. */
  readonly clean?: string
  readonly inputs: 'listed' | 'inferred'
  readonly env: { readonly [name: string]: string | undefined }
}

export interface Adoption {
  /** Real path of the project. */
  readonly root: string
  /** The tutti.ts. */
  readonly text: string
  readonly units: readonly Unit[]
  readonly steps: readonly Step[]
  readonly dropped: readonly Unit[]
  /** Hazards of the build, and what the new one does differently: warnings first. */
  readonly findings: readonly Diagnostic[]
  /** Relative to the project: what tools and scripts that were looked through have read. */
  readonly descriptions: readonly string[]
}

/** Refuses with ADOPT_CLEAN_FAILED, ADOPT_BUILD_FAILED, ADOPT_NOTHING, ADOPT_OUTSIDE, ADOPT_COMMAND, SIGHT_MISSING. */
export async function adopt(options: AdoptOptions): Promise<Adoption> {
  const root = realpathSync(options.cwd)
  if (options.clean !== undefined) await clean(options.clean, root, options)
  const before = scan(root)
  const { observed, exitCode } = await traceBuild(options.command, root)
  if (exitCode !== 0)
    refuse('ADOPT_BUILD_FAILED', `The build failed with exit code ${exitCode}, so there is nothing to adopt`, {
      hint: 'Its output is above. Make it succeed first.',
    })
  const first = imagesOf(observed)
  if (first === undefined)
    return refuse('ADOPT_BUILD_FAILED', 'Nothing of the build was seen', { hint: 'Try strace -f on it.' })
  return adoptSeen(first, { root, before, options })
}

async function clean(line: string, root: string, { env }: AdoptOptions): Promise<void> {
  const code = await run('/bin/sh', ['-c', line], { cwd: root, env })
  if (code !== 0)
    refuse('ADOPT_CLEAN_FAILED', `${line} failed with exit code ${code}`, {
      hint: 'Its output is above. Leave --clean out when nothing is built yet.',
    })
}

interface Seen {
  readonly root: string
  readonly before: ReadonlyMap<string, string>
  readonly options: AdoptOptions
}

async function adoptSeen(first: Image, seen: Seen): Promise<Adoption> {
  const { root, before, options } = seen
  refuseOutside(first, root)
  const world = worldOf(root)
  const { units, own, notes, tools } = unitsOf(first, world)
  const flow = flowOf(units, {
    wasThere: path => before.has(path) || (isInstalled(path) && isFile(path)),
    isUnchanged: path => before.get(path) === stampOf(path),
    isOurs: world.isOurs,
    linkTarget,
  })
  const found = stepsOf(units, flow, { remains: isKeepable })
  const { steps, dropped } = found
  if (steps.length === 0) refuseNothing(units.length, options)
  const written = new Set(steps.flatMap(step => step.outputs))
  const descriptions = descriptionsOf(root, own, dropped, written)
  const keeping = new Set(flow.hazards.flatMap(each => (each.kind === 'changes-source' ? [each.path] : [])))
  const secrets = new Set<string>()
  const recipes = steps.map(step => recipeOf(step, { seen, keeping, secrets }))
  const page: Page = {
    root,
    title: options.command.map(quote).join(' '),
    recipes,
    inputs: options.inputs,
    descriptions,
    workflow: 'build',
  }
  const declared = await compareWithMake(tools, steps)
  const findings = findingsOf({ root, units, flow, steps: found, notes, declared, secrets: [...secrets].sort() })
  return { root, text: render(page), units, steps, dropped, descriptions, findings: warningsFirst(findings) }
}

const warningsFirst = (findings: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...findings.filter(each => each.severity !== 'info'),
  ...findings.filter(each => each.severity === 'info'),
]

/** Longer ones, and what is no text, cannot stand in a program that people read. */
const TEXT_BYTES_MAX = 65_536

const worldOf = (root: string): World => ({
  isOurs: path => isOurs(root, path),
  isOutput: path => isOurs(root, path) && isFile(path),
  isText: path => {
    if ((statsOf(path)?.size ?? Number.POSITIVE_INFINITY) > TEXT_BYTES_MAX) return false
    const bytes = readFileSync(path)
    return Buffer.from(bytes.toString('utf8')).equals(bytes) && !bytes.includes(0)
  },
})

/** Files outside of the project are nothing that a step may own. */
function refuseOutside(first: Image, root: string): void {
  const outside = new Set<string>()
  for (const { touches } of withDescendants(first))
    for (const { kind, path } of touches)
      if ((kind === 'write' || kind === 'update' || kind === 'rename') && !isScratch(root, path) && isFile(path))
        outside.add(path)
  const [some, ...more] = outside
  if (some === undefined) return
  refuse(
    'ADOPT_OUTSIDE',
    `The build writes outside of ${root}: ${some}${more.length === 0 ? '' : ` and ${more.length} more`}`,
    { hint: 'Adopt the part that stays inside (make all, not make install), or start from a folder above.' },
  )
}

function refuseNothing(units: number, { clean, command }: AdoptOptions): never {
  const line = command.map(quote).join(' ')
  refuse(
    'ADOPT_NOTHING',
    `${line} wrote no file of the project that remains${units === 0 ? '' : `, though it ran ${units} commands`}`,
    {
      hint:
        clean === undefined
          ? `Is it built already? Take away what is built first: tutti adopt --clean 'make clean' -- ${line}`
          : 'Look at its output above: is this the command that builds?',
    },
  )
}

/** Makefiles, scripts, and what a variable of theirs was read from. */
function descriptionsOf(
  root: string,
  own: readonly { readonly kind: string; readonly path: string }[],
  dropped: readonly Unit[],
  written: ReadonlySet<string>,
): readonly string[] {
  const asked = dropped.flatMap(({ act, touches }) => (act.kind === 'line' && act.form === 'query' ? touches : []))
  const read = [...own, ...asked].filter(touch => touch.kind === 'read').map(touch => touch.path)
  const ours = read.filter(path => isOurs(root, path) && !isInstalled(path) && isFile(path) && !written.has(path))
  return [...new Set(ours)].sort().map(path => relative(root, path))
}

interface Cooking {
  readonly seen: Seen
  readonly keeping: ReadonlySet<string>
  readonly secrets: Set<string>
}

function recipeOf(step: Step, cooking: Cooking): Recipe {
  const { root } = cooking.seen
  const installed = step.sources.filter(isInstalled)
  const sources = step.sources.filter(path => !isInstalled(path))
  // What is installed is told by one file.
  const lock = ['node_modules/.package-lock.json', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'package.json']
    .map(name => resolve(root, name))
    .find(isFile)
  const all = installed.length === 0 || lock === undefined ? sources : [...new Set([...sources, lock])].sort()
  return {
    step: { ...step, sources: all },
    commands: step.units.map(unit => commandOf(unit, step, cooking)),
    keepsOutputs: step.outputs.some(path => cooking.keeping.has(path)),
  }
}

function commandOf({ act, cwd, env, exitCode, touches }: Unit, { outputs }: Step, { seen, secrets }: Cooking): Command {
  const { root, options } = seen
  if (act.kind === 'text') return { kind: 'text', text: readFileSync(act.path, 'utf8') }
  const surroundings = surroundingsOf(env, options.env)
  const clean = withoutSecrets(act.line, options.env)
  for (const name of [...surroundings.secrets, ...clean.secrets]) secrets.add(name)
  const folders = missingFolders(touches, outputs, seen)
  const made =
    folders.length === 0 ? '' : `mkdir -p ${folders.map(folder => quote(relative(cwd, folder))).join(' ')} && `
  // The build went on when it failed.
  const line = exitCode === 0 ? clean.line : `{ ${clean.line}\n} || true`
  return { kind: 'line', line: made + line, folder: relative(root, cwd), surroundings }
}

/** Folders of files that a command writes and takes away again, which some command that leaves nothing else had made. */
function missingFolders(
  touches: Unit['touches'],
  outputs: readonly string[],
  { root, before }: Seen,
): readonly string[] {
  const made = new Set(touches.flatMap(touch => (touch.kind === 'mkdir' ? [touch.path] : [])))
  const folders = new Set(
    touches.flatMap(({ kind, path }) =>
      (kind === 'write' || kind === 'update') && isOurs(root, path) ? [dirname(path)] : [],
    ),
  )
  const isThere = (folder: string): boolean =>
    folder === root ||
    made.has(folder) ||
    outputs.some(path => path.startsWith(`${folder}/`)) ||
    hasBelow(before, folder)
  return [...folders].filter(folder => !isThere(folder)).sort()
}

function hasBelow(files: ReadonlyMap<string, string>, folder: string): boolean {
  for (const path of files.keys()) if (path.startsWith(`${folder}/`)) return true
  return false
}
