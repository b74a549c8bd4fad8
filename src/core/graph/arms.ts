/** The parts of a node: that there are enough of them, that they can be told apart, and that they take what they get. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { handlerLabel, type Node, type Region, regionsOf } from './graph.ts'
import { problem } from './problem.ts'

export function checkArms(node: Node, found: Diagnostic[]): void {
  checkCount(node, found)
  checkLabels(node, found)
  for (const [label, { params }] of regionsOf(node)) {
    const wrong = wrongParams(params, paramsOf(node, label))
    if (wrong === undefined) continue
    const hint = 'Name each parameter once, and only those that there are.'
    found.push(problem('BAD_PARAMS', node, `${node.name}: its part ${label} ${wrong}`, hint))
  }
}

function checkCount(node: Node, found: Diagnostic[]): void {
  if (node.kind !== 'any' && node.kind !== 'race' && node.kind !== 'some') return
  const count = Object.keys(node.arms).length
  if (count === 0) {
    found.push(problem('NO_ARMS', node, `${node.name} has no arm`, 'Give at least one, or leave the step out.'))
  } else if (node.kind === 'some' && !(Number.isSafeInteger(node.count) && node.count >= 1 && node.count <= count)) {
    const message = `${node.name} would go on after ${node.count} of its ${count} arms`
    found.push(problem('SOME_COUNT', node, message, `Give a whole number from 1 to ${count}.`))
  }
}

/** Labels of arms come from users; those of the other parts must not mean two things. */
function checkLabels(node: Node, found: Diagnostic[]): void {
  // Two transitions of one name are a net's own affair.
  const labels =
    node.kind === 'net'
      ? [...new Set(node.transitions.map(({ id }) => id)), ...(node.undo ? ['undo'] : [])]
      : regionsOf(node).map(([label]) => label)
  if (new Set(labels).size === labels.length) return
  const twice = labels.find((label, index) => labels.indexOf(label) !== index)
  const message = `${node.name} has two parts that are called ${JSON.stringify(twice)}`
  found.push(problem('BAD_ARM', node, message, 'Give the arm another name.'))
}

/** What a region may bind: by position, so many; or by name. */
type Params = { readonly by: 'position'; readonly count: number } | { readonly by: 'name'; readonly names: Names }
type Names = readonly string[] | 'any'

const NONE: Params = { by: 'position', count: 0 }
const named = (names: Names): Params => ({ by: 'name', names })

function paramsOf(node: Node, label: string): Params {
  if (node.undo && label === 'undo') return named(['value', ...Object.keys(node.undo.captures)])
  switch (node.kind) {
    case 'match':
      return { by: 'position', count: 1 }
    case 'each':
      return { by: 'position', count: 2 }
    case 'loop':
      return named(['state', 'turn'])
    case 'attempt':
      return node.handlers.some((_, index) => handlerLabel(index) === label) ? named(['error']) : NONE
    case 'net':
      return named(node.init ? ['state'] : node.transitions.map(({ id }) => id))
    case 'call':
      return named('any')
    default:
      return NONE
  }
}

function wrongParams(params: Region['params'], allowed: Params): string | undefined {
  const twice = params.find((param, index) => params.indexOf(param) !== index)
  if (twice !== undefined) return `has two parameters named ${twice}`
  if (allowed.by === 'position')
    return params.length > allowed.count ? `takes ${params.length} parameters, but gets ${allowed.count}` : undefined
  const { names } = allowed
  const unknown = names === 'any' ? undefined : params.find(param => !names.includes(param))
  return unknown === undefined ? undefined : `takes a parameter ${unknown}, which it does not get`
}
