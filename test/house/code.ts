/** Tidy checks on what the code says: a pure core, no `any`, every invariant tested, every error code documented. */
import { isTree, type Module, place, type Project, type Tree, walk } from './project.ts'

/** What exists in a browser, in Node and in a bare VM alike is the language itself; the core uses nothing else. */
const HOST_GLOBALS = new Set(
  `process Buffer console setTimeout setInterval setImmediate clearTimeout clearInterval queueMicrotask performance crypto
   fetch global require window document navigator localStorage structuredClone AbortController TextEncoder
   TextDecoder URL __dirname __filename`.split(/\s+/),
)
/** Pure, without dependencies, and the same in every host. */
const PURE_PACKAGES = /^@noble\/hashes\//

export function impurities({ modules }: Project): string[] {
  const pure = [...modules.values()].filter(({ path }) => /^src\/(core|util)\//.test(path))
  return pure.flatMap(module => [...foreignImports(module), ...hostUses(module)])
}

const foreignImports = ({ path, imports }: Module): string[] =>
  imports.flatMap(({ specifier, file }) =>
    file || PURE_PACKAGES.test(specifier) ? [] : [`${path} imports ${specifier}`],
  )

function hostUses(module: Module): string[] {
  const own = declaredNames(module.program)
  const found: string[] = []
  for (const [node, parent] of withParents(module.program)) {
    const use = hostUse(node, parent)
    if (use && !own.has(use)) found.push(`${place(module, node.start)} uses ${use}`)
  }
  return found
}

function hostUse(node: Tree, parent: Tree | undefined): string | undefined {
  if (node.type === 'MemberExpression' && memberName(node) === 'Math.random') return 'Math.random'
  if (node.type === 'MemberExpression' && memberName(node) === 'Date.now') return 'Date.now'
  if (node.type === 'CallExpression' && identifier(node['callee']) === 'Date') return 'Date()'
  if (
    node.type === 'NewExpression' &&
    identifier(node['callee']) === 'Date' &&
    (node['arguments'] as unknown[]).length === 0
  )
    return 'new Date()'
  // `globalThis` is the language's, what hangs on it may not be.
  const hung = node.type === 'MemberExpression' && identifier(node['object']) === 'globalThis'
  const name = identifier(hung ? node['property'] : node)
  return name !== undefined && HOST_GLOBALS.has(name) && isReference(node, parent) ? name : undefined
}

const memberName = (node: Tree): string => `${identifier(node['object'])}.${identifier(node['property'])}`

function identifier(node: unknown): string | undefined {
  return isTree(node) && node.type === 'Identifier' ? (node['name'] as string) : undefined
}

/** Not a field's name after a dot, nor a key: those are no variables. */
function isReference(node: Tree, parent: Tree | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent['property'] !== node || parent['computed'] === true
  if (parent?.type === 'TSQualifiedName') return false
  return !(parent && 'key' in parent && parent['key'] === node && parent['computed'] !== true)
}

/** Names that the file binds anywhere: a parameter called `process` is not the global. */
function declaredNames(program: Tree): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of walk(program)) {
    for (const bound of [
      node['id'],
      node['local'],
      node['param'],
      ...asList(node['params']),
      ...asList(node['elements']),
    ]) {
      const name = identifier(bound)
      if (name) names.add(name)
    }
  }
  return names
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function* withParents(node: Tree, parent?: Tree): Generator<readonly [Tree, Tree | undefined]> {
  yield [node, parent]
  for (const field of Object.values(node)) {
    for (const child of asList(Array.isArray(field) ? field : [field]))
      if (isTree(child)) yield* withParents(child, node)
  }
}

/** An `any` that cannot be said otherwise has its reason on the line above, where the linter wants it too. */
const REASONED_ANY = /biome-ignore lint\/suspicious\/noExplicitAny: \S.{8,}/

export function anyTypes({ modules }: Project): string[] {
  return [...modules.values()].flatMap(module => {
    const lines = module.text.split('\n')
    return [...walk(module.program)].flatMap(node => {
      if (node.type !== 'TSAnyKeyword') return []
      const line = module.text.slice(0, node.start).split('\n').length
      return REASONED_ANY.test(lines[line - 2] ?? '') ? [] : [`${module.path}:${line} says any`]
    })
  })
}

/**
 * Invariants are numbered in a file's header (` *   S1. …`), a number once in a folder. A test that holds one says its
 * number; it stands in the folder's tests, or imports from the folder.
 */
