/** Steps as a tutti.ts that a person can read and go on with: tables of data, and two small tasks that run them. */
import { basename, relative } from 'node:path'
import { newNames, type Names } from './names.ts'
import { call, fill, list, literal, statement, WIDTH } from './text.ts'
import type { Step } from './steps.ts'
import type { Surroundings } from './surroundings.ts'

export interface Recipe {
  readonly step: Step
  readonly commands: readonly Command[]
  /** Its outputs are not removed before it runs: they were there before. */
  readonly keepsOutputs: boolean
}

export type Command =
  /** `folder`: relative to the project. */
  | { readonly kind: 'line'; readonly line: string; readonly folder: string; readonly surroundings: Surroundings }
  | { readonly kind: 'text'; readonly text: string }

export interface Page {
  /** Real path of the project. */
  readonly root: string
  /** What was adopted, as typed. */
  readonly title: string
  readonly recipes: readonly Recipe[]
  readonly inputs: 'listed' | 'inferred'
  /** What the build was described by, relative to the project. */
  readonly descriptions: readonly string[]
  /** Name of the exported workflow. */
  readonly workflow: string
}

/** What stands for a step's outputs, by path; and for the files that it reads. */
interface Scope {
  readonly page: Page
  readonly names: Names
  readonly stepNames: readonly string[]
  readonly places: ReadonlyMap<string, string>
  readonly sets: readonly SourceSet[]
}

export function render(page: Page): string {
  const names = newNames()
  const stepNames = page.recipes.map(({ step }) => names.of(relative(page.root, step.outputs[0] ?? 'step')))
  const places = placesOf(page, names)
  const sets = sourceSets(page, names)
  const scope: Scope = { page, names, stepNames, places, sets }
  const body = [
    ...sets
      .filter(set => set.name !== undefined)
      .map(set => statement(`const ${set.name} =`, sourceText(page, set.paths, 2))),
    ...page.recipes.map((recipe, index) => stepText(scope, recipe, index)),
    returned(scope),
  ]
  return [
    header(page),
    prelude(page, body.join('\n')),
    placeTexts(places),
    `export const ${page.workflow} = workflow(() => {`,
    body.join('\n'),
    '})',
    '',
  ]
    .filter(part => part !== '')
    .join('\n')
}

function header({ title, recipes, descriptions }: Page): string {
  const count = recipes.reduce((sum, { commands }) => sum + commands.length, 0)
  const told =
    descriptions.length === 0
      ? []
      : wrap(`Described until now by ${listed(descriptions)}: what changes there does not change this file.`)
  return [
    '/**',
    ...wrap(
      `Written by \`tutti adopt -- ${title.replaceAll('*/', '*\\/')}\`, which saw ${count} ${count === 1 ? 'command' : 'commands'} make ${recipes.length} ${recipes.length === 1 ? 'step' : 'steps'}: each with what it read and wrote.`,
    ),
    ...told,
    ' */',
  ].join('\n')
}

const wrap = (text: string): readonly string[] => fill(text.split(' '), WIDTH - 3, ' ').map(line => ` * ${line}`)
const SHOWN_MAX = 5
const listed = (items: readonly string[]): string =>
  items.length > SHOWN_MAX
    ? `${items.slice(0, SHOWN_MAX).join(', ')} and ${items.length - SHOWN_MAX} more`
    : items.join(', ')

