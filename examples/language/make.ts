/**
 * A subset of make as a language of Tutti: variables, rules, pattern rules, automatic variables, .PHONY. What make decides by
 * the times of files Tutti decides by their content; what is not understood is refused at its place.
 */
import { effect, type Output, sh, task } from 'tutti'
import {
  type Bindings,
  type BoundWorkflow,
  type Diagnostic,
  err,
  type Expr,
  type Language,
  type Node,
  ok,
  type Position,
  type Result,
  type SourceFile,
  stepId,
} from 'tutti/lang'

/** As written: variables are put in when the program is bound, so that bindings can set them. */
interface Makefile {
  readonly variables: ReadonlyMap<string, string>
  readonly rules: readonly Rule[]
}

interface Rule {
  readonly targets: string
  readonly needs: string
  readonly recipe: readonly string[]
  readonly at: Position
}

export const make: Language<Makefile> = {
  name: 'make',
  matches: ({ path }) => /(?:^|\/)(?:GNU)?[Mm]akefile$|\.mk$/.test(path),
  parse,
  bind,
}

// --- parse: text to rules -------------------------------------------------------------------------------------------

function parse(file: SourceFile): Result<Makefile, readonly Diagnostic[]> {
  const variables = new Map<string, string>()
  const rules: (Rule & { readonly recipe: string[] })[] = []
  const problems: Diagnostic[] = []
  for (const { text, line } of linesOf(file.text)) {
    const at: Position = { file: file.path, line, column: 1 }
    const recipe = /^\t(.*)$/s.exec(text)?.[1]
    const plain = text.replace(/(?<!\\)#.*$/, '')
    const assignment = /^([\w.-]+)\s*(\+|\?|::?)?=\s*(.*?)\s*$/s.exec(plain)
    const rule = /^([^:=]+):(?!=)([^=]*?)(?:;(.*))?$/s.exec(plain)
    const command = /^(?:-?include|ifn?eq|ifn?def|else|endif|define|export|vpath)\b/.exec(plain)?.[0]
    if (recipe !== undefined && rules.length > 0) rules.at(-1)?.recipe.push(recipe)
    else if (plain.trim() === '') continue
    else if (command) problems.push(problem('MAKE_UNSUPPORTED', `${command} is not part of this subset`, at))
    else if (assignment) assign(variables, assignment)
    else if (rule)
      rules.push({ targets: rule[1] ?? '', needs: rule[2] ?? '', recipe: rule[3] === undefined ? [] : [rule[3]], at })
    else
      problems.push(problem('MAKE_SYNTAX', 'This is neither a rule nor a variable', at, 'A rule is `target: needs`.'))
    const call = /\$[({](\w+)[\s:]/.exec(recipe ?? plain)?.[1]
    if (call) problems.push(problem('MAKE_UNSUPPORTED', `The function ${call} is not part of this subset`, at))
  }
  return problems.length > 0 ? err(problems) : ok({ variables, rules })
}

/** Lines that end in a backslash go on in the next one. */
function linesOf(text: string): readonly { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = []
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    const last = found.at(-1)
    if (last?.text.endsWith('\\')) last.text = `${last.text.slice(0, -1)} ${row.trim()}`
    else found.push({ text: row, line: index + 1 })
  }
  return found
}

function assign(variables: Map<string, string>, [, name = '', how, value = '']: RegExpExecArray): void {
  if (how === '?' && variables.has(name)) return
  variables.set(name, how === '+' ? `${variables.get(name) ?? ''} ${value}`.trim() : value)
}

function problem(code: string, message: string, at: Position, hint = 'Write it out, or leave it to make.'): Diagnostic {
  return { code, severity: 'error', message, at, hint }
}

// --- bind: rules to graphs ------------------------------------------------------------------------------------------

/** What is made of `needs`; the recipe is run again when a line of it or the content of what it needs has changed. */
const recipe = task(async (lines: readonly string[], _needs: readonly unknown[], target: Output) => {
  await runLines(lines)
  return target
})

/** A phony target stands for no file: it is done in every run. */
const action = effect(async (lines: readonly string[], _needs: readonly unknown[]) => runLines(lines))

async function runLines(lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const [, marks = '', command = ''] = /^([@\-\s]*)(.*)$/s.exec(line) ?? []
    const result = sh`/bin/sh -c ${command}`
    await (marks.includes('-') ? result.nothrow() : result)
  }
}

/** A workflow for every target that a rule names, and `default` for the first. Bindings set variables, as make's command line does. */
function bind(program: Makefile, bindings: Bindings): Result<readonly BoundWorkflow[], readonly Diagnostic[]> {
  const set = Object.entries(bindings).map(([name, value]) => [name, String(value)] as const)
  const book = createBook(program.rules, new Map([...program.variables, ...set]))
  const [first] = book.goals
  const named = book.goals.map(goal => workflowFor(goal, goal, book))
  const bound = [...named, ...(first === undefined ? [] : [workflowFor('default', first, book)])]
  const problems = bound.flatMap(each => (each.ok ? [] : each.error))
  return problems.length > 0 ? err(problems.slice(0, 1)) : ok(bound.flatMap(each => (each.ok ? [each.value] : [])))
}

interface Step {
  readonly lines: readonly string[]
  readonly needs: readonly string[]
  readonly kind: 'file' | 'phony'
  readonly at: Position
}

interface Book {
  readonly goals: readonly string[]
  /** How a target is made; undefined: it is a file of the user's. */
  stepFor(target: string): Step | undefined
}

function createBook(rules: readonly Rule[], variables: ReadonlyMap<string, string>): Book {
  const words = (text: string): readonly string[] => expand(text, variables).split(/\s+/).filter(Boolean)
  const entries = rules.flatMap(rule => words(rule.targets).map(target => ({ target, needs: words(rule.needs), rule })))
  const phony = new Set(entries.filter(({ target }) => target === '.PHONY').flatMap(({ needs }) => needs))
  const isPattern = (target: string): boolean => target.includes('%')
  const stepOf = (target: string, found: readonly (typeof entries)[number][], stem = ''): Step | undefined => {
    // Of several rules of one target, each adds needs, and the last with a recipe makes it.
    const maker = found.findLast(({ rule }) => rule.recipe.length > 0) ?? found.at(-1)
    if (!maker) return undefined
    const needs = [...new Set(found.flatMap(each => each.needs))].map(need => need.replace('%', stem))
    const automatic = { '@': target, '<': needs[0] ?? '', '^': needs.join(' '), '*': stem }
    const lines = maker.rule.recipe.map(line => expand(line, new Map([...variables, ...Object.entries(automatic)])))
    return { lines, needs, kind: phony.has(target) || lines.length === 0 ? 'phony' : 'file', at: maker.rule.at }
  }
  return {
    goals: [...new Set(entries.map(({ target }) => target))].filter(
      target => !isPattern(target) && !target.startsWith('.'),
    ),
    stepFor(target) {
      const own = entries.filter(each => each.target === target)
      if (own.some(({ rule }) => rule.recipe.length > 0) || phony.has(target)) return stepOf(target, own)
      const pattern = entries.find(each => isPattern(each.target) && stemIn(each.target, target) !== undefined)
      const stem = pattern && stemIn(pattern.target, target)
      return stepOf(target, [...(pattern ? [pattern] : []), ...own], stem)
    },
  }
}

/** `$(NAME)`, `${NAME}`, `$@`, and `$$` for a dollar; what nothing is known of is empty, as in make. */
const expand = (text: string, variables: ReadonlyMap<string, string>, depth = 0): string =>
  text.replace(/\$(?:\((\w[\w.-]*)\)|\{(\w[\w.-]*)\}|(.))/g, (_, round, curly, single) => {
    if (single === '$') return '$'
    const value = variables.get(round ?? curly ?? single) ?? ''
    return depth < 20 ? expand(value, variables, depth + 1) : value
  })

function stemIn(pattern: string, target: string): string | undefined {
  const [before = '', after = ''] = pattern.split('%')
  const isOf = target.startsWith(before) && target.endsWith(after) && target.length > before.length + after.length
  return isOf ? target.slice(before.length, target.length - after.length) : undefined
}

/** The graph of all that a goal needs. */
function workflowFor(name: string, goal: string, book: Book): Result<BoundWorkflow, readonly Diagnostic[]> {
  const nodes = new Map<string, Node>()
  const problems: Diagnostic[] = []
  const visit = (target: string, way: readonly string[], from: Position | undefined): Expr => {
    const id = stepId(target)
    const value: Expr = { kind: 'node', node: id, up: 0, path: [] }
    const step = book.stepFor(target)
    const at = step?.at ?? from
    if (way.includes(target) && at)
      problems.push(problem('MAKE_CYCLE', `${target} needs itself: ${[...way, target].join(' -> ')}`, at, 'Break it.'))
    if (nodes.has(id) || way.includes(target)) return value
    const needs: readonly Expr[] = (step?.needs ?? []).map(need => visit(need, [...way, target], at))
    nodes.set(id, nodeOf(target, step, needs, at))
    return value
  }
  const result = visit(goal, [], undefined)
  const root = { params: [], nodes: [...nodes.values()], result }
  return problems.length > 0
    ? err(problems)
    : ok({ graph: { version: 1, name, params: [], root, reads: [] }, tasks: { recipe, action } })
}

function nodeOf(target: string, step: Step | undefined, needs: readonly Expr[], at: Position | undefined): Node {
  const common = { id: stepId(target), name: target, after: [], policy: {}, ...(at ? { at } : {}) }
  if (!step) return { ...common, kind: 'source', source: { kind: 'file', path: target } }
  const args: readonly Expr[] = [
    { kind: 'literal', value: [...step.lines] },
    { kind: 'list', items: needs },
  ]
  const output: Expr = { kind: 'resource', resource: { kind: 'output', path: target } }
  return step.kind === 'phony'
    ? { ...common, kind: 'effect', task: 'action', args, executor: 'inline' }
    : { ...common, kind: 'task', task: 'recipe', args: [...args, output], executor: 'inline' }
}
