/**
 * Turns a module into a function body: imports and exports become accesses that keep their bindings live.
 *
 * `import { a } from 'm'` goes, and every `a` that means it becomes `$tuttiModule0.a`; exports are getters that are set up
 * before the body runs, so that cycles see what they would see in Node: hoisted functions, and a TDZ for the rest.
 */
import { isDeclaredOnly } from './erase.ts'
import { HOOKS, type Rewriter } from './rewriter.ts'
import { boundNames, type Scopes } from './scopes.ts'
import { bare, isFunction, type Node, type Pass } from './tree.ts'

/** A module that is named in a module, and what is taken from it. */
export interface Import {
  /** The generated code calls its namespace `$tuttiModule<slot>`. */
  readonly slot: number
  readonly specifier: string
  readonly offset: number
  /** The names asked for, each with its place. `passed`: only exported again, so it may be a type. */
  readonly names: readonly { readonly name: string; readonly offset: number; readonly use: 'value' | 'passed' }[]
}

export type Export =
  /** Its getter is in the prologue of the code. */
  | { readonly kind: 'own'; readonly name: string }
  | { readonly kind: 'from'; readonly name: string; readonly slot: number; readonly imported: string }
  | { readonly kind: 'namespace'; readonly name: string; readonly slot: number }
  | { readonly kind: 'star'; readonly slot: number }

export interface Links {
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  /** Exported names that are only types. */
  readonly typeNames: readonly string[]
  readonly dynamic: readonly { readonly specifier: string; readonly offset: number }[]
  readonly isAsync: boolean
  /** Runs before the body, when the module's functions already exist. */
  readonly prologue: string
}

interface Binding {
  readonly slot: number
  /** `undefined`: the namespace itself. */
  readonly imported: string | undefined
  readonly offset: number
  use: 'none' | 'passed' | 'value'
}

interface Slot {
  readonly specifier: string
  readonly offset: number
  /** Imported for its names alone (`import {…}`), or in any case. */
  readonly wanted: 'for names' | 'always'
}

export interface Linker {
  readonly pass: Pass
  /** An identifier as the generated code must write it, where the walk is now. */
  readonly textOf: (identifier: string) => string
  /** What an identifier imports, where the walk is now. */
  readonly importOf: (identifier: string) => { readonly specifier: string; readonly name: string } | undefined
  readonly finish: () => Links
}

/** Globals that user modules see through the runtime: see ../reads.ts and ../clock.ts. */
export const SHADOWED: ReadonlySet<string> = new Set(['process', 'Date', 'Math', 'performance', 'crypto'])

/** `unused`: what TypeScript does with imports that no value uses (they may be types). */
export type Unused = 'dropped' | 'kept'

export function importedNames(program: Extract<Node, { type: 'Program' }>): readonly string[] {
  return program.body.flatMap(node =>
    node.type === 'ImportDeclaration' ? node.specifiers.map(each => each.local.name) : [],
  )
}