function prelude({ recipes, inputs }: Page, body: string): string {
  const commands = recipes.flatMap(recipe => recipe.commands)
  const hasText = commands.some(command => command.kind === 'text')
  const hasSecret = commands.some(command => command.kind === 'line' && command.surroundings.secrets.length > 0)
  const hasMany = recipes.some(({ step }) => step.outputs.length > 1)
  const hasOne = recipes.some(({ step, commands: [first] }) => step.outputs.length === 1 && first?.kind === 'line')
  const sources = ['file', 'files'].filter(word => new RegExp(`\\b${word}\\(`).test(body))
  const words = [...sources, 'output', ...(hasSecret ? ['secret'] : []), 'sh', 'task', 'workflow']
  const types = ['Dir', 'FileHandle', 'Files', 'Output', ...(hasSecret ? ['Secret'] : [])]
  const options = inputs === 'inferred' ? ", { inputs: 'inferred' }" : ''
  const value = hasSecret ? 'string | Secret' : 'string'
  return `import { rm${hasText ? ', writeFile' : ''} } from 'node:fs/promises'
import { ${words.join(', ')}, ${types.map(each => `type ${each}`).join(', ')} } from 'tutti'

/** What the commands were seen to read. */
type Input = FileHandle | Files | Dir | readonly Dir[] | undefined
type Commands = string | readonly string[]
/** Where they run, relative to this file, and with which variables beside ours. */
interface Place {
  dir?: string
  env?: { readonly [name: string]: ${value} }
  /** Changes what is there. */
  keep?: boolean
}

/** As in a clean build: what is to be made is not there. */
async function perform(commands: Commands, made: readonly Output[], { dir = '.', env = {}, keep = false }: Place) {
  if (!keep) for (const { path } of made) await rm(path, { recursive: true, force: true })
  for (const command of [commands].flat()) await sh\`/bin/sh -c \${command}\`.cwd(dir).env(env)
}
${
  hasOne
    ? `
/** Makes one file. */
const run = task(async (commands: Commands, _inputs: readonly Input[], made: Output, place: Place = {}) => {
  await perform(commands, [made], place)
  return made
}${options})
`
    : ''
}${
  hasMany
    ? `
/** Makes several files. */
const runAll = task(async (commands: Commands, _inputs: readonly Input[], made: readonly Output[], place: Place = {}) => {
  await perform(commands, made, place)
  return made
}${options})
`
    : ''
}${
  hasText
    ? `
/** A file that the build's shell or tool wrote by itself. */
const write = task(async (text: string, made: Output) => {
  await writeFile(made.path, text)
  return made
})
`
    : ''
}`
}

/** Names of places, by their text: most steps share a few. */
function placesOf({ recipes }: Page, names: Names): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const recipe of recipes) {
    const text = placeText(recipe)
    if (text === undefined || places.has(text)) continue
    const [first] = recipe.commands
    places.set(
      text,
      names.of(first?.kind === 'line' && first.folder !== '' ? `in_${first.folder.replaceAll('/', '_')}` : 'here'),
    )
  }
  return places
}

const placeTexts = (places: ReadonlyMap<string, string>): string =>
  places.size === 0
    ? ''
    : [...places].map(([text, name]) => `${statement(`const ${name}: Place =`, text, 0)}`).join('\n') + '\n'

function placeText({ commands, keepsOutputs }: Recipe): string | undefined {
  const [first] = commands
  if (first?.kind !== 'line') return undefined
  const { set, secrets } = first.surroundings
  const env = [
    ...Object.entries(set).map(([name, value]) => `${key(name)}: ${literal(value)}`),
    ...secrets.map(name => `${key(name)}: secret(${literal(name)})`),
  ]
  const fields = [
    ...(first.folder === '' ? [] : [`dir: ${literal(first.folder)}`]),
    ...(env.length === 0 ? [] : [`env: { ${env.join(', ')} }`]),
    ...(keepsOutputs ? ['keep: true'] : []),
  ]
  return fields.length === 0 ? undefined : `{ ${fields.join(', ')} }`
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name))

/** Files that exactly the same steps read. */
interface SourceSet {
  /** Undefined when one step alone reads them: then they stand there. */
  readonly name: string | undefined
  readonly paths: readonly string[]
  readonly steps: readonly number[]
}

