/**
 * Runs a bundle: its local modules through a linker of our own, packages and Node's parts by Node itself.
 *
 *   O1. A module's body runs once, after the bodies of what it imports, in the order of the imports; in a cycle the module
 *       that was reached first runs last, as in Node.
 *   O2. Bindings are live, and reading one before it has a value is an error with the place where it is read.
 *   O3. The same bundle gives the same names, sites and reads in every folder and process.
 */
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import type { Read } from '../core/graph/graph.ts'
import { nameOf, isRef } from '../dsl/handle.ts'
import { guardRef, nameValue } from '../dsl/hooks.ts'
import { refuse, Refusal, type Position } from '../util/diagnostic.ts'
import { durationMs, type Duration } from '../util/duration.ts'
import type { Hash } from '../util/hash.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Bundle, ScriptModule, Target } from './bundle.ts'
import { createShadows, type Shadows } from './clock.ts'
import { specifierOf } from './exports.ts'
import { nearest } from './nearest.ts'
import type { Phase } from './reads.ts'
import { packageName, resolveSpecifier } from './resolve.ts'
import { currentPosition, plainText, positionOfError, registerUnit, releaseUnits, type Unit } from './stack.ts'

export interface OpenOptions {
  /** The folder of the entry: what relative paths, packages and `import.meta` are relative to. */
  readonly dir: string
  /** Namespaces for `tutti` and `tutti/…`; what is not here is imported by Node. */
  readonly provide: { readonly [specifier: string]: object }
  /** What an earlier load read: environment variables and files are answered from it. */
  readonly reads?: readonly Read[]
  /** The bytes of files and listings in `reads`. */
  readonly readContents?: ReadonlyMap<Hash, Uint8Array>
  /** How long top-level awaits may take. 30 s when absent. */
  readonly timeout?: Duration
}

export interface LoadedFile {
  /** The entry's namespace. */
  readonly exports: Readonly<Record<string, unknown>>
  /** What was read while loading. */
  readonly reads: readonly Read[]
  /** The bytes behind the hashes of `reads`, also those of traces. */
  readonly readContents: ReadonlyMap<Hash, Uint8Array>
  /** Runs `fn` as a trace: what it reads is recorded, clock and randomness are refused. `fn` is synchronous. */
  readonly trace: <T>(fn: () => T) => { readonly value: T; readonly reads: readonly Read[] }
  /** Forgets the positions of this load. Its functions still run, but their stacks are no longer led back. */
  readonly close: () => void
}

type Namespace = Record<string, unknown>
type Getters = Readonly<Record<string, () => unknown>>
type Body = Generator<undefined, void, void> | AsyncGenerator<undefined, void, void>

interface Loaded {
  readonly path: string
  readonly module: ScriptModule
  readonly unit: Unit
  readonly namespace: Namespace
  readonly slots: unknown[]
  getters: Getters
  state:
    | { kind: 'linked' }
    | { kind: 'running'; done: Promise<void> }
    | { kind: 'done' }
    | { kind: 'failed'; error: unknown }
  body: Body | undefined
}

const PATIENCE: Duration = '30s'

/** Runs the modules of `bundle`. Rejects with a `Refusal` that says where and why it could not. */
export async function openBundle(bundle: Bundle, options: OpenOptions): Promise<LoadedFile> {
  const session = createSession(bundle, options)
  const exports = await withPatience(session.load(bundle.entry), durationMs(options.timeout ?? PATIENCE), bundle.entry)
  session.settle()
  return { exports, reads: session.reads(), readContents: session.contents, trace: session.trace, close: session.close }
}

function createSession(bundle: Bundle, options: OpenOptions) {
  const dir = resolve(options.dir)
  const contents = new Map(options.readContents ?? [])
  const given = new Map((options.reads ?? []).map(read => [keyOf(read), read]))
  let phase: Phase = 'load'
  let collected = new Map<string, Read>()
  const shadows: Shadows = createShadows({
    phase: () => phase,
    dir,
    contents,
    given: (kind, name) => given.get(`${kind}:${name}`),
    record(read, content) {
      if (!collected.has(keyOf(read))) collected.set(keyOf(read), read)
      if (content && read.kind !== 'env' && read.hash !== null) contents.set(read.hash, content)
    },
  })
  const linker = createLinkage(bundle, dir, options.provide, shadows)

  return {
    contents,
    load: linker.load,
    reads: () => [...collected.values()],
    settle: () => {
      phase = 'run'
    },
    close: linker.close,
    trace<T>(fn: () => T): { value: T; reads: readonly Read[] } {
      const before = { phase, collected }
      phase = 'trace'
      collected = new Map()
      try {
        const value = fn()
        return { value, reads: [...collected.values()] }
      } finally {
        ;({ phase, collected } = before)
      }
    },
  }
}

