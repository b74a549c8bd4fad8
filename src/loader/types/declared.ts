/**
 * What functions take and give, as their annotations say. Which function of the syntax a definition is, is told by the cell that it
 * belongs to (../closure/registry.ts): no name is looked for.
 */
import type { AnyFunction, Definition } from '../../dsl/definition.ts'
import type { Json } from '../../util/json.ts'
import { hoisted } from '../../versions/defs.ts'
import type { Signature } from '../../versions/version.ts'
import type { Bundle, ScriptModule } from '../bundle.ts'
import { analyse } from '../closure/analyse.ts'
import type { ModuleCells } from '../closure/cells.ts'
import { homeOf } from '../closure/registry.ts'
import { bare, isFunction, type Node } from '../instrument/tree.ts'
import { createTypeModules, type TypeModule, type TypeModules } from './modules.ts'
import { createTypes, type Scope, type Types } from './schema.ts'
import { isUnknown, UNDEFINED, union, UNKNOWN } from './shapes.ts'

interface Functions {
  readonly definitions: ReadonlyMap<string, Definition>
  /** By id. */
  readonly pure: ReadonlyMap<string, AnyFunction>
  /** The folder of the bundle's entry. */
  readonly dir: string
}

type FunctionNode = Extract<
  Node,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' | 'TSFunctionType' }
>

/**
 * By address and id, of all functions whose syntax is known: JSON Schemas, `{}` where nothing is declared. A result that
 * is not declared is told where it is obvious. The parameters of a workflow that has validators are theirs to tell.
 */