export function createLinker(
  program: Extract<Node, { type: 'Program' }>,
  { source, edits }: Rewriter,
  scopes: Scopes,
  unused: Unused,
): Linker {
  const slots: Slot[] = []
  const bindings = new Map<string, Binding>()
  const exports: Export[] = []
  const getters: string[] = []
  const typeNames: string[] = []
  const dynamic: { specifier: string; offset: number }[] = []
  const passed: { slot: number; name: string; offset: number }[] = []
  const closings = new Map<Node, string>()
  const localTypes = typesOf(program)
  const imported = new Set(importedNames(program))
  let depth = 0
  let isAsync = false
  let renamesDefault = false

  for (const node of program.body) if (node.type === 'ImportDeclaration' && node.importKind !== 'type') bind(node)

  return { pass: { enter, leave }, textOf, importOf, finish }

  function bind(node: Extract<Node, { type: 'ImportDeclaration' }>): void {
    const specifiers = node.specifiers.filter(each => each.type !== 'ImportSpecifier' || each.importKind !== 'type')
    if (specifiers.length === 0 && node.specifiers.length > 0) return
    const slot = addSlot(node.source, specifiers.length > 0 && unused === 'dropped' ? 'for names' : 'always')
    for (const each of specifiers) {
      const name =
        each.type === 'ImportSpecifier'
          ? nameOf(each.imported)
          : each.type === 'ImportDefaultSpecifier'
            ? 'default'
            : undefined
      bindings.set(each.local.name, {
        slot,
        imported: name,
        offset: each.start,
        use: unused === 'dropped' ? 'none' : 'value',
      })
    }
  }

  function addSlot(at: { readonly value: string; readonly start: number }, wanted: Slot['wanted']): number {
    return slots.push({ specifier: at.value, offset: at.start, wanted }) - 1
  }

  function enter(node: Node, parent: Node | undefined, key: string): 'skip' | undefined {
    if (isFunction(node)) depth += 1
    switch (node.type) {
      case 'ImportDeclaration':
        remove(node)
        return 'skip'
      case 'ExportAllDeclaration':
        exportAll(node)
        remove(node)
        return 'skip'
      case 'ExportNamedDeclaration':
        return exportNamed(node)
      case 'ExportDefaultDeclaration':
        exportDefault(node)
        return undefined
      case 'MetaProperty':
        if (node.meta.name === 'import') edits.replace(node.start, node.end, `${HOOKS.runtime}.meta`)
        return 'skip'
      case 'ImportExpression':
        if (node.source.type === 'Literal' && typeof node.source.value === 'string')
          dynamic.push({ specifier: node.source.value, offset: node.source.start })
        edits.replace(node.start, node.start + 'import'.length, `${HOOKS.runtime}.import`)
        return undefined
      case 'AwaitExpression':
        if (depth === 0) isAsync = true
        return undefined
      case 'ForOfStatement':
        if (depth === 0 && node.await) isAsync = true
        return undefined
      case 'Identifier':
        if (isReference(parent, key)) reference(node, parent, key)
        return undefined
      default:
        return undefined
    }
  }

  function leave(node: Node): void {
    if (isFunction(node)) depth -= 1
    const closing = closings.get(node)
    if (closing && node.type === 'ExportDefaultDeclaration') edits.insert(node.declaration.end, closing)
  }

  function reference(node: Extract<Node, { type: 'Identifier' }>, parent: Node | undefined, key: string): void {
    const text = write(node.name, name => isShadowable(name, parent, key))
    if (text === node.name) return
    const isCallee =
      (parent?.type === 'CallExpression' && parent.callee === node) ||
      (parent?.type === 'TaggedTemplateExpression' && parent.tag === node)
    const isShorthand = parent?.type === 'Property' && parent.shorthand
    // `(0, …)` keeps `this` undefined, as it is in a call of an imported name.
    edits.replace(node.start, node.end, isCallee ? `(0, ${text})` : isShorthand ? `${node.name}: ${text}` : text)
  }

  function textOf(name: string): string {
    return write(name, each => each === 'process')
  }

  function write(name: string, shadowable: (name: string) => boolean): string {
    if (!scopes.isOuter(name)) return name
    const binding = bindings.get(name)
    if (binding) {
      binding.use = 'value'
      return accessOf(binding)
    }
    return SHADOWED.has(name) && !imported.has(name) && shadowable(name) ? `${HOOKS.runtime}.globals.${name}` : name
  }

  function importOf(name: string): { readonly specifier: string; readonly name: string } | undefined {
    const binding = scopes.isOuter(name) ? bindings.get(name) : undefined
    return binding && { specifier: slots[binding.slot]!.specifier, name: binding.imported ?? '*' }
  }

  function exportNamed(node: Extract<Node, { type: 'ExportNamedDeclaration' }>): 'skip' | undefined {
    if (node.exportKind === 'type' || (node.declaration && isDeclaredOnly(node.declaration))) {
      typeNames.push(...node.specifiers.map(each => nameOf(each.exported)), ...declaredNames(node.declaration))
      remove(node)
      return 'skip'
    }
    if (node.declaration) {
      edits.replace(node.start, node.declaration.start, '')
      for (const name of declaredNames(node.declaration)) addOwn(name, name)
      return undefined
    }
    const specifiers = node.specifiers.filter(each => each.exportKind !== 'type')
    if (node.source) {
      const slot = addSlot(node.source, 'always')
      for (const each of specifiers) pass(slot, nameOf(each.local), nameOf(each.exported), each.start)
    } else for (const each of specifiers) exportLocal(nameOf(each.local), nameOf(each.exported))
    remove(node)
    return 'skip'
  }

  function exportLocal(local: string, name: string): void {
    const binding = bindings.get(local)
    if (binding === undefined) {
      if (localTypes.has(local) || imported.has(local)) typeNames.push(name)
      else addOwn(name, local)
      return
    }
    if (binding.use === 'none') binding.use = 'passed'
    if (binding.imported === undefined) exports.push({ kind: 'namespace', name, slot: binding.slot })
    else exports.push({ kind: 'from', name, slot: binding.slot, imported: binding.imported })
  }

  function pass(slot: number, name: string, exported: string, offset: number): void {
    passed.push({ slot, name, offset })
    exports.push({ kind: 'from', name: exported, slot, imported: name })
  }

  function exportAll(node: Extract<Node, { type: 'ExportAllDeclaration' }>): void {
    if (node.exportKind === 'type') return
    const slot = addSlot(node.source, 'always')
    exports.push(node.exported ? { kind: 'namespace', name: nameOf(node.exported), slot } : { kind: 'star', slot })
  }

  function exportDefault(node: Extract<Node, { type: 'ExportDefaultDeclaration' }>): void {
    const { declaration } = node
    if (isDeclaredOnly(declaration)) return edits.replace(node.start, declaration.start, '')
    const hoisted = declaration.type === 'FunctionDeclaration'
    if ((hoisted || declaration.type === 'ClassDeclaration') && declaration.id) {
      edits.replace(node.start, declaration.start, '')
      return addOwn('default', declaration.id.name)
    }
    addOwn('default', HOOKS.fallback)
    if (hoisted) {
      renamesDefault = true
      const parameters = source.indexOf('(', declaration.start)
      edits.replace(node.start, declaration.start, '')
      return edits.insert(parameters, ` ${HOOKS.fallback}`)
    }
    // The property gives a nameless function or class the name `default`, as the specification does.
    const value = bare(declaration)
    const nameless = isFunction(value) || value.type === 'ClassExpression' || value.type === 'ClassDeclaration'
    edits.replace(node.start, declaration.start, `const ${HOOKS.fallback} = ${nameless ? '{ default: ' : '('}`)
    closings.set(node, nameless ? ' }.default;' : ');')
  }

  function addOwn(name: string, expression: string): void {
    exports.push({ kind: 'own', name })
    getters.push(`${JSON.stringify(name)}: () => ${expression}`)
  }

  function remove(node: Node): void {
    edits.replace(node.start, node.end, `${source.slice(node.start, node.end).replace(/[^\n\r]+/g, '')};`)
  }

  function finish(): Links {
    const imports = slots.flatMap(({ specifier, offset, wanted }, slot): Import[] => {
      const used = [...bindings.values()].filter(each => each.slot === slot && each.use !== 'none')
      if (wanted === 'for names' && used.length === 0) return []
      const names = used.flatMap(({ imported: name, offset: at, use }) =>
        name === undefined
          ? []
          : [{ name, offset: at, use: use === 'value' ? ('value' as const) : ('passed' as const) }],
      )
      const again = passed
        .filter(each => each.slot === slot)
        .map(({ name, offset: at }) => ({ name, offset: at, use: 'passed' as const }))
      return [{ slot, specifier, offset, names: [...names, ...again] }]
    })
    const live = new Set(imports.map(each => each.slot))
    const modules = imports
      .map(({ slot }) => `${HOOKS.namespace}${slot} = ${HOOKS.runtime}.modules[${slot}], `)
      .join('')
    const rename = renamesDefault ? ` ${HOOKS.runtime}.nameDefault(${HOOKS.fallback});` : ''
    const prologue = `const ${modules}$tuttiReady = ${HOOKS.runtime}.ready({ __proto__: null, ${getters.join(', ')} });${rename}`
    return {
      imports,
      exports: exports.filter(each => each.kind === 'own' || live.has(each.slot)),
      typeNames,
      dynamic,
      isAsync,
      prologue,
    }
  }
}

