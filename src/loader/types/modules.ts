/** What the names of types mean in a module: where each is declared, across imports and exports. */
import { readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { Bundle } from '../bundle.ts'
import { loadParser, type Parsed, type Program } from '../instrument/parse.ts'
import type { Node } from '../instrument/tree.ts'
import { resolveSpecifier } from '../resolve.ts'
import { dialectOf } from '../script.ts'

export type Declaration = Extract<
  Node,
  { type: 'TSTypeAliasDeclaration' | 'TSInterfaceDeclaration' | 'TSEnumDeclaration' }
>

export interface TypeModule {
  readonly path: string
  readonly source: string
  readonly parsed: Parsed
  /** Several of one name: an interface that is declared in parts. */
  readonly types: ReadonlyMap<string, readonly Declaration[]>
  /** What constants are made of, for `typeof`. */
  readonly constants: ReadonlyMap<string, Node>
  readonly imports: ReadonlyMap<string, Origin>
  readonly exports: ReadonlyMap<string, Origin>
  readonly stars: readonly string[]
}

/** `name` of another module (`*`: all of it), or of this one. */
interface Origin {
  readonly specifier: string | undefined
  readonly name: string
}

export type Found =
  | { readonly kind: 'declared'; readonly module: TypeModule; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'constant'; readonly module: TypeModule; readonly node: Node }
  /** Of Tutti itself. */
  | { readonly kind: 'language'; readonly name: string }
  /** Of the language: `Promise`, `Date`, `Record`. */
  | { readonly kind: 'global'; readonly name: string }

export interface TypeModules {
  readonly at: (path: string) => TypeModule | undefined
  /** What a name means; undefined: that is not known, as of what packages have. */
  readonly find: (module: TypeModule, name: string) => Found | undefined
  /** `name` of the namespace `namespace`. */
  readonly findIn: (module: TypeModule, namespace: string, name: string) => Found | undefined
}

/** `dir`: the folder of the bundle's entry. Modules of which only types are used are in no bundle: they are read from there. */
export async function createTypeModules(bundle: Bundle, dir: string): Promise<TypeModules> {
  const parse = await loadParser()
  const known = new Map<string, TypeModule | undefined>()
  return { at, find: (module, name) => find(module, name, new Set()), findIn }

  function at(path: string): TypeModule | undefined {
    if (!known.has(path)) known.set(path, load(path))
    return known.get(path)
  }

  function load(path: string): TypeModule | undefined {
    const module = bundle.modules[path]
    const source = module?.kind === 'script' ? module.source : module ? undefined : textOf(resolve(dir, path))
    const dialect = dialectOf(path)
    if (source === undefined || dialect === undefined) return undefined
    return moduleOf(path, source, parse(path, source, dialect))
  }

  function follow(module: TypeModule, { specifier, name }: Origin, visited: ReadonlySet<string>): Found | undefined {
    if (specifier === undefined) return find(module, name, visited)
    if (/^tutti(?:\/|$)/.test(specifier)) return { kind: 'language', name }
    const target = targetOf(module, specifier)
    return target && exported(target, name, visited)
  }

  function targetOf({ path }: TypeModule, specifier: string): TypeModule | undefined {
    const module = bundle.modules[path]
    const target = module?.kind === 'script' ? module.targets[specifier] : undefined
    if (target) return target.kind === 'local' ? at(target.path) : undefined
    const resolved = resolveSpecifier(specifier, resolve(dir, path))
    return resolved.ok && resolved.value.kind === 'local'
      ? at(relative(dir, resolved.value.file).split(sep).join('/'))
      : undefined
  }

  function find(module: TypeModule, name: string, visited: ReadonlySet<string>): Found | undefined {
    const declarations = module.types.get(name)
    if (declarations) return { kind: 'declared', module, declarations }
    const constant = module.constants.get(name)
    if (constant) return { kind: 'constant', module, node: constant }
    const imported = module.imports.get(name)
    if (imported) return imported.name === '*' ? undefined : follow(module, imported, visited)
    return { kind: 'global', name }
  }

  function findIn(module: TypeModule, namespace: string, name: string): Found | undefined {
    const origin = module.imports.get(namespace)
    return origin?.name === '*' ? follow(module, { ...origin, name }, new Set()) : undefined
  }

  function exported(module: TypeModule, name: string, visited: ReadonlySet<string>): Found | undefined {
    const key = `${module.path}\0${name}`
    if (visited.has(key)) return undefined
    const inside = new Set([...visited, key])
    const own = module.exports.get(name)
    if (own) return follow(module, own, inside)
    for (const specifier of module.stars) {
      const target = targetOf(module, specifier)
      const found = target && exported(target, name, inside)
      if (found) return found
    }
    return undefined
  }
}

function moduleOf(path: string, source: string, parsed: Parsed): TypeModule {
  const types = new Map<string, Declaration[]>()
  const constants = new Map<string, Node>()
  const imports = new Map<string, Origin>()
  const exports = new Map<string, Origin>()
  const stars: string[] = []
  for (const node of parsed.program.body) note(node)
  return { path, source, parsed, types, constants, imports, exports, stars }

  function note(node: Program['body'][number]): void {
    switch (node.type) {
      case 'ImportDeclaration':
        for (const each of node.specifiers) {
          const name =
            each.type === 'ImportSpecifier'
              ? textOfName(each.imported)
              : each.type === 'ImportDefaultSpecifier'
                ? 'default'
                : '*'
          imports.set(each.local.name, { specifier: node.source.value, name })
        }
        return
      case 'ExportAllDeclaration':
        if (!node.exported) stars.push(node.source.value)
        return
      case 'ExportNamedDeclaration':
        for (const { local, exported } of node.specifiers)
          exports.set(textOfName(exported), { specifier: node.source?.value, name: textOfName(local) })
        if (node.declaration) for (const name of declare(node.declaration)) exports.set(name, own(name))
        return
      case 'ExportDefaultDeclaration':
        for (const name of declare(node.declaration)) exports.set('default', own(name))
        return
      default:
        declare(node)
    }
  }

  function declare(node: Node): readonly string[] {
    switch (node.type) {
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
      case 'TSEnumDeclaration':
        types.set(node.id.name, [...(types.get(node.id.name) ?? []), node])
        return [node.id.name]
      case 'VariableDeclaration':
        return node.declarations.flatMap(({ id, init }) => {
          if (id.type !== 'Identifier' || !init || node.kind !== 'const') return []
          constants.set(id.name, init)
          return [id.name]
        })
      default:
        return []
    }
  }
}

const own = (name: string): Origin => ({ specifier: undefined, name })

const textOfName = (name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string =>
  name.name ?? String(name.value)

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
