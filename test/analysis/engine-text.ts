/** A graph in one line, for messages: `n0:scope{A} [n1:task{B}]`. */
import { type Graph, type Node, type Region, regionsOf } from '../../src/core/index.ts'

export const textOf = ({ root }: Pick<Graph, 'root'>): string => regionText(root)

const regionText = ({ nodes, onFailure }: Region): string =>
  `[${nodes.map(nodeText).join(', ')}]${onFailure === 'finish' ? ' finish' : ''}`

function nodeText(node: Node): string {
  const { id, kind, after, policy } = node
  const locks = (policy.locks ?? []).map(({ name, of }) => (of === 'run' ? name : `${name} of region`))
  const inside = regionsOf(node).map(([label, region]) => `${label} ${regionText(region)}`)
  return [
    `${id}:${kind}${traitsOf(node)}`,
    ...(locks.length > 0 ? [`{${locks.join(', ')}}`] : []),
    ...(after.length > 0 ? [`after ${after.join(', ')}`] : []),
    ...inside,
  ].join(' ')
}

function traitsOf(node: Node): string {
  switch (node.kind) {
    case 'cancel':
      return ` of ${'^'.repeat(node.target.up)}${node.target.node} (${node.dependents})`
    case 'scope':
      return `${node.join === 'detached' ? ' detached' : ''}${node.until === undefined ? '' : ` until ${node.until}`}`
    case 'some':
      return ` ${node.count} (${node.rest})`
    case 'each':
      return [
        node.concurrency === undefined ? '' : ` ${node.concurrency} at a time`,
        node.tolerate ? ' tolerant' : '',
        node.until ? ` until ${node.until.count} (${node.until.rest})` : '',
        node.more ? ' more' : '',
      ].join('')
    case 'loop':
      return ` ${node.test}${node.limit === undefined ? '' : ` ${node.limit}`}`
    case 'attempt':
      return node.handlers.map(({ errors }) => ` catching ${errors.join(', ') || 'all'}`).join('')
    case 'net':
      return ` (${node.transitions.map(each => `${each.id}: ${each.consumes.join(' ')} > ${each.produces.join(' ')}`).join('; ')})`
    case 'wait':
      return ` for ${node.on.kind === 'signal' ? node.on.signal : node.on.kind}`
    default:
      return ''
  }
}
