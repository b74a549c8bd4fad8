/** Graphs of many steps: what a check at every load has to bear. */

const policy = {}
const ref = node => ({ kind: 'node', node, up: 0, path: [] })
const common = (id, more = {}) => ({ id, name: id, after: [], policy, ...more })
const task = (id, before, more) => ({
  ...common(id, more),
  kind: 'task',
  task: id,
  args: before.map(ref),
  executor: 'inline',
})
const region = nodes => ({ params: [], nodes, result: { kind: 'literal', value: null } })
const held = (id, names, body, after) => ({
  ...common(id, { after, policy: { locks: names.map(name => ({ name, of: 'run' })) } }),
  kind: 'scope',
  body: region(body),
})

/** Layers of 10 tasks, each reading three of the layer before; every tenth a choice of two. */
export function layered(steps) {
  const nodes = Array.from({ length: steps }, (_, at) => {
    const layer = Math.floor(at / 10)
    const before = layer === 0 ? [] : [0, 3, 7].map(shift => `s${(layer - 1) * 10 + ((at + shift) % 10)}`)
    return at % 10 === 9
      ? {
          ...common(`s${at}`, { after: before }),
          kind: 'when',
          condition: { kind: 'literal', value: true },
          then: region([task('yes', [])]),
          otherwise: region([task('no', [])]),
        }
      : task(`s${at}`, before)
  })
  return { version: 1, name: 'layered', params: [], reads: [], root: region(nodes) }
}

/** The same, with pairs of nested locks beside it, taken in one order; or, of one pair, in both. */
export function locked(steps, pairs, order) {
  const graph = layered(steps - 4 * pairs)
  const nodes = Array.from({ length: pairs }, (_, at) => {
    const names = order === 'both' && at === 0 ? ['b', 'a'] : ['a', 'b']
    return held(`l${at}`, [names[0]], [held('inner', [names[1]], [task('work', [])], [])], [])
  })
  return { ...graph, root: region([...graph.root.nodes, ...nodes]) }
}
