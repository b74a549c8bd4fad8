/**
 * The one validator that every language's graph passes. It reports everything that is wrong, in the order of the text.
 *
 * Codes: GRAPH_VERSION, GRAPH_TOO_DEEP, NOT_YET, DUPLICATE_ID, BAD_ID, BAD_ARM, BAD_CONCURRENCY, BAD_PARAMS, DANGLING_REF,
 * GRAPH_CYCLE, OUTPUT_TWICE, OUTPUT_OUTSIDE.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { dependenciesOf, eachReferenceIn, insideExpressions, ownExpressions } from './dependencies.ts'
import { type Expr, type Graph, type LiveNode, type Node, type Region, regionsOf } from './graph.ts'
import { resourcesOf } from './resources.ts'

/** Kinds that the engine plays; the others are in the type so that what is stored today can be read tomorrow. */
const LIVE: { readonly [K in Node['kind']]: K extends LiveNode['kind'] ? true : false } = {
  task: true,
  effect: true,
  flow: true,
  source: true,
  when: true,
  match: true,
  each: true,
  call: true,
  any: true,
  loop: true,
  race: true,
  some: true,
  attempt: true,
  wait: true,
  scope: true,
  cancel: true,
  service: false,
  net: true,
}

/** Regions nested deeper are a mistake, and what walks them recurses. */
const REGION_DEPTH_MAX = 250

/** Empty when the graph can run. */
export function validateGraph(graph: Graph): readonly Diagnostic[] {
  if (graph.version !== 1) return [versionProblem(graph)]
  const deep = tooDeep(graph.root)
  if (deep) return [deep]
  const found: Diagnostic[] = []
  checkRegion({ region: graph.root, owner: undefined, outer: [] }, found)
  checkOutputs(graph.root, found)
  return found
}

const versionProblem = (graph: Graph): Diagnostic => ({
  code: 'GRAPH_VERSION',
  severity: 'error',
  message: `Graph ${graph.name} has version ${String(graph.version)}; this Tutti reads version 1`,
  hint: 'Use the version of Tutti that wrote it, or a newer one.',
})

const problem = (code: string, node: Node, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  hint,
  ...(node.at ? { at: node.at } : {}),
})

/** The first node that lies too deep. Iterative, so that it can be asked of any graph. */
function tooDeep(root: Region): Diagnostic | undefined {
  const pending: (readonly [region: Region, depth: number])[] = [[root, 0]]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [region, depth] = next
    for (const node of region.nodes) {
      const nested = regionsOf(node)
      if (nested.length > 0 && depth === REGION_DEPTH_MAX) {
        return problem(
          'GRAPH_TOO_DEEP',
          node,
          `${node.name} is nested more than ${REGION_DEPTH_MAX} regions deep`,
          'Move inner parts into a flow, which is not traced.',
        )
      }
      for (const [, inner] of nested) pending.push([inner, depth + 1])
    }
  }
  return undefined
}

/** What can be seen in a region. */
interface Level {
  readonly nodes: ReadonlySet<string>
  readonly params: ReadonlySet<string>
}

/** A region, the node that it is part of, and what is around it, innermost first. */
interface Place {
  readonly region: Region
  readonly owner: Node | undefined
  readonly outer: readonly Level[]
}

function checkRegion({ region, owner, outer }: Place, found: Diagnostic[]): void {
  const levels = [{ nodes: new Set(region.nodes.map(node => node.id)), params: new Set(region.params) }, ...outer]
  const ids = new Set<string>()
  for (const node of region.nodes) {
    checkId(node, ids, found)
    checkKind(node, found)
    for (const id of node.after) if (!levels[0]!.nodes.has(id)) found.push(dangling(node, `the step ${id}`))
    for (const expr of ownExpressions(node)) checkReferences(expr, levels, node, found)
    for (const { expr, region: seenFrom } of insideExpressions(node))
      checkReferences(expr, [{ nodes: NOTHING, params: new Set(seenFrom.params) }, ...levels], node, found)
    for (const [, nested] of regionsOf(node)) checkRegion({ region: nested, owner: node, outer: levels }, found)
  }
  checkReferences(region.result, levels, owner, found)
  checkCycles(region, found)
}

const NOTHING: ReadonlySet<string> = new Set()

