/** Cuts a module into cells (./cells.ts), and says where the generated code must tell which function belongs to which. */
import { isDeclaredOnly } from '../instrument/erase.ts'
import { isReference } from '../instrument/link.ts'
import { boundNames } from '../instrument/scopes.ts'
import { bare, isFunction, walk, type Keys, type Node } from '../instrument/tree.ts'
import { DYNAMIC, digestOf, USE, type Cell, type ModuleCells } from './cells.ts'
import { declaredNames, type Names } from './scope.ts'
import { syntaxText } from './syntax.ts'
import { changedRoots, changes, firstArgument, isConstant, isLoop, rootOf, selvesOf, type Call } from './shapes.ts'

type Program = Extract<Node, { type: 'Program' }>
type Draft = { -readonly [K in keyof Cell]: Cell[K] } & { readonly index: number; readonly node: Node; prefix: string }

/** A cell that begins when the walk comes to its node. */
interface Planned {
  readonly role: Cell['role']
  readonly open?: Cell['open']
  index: number
}

/** What the generated code tells the loader: the function that this gives is that cell. */
export interface Marks {
  /** Arguments. */
  readonly values: ReadonlyMap<Node, Planned>
  /** Objects of options: the cell of each property, by its path. */
  readonly options: ReadonlyMap<Node, readonly (readonly [path: readonly string[], cell: Planned])[]>
  /** Names that a declaration at the top gives to functions: cell by name. */
  readonly declared: ReadonlyMap<Node, readonly (readonly [name: string, cell: number])[]>
}

export interface Analysed {
  readonly table: ModuleCells
  readonly marks: Marks
  /** Of each cell. */
  readonly nodes: readonly Node[]
}

/** Their functions run in steps alone. */
const DEFINES = new Set(['task', 'effect', 'service', 'source'])
const BODIES = new Set(['workflow', 'flow'])
/** Code of which only running it would tell what it is. */
const UNKNOWABLE = new Set(['eval', 'require'])

/** What may answer otherwise each time, with nobody to see it: what is read of files and the environment is watched. */
const UNWATCHED = /^(?:node:)?(?:child_process|http|https|http2|net|tls|dgram|dns|worker_threads|vm|inspector)(?:\/|$)/

const isLanguage = (specifier: string | undefined): boolean =>
  specifier !== undefined && /^tutti(?:\/|$)/.test(specifier)

/** Where a cell stands: how deep in scopes, functions, loops, classes, and values of `this`. */
interface Depths {
  scopes: number
  functions: number
  loops: number
  selves: number
  classes: number
}

interface Scope {
  readonly names: Names
  readonly depths: Pick<Depths, 'functions' | 'loops'>
}

