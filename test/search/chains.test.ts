/** Chains over random nested graphs find what a plain closure over pairs of steps finds. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dependenciesOf, type Graph, type Node, regionsOf, type Region } from '../../src/core/index.ts'
import { openSearch } from '../../src/search/index.ts'
import { call, each, ref, region, task, when } from '../observe/log.ts'
import { memoryStore } from '../../src/store/index.ts'

interface Step {
  readonly path: string
  readonly node: Node
  readonly holder: string | undefined
  /** Paths of those beside it, by id; those of regions around it, from the inside out. */
  readonly around: readonly ReadonlyMap<string, string>[]
}

function stepsIn({ nodes }: Region, prefix = '', holder?: string, outer: Step['around'] = []): readonly Step[] {
  const around = [new Map(nodes.map(({ id }) => [id, prefix + id])), ...outer]
  return nodes.flatMap((node): readonly Step[] => {
    const path = prefix + node.id
    const inner = regionsOf(node).flatMap(([label, inside]) => {
      const mark = node.kind === 'call' ? '/' : node.kind === 'each' ? '[*]/' : `.${label}/`
      return stepsIn(inside, path + mark, path, around)
    })
    return [{ path, node, holder, around }, ...inner]
  })
}

/** Pairs `a b`: b depends directly on a; and b comes after a: up from a, over a dependency, down to b, and so on. */
function relations(graph: Graph) {
  const steps = stepsIn(graph.root)
  const holders = new Map(steps.map(({ path, holder }) => [path, holder]))
  const upFrom = (path: string | undefined): readonly string[] =>
    path === undefined ? [] : [path, ...upFrom(holders.get(path))]
  const direct = new Set<string>()
  for (const { path, node, around } of steps) {
    for (const id of dependenciesOf(node)) direct.add(`${around[0]!.get(id)} ${path}`)
    if ('args' in node && Array.isArray(node.args))
      for (const arg of node.args as readonly { readonly kind: string; readonly node: string; readonly up: number }[])
        if (arg.kind === 'node') direct.add(`${around[arg.up]!.get(arg.node)} ${path}`)
  }
  const after = new Set<string>()
  for (const a of steps)
    for (const b of steps)
      if (upFrom(a.path).some(x => upFrom(b.path).some(y => direct.has(`${x} ${y}`)))) after.add(`${a.path} ${b.path}`)
  for (let size = -1; size !== after.size; ) {
    size = after.size
    for (const pair of [...after]) {
      const [a, b] = pair.split(' ')
      for (const { path } of steps) if (after.has(`${b} ${path}`)) after.add(`${a} ${path}`)
    }
  }
  return { steps, direct, after }
}

/** Nodes in a row, each of which may hang on those before it and on those around it. */
function regionOf(depth: number, around: readonly (readonly string[])[]): fc.Arbitrary<Region> {
  return fc.integer({ min: 1, max: 3 }).chain(size => {
    const ids = Array.from({ length: size }, (_, index) => `${'abc'[depth]}${index}`)
    const nodes = ids.map((id, index) => nodeOf(id, depth, [ids.slice(0, index), ...around]))
    return fc.tuple(...nodes).map(list => region(list))
  })
}

function nodeOf(id: string, depth: number, around: readonly (readonly string[])[]): fc.Arbitrary<Node> {
  const refs = around.flatMap((ids, up) => ids.map(each => ref(each, up)))
  const args = fc.subarray(refs, { maxLength: Math.min(2, refs.length) })
  const leaf = args.map((chosen): Node => task(id, ...chosen))
  if (depth === 2) return leaf
  // What is inside sees its own region first.
  const inner = regionOf(depth + 1, around)
  const after = fc.subarray([...around[0]!], { maxLength: Math.min(1, around[0]!.length) })
  const holder = fc.constantFrom(
    call,
    (name: string, body: Region) => each(name, { kind: 'literal', value: [] }, body),
    (name: string, body: Region) => when(name, { kind: 'literal', value: true }, body),
  )
  return fc.oneof(
    leaf,
    fc.tuple(holder, inner, after).map(([make, body, before]): Node => ({ ...make(id, body), after: before })),
  )
}

test('a -> b and a -> * -> b', async () => {
  const store = memoryStore()
  await fc.assert(
    fc.asyncProperty(regionOf(0, []), async root => {
      const graph: Graph = { version: 1, name: 'w', params: [], root, reads: [] }
      const { steps, direct, after } = relations(graph)
      const search = await openSearch(store, { graphs: [{ file: 'tutti.ts', graph }] })
      const ask = async (query: string): Promise<readonly unknown[]> => {
        const rows: unknown[] = []
        for await (const page of search.pages(search.parse(query))) for (const row of page) rows.push(row['path'])
        return rows.sort()
      }
      for (const { path } of steps) {
        const from = (pairs: ReadonlySet<string>) =>
          steps
            .filter(step => pairs.has(`${path} ${step.path}`))
            .map(step => step.path)
            .sort()
        const to = steps
          .filter(step => after.has(`${step.path} ${path}`))
          .map(step => step.path)
          .sort()
        expect(await ask(`node[path = '${path}'] -> node`), `after ${path}`).toEqual(from(direct))
        expect(await ask(`node[path = '${path}'] -> * -> node`), `after ${path}`).toEqual(from(after))
        expect(await ask(`node[path = '${path}'] <- * <- node`), `before ${path}`).toEqual(to)
      }
      search.close()
    }),
    { numRuns: 40 },
  )
  await store.close()
})
