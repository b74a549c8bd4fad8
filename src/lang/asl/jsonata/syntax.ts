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

type Visit = (node: Node) => void

/** `root` and all below it. */
export const walk = (root: Node, visit: Visit): void => spread(root, visit, visitBelow)

/** `root` and those below it that are evaluated against the same context. */
export const walkInContext = (root: Node, visit: Visit): void => spread(root, visit, visitInContext)

/** One node may stand at two places: `a ?: b` asks for `a`, and gives it. */
function spread(root: Node, visit: Visit, below: (node: Node, found: Visit) => void): void {
  const pending = [root]
  const seen = new Set<Node>()
  const found: Visit = node => pending.push(node)
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    visit(node)
    below(node, found)
  }
}

/** What is evaluated against the same context as `node` itself: of a path the first step, none of what filters, sorts or groups. */
function visitInContext(node: Node, found: Visit): void {
  const [first] = node.steps ?? []
  if (first) found(first)
  node.arguments?.forEach(found)
  node.expressions?.forEach(found)
  if (node.lhs) visitSides(node.lhs, found)
  for (const each of [node.procedure, node.body, node.condition, node.then, node.else, node.rhs, node.expression])
    if (each) found(each)
}

function visitBelow(node: Node, found: Visit): void {
  visitInContext(node, found)
  node.steps?.forEach(found)
  node.stages?.forEach(found)
  node.predicate?.forEach(found)
  for (const term of node.terms ?? []) found(term.expression)
  if (node.group) visitSides(node.group.lhs, found)
  for (const each of [node.expr, node.pattern, node.update, node.delete]) if (each) found(each)
}

function visitSides(sides: NonNullable<Node['lhs']>, found: Visit): void {
  if ('type' in sides) found(sides)
  else for (const pair of sides) pair.forEach(found)
}

/** Every name after a `$` that `root` reads or binds, and that which changing a value by `|…|…|` reads. */
export function namesIn(root: Node): ReadonlySet<string> {
  const names = new Set<string>()
  walk(root, node => {
    if (node.type === 'variable' && typeof node.value === 'string') names.add(node.value)
    if (node.type === 'transform') names.add('clone')
  })
  return names
}

const present = (nodes: readonly (Node | undefined)[]): readonly Node[] => nodes.filter(node => node !== undefined)

const sidesOf = (lhs: Node['lhs']): readonly Node[] => (lhs === undefined ? [] : 'type' in lhs ? [lhs] : lhs.flat())

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