export function uncitedInvariants({ modules }: Project): string[] {
  const tests = [...modules.values()].filter(({ path }) => path.startsWith('test/'))
  const cited = new Set(
    tests.flatMap(test => foldersOf(test).flatMap(folder => numbersIn(test).map(number => `${folder} ${number}`))),
  )
  const homes = new Map<string, string>()
  const violations: string[] = []
  for (const { path, text } of modules.values()) {
    if (!path.startsWith('src/')) continue
    for (const [, number = ''] of text.matchAll(/^ \* +([A-Z]{1,2}\d+)\. /gm)) {
      const key = `${path.split('/')[1]} ${number}`
      const home = homes.get(key)
      if (home) violations.push(`${path}: ${number} is an invariant of ${home} already`)
      else if (!cited.has(key)) violations.push(`${path}: no test cites ${number}`)
      homes.set(key, path)
    }
  }
  return violations
}

const numbersIn = ({ text }: Module): readonly string[] => text.match(/\b[A-Z]{1,2}\d+\b/g) ?? []

/** The folders of src that a test is about. */
const foldersOf = ({ path, imports }: Module): readonly string[] =>
  [path, ...imports.flatMap(({ file }) => (file?.startsWith('src/') ? [file] : []))].map(
    each => each.split('/')[1] ?? '',
  )

/** The codes under which src refuses: `refuse('CODE', …)`, `code: 'CODE'`, and any call that takes a `code` in that place. */
export function errorCodes({ modules }: Project): ReadonlyMap<string, string> {
  const ours = [...modules.values()].filter(({ path }) => path.startsWith('src/'))
  const takers = new Map<string, number>()
  for (const { program } of ours) for (const [name, index] of codeTakers(program)) takers.set(name, index)
  const codes = new Map<string, string>()
  for (const module of ours) {
    for (const node of walk(module.program)) {
      for (const code of codesAt(node, takers)) if (!codes.has(code)) codes.set(code, place(module, node.start))
    }
  }
  return codes
}

/** Functions with a parameter called `code`, and which one it is. */
function* codeTakers(program: Tree): Generator<readonly [string, number]> {
  for (const node of walk(program)) {
    const holder = node.type === 'VariableDeclarator' ? node['init'] : node
    const name = identifier(node['id'])
    const index = isTree(holder) ? asList(holder['params']).findIndex(param => identifier(param) === 'code') : -1
    if (name && index !== -1) yield [name, index]
  }
}

function codesAt(node: Tree, takers: ReadonlyMap<string, number>): string[] {
  const taken = node.type === 'CallExpression' ? takers.get(identifier(node['callee']) ?? '') : undefined
  if (taken !== undefined) return codeLiterals((node['arguments'] as unknown[])[taken])
  return node.type === 'Property' && identifier(node['key']) === 'code' ? codeLiterals(node['value']) : []
}

/** `ERR_…` are Node's own, which we read and never give. */
function codeLiterals(node: unknown): string[] {
  if (!isTree(node)) return []
  if (node.type === 'ConditionalExpression')
    return [...codeLiterals(node['consequent']), ...codeLiterals(node['alternate'])]
  const value = node.type === 'Literal' ? node['value'] : undefined
  return typeof value === 'string' && !value.startsWith('ERR_') && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(value)
    ? [value]
    : []
}

/** docs/errors/<folder>.txt: `CODE<TAB>what it means and what to do`. */
function documentedCodes({ files }: Project): readonly string[] {
  const lists = [...files].filter(([path]) => /^docs\/errors\/[^/]+\.txt$/.test(path))
  const lines = lists.flatMap(([, text]) => text.split('\n').filter(line => line.trim() !== ''))
  return lines.map(line => line.split('\t', 1)[0] ?? '')
}

export function undocumentedCodes(project: Project): string[] {
  const documented = new Set(documentedCodes(project))
  return [...errorCodes(project)].flatMap(([code, at]) =>
    documented.has(code) ? [] : [`${at}: ${code} is in no docs/errors/*.txt`],
  )
}

/** Documented, but no line of src says it (renamed or gone), or documented twice. */
export function staleCodes(project: Project): string[] {
  const ours = [...project.modules.values()].filter(({ path }) => path.startsWith('src/')).map(({ text }) => text)
  const codes = documentedCodes(project)
  return codes.flatMap((code, index) => {
    if (codes.indexOf(code) !== index) return [`docs/errors: ${code} is documented twice`]
    return ours.some(text => new RegExp(`\\b${code}\\b`).test(text)) ? [] : [`docs/errors: ${code} is used nowhere`]
  })
}