const keyOf = (read: Read): string => `${read.kind}:${read.kind === 'env' ? read.name : read.path}`

async function withPatience<T>(work: Promise<T>, patienceMs: number, entry: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Refusal({
          code: 'LOAD_TIMEOUT',
          severity: 'error',
          message: `${entry} has not finished loading after ${patienceMs / 1000} s`,
          at: { file: entry, line: 1, column: 1 },
          hint: 'Look for an await at the top of a module that never settles; move it into a task.',
        }),
      )
    }, patienceMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function createLinkage(bundle: Bundle, dir: string, provide: OpenOptions['provide'], shadows: Shadows) {
  const loaded = new Map<string, Loaded>()
  const outside = new Map<string, Promise<Namespace>>()
  let linking: Promise<unknown> = Promise.resolve()
  const thrown: { value: unknown; at: Position }[] = []

  return { load, close: () => releaseUnits([...loaded.values()].map(each => each.unit.scriptName)) }

  /** The namespace of a local module, run. */
  async function load(path: string): Promise<Namespace> {
    const module = bundle.modules[path]
    if (!module) throw new Error(`defect: ${path} is not in its bundle`)
    if (module.kind !== 'script') return outsideLocal(path)
    // One at a time: a second link must find what the first has linked whole.
    const linked = linking.then(() => link(path))
    linking = linked.catch(() => undefined)
    for (const each of await linked) await evaluate(each)
    return loaded.get(path)!.namespace
  }

  /** Everything that `path` needs, in the order in which it must run; all of it is linked before any of it runs. */
  async function link(path: string): Promise<readonly Loaded[]> {
    const order: Loaded[] = []
    const fresh: Loaded[] = []
    const visited = new Set<string>()
    try {
      await visit(path)
      for (const each of fresh) defineExports(each)
      for (const each of fresh) each.body = await prepare(each)
    } catch (error) {
      for (const each of fresh) loaded.delete(each.path)
      throw error
    }
    return order

    async function visit(key: string): Promise<void> {
      const module = bundle.modules[key]
      if (visited.has(key) || module?.kind !== 'script') return
      visited.add(key)
      const known = loaded.get(key)
      const current = known ?? createLoaded(key, module)
      if (!known) {
        loaded.set(key, current)
        fresh.push(current)
      }
      for (const { slot, specifier, offset } of module.links.imports) {
        const target = module.targets[specifier]!
        if (target.kind === 'local') await visit(target.path)
        current.slots[slot] ??=
          target.kind === 'local' && loaded.has(target.path)
            ? loaded.get(target.path)!.namespace
            : await openTarget(target, key, current.unit.positionOf(offset))
      }
      checkNames(current)
      order.push(current)
    }
  }

  function createLoaded(path: string, module: ScriptModule): Loaded {
    const prefix = path === bundle.entry ? '' : `${path}:`
    const unit = registerUnit(module, { file: resolve(dir, path), path, prefix })
    const namespace: Namespace = Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } })
    return { path, module, unit, namespace, slots: [], getters: {}, state: { kind: 'linked' }, body: undefined }
  }

  function defineExports(current: Loaded): void {
    for (const name of [...new Set(namesOf(current.path, new Set()))].sort()) {
      Object.defineProperty(current.namespace, name, {
        enumerable: true,
        configurable: true,
        get: getterOf(current, name),
      })
    }
  }

  function namesOf(path: string, visited: ReadonlySet<string>): readonly string[] {
    const current = loaded.get(path)
    if (!current || visited.has(path)) return []
    return current.module.links.exports.flatMap(each => {
      if (each.kind !== 'star') return [each.name]
      const target = current.module.targets[specifierOf(bundle, path, each.slot)]
      const names =
        target?.kind === 'local' && loaded.has(target.path)
          ? namesOf(target.path, new Set([...visited, path]))
          : Object.keys(current.slots[each.slot] as Namespace)
      return names.filter(name => name !== 'default')
    })
  }

  function getterOf(current: Loaded, name: string): () => unknown {
    const own = current.module.links.exports.find(each => each.kind !== 'star' && each.name === name)
    switch (own?.kind) {
      case 'own':
        return () => readOwn(current, name)
      case 'from':
        return () => (current.slots[own.slot] as Namespace)[own.imported]
      case 'namespace':
        return () => current.slots[own.slot]
      case 'star':
      case undefined: {
        const slots = current.module.links.exports.flatMap(each => (each.kind === 'star' ? [each.slot] : []))
        return () => slots.map(slot => current.slots[slot] as Namespace).find(each => name in each)?.[name]
      }
    }
  }

  function readOwn(current: Loaded, name: string): unknown {
    const getter = current.getters[name]
    if (current.state.kind === 'done') return getter!()
    try {
      return getter!()
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error
      const at = currentPosition()
      return refuse(
        'IMPORT_CYCLE',
        `'${name}' of ${current.path} is used before it has a value, because the modules import each other`,
        {
          ...(at ? { at } : {}),
          hint: `Use '${name}' inside a function that is called later, or move it to a module that both import.`,
        },
      )
    }
  }

  /** Compiles the module and runs its prologue: its functions exist from here on. */
  async function prepare(current: Loaded): Promise<Body> {
    const { unit, module, path } = current
    const factory: unknown = new Script(module.code, { filename: unit.scriptName }).runInThisContext()
    const { positionOf } = unit
    // Small, so that the engine inlines it into the loops of tasks.
    const guard = <T>(value: T, form: string, offset: number): T => {
      if (typeof value !== 'object' && typeof value !== 'function') return value
      return isRef(value) ? guardRef(value, form, positionOf(offset)) : value
    }
    const name = <T>(value: T, text: string, offset: number): T =>
      nameOf(value) ? nameValue(value, text, positionOf(offset)) : value
    // The generated code is `function* ($tutti, $tuttiGuard, $tuttiName)`; see instrument.ts.
    const body = (factory as (...hooks: unknown[]) => Body)(runtimeOf(current), guard, name)
    await body.next()
    if (module.links.exports.some(each => each.kind === 'own' && !current.getters[each.name]))
      throw new Error(`defect: ${path} did not say what it exports`)
    return body
  }

  function runtimeOf(current: Loaded) {
    const file = resolve(dir, current.path)
    const url = pathToFileURL(file).href
    return {
      modules: current.slots,
      globals: shadows.globals,
      meta: {
        url,
        filename: file,
        dirname: dirname(file),
        resolve: (specifier: string) => new URL(specifier, url).href,
      },
      ready(getters: Getters) {
        current.getters = getters
      },
      nameDefault: (fn: object) => Object.defineProperty(fn, 'name', { value: 'default', configurable: true }),
      import: (specifier: unknown) => importDynamic(current, String(specifier), currentPosition()),
      thrown(value: unknown, offset: number): unknown {
        if (typeof value !== 'object' || value === null)
          thrown.splice(0, 1, { value, at: current.unit.positionOf(offset) })
        return value
      },
    }
  }

  async function importDynamic(current: Loaded, specifier: string, at: Position | undefined): Promise<Namespace> {
    const target = current.module.targets[specifier] ?? (await resolveLate(specifier, current))
    if (target.kind === 'local' && bundle.modules[target.path]) return load(target.path)
    return openTarget(target, current.path, at)
  }

  /** A dynamic import whose specifier is computed: what it means is known only now. */
  async function resolveLate(specifier: string, current: Loaded): Promise<Target> {
    const resolved = await resolveSpecifier(specifier, resolve(dir, current.path))
    if (!resolved.ok)
      throw Object.assign(new Error(`Cannot find '${specifier}' imported from ${current.path}`), {
        code: 'ERR_MODULE_NOT_FOUND',
      })
    switch (resolved.value.kind) {
      case 'local':
      case 'package':
        return { kind: 'package', name: specifier, version: '', path: resolved.value.file }
      default:
        return resolved.value
    }
  }

  async function evaluate(current: Loaded): Promise<void> {
    switch (current.state.kind) {
      case 'done':
        return
      case 'failed':
        throw current.state.error
      case 'running':
        return current.state.done
      case 'linked': {
        const done = run(current)
        if (current.module.links.isAsync) current.state = { kind: 'running', done }
        return done
      }
      default:
        unreachable(current.state)
    }
  }

  async function run(current: Loaded): Promise<void> {
    try {
      // A synchronous body has run to its end when this line has; only a top-level await takes longer.
      const step = current.body!.next()
      if (step instanceof Promise) await step
      current.state = { kind: 'done' }
    } catch (cause) {
      const error = loadFailure(cause, current)
      current.state = { kind: 'failed', error }
      throw error
    }
  }

  function loadFailure(cause: unknown, current: Loaded): Refusal {
    if (cause instanceof Refusal) return cause
    const noted = thrown.find(each => Object.is(each.value, cause))
    const at = positionOfError(cause) ?? noted?.at ?? { file: current.path, line: 1, column: 1 }
    const message =
      cause instanceof Error ? `${cause.name}: ${plainText(cause.message)}` : `${describe(cause)} was thrown`
    return new Refusal(
      {
        code: 'LOAD_FAILED',
        severity: 'error',
        message: `${current.path} failed while it was loaded: ${message}`,
        at,
        hint: 'Correct the code here; nothing has run yet.',
      },
      { cause },
    )
  }

  function checkNames(current: Loaded): void {
    for (const { slot, specifier, names } of current.module.links.imports) {
      const target = current.module.targets[specifier]!
      if (target.kind === 'local' && bundle.modules[target.path]?.kind === 'script') continue
      const namespace = current.slots[slot] as Namespace
      const missing = names.find(({ name, use }) => use === 'value' && !(name in namespace))
      if (!missing) continue
      const similar = nearest(missing.name, Object.keys(namespace))
      refuse('EXPORT_NOT_FOUND', `'${specifier}' has no export '${missing.name}'`, {
        at: current.unit.positionOf(missing.offset),
        hint: similar ? `Did you mean '${similar}'?` : `It exports ${Object.keys(namespace).slice(0, 8).join(', ')}.`,
      })
    }
  }

  async function openTarget(target: Target, importer: string, at: Position | undefined): Promise<Namespace> {
    try {
      return await openOutside(target, importer)
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      throw importFailure(target, cause, at)
    }
  }

  function openOutside(target: Target, importer: string): Promise<Namespace> {
    const key = target.kind === 'local' || target.kind === 'package' ? target.path : target.name
    const known = outside.get(key)
    if (known) return known
    const opening = open()
    outside.set(key, opening)
    return opening

    async function open(): Promise<Namespace> {
      switch (target.kind) {
        case 'local':
          return outsideLocal(target.path)
        case 'builtin':
          return shadows.builtin(target.name, await import(target.name)) as Namespace
        case 'tutti':
          return (provide[target.name] ?? (await importTutti(target.name, importer))) as Namespace
        case 'package':
          return importPackage(target, importer)
      }
    }
  }

  async function outsideLocal(path: string): Promise<Namespace> {
    const module = bundle.modules[path]
    if (module?.kind === 'json') return { default: JSON.parse(module.source) as unknown }
    return import(pathToFileURL(resolve(dir, path)).href)
  }

  async function importPackage(target: Extract<Target, { kind: 'package' }>, importer: string): Promise<Namespace> {
    const file = isAbsolute(target.path) ? target.path : resolve(dir, target.path)
    if (existsSync(file)) return importFile(file)
    // The bundle runs in another folder: the package is looked for from there.
    const specifier = specifierFor(bundle, importer, target)
    const resolved = await resolveSpecifier(specifier, resolve(dir, importer))
    if (resolved.ok && resolved.value.kind === 'package') return importFile(resolved.value.file)
    return refuse('PACKAGE_NOT_FOUND', `The package '${target.name}' is not installed`, {
      at: { file: importer, line: 1, column: 1 },
      hint: `npm install ${target.name}${target.version ? `@${target.version}` : ''}`,
    })
  }

  async function importFile(file: string): Promise<Namespace> {
    if (!file.endsWith('.json')) return import(pathToFileURL(file).href)
    return import(pathToFileURL(file).href, { with: { type: 'json' } })
  }

  async function importTutti(name: string, importer: string): Promise<Namespace> {
    const { createRequire } = await import('node:module')
    const require = createRequire(resolve(dir, importer))
    try {
      return await import(pathToFileURL(require.resolve(name)).href)
    } catch {
      // Not installed beside the user's file: the program that runs it has one.
      return import(name)
    }
  }
}

function importFailure(target: Target, cause: unknown, at: Position | undefined): Refusal {
  const name = target.kind === 'local' ? target.path : target.name
  const message = cause instanceof Error ? cause.message : describe(cause)
  return new Refusal(
    {
      code: 'LOAD_FAILED',
      severity: 'error',
      message: `'${name}' failed while it was loaded: ${message}`,
      ...(at ? { at } : {}),
      hint: `Look at '${name}' itself; the error is inside it.`,
    },
    { cause },
  )
}

function specifierFor(bundle: Bundle, importer: string, wanted: Extract<Target, { kind: 'package' }>): string {
  const module = bundle.modules[importer]
  const targets = module?.kind === 'script' ? Object.entries(module.targets) : []
  return (
    targets.find(
      ([specifier, target]) =>
        target === wanted ||
        (target.kind === 'package' && target.path === wanted.path && packageName(specifier) === wanted.name),
    )?.[0] ?? wanted.name
  )
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  try {
    return String(value)
  } catch {
    return 'an object'
  }
}