function checkId(node: Node, ids: Set<string>, found: Diagnostic[]): void {
  if (ids.has(node.id))
    found.push(
      problem('DUPLICATE_ID', node, `Two steps of one region have the id ${node.id}`, 'Give one of them another name.'),
    )
  if (!/^[^/[\].\u0000-\u001f]+$/.test(node.id)) {
    found.push(
      problem(
        'BAD_ID',
        node,
        `${JSON.stringify(node.id)} cannot be a step's id`,
        'Ids have no / [ ] . or control characters.',
      ),
    )
  }
  ids.add(node.id)
}

function checkKind(node: Node, found: Diagnostic[]): void {
  if (LIVE[node.kind] !== true) {
    found.push(
      problem(
        'NOT_YET',
        node,
        `${node.name}: steps of kind ${node.kind} cannot run yet`,
        'They come with a later version; leave the step out for now.',
      ),
    )
  }
  if (node.kind === 'match' && node.otherwise && Object.hasOwn(node.arms, 'otherwise')) {
    found.push(
      problem(
        'BAD_ARM',
        node,
        `${node.name} has an arm for the value "otherwise" and one for all other values`,
        'Match on another field, or give the value another name.',
      ),
    )
  }
  if (
    node.kind === 'each' &&
    node.concurrency !== undefined &&
    !(Number.isSafeInteger(node.concurrency) && node.concurrency >= 1)
  ) {
    found.push(
      problem(
        'BAD_CONCURRENCY',
        node,
        `${node.name} would run ${node.concurrency} items at a time`,
        'Give a whole number from 1, or leave it out.',
      ),
    )
  }
  for (const [label, region] of regionsOf(node)) checkParams(node, label, region, found)
}

/** What a scope binds, by position; a call binds by name. */
const PARAMS_MAX: { readonly [K in Node['kind']]?: number } = { when: 0, match: 1, each: 2 }

function checkParams(node: Node, label: string, { params }: Region, found: Diagnostic[]): void {
  const max = PARAMS_MAX[node.kind] ?? Number.POSITIVE_INFINITY
  const twice = params.find((param, index) => params.indexOf(param) !== index)
  if (params.length <= max && twice === undefined) return
  const what =
    twice === undefined ? `takes ${params.length} parameters, but gets ${max}` : `has two parameters named ${twice}`
  found.push(
    problem(
      'BAD_PARAMS',
      node,
      `${node.name}: its part ${label} ${what}`,
      'Name each parameter once, and only those that there are.',
    ),
  )
}

function checkReferences(expr: Expr, levels: readonly Level[], node: Node | undefined, found: Diagnostic[]): void {
  eachReferenceIn(expr, reference => {
    const level = levels[reference.up]
    const known = reference.kind === 'param' ? level?.params.has(reference.param) : level?.nodes.has(reference.node)
    if (!known)
      found.push(
        dangling(node, reference.kind === 'param' ? `the parameter ${reference.param}` : `the step ${reference.node}`),
      )
  })
}

const dangling = (node: Node | undefined, what: string): Diagnostic => ({
  code: 'DANGLING_REF',
  severity: 'error',
  message: `${node ? node.name : 'The result'} refers to ${what}, which is not there`,
  hint: 'Use what a step of the same body, or of one round it, returned.',
  ...(node?.at ? { at: node.at } : {}),
})

/** Kahn's algorithm: what is left when nothing can go first lies on a cycle or behind one. What is missing is no cycle. */
function checkCycles(region: Region, found: Diagnostic[]): void {
  const nodes = new Map(region.nodes.map(node => [node.id, node]))
  const before = new Map(region.nodes.map(node => [node.id, dependenciesOf(node).filter(id => nodes.has(id))]))
  const waiting = waitingForEver(before)
  for (const cycle of cyclesIn(waiting, id => (before.get(id) ?? []).find(each => waiting.has(each)))) {
    const members = cycle.flatMap(id => nodes.get(id) ?? [])
    if (members[0]) found.push(cycleProblem(members[0], members))
  }
}

/** Nodes that no order can place. */
function waitingForEver(before: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const after = new Map<string, string[]>()
  const counts = new Map<string, number>()
  for (const [id, dependencies] of before) {
    counts.set(id, dependencies.length)
    for (const dependency of dependencies) {
      const list = after.get(dependency)
      if (list) list.push(id)
      else after.set(dependency, [id])
    }
  }
  const ready = [...counts].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    counts.delete(id)
    for (const next of after.get(id) ?? []) {
      const count = (counts.get(next) ?? 0) - 1
      counts.set(next, count)
      if (count === 0) ready.push(next)
    }
  }
  return new Set(counts.keys())
}

