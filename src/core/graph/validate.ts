/**
 * The one validator that every language's graph passes. It reports everything that is wrong, in the order of the text.
 *
 * Codes: GRAPH_VERSION, NOT_YET, DUPLICATE_ID, BAD_ID, DANGLING_REF, GRAPH_CYCLE, OUTPUT_TWICE, OUTPUT_OUTSIDE.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { dependenciesOf, eachReference, ownExpressions, type Reference, resultDependencies } from './dependencies.ts'
import { type Expr, type Graph, type LiveNode, type Node, type Region, regionsOf } from './graph.ts'

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
  any: false,
  loop: false,
  race: false,
  some: false,
  attempt: false,
  wait: false,
  scope: false,
  service: false,
  net: false,
}

/** Empty when the graph can run. */
export function validateGraph(graph: Graph): readonly Diagnostic[] {
  if (graph.version !== 1) {
    return [
      {
        code: 'GRAPH_VERSION',
        severity: 'error',
        message: `Graph ${graph.name} has version ${String(graph.version)}; this Tutti reads version 1`,
        hint: 'Use the version of Tutti that wrote it, or a newer one.',
      },
    ]
  }
  const found: Diagnostic[] = []
  checkRegion(graph.root, 0, found)
  checkOutputs(graph.root, found)
  return found
}

const problem = (code: string, node: Node, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  hint,
  ...(node.at ? { at: node.at } : {}),
})

function checkRegion(region: Region, depthOfRegion: number, found: Diagnostic[]): void {
  const ids = new Set<string>()
  const known: Known = { nodes: new Set(region.nodes.map(node => node.id)), params: new Set(region.params) }
  for (const node of region.nodes) {
    checkId(node, ids, found)
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
    eachReference(node, (reference, depth) => {
      if (reference.up === depth && !resolves(reference, known)) found.push(dangling(node, reference))
      if (reference.up - depth > depthOfRegion) found.push(dangling(node, reference))
    })
    for (const [, nested] of regionsOf(node)) checkRegion(nested, depthOfRegion + 1, found)
  }
  for (const id of resultDependencies(region)) {
    if (!ids.has(id))
      found.push({
        code: 'DANGLING_REF',
        severity: 'error',
        message: `A result refers to the step ${id}, which is not in its region`,
        hint: 'Return what a step of the same body gave.',
      })
  }
  checkCycles(region, found)
}

function checkId(node: Node, ids: Set<string>, found: Diagnostic[]): void {
  if (ids.has(node.id))
    found.push(
      problem('DUPLICATE_ID', node, `Two steps of one region have the id ${node.id}`, 'Give one of them another name.'),
    )
  if (!/^[^/[\].\u0000-\u001f]+$/.test(node.id))
    found.push(
      problem(
        'BAD_ID',
        node,
        `${JSON.stringify(node.id)} cannot be a step's id`,
        'Ids have no / [ ] . or control characters.',
      ),
    )
  ids.add(node.id)
}

interface Known {
  readonly nodes: ReadonlySet<string>
  readonly params: ReadonlySet<string>
}

const resolves = (reference: Reference, known: Known): boolean =>
  reference.kind === 'param' ? known.params.has(reference.param) : known.nodes.has(reference.node)

const dangling = (node: Node, reference: Reference): Diagnostic =>
  problem(
    'DANGLING_REF',
    node,
    `${node.name} refers to ${reference.kind === 'param' ? `the parameter ${reference.param}` : `the step ${reference.node}`}, which is not there`,
    'A ref can be used in its own workflow only.',
  )

/** Kahn's algorithm: what is left when nothing can go first lies on a cycle or behind one. */
function checkCycles(region: Region, found: Diagnostic[]): void {
  const before = new Map(region.nodes.map(node => [node.id, dependenciesOf(node)]))
  const after = new Map<string, string[]>()
  const waiting = new Map<string, number>()
  for (const [id, dependencies] of before) {
    waiting.set(id, dependencies.length)
    for (const dependency of dependencies) {
      const list = after.get(dependency)
      if (list) list.push(id)
      else after.set(dependency, [id])
    }
  }
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id)
    for (const next of after.get(id) ?? []) {
      const count = (waiting.get(next) ?? 0) - 1
      waiting.set(next, count)
      if (count === 0) ready.push(next)
    }
  }
  // A step that waits for one that is not there is reported as such, not as part of a cycle.
  const start = [...waiting.keys()].find(id => (before.get(id) ?? []).every(dependency => before.has(dependency)))
  if (start === undefined) return
  const cycle = cycleFrom(start, id => (before.get(id) ?? []).find(dependency => waiting.has(dependency)))
  const nodes = cycle.map(id => region.nodes.find(node => node.id === id)).filter(node => node !== undefined)
  const first = nodes[0]
  if (first)
    found.push({
      ...problem(
        'GRAPH_CYCLE',
        first,
        `Steps wait for one another in a circle: ${[...nodes, first].map(node => node.name).join(' waits for ')}`,
        'Take one of the .after() away.',
      ),
      related: nodes
        .slice(1)
        .map(node => ({ message: `${node.name} is part of it`, ...(node.at ? { at: node.at } : {}) })),
    })
}

/** Follows `next` until an id comes again; the ids from its first occurrence on. */
function cycleFrom(start: string, next: (id: string) => string | undefined): readonly string[] {
  const seen: string[] = []
  for (let id: string | undefined = start; id !== undefined; id = next(id)) {
    const first = seen.indexOf(id)
    if (first >= 0) return seen.slice(first)
    seen.push(id)
  }
  return []
}

/** One path, one writer. Paths inside an each are checked as well: all its items would write the same one. */
function checkOutputs(root: Region, found: Diagnostic[]): void {
  const writers = new Map<string, Node>()
  const visit = (region: Region): void => {
    for (const node of region.nodes) {
      const paths = new Set(
        ownExpressions(node)
          .flatMap(expr => outputsIn(expr))
          .map(normalPath),
      )
      for (const path of paths) checkOutput(path, node, writers, found)
      for (const [, nested] of regionsOf(node)) visit(nested)
    }
  }
  visit(root)
}

function checkOutput(path: string, node: Node, writers: Map<string, Node>, found: Diagnostic[]): void {
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
  const other = [...writers].find(
    ([written]) => written === path || written.startsWith(`${path}/`) || path.startsWith(`${written}/`),
  )
  if (other && other[1] !== node) {
    found.push({
      ...problem(
        'OUTPUT_TWICE',
        node,
        `${other[1].name} and ${node.name} both write ${path}`,
        'Give each its own path.',
      ),
      related: [{ message: `${other[1].name} writes ${other[0]} here`, ...(other[1].at ? { at: other[1].at } : {}) }],
    })
  }
  writers.set(path, node)
}

function outputsIn(expr: Expr): readonly string[] {
  switch (expr.kind) {
    case 'resource':
      return expr.resource.kind === 'output' ? [expr.resource.path] : []
    case 'record':
      return Object.values(expr.fields).flatMap(outputsIn)
    case 'list':
      return expr.items.flatMap(outputsIn)
    case 'apply':
      return expr.args.flatMap(outputsIn)
    case 'literal':
    case 'node':
    case 'param':
      return []
  }
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