function sourceSets(page: Page, names: Names): readonly SourceSet[] {
  const readers = new Map<string, number[]>()
  for (const [index, { step }] of page.recipes.entries())
    for (const path of shownSources(page, step)) {
      const known = readers.get(path)
      if (known === undefined) readers.set(path, [index])
      else known.push(index)
    }
  const sets = new Map<string, { readonly paths: string[]; readonly steps: readonly number[] }>()
  for (const [path, steps] of [...readers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = sets.get(steps.join())
    if (known === undefined) sets.set(steps.join(), { paths: [path], steps })
    else known.paths.push(path)
  }
  return [...sets.values()].map(({ paths, steps }) => ({
    name:
      steps.length === 1 ? undefined : names.of(relative(page.root, paths[0] ?? '') + (paths.length > 1 ? '_etc' : '')),
    paths,
    steps,
  }))
}

/** With inferred inputs only what a command names: the rest is seen when it runs. */
function shownSources({ inputs, root }: Page, step: Step): readonly string[] {
  if (inputs === 'listed') return step.sources
  const lines = step.units.map(unit => (unit.act.kind === 'line' ? unit.act.line : '')).join('\n')
  return step.sources.filter(path => lines.includes(basename(path)) || lines.includes(relative(root, path)))
}

function sourceText({ root }: Page, paths: readonly string[], indent: number): string {
  const [only] = paths
  if (paths.length === 1) return `file(${literal(relative(root, only ?? ''))})`
  return call(
    'files',
    paths.map(path => literal(globOf(relative(root, path)))),
    indent,
  )
}

const globOf = (path: string): string => path.replaceAll(/[[\](){}!*?+@\\]/g, '\\$&')

function stepText(scope: Scope, recipe: Recipe, index: number): string {
  const { page, stepNames, places } = scope
  const { step, commands } = recipe
  const outputs = step.outputs.map(path => `output(${literal(relative(page.root, path))})`)
  const [first] = commands
  if (first?.kind === 'text')
    return statement(`const ${stepNames[index]} =`, call('write', [literal(first.text), outputs[0] ?? ''], 2))
  const lines = commands.flatMap(command => (command.kind === 'line' ? [lineIn(command, first)] : []))
  const place = placeText(recipe)
  const args = [
    lines.length === 1 ? literal(lines[0] ?? '') : list(lines.map(literal), 4),
    list(inputsOf(scope, step, index), 4),
    outputs.length === 1 ? (outputs[0] ?? '') : list(outputs, 4),
    ...(place === undefined ? [] : [places.get(place) ?? place]),
  ]
  const after = step.after.length === 0 ? '' : `.after(${step.after.map(each => stepNames[each]).join(', ')})`
  return statement(`const ${stepNames[index]} =`, call(outputs.length === 1 ? 'run' : 'runAll', args, 2) + after)
}

/** The commands of one step share the place of the first one. */
function lineIn(command: Extract<Command, { kind: 'line' }>, first: Command | undefined): string {
  const { line, folder, surroundings } = command
  const path = surroundings.path.length === 0 ? '' : `export PATH="${surroundings.path.join(':')}:$PATH"; `
  if (first?.kind !== 'line' || command === first) return path + line
  const move = folder === first.folder ? '' : `cd ${relative(first.folder || '.', folder || '.')} && `
  const differing = Object.entries(surroundings.set).filter(([name, value]) => first.surroundings.set[name] !== value)
  const sets = differing.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'; `).join('')
  return move + sets + path + line
}

function inputsOf({ page, stepNames, sets }: Scope, step: Step, index: number): readonly string[] {
  const usedOf = new Map<number, string[]>()
  for (const { path, step: from } of step.uses) {
    const known = usedOf.get(from)
    if (known === undefined) usedOf.set(from, [path])
    else known.push(path)
  }
  const refs = [...usedOf].flatMap(([from, paths]) => {
    const outputs = page.recipes[from]?.step.outputs ?? []
    const name = stepNames[from] ?? ''
    if (outputs.length === 1 || paths.length === outputs.length) return [name]
    return paths
      .map(path => outputs.indexOf(path))
      .filter(at => at >= 0)
      .sort((a, b) => a - b)
      .map(at => `${name}.at(${at})`)
  })
  const sources = sets.filter(set => set.steps.includes(index))
  return [...sources.map(set => set.name ?? sourceText(page, set.paths, 6)), ...refs]
}

/** What nobody in the graph reads is what the build was for. */
function returned({ page, stepNames }: Scope): string {
  const used = new Set(page.recipes.flatMap(({ step }) => step.uses.map(each => each.step)))
  const ends = stepNames.filter((_, index) => !used.has(index))
  const flat = `  return { ${ends.join(', ')} }`
  if (flat.length <= WIDTH) return flat
  return [
    '  return {',
    ...fill(
      ends.map(name => `${name},`),
      WIDTH - 4,
      ' ',
    ).map(line => `    ${line}`),
    '  }',
  ].join('\n')
}