export function analyse(program: Program, source: string, keys: Keys): Analysed {
  const declared = declaredNames(program, keys)
  const imports = importsOf(program)
  const exports: Record<string, string> = {}
  const drafts: Draft[] = []
  const planned = new Map<Node, Planned>()
  const values = new Map<Node, Planned>()
  const options = new Map<Node, (readonly [readonly string[], Planned])[]>()
  /** Top-level functions by name, with the declaration after which they can be told. */
  const functions = new Map<string, { readonly declaration: Node; readonly cell: number }>()
  const passed = new Set<string>()
  const scopes: Scope[] = []
  const aside: Scope[] = []
  const classes: { readonly names: ReadonlySet<string>; readonly depths: Pick<Depths, 'functions' | 'loops'> }[] = []
  const open: { readonly draft: Draft; readonly depths: Depths }[] = []
  const depths: Depths = { scopes: 0, functions: 0, loops: 0, selves: 0, classes: 0 }
  const written = new Set<Node>()
  const called = new Set<Node>()

  pushScope(program)
  for (const node of program.body) cutTop(node)
  const nodes = drafts.map(each => each.node)
  return { table: tableOf(), marks: { values, options, declared: declaredFunctions() }, nodes }

  // What stands at the top.

  function cutTop(node: Program['body'][number]): void {
    switch (node.type) {
      case 'ExportNamedDeclaration':
        if (node.exportKind === 'type' || node.source) return
        for (const { local, exported } of node.specifiers) exports[nameOf(exported)] = nameOf(local)
        if (!node.declaration || isDeclaredOnly(node.declaration)) return
        for (const name of cut(node.declaration)) exports[name] = name
        return
      case 'ExportDefaultDeclaration': {
        if (isDeclaredOnly(node.declaration)) return
        const [name = 'default'] = cut(node.declaration, ['default'])
        exports['default'] = name
        return
      }
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'EmptyStatement':
        return
      case 'ExpressionStatement':
        if (!node.directive) cut(node)
        return
      default:
        if (!node.type.startsWith('TS') && !isDeclaredOnly(node)) cut(node)
    }
  }

  /** The names that it declares. `fallback`: of a default export, which may be any expression. */
  function cut(node: Node, fallback?: readonly string[]): readonly string[] {
    if (node.type === 'VariableDeclaration')
      return node.declarations.flatMap(each => {
        const names = boundNames(each.id)
        const draft = cutPiece(each, 'declaration', names, `${node.kind} `)
        if (each.init && isConstant(each.init, languageName)) draft.stateless = true
        const [name] = names
        if (name !== undefined && each.id.type === 'Identifier' && each.init && isFunction(bare(each.init)))
          functions.set(name, { declaration: node, cell: draft.index })
        return names
      })
    const isDeclaration = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration'
    const names = isDeclaration && node.id ? [node.id.name] : fallback
    const draft = cutPiece(node, names ? 'declaration' : 'statement', names ?? [], '')
    if (names && isConstant(node, languageName)) draft.stateless = true
    if (node.type === 'FunctionDeclaration' && node.id)
      functions.set(node.id.name, { declaration: node, cell: draft.index })
    return names ?? []
  }

  function cutPiece(node: Node, role: Cell['role'], names: readonly string[], prefix: string): Draft {
    const draft = begin(node, role, names)
    draft.prefix = prefix
    walk(node, keys, [{ enter, leave }])
    open.pop()
    return draft
  }

  function begin(node: Node, role: Cell['role'], names?: readonly string[]): Draft {
    const draft: Draft = { index: drafts.length, node, role, digest: '', uses: {}, prefix: '' }
    if (names && names.length > 0) draft.names = names
    const around = open.at(-1)
    if (around) draft.parent = around.draft.index
    drafts.push(draft)
    open.push({ draft, depths: { ...depths } })
    return draft
  }

  // The walk.

  function enter(node: Node, parent: Node | undefined, key: string): 'skip' | undefined {
    if (node.type.startsWith('TS') && !('expression' in node)) return 'skip'
    if (node.type === 'TSClassImplements' || isDeclaredOnly(node)) return 'skip'
    const plan = planned.get(node)
    if (plan) {
      const draft = begin(node, plan.role)
      plan.index = draft.index
      if (plan.open) draft.open = plan.open
    }
    // What a switch is about is evaluated outside of the scope of its cases.
    if (key === 'discriminant') aside.push(popScope())
    if (isLoop(node)) depths.loops += 1
    depths.functions += functionsOf(node, parent, key)
    depths.selves += selvesOf(node, parent, key)
    if (declared.has(node)) pushScope(node)
    if (node.type === 'ClassBody') pushClass(node)
    return see(node, parent, key)
  }

  function leave(node: Node, parent: Node | undefined, key: string): void {
    if (node.type.startsWith('TS') && !('expression' in node)) return
    if (node.type === 'TSClassImplements' || isDeclaredOnly(node)) return
    if (node.type === 'ClassBody') {
      classes.pop()
      depths.classes -= 1
    }
    if (declared.has(node)) popScope()
    depths.selves -= selvesOf(node, parent, key)
    depths.functions -= functionsOf(node, parent, key)
    if (isLoop(node)) depths.loops -= 1
    if (key === 'discriminant') {
      scopes.push(aside.pop()!)
      depths.scopes += 1
    }
    if (planned.has(node)) open.pop()
  }

  function popScope(): Scope {
    depths.scopes -= 1
    return scopes.pop()!
  }

  function pushScope(node: Node): void {
    scopes.push({ names: declared.get(node)!, depths: { functions: depths.functions, loops: depths.loops } })
    depths.scopes += 1
  }

  function pushClass(node: Extract<Node, { type: 'ClassBody' }>): void {
    const names = node.body.flatMap(each =>
      'key' in each && each.key.type === 'PrivateIdentifier' ? [each.key.name] : [],
    )
    classes.push({ names: new Set(names), depths: { functions: depths.functions, loops: depths.loops } })
    depths.classes += 1
  }

  function see(node: Node, parent: Node | undefined, key: string): 'skip' | undefined {
    for (const root of changedRoots(node)) written.add(root)
    switch (node.type) {
      case 'Identifier':
        if (isReference(parent, key)) use(node, parent)
        return undefined
      case 'ThisExpression':
      case 'Super':
        useSelf(node.type === 'Super' ? 'super' : 'this', node.start)
        return undefined
      case 'MetaProperty':
        if (node.meta.name === 'new') useSelf('new.target', node.start)
        return 'skip'
      case 'PrivateIdentifier':
        if (parent?.type === 'MemberExpression' || parent?.type === 'BinaryExpression')
          usePrivate(node.name, node.start)
        return undefined
      case 'ImportExpression':
        useDynamic(node)
        break
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        seeCall(node)
        return undefined
      case 'ArrayExpression':
        if (depths.functions === 0) planInline(node.elements)
        return undefined
      case 'VariableDeclaration':
        noteHoisted(node)
        return undefined
      default:
        break
    }
    note(changes(node, parent))
    return undefined
  }

  /** That something happens here when the module is loaded, for all cells whose own code this is. */
  function note(what: 'acts' | 'looks' | undefined): void {
    if (!what) return
    for (const { draft, depths: start } of open)
      if (start.functions === depths.functions && draft.loading !== 'acts') draft.loading = what
  }

  function noteHoisted(node: Extract<Node, { type: 'VariableDeclaration' }>): void {
    const piece = open[0]?.draft
    if (node.kind !== 'var' || depths.functions > 0 || piece?.role !== 'statement') return
    const names = node.declarations.flatMap(each => boundNames(each.id)).filter(name => resolve(name) === 0)
    if (names.length > 0) piece.names = [...new Set([...(piece.names ?? []), ...names])]
  }

  // Names.

  /** Index of the scope that declares it; -1: a global. */
  function resolve(name: string): number {
    for (let index = scopes.length - 1; index >= 0; index -= 1) if (scopes[index]!.names.has(name)) return index
    return -1
  }

  function use(node: Extract<Node, { type: 'Identifier' }>, parent: Node | undefined): void {
    const { name } = node
    const index = resolve(name)
    if (index > 0) {
      const { names, depths: made } = scopes[index]!
      return capture([name, names.get(name)!], made, start => start.scopes > index)
    }
    if (index < 0 && name === 'arguments') return useSelf(name, node.start)
    if (index < 0 && UNKNOWABLE.has(name)) return setUnknown(name, node.start)
    const isCallee = parent?.type === 'CallExpression' && parent.callee === node
    if (index === 0 && !isCallee) passed.add(name)
    const imported = imports.names.get(name)
    const member = index === 0 && imported?.[1] === '*' ? memberName(node, parent) : undefined
    if (index === 0 && (member ?? imported?.[1]) === 'createRequire') setUnknown('createRequire', node.start)
    addUse(member === undefined ? name : `${name}.${member}`, node)
  }

  function addUse(name: string, node: Node): void {
    const { draft, depths: start } = open.at(-1)!
    const how =
      (start.functions === depths.functions ? USE.eager : USE.later) |
      (written.has(node) ? USE.written : 0) |
      (called.has(node) ? USE.called : 0)
    const uses = draft.uses as Record<string, number>
    uses[name] = (Object.hasOwn(uses, name) ? uses[name]! : 0) | how
  }

  /** A variable that is neither the module's nor the cell's own. `made`: where it is declared. `isOutside`: of which cells. */
  function capture(
    place: readonly [string, number],
    made: Pick<Depths, 'functions' | 'loops'>,
    isOutside: (start: Depths) => boolean,
  ): void {
    for (const { draft, depths: start } of open) {
      if (!isOutside(start) || draft.parent === undefined) continue
      if (made.functions > 0 || made.loops > 0) draft.open ??= place
      else draft.enclosed = true
    }
  }

  function useSelf(name: string, offset: number): void {
    if (depths.selves === 0) return
    const many = { functions: 1, loops: 0 }
    capture([name, offset], many, start => start.selves === depths.selves)
  }

  function usePrivate(name: string, offset: number): void {
    const index = classes.findLastIndex(each => each.names.has(name))
    if (index >= 0) capture([`#${name}`, offset], classes[index]!.depths, start => start.classes > index)
  }

  function useDynamic(node: Extract<Node, { type: 'ImportExpression' }>): void {
    const specifier = bare(node.source)
    if (specifier.type === 'Literal' && typeof specifier.value === 'string') addUse(DYNAMIC + specifier.value, node)
    else setUnknown('import()', node.start)
  }

  function setUnknown(name: string, offset: number): void {
    open.at(-1)!.draft.unknown ??= [name, offset]
  }

  // Calls.

  function seeCall(node: Call): void {
    const callee = node.type === 'TaggedTemplateExpression' ? node.tag : node.callee
    const language = languageName(callee)
    if (language !== undefined) {
      if (node.type === 'CallExpression') planGiven(node.arguments, language)
      return
    }
    note('acts')
    const root = rootOf(callee)
    if (root) called.add(root)
    if (root?.type === 'Identifier') noteUnwatched(root.name, root.start)
    if (node.type !== 'TaggedTemplateExpression' && depths.functions === 0) planInline(node.arguments)
    if (node.type === 'CallExpression' && mayMap(callee)) planMapped(node.arguments)
    const changed = node.type === 'CallExpression' ? firstArgument(node) : undefined
    if (changed) written.add(changed)
  }

  function noteUnwatched(name: string, offset: number): void {
    const index = resolve(name)
    const source = index === 0 ? imports.names.get(name)?.[0] : index < 0 && name === 'fetch' ? name : undefined
    if (source === undefined || !(source === 'fetch' || UNWATCHED.test(source))) return
    const { draft, depths: start } = open.at(-1)!
    const how = start.functions === depths.functions ? USE.eager : USE.later
    if (!draft.unwatched || how < draft.unwatched[2])
      draft.unwatched = [source.replace(/^(?!fetch$|node:)/, 'node:'), offset, how]
  }

  /** The name of the part of Tutti that a callee is; empty for a method of what another part gave. */
  function languageName(callee: Node): string | undefined {
    const value = bare(callee)
    if (value.type === 'Identifier') {
      const imported = resolve(value.name) === 0 ? imports.names.get(value.name) : undefined
      return imported && isLanguage(imported[0]) ? imported[1] : undefined
    }
    if (value.type !== 'MemberExpression') return undefined
    const object = bare(value.object)
    if (object.type === 'CallExpression') return languageName(object.callee) === undefined ? undefined : ''
    const name = object.type === 'Identifier' ? languageName(object) : undefined
    return name === '*' && !value.computed && value.property.type === 'Identifier' ? value.property.name : undefined
  }

  function planInline(items: readonly (Node | null)[]): void {
    for (const item of items) if (item && isFunction(bare(item))) mark(item, plan(item, 'inline'))
  }

  /** `.to(…)` of what may be a ref: where a body is traced, or a function that a body calls. */
  function mayMap(callee: Node): boolean {
    const value = bare(callee)
    return (
      depths.functions > 0 &&
      value.type === 'MemberExpression' &&
      !value.computed &&
      value.property.type === 'Identifier' &&
      value.property.name === 'to' &&
      open.every(({ draft }) => draft.role !== 'deferred')
    )
  }

  /** The function is a cell of its own, so that versions can say that it is what changed. */
  function planMapped([arg]: readonly Node[]): void {
    if (!arg || arg.type === 'SpreadElement') return
    const value = bare(arg)
    if (isFunction(value)) mark(arg, plan(arg, 'inline'))
    else if (value.type === 'Identifier' || value.type === 'MemberExpression' || value.type === 'CallExpression')
      mark(arg, planValue(arg))
  }

  /** Functions that the language gets: as arguments, or in an object of options. */
  function planGiven(args: readonly Node[], language: string): void {
    const defines = DEFINES.has(language)
    if (!defines && !BODIES.has(language) && depths.functions > 0) return
    for (const [position, arg] of args.entries()) {
      const value = bare(arg)
      if (isFunction(value)) {
        mark(arg, plan(arg, BODIES.has(language) ? 'body' : 'deferred'))
      } else if (value.type === 'ObjectExpression') {
        const cells = planOptions(value, [], defines)
        if (cells.length > 0) options.set(arg, cells)
      } else if (defines && position === 0 && value.type !== 'SpreadElement' && value.type !== 'Literal')
        mark(arg, planValue(arg))
    }
  }

  function planOptions(
    object: Extract<Node, { type: 'ObjectExpression' }>,
    path: readonly string[],
    defines: boolean,
  ): (readonly [readonly string[], Planned])[] {
    return object.properties.flatMap(property => {
      if (property.type !== 'Property' || property.computed || property.kind !== 'init') return []
      const here = [...path, property.key.type === 'Identifier' ? property.key.name : keyText(property.key)]
      const value = bare(property.value)
      if (value.type === 'ObjectExpression') return planOptions(value, here, defines)
      if (isFunction(value)) return [[here, plan(property.value, 'deferred')] as const]
      if (!defines) return []
      return value.type === 'Identifier' || value.type === 'MemberExpression' || value.type === 'CallExpression'
        ? [[here, planValue(property.value)] as const]
        : []
    })
  }

  function plan(node: Node, role: Cell['role'], isOpen?: Cell['open']): Planned {
    const cell: Planned = { role, index: -1, ...(isOpen ? { open: isOpen } : {}) }
    planned.set(node, cell)
    return cell
  }

  /** An expression that is evaluated many times may give another function each time, unless it is a name for one. */
  function planValue(node: Node): Planned {
    const isOnce = depths.functions === 0 && depths.loops === 0
    const value = bare(node)
    if (isOnce || (value.type === 'Identifier' && !isReassignable(value.name))) return plan(node, 'value')
    return plan(node, 'value', [source.slice(node.start, Math.min(node.end, node.start + 40)), node.start])
  }

  function isReassignable(name: string): boolean {
    const piece = drafts.find(each => each.parent === undefined && each.names?.includes(name))
    return piece === undefined ? !imports.names.has(name) && resolve(name) === 0 : /^(?:let|var) /.test(piece.prefix)
  }

  function mark(node: Node, cell: Planned): void {
    values.set(node, cell)
  }

  // The result.

  function declaredFunctions(): Marks['declared'] {
    const told = new Map<Node, (readonly [string, number])[]>()
    const exported = new Set(Object.values(exports))
    for (const [name, { declaration, cell }] of functions) {
      if (!passed.has(name) && !exported.has(name)) continue
      told.set(declaration, [...(told.get(declaration) ?? []), [name, cell]])
    }
    return told
  }

  function tableOf(): ModuleCells {
    const nodes = new Set(drafts.map(each => each.node))
    const ordinals = new Map<string, number>()
    // The parser lets a value have the name of an import, which might be a type; then the value it is.
    const own = new Set(drafts.flatMap(each => each.names ?? []))
    const cells = drafts.map(({ index: _, node, prefix, ...cell }): Cell => {
      const text = prefix + syntaxText(node, each => nodes.has(each))
      return {
        ...cell,
        digest: digestOf(cell.role === 'value' && cell.loading === 'acts' ? text + nth(cell, text) : text),
      }
    })
    return {
      cells,
      imports: Object.fromEntries([...imports.names].filter(([name]) => !own.has(name))),
      exports,
      bare: imports.bare,
    }

    /** Two equal calls may give different functions: they are told apart by where they stand. */
    function nth(cell: Pick<Cell, 'parent'>, text: string): string {
      const key = `${pieceNames(cell.parent)} ${text}`
      const ordinal = ordinals.get(key) ?? 0
      ordinals.set(key, ordinal + 1)
      return ` ${pieceNames(cell.parent)}#${ordinal}`
    }
  }

  function pieceNames(index: number | undefined): string {
    const draft = index === undefined ? undefined : drafts[index]
    return draft?.parent === undefined ? (draft?.names ?? []).join() : pieceNames(draft.parent)
  }
}