/** Of all but `process`, only the parts are shadowed, so that `value instanceof Date` and `z.date()` see the real one. */
function isShadowable(name: string, parent: Node | undefined, key: string): boolean {
  if (name === 'process') return true
  if (parent?.type === 'MemberExpression') return key === 'object'
  return name === 'Date' && key === 'callee'
}

function accessOf({ slot, imported }: Binding): string {
  const namespace = `${HOOKS.namespace}${slot}`
  if (imported === undefined) return namespace
  return /^[A-Za-z_$][\w$]*$/.test(imported) ? `${namespace}.${imported}` : `${namespace}[${JSON.stringify(imported)}]`
}

const nameOf = (name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string =>
  name.name ?? String(name.value)

function declaredNames(node: Node | null): readonly string[] {
  switch (node?.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(each => boundNames(each.id))
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSDeclareFunction':
      return node.id ? [node.id.name] : []
    default:
      return []
  }
}

/** Names at the top that are types and no values. */
function typesOf(program: Extract<Node, { type: 'Program' }>): ReadonlySet<string> {
  const types = new Set<string>()
  const values = new Set<string>()
  for (const node of program.body) {
    const declaration = node.type === 'ExportNamedDeclaration' && node.declaration ? node.declaration : node
    for (const name of declaredNames(declaration))
      (isDeclaredOnly(declaration) && declaration.type !== 'VariableDeclaration' ? types : values).add(name)
  }
  for (const name of values) types.delete(name)
  return types
}

/** Whether an identifier there stands for a variable, and not for a key or a label. */
export function isReference(parent: Node | undefined, key: string): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return key === 'object' || parent.computed
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return key === 'value' || parent.computed
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return key === 'body'
    default:
      return true
  }
}