export async function declaredTypes(
  bundle: Bundle,
  { definitions, pure, dir }: Functions,
): Promise<{ readonly [name: string]: Signature }> {
  const modules = await createTypeModules(bundle, dir)
  const types = createTypes(modules)
  const nodes = createNodes(bundle, modules)
  const signatures: [string, Signature][] = []
  for (const [address, definition] of definitions) {
    const found = nodes.of('fn' in definition ? definition.fn : definition.body)
    if (found) signatures.push([address, signatureOf(found, types, takesOf(definition))])
  }
  for (const [id, fn] of pure) {
    const found = nodes.of(fn)
    if (found) signatures.push([id, signatureOf(found, types, 'arguments')])
  }
  return Object.fromEntries(signatures.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Of a workflow, the graph says whether a parameter is needed; those of validators are none of its function's. */
type Takes = 'arguments' | 'parameters' | 'nothing'

const takesOf = (definition: Definition): Takes =>
  'fn' in definition ? 'arguments' : definition.params.kind === 'schemas' ? 'nothing' : 'parameters'

interface Located {
  readonly node: FunctionNode
  readonly module: TypeModule
}

function createNodes(bundle: Bundle, modules: TypeModules) {
  const known = new Map<string, (cell: number) => Node | undefined>()
  return {
    of(fn: AnyFunction): Located | undefined {
      const home = homeOf(fn)
      const module = home && modules.at(home.path)
      const script = home && bundle.modules[home.path]
      if (!module || script?.kind !== 'script') return undefined
      let nodeOf = known.get(module.path)
      if (!nodeOf) known.set(module.path, (nodeOf = nodesIn(module, script)))
      const node = functionIn(nodeOf(home.cell))
      return node && { node, module }
    },
  }
}

/** The nodes of a module's cells, in the text as the user wrote it. */
function nodesIn(
  { source, parsed }: TypeModule,
  { closures, lowered }: ScriptModule,
): (cell: number) => Node | undefined {
  const { table, nodes } = analyse(parsed.program, source, parsed.keys)
  if (!lowered) return cell => nodes[cell]
  // The cells are those of the lowered text, whose functions are the same ones in the same order.
  return cell => {
    const other = counterpart(cell, closures, table)
    return other === undefined ? undefined : nodes[other]
  }
}

function counterpart(cell: number, from: ModuleCells, to: ModuleCells): number | undefined {
  const { role, names } = from.cells[cell] ?? {}
  const alike = (table: ModuleCells) =>
    [...table.cells.entries()]
      .filter(([, each]) => each.role === role && each.names?.join() === names?.join())
      .map(([index]) => index)
  const [theirs, ours] = [alike(from), alike(to)]
  return theirs.length === ours.length ? ours[theirs.indexOf(cell)] : undefined
}

function functionIn(node: Node | undefined): FunctionNode | undefined {
  if (!node) return undefined
  if (node.type === 'VariableDeclarator') {
    const type = node.id.type === 'Identifier' ? node.id.typeAnnotation?.typeAnnotation : undefined
    return type?.type === 'TSFunctionType' ? type : functionIn(node.init ?? undefined)
  }
  const value = bare(node)
  return isFunction(value) ? (value as FunctionNode) : undefined
}

function signatureOf({ node, module }: Located, types: Types, takes: Takes): Signature {
  const given = new Map<string, Json>()
  const scope: Scope = { module, given }
  for (const { name, constraint } of node.typeParameters?.params ?? [])
    given.set(name.name, constraint ? types.of(constraint, scope) : UNKNOWN)
  const params = node.params.filter(each => !(each.type === 'Identifier' && each.name === 'this'))
  const known = params.map(each => parameterOf(each, scope, types))
  const names = new Map(known.flatMap(({ name, type }) => (name === undefined ? [] : [[name, type] as const])))
  return {
    parameters:
      takes === 'nothing'
        ? []
        : known.map(({ type, isOptional }) =>
            isOptional && takes === 'arguments' && !isUnknown(type) ? hoisted(union([type, UNDEFINED])) : type,
          ),
    result: node.returnType
      ? types.of(node.returnType, scope)
      : node.type === 'TSFunctionType'
        ? UNKNOWN
        : hoisted(resultOf(node, expression => types.given(expression, scope, names))),
  }
}

interface Parameter {
  readonly name: string | undefined
  readonly type: Json
  readonly isOptional: boolean
}

function parameterOf(param: FunctionNode['params'][number], scope: Scope, types: Types): Parameter {
  if (param.type === 'TSParameterProperty' || param.type === 'RestElement')
    return { name: undefined, type: UNKNOWN, isOptional: true }
  const pattern = param.type === 'AssignmentPattern' ? param.left : param
  const name = pattern.type === 'Identifier' ? pattern.name : undefined
  const annotation = 'typeAnnotation' in pattern ? pattern.typeAnnotation : undefined
  const type = annotation
    ? types.of(annotation, scope)
    : param.type === 'AssignmentPattern'
      ? types.given(param.right, scope, new Map())
      : UNKNOWN
  const isOptional = param.type === 'AssignmentPattern' || ('optional' in pattern && Boolean(pattern.optional))
  return { name, type, isOptional }
}

type WithBody = Exclude<FunctionNode, { type: 'TSFunctionType' }>

/** Of all that it may return, when that is obvious and it cannot come to its end without. */
function resultOf(node: WithBody, given: (expression: Node) => Json): Json {
  const { body } = node
  if (!body || ('generator' in node && node.generator)) return UNKNOWN
  if (body.type !== 'BlockStatement') return given(body)
  const returned = returnsIn(body)
  if (returned.length === 0) return UNDEFINED
  const last = body.body.at(-1)
  if (last?.type !== 'ReturnStatement' && last?.type !== 'ThrowStatement') return UNKNOWN
  return union(returned.map(each => (each ? given(each) : UNDEFINED)))
}

function returnsIn(body: Node): readonly (Node | null)[] {
  const found: (Node | null)[] = []
  const visit = (node: Node): void => {
    if (isFunction(node) || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return
    if (node.type === 'ReturnStatement') found.push(node.argument)
    for (const child of statementsIn(node)) visit(child)
  }
  visit(body)
  return found
}

/** Where a return may stand: statements inside of statements. */
function statementsIn(node: Node): readonly Node[] {
  switch (node.type) {
    case 'BlockStatement':
      return node.body
    case 'IfStatement':
      return [node.consequent, ...(node.alternate ? [node.alternate] : [])]
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      return [node.body]
    case 'SwitchStatement':
      return node.cases.flatMap(each => each.consequent)
    case 'TryStatement':
      return [node.block, ...(node.handler ? [node.handler.body] : []), ...(node.finalizer ? [node.finalizer] : [])]
    default:
      return []
  }
}