/** A function, or the value of a field, which runs for each instance. */
const functionsOf = (node: Node, parent: Node | undefined, key: string): number =>
  (isFunction(node) ? 1 : 0) + (key === 'value' && parent?.type === 'PropertyDefinition' && !parent.static ? 1 : 0)

function importsOf(program: Program): {
  readonly names: ReadonlyMap<string, readonly [specifier: string, name: string]>
  readonly bare: readonly string[]
} {
  const names = new Map<string, readonly [string, string]>()
  const bareOnes: string[] = []
  for (const node of program.body) {
    if (node.type !== 'ImportDeclaration' || node.importKind === 'type') continue
    if (node.specifiers.length === 0) bareOnes.push(node.source.value)
    for (const each of node.specifiers) {
      if (each.type === 'ImportSpecifier' && each.importKind === 'type') continue
      const name =
        each.type === 'ImportSpecifier'
          ? nameOf(each.imported)
          : each.type === 'ImportDefaultSpecifier'
            ? 'default'
            : '*'
      names.set(each.local.name, [node.source.value, name])
    }
  }
  return { names, bare: bareOnes }
}

/** `a` of `namespace.a`. */
function memberName(node: Node, parent: Node | undefined): string | undefined {
  if (parent?.type !== 'MemberExpression' || parent.object !== node) return undefined
  if (!parent.computed) return parent.property.type === 'Identifier' ? parent.property.name : undefined
  return parent.property.type === 'Literal' && typeof parent.property.value === 'string'
    ? parent.property.value
    : undefined
}

const nameOf = (name: { readonly type: string; readonly name?: string; readonly value?: unknown }): string =>
  name.name ?? String(name.value)

const keyText = (key: Node): string => (key.type === 'Literal' ? String(key.value) : '')