/** Every node has one `next`: following it from anywhere ends in a cycle; each is found once. */
function cyclesIn(
  nodes: ReadonlySet<string>,
  next: (id: string) => string | undefined,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  const trailOf = new Map<string, number>()
  let trail = 0
  for (const start of nodes) {
    const seen: string[] = []
    let id: string | undefined = start
    for (; id !== undefined && !trailOf.has(id); id = next(id)) {
      trailOf.set(id, trail)
      seen.push(id)
    }
    if (id !== undefined && trailOf.get(id) === trail) cycles.push(seen.slice(seen.indexOf(id)))
    trail += 1
  }
  return cycles
}

/** A message names so many steps of a cycle at most. */
const NAMES_MAX = 10

function cycleProblem(first: Node, members: readonly Node[]): Diagnostic {
  const names = members.slice(0, NAMES_MAX).map(node => node.name)
  const shown = [
    ...names,
    ...(members.length > NAMES_MAX ? [`${members.length - NAMES_MAX} more steps`] : []),
    first.name,
  ]
  return {
    ...problem(
      'GRAPH_CYCLE',
      first,
      `Steps wait for one another in a circle: ${shown.join(' waits for ')}`,
      'Take one of the .after() away.',
    ),
    related: members
      .slice(1, NAMES_MAX)
      .map(node => ({ message: `${node.name} is part of it`, ...(node.at ? { at: node.at } : {}) })),
  }
}

/** Who writes where: a path has one writer, and what lies below it is part of it. */
interface Writers {
  readonly paths: Map<string, Writer[]>
  /** Folders that a path lies in, with those paths. */
  readonly folders: Map<string, Writer[]>
}
interface Writer {
  readonly node: Node
  readonly path: string
  readonly choices: ReadonlyMap<Node, string>
}

/** Two ways of one choice may write the same path: only one of them is gone. */
function checkOutputs(root: Region, found: Diagnostic[]): void {
  const writers: Writers = { paths: new Map(), folders: new Map() }
  for (const { resource, node, choices } of resourcesOf({ root })) {
    if (resource.kind === 'output') checkOutput({ node, path: normalPath(resource.path), choices }, writers, found)
  }
}

function checkOutput(writer: Writer, { paths, folders }: Writers, found: Diagnostic[]): void {
  const { node, path } = writer
  if (path === '..' || path.startsWith('../') || path.startsWith('/')) {
    found.push(
      problem(
        'OUTPUT_OUTSIDE',
        node,
        `${node.name} would write ${path}, which is outside of the project`,
        'Outputs lie inside the folder of the file.',
      ),
    )
  }
  const around = foldersOf(path)
  const clashes = (others: readonly Writer[] | undefined): Writer | undefined =>
    others?.find(other => other.node !== node && !areExclusive(other, writer))
  const other =
    clashes(paths.get(path)) ??
    clashes(folders.get(path)) ??
    around.map(folder => clashes(paths.get(folder))).find(each => each !== undefined)
  if (other) found.push(outputTwice(writer, other))
  note(paths, path, writer)
  for (const folder of around) note(folders, folder, writer)
}

function note(writers: Map<string, Writer[]>, path: string, writer: Writer): void {
  const known = writers.get(path)
  if (known) known.push(writer)
  else writers.set(path, [writer])
}

const areExclusive = (a: Writer, b: Writer): boolean =>
  [...a.choices].some(([node, label]) => (b.choices.get(node) ?? label) !== label)

const outputTwice = ({ node, path }: Writer, other: Writer): Diagnostic => ({
  ...problem('OUTPUT_TWICE', node, `${other.node.name} and ${node.name} both write ${path}`, 'Give each its own path.'),
  related: [
    { message: `${other.node.name} writes ${other.path} here`, ...(other.node.at ? { at: other.node.at } : {}) },
  ],
})

/** All folders around a path; `''` is the project's own. */
function foldersOf(path: string): readonly string[] {
  const found: string[] = path === '' ? [] : ['']
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) found.push(path.slice(0, end))
  return found
}

/** `./a//b/../c` is `a/c`. */
function normalPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/')
}
