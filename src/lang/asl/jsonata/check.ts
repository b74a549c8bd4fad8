/** What a validator asks of a JSONata text, without evaluating it. */
import { parseExpression, sourceOf } from './expression.ts'
import { type Node, walk, walkInContext } from './syntax.ts'

export type StatesField = 'input' | 'context' | 'result' | 'errorOutput'

export interface JsonataProblem {
  /** AWS's. */
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION'
  /** As AWS words it. */
  readonly message: string
  /** Where in the whole text, from 0. */
  readonly position: number
}

/** What is wrong with `text`, which is an expression. `allowed`: the fields of `$states` that there are where it stands. */
export function checkJsonata(text: string, allowed: readonly StatesField[]): readonly JsonataProblem[] {
  const source = sourceOf(text)
  if (isPlainPath(source, allowed)) return []
  const before = text.indexOf(source, 2)
  let tree: Node
  try {
    tree = parseExpression(source).tree
  } catch (error) {
    const { message, position } = error as { readonly message?: string; readonly position?: number }
    return [
      { code: 'INVALID_JSONATA_EXPRESSION', message: message ?? String(error), position: before + (position ?? 0) },
    ]
  }
  const problems = [...topLevelReferences(tree), ...missingStates(tree, allowed)]
  return problems
    .toSorted((one, other) => one.position - other.position)
    .map(problem => ({
      code: 'UNSUPPORTED_JSONATA_EXPRESSION',
      message: problem.message,
      position: before + problem.position,
    }))
}

/**
 * Fields of a variable, with names that mean nothing else: there is nothing to be said of them. Most texts of most definitions are
 * such, and jsonata takes longer to begin with a text than to read it.
 */
function isPlainPath(source: string, allowed: readonly StatesField[]): boolean {
  if (!/^\$[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(source)) return false
  const [variable, ...fields] = source.split('.')
  const [field = ''] = fields
  if (fields.some(each => WORDS.has(each))) return false
  return variable !== '$states' || !isStatesField(field) || allowed.includes(field)
}

/** jsonata's own. */
const WORDS = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function'])

interface Found {
  readonly message: string
  readonly position: number
}

/** There is nothing at the top: an input is `$states.input`, a variable `$name`. */
function topLevelReferences(tree: Node): readonly Found[] {
  const found = new Map<string, Found>()
  walkInContext(tree, node => {
    const name = referenceOf(node)
    const position = node.position ?? 0
    if (name === undefined || (found.get(name)?.position ?? Infinity) <= position) return
    const what = name === '$$' ? `'$$'` : `'${name}' at the top level`
    found.set(name, { message: `Reference to ${what} is not supported.`, position })
  })
  return [...found.values()]
}

function referenceOf(node: Node): string | undefined {
  if (node.type === 'name') return String(node.value)
  if (node.type !== 'variable') return undefined
  return node.value === '' ? '$' : node.value === '$' ? '$$' : undefined
}

function missingStates(tree: Node, allowed: readonly StatesField[]): readonly Found[] {
  const found = new Map<string, Found>()
  walk(tree, ({ steps }) => {
    const [variable, field] = steps ?? []
    if (variable?.type !== 'variable' || variable.value !== 'states' || field?.type !== 'name') return
    const name = String(field.value)
    if (!isStatesField(name) || allowed.includes(name)) return
    found.set(name, { message: `Field '$states.${name}' does not exist.`, position: variable.position ?? 0 })
  })
  return [...found.values()]
}

const isStatesField = (name: string): name is StatesField =>
  name === 'input' || name === 'context' || name === 'result' || name === 'errorOutput'
