/**
 * The tree of a JSONata text, as far as it matters before anything is evaluated: which names it reads, and whether it may cost more than it looks.
 */

/** A node of jsonata's tree: the fields that lead to other nodes, and what names it. Not all of them are in its own types. */
export interface Node {
  readonly type: string
  readonly value?: unknown
  readonly position?: number
  readonly steps?: readonly Node[]
  readonly stages?: readonly Node[]
  readonly predicate?: readonly Node[]
  readonly expr?: Node
  readonly expression?: Node
  readonly expressions?: readonly Node[]
  readonly arguments?: readonly Node[]
  readonly procedure?: Node
  readonly body?: Node
  readonly condition?: Node
  readonly then?: Node
  readonly else?: Node
  readonly lhs?: Node | readonly (readonly [Node, Node])[]
  readonly rhs?: Node
  readonly pattern?: Node
  readonly update?: Node
  readonly delete?: Node
  readonly terms?: readonly { readonly expression: Node }[]
  readonly group?: { readonly lhs: readonly (readonly [Node, Node])[] }
  /** Of a step: names that hold its item and its index in later ones. */
  readonly focus?: string
  readonly index?: string
  readonly tuple?: boolean
  /** `[]`: one alone is a list. */
  readonly keepArray?: boolean
  readonly keepSingletonArray?: boolean
}

const present = (nodes: readonly (Node | undefined)[]): readonly Node[] => nodes.filter(node => node !== undefined)

const sidesOf = (lhs: Node['lhs']): readonly Node[] => (lhs === undefined ? [] : 'type' in lhs ? [lhs] : lhs.flat())

/** What is evaluated against the same context as `node` itself: of a path the first step, none of what filters, sorts or groups. */
function childrenInContext(node: Node): readonly Node[] {
  return present([
    node.steps?.[0],
    ...(node.arguments ?? []),
    node.procedure,
    node.body,
    node.condition,
    node.then,
    node.else,
    ...sidesOf(node.lhs),
    node.rhs,
    node.expression,
    ...(node.expressions ?? []),
  ])
}

/** All nodes right below `node`. */
function children(node: Node): readonly Node[] {
  return present([
    ...childrenInContext(node),
    ...(node.steps ?? []).slice(1),
    ...(node.stages ?? []),
    ...(node.predicate ?? []),
    node.expr,
    node.pattern,
    node.update,
    node.delete,
    ...(node.terms ?? []).map(term => term.expression),
    ...(node.group?.lhs ?? []).flat(),
  ])
}

/** `root` and all below it, by where they are written. */
export function nodesOf(root: Node): readonly Node[] {
  return spread(root, children)
}

/** `root` and those below it that see what it sees. */
export function nodesInContext(root: Node): readonly Node[] {
  return spread(root, childrenInContext)
}

function spread(root: Node, below: (node: Node) => readonly Node[]): readonly Node[] {
  const nodes: Node[] = []
  const pending = [root]
  const seen = new Set<Node>()
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    nodes.push(node)
    pending.push(...below(node))
  }
  return nodes
}

/** Every name after a `$` that `root` reads or binds, and that which changing a value by `|…|…|` reads. */
export function namesIn(root: Node): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of nodesOf(root)) {
    if (node.type === 'variable' && typeof node.value === 'string') names.add(node.value)
    if (node.type === 'transform') names.add('clone')
  }
  return names
}

const PLAIN = new Set(['+', '-', '*', '/', '%', '&', '=', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in'])

/**
 * Does it take no longer than it takes to look at what it names, a few times? Then it needs no watching over: fields of variables,
 * literals, operators and quick functions on them. A variable of its own could name itself over and over in what it holds, so that is none of it.
 */
export function isPlain(node: Node): boolean {
  if (node.group || node.predicate || node.focus !== undefined || node.index !== undefined || node.tuple) return false
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
    case 'variable':
      return true
    case 'path':
      return (node.steps ?? []).every(
        (step, at) => (at === 0 ? isPlain(step) : step.type === 'name') && hasPlainStages(step),
      )
    case 'binary':
      return PLAIN.has(String(node.value)) && [...sidesOf(node.lhs), ...present([node.rhs])].every(isPlain)
    case 'condition':
      return present([node.condition, node.then, node.else]).every(isPlain)
    case 'unary':
      return present([...sidesOf(node.lhs), node.expression, ...(node.expressions ?? [])]).every(isPlain)
    case 'function':
      return (
        QUICK.has(String(node.procedure?.type === 'variable' && node.procedure.value)) &&
        (node.arguments ?? []).every(isPlain)
      )
    default:
      return false
  }
}

/** Functions that look at what they are given once. */
const QUICK = new Set(
  'exists not boolean count sum max min average abs floor ceil round number lowercase uppercase trim type lookup'.split(
    ' ',
  ),
)

/** `[0]` and the like. */
const hasPlainStages = (step: Node): boolean =>
  (step.stages ?? []).every(stage => stage.type === 'filter' && stage.expr?.type === 'number') &&
  step.focus === undefined &&
  step.index === undefined &&
  !step.tuple
