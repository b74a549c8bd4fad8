/**
 * The checkout as data, for the tidy checks: each file's text and, for our modules, what it imports and exports.
 * A check takes a `Project`, so that a test can plant a violation in one of three lines.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Project {
  /** Paths from the root, with `/`, in order. */
  readonly files: ReadonlyMap<string, string>
  /** The parsed ones: every .ts, .mts and .mjs file. */
  readonly modules: ReadonlyMap<string, Module>
}

export interface Module {
  readonly path: string
  readonly text: string
  readonly program: Tree
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
}

/** `names` are those of the imported module; `*` is all of them. A file that is only named (a worker's) has none. */
export interface Import {
  readonly specifier: string
  /** The file of ours that is meant, when it is one. */
  readonly file: string | undefined
  readonly names: readonly string[]
}

export interface Export {
  readonly name: string
  readonly kind: 'value' | 'type'
  /** Where it comes from when this module only passes it on. */
  readonly from: { readonly file: string | undefined; readonly name: string } | undefined
}

/** A node of the syntax tree: ESTree with TypeScript's nodes. The checks look at few of them, so they stay untyped. */
export interface Tree {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

/** What git would commit: tracked files, and new ones that no .gitignore names. */
export function readProject(): Project {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const paths = [...new Set(listed.split('\0'))].filter(path => path !== '' && existsSync(root + path)).sort()
  return projectOf(Object.fromEntries(paths.filter(isText).map(path => [path, readFileSync(root + path, 'utf8')])))
}

export function projectOf(texts: Readonly<Record<string, string>>): Project {
  const files = new Map(Object.entries(texts))
  const code = [...files].filter(([path]) => /\.(ts|mts|mjs)$/.test(path))
  return { files, modules: new Map(code.map(([path, text]) => [path, parseModule(path, text)])) }
}

const isText = (path: string): boolean => !/\.(png|jpg|gif|ico|woff2?|sqlite|db|gz|tgz|zip)$/.test(path)

function parseModule(path: string, text: string): Module {
  const { module, program } = parseSync(path, text)
  const at = (specifier: string) => fileOf(path, specifier)
  const imports: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    file: at(moduleRequest.value),
    names: entries.map(({ importName }) => nameOf(importName)),
  }))
  const exports: Export[] = []
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName, exportName, isType } of entries) {
      const from = moduleRequest ? { file: at(moduleRequest.value), name: nameOf(importName) } : undefined
      exports.push({ name: nameOf(exportName), kind: isType ? 'type' : 'value', from })
    }
  }
  // The tree is ESTree as oxc types it; `Tree` is the part of that shape which the checks use.
  const tree = program as unknown as Tree
  for (const [specifier, names] of [...lateImports(tree), ...exports.flatMap(passedOn(module))]) {
    imports.push({ specifier, file: at(specifier), names })
  }
  return { path, text, program: tree, imports, exports }
}

/** `export … from` imports as well. The names are followed through `Export.from`, so none is listed here. */
const passedOn =
  (module: {
    readonly staticExports: readonly {
      readonly entries: readonly { readonly moduleRequest: { readonly value: string } | null }[]
    }[]
  }) =>
  (_: Export, index: number): (readonly [string, readonly string[]])[] =>
    index > 0
      ? []
      : module.staticExports.flatMap(({ entries }) =>
          entries.flatMap(({ moduleRequest }) => (moduleRequest ? [[moduleRequest.value, []] as const] : [])),
        )

/** `import('…')` of values and of types, and `new URL('./…', import.meta.url)`, which is how a worker's file is named. */
function lateImports(program: Tree): (readonly [string, readonly string[]])[] {
  const found: (readonly [string, readonly string[]])[] = []
  for (const node of walk(program)) {
    const source = node.type === 'NewExpression' ? firstArgument(node, 'URL') : (node['source'] ?? undefined)
    if (node.type !== 'ImportExpression' && node.type !== 'TSImportType' && node.type !== 'NewExpression') continue
    const value = (source as Tree | undefined)?.['value']
    if (typeof value === 'string') found.push([value, ['*']])
  }
  return found
}

function firstArgument(node: Tree, callee: string): Tree | undefined {
  return (node['callee'] as Tree)['name'] === callee ? (node['arguments'] as Tree[])[0] : undefined
}

function nameOf(name: { readonly kind: string; readonly name?: string | null }): string {
  return name.kind === 'Name' ? (name.name ?? '*') : name.kind === 'Default' ? 'default' : '*'
}

/** Relative specifiers, and our own package's name as the tests and examples use it. */
function fileOf(importer: string, specifier: string): string | undefined {
  if (specifier === 'tutti') return 'src/index.ts'
  if (specifier.startsWith('tutti/')) return `src/${specifier.slice('tutti/'.length)}/index.ts`
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : undefined
}

/** Every node below and including `node`, outer before inner. */
export function* walk(node: Tree): Generator<Tree> {
  yield node
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) if (isTree(child)) yield* walk(child)
  }
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** `path:line` of an offset, for messages. */
export const place = ({ path, text }: { readonly path: string; readonly text: string }, offset: number): string =>
  `${path}:${text.slice(0, offset).split('\n').length}`
