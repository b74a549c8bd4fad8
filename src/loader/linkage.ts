/**
 * Links and runs the local modules of a bundle as Node would.
 *
 *   O1. A module's body runs once, after the bodies of what it imports, in the order of the imports; in a cycle the module
 *       that was reached first runs last, as in Node.
 *   O2. Bindings are live, and reading one before it has a value is an error with the place where it is read.
 *   O3. The same bundle gives the same names, sites and reads in every folder and process.
 */
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { isRef, nameOf } from '../dsl/handle.ts'
import { guardRef, nameValue } from '../dsl/hooks.ts'
import { type Position, Refusal, refuse } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import { type Bundle, isMade, type ScriptModule } from './bundle.ts'
import type { Codes } from './closure/code.ts'
import { hooksFor } from './closure/registry.ts'
import type { Shadows } from './clock.ts'
import { specifierOf } from './exports.ts'
import { nearestName } from '../util/nearest.ts'
import { describeThrown, type Namespace, type Outside } from './outside.ts'
import { projectsOf } from './projects.ts'
import { withSourceMap } from './source-map.ts'
import {
  currentPosition,
  plainText,
  positionOfError,
  positionOfSyntaxError,
  registerUnit,
  releaseUnits,
  type Unit,
} from './stack.ts'

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

export interface Linkage {
  /** The namespace of a local module, run. */
  readonly load: (path: string) => Promise<Namespace>
  /** Forgets the positions of all modules. */
  readonly close: () => void
}

/** Where the entry's folder is, and what its scripts are called (see ./open.ts). */
interface Place {
  readonly dir: string
  readonly scripts: 'numbered' | 'debuggable'
}

export function createLinkage(
  bundle: Bundle,
  { dir, scripts }: Place,
  outside: Outside,
  globals: Shadows['globals'],
  codes: Codes,
): Linkage {
  const loaded = new Map<string, Loaded>()
  const projectOf = projectsOf(bundle)
  let linking: Promise<unknown> = Promise.resolve()
  let lastThrown: { readonly value: unknown; readonly at: Position } | undefined

  return { load, close: () => releaseUnits([...loaded.values()].map(each => each.unit.scriptName)) }

  /** The namespace of a local module, run. */
  async function load(path: string): Promise<Namespace> {
    const module = bundle.modules[path]
    if (!module) throw new Error(`defect: ${path} is not in its bundle`)
    if (module.kind !== 'script') return outside.openLocal(path)
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
            : await outside.open(target, key, current.unit.positionOf(offset))
      }
      checkNames(current)
      order.push(current)
    }
  }

  function createLoaded(path: string, module: ScriptModule): Loaded {
    const prefix = path === bundle.entry ? '' : `${path}:`
    const unit = registerUnit(module, { file: resolve(dir, path), path, prefix, project: projectOf(path), scripts })
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
    // As in Node, nobody keeps anything of their own there: what a namespace holds follows from its module.
    Object.preventExtensions(current.namespace)
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
    const factory: unknown = compile(current, scripts)
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
      ...hooksFor(codes, current.path),
      modules: current.slots,
      globals,
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
        if (typeof value !== 'object' || value === null) lastThrown = { value, at: current.unit.positionOf(offset) }
        return value
      },
    }
  }

  async function importDynamic(current: Loaded, specifier: string, at: Position | undefined): Promise<Namespace> {
    const target = current.module.targets[specifier] ?? (await outside.resolveLate(specifier, current.path))
    if (target.kind === 'local' && bundle.modules[target.path]) return load(target.path)
    return outside.open(target, current.path, at)
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
    const noted = lastThrown && Object.is(lastThrown.value, cause) ? lastThrown : undefined
    const at = positionOfError(cause) ?? noted?.at ?? (isMade(current.module) ? undefined : topOf(current.path))
    const message =
      cause instanceof Error ? `${cause.name}: ${plainText(cause.message)}` : `${describeThrown(cause)} was thrown`
    return new Refusal(
      {
        code: 'LOAD_FAILED',
        severity: 'error',
        message: `${current.path} failed while it was loaded: ${message}`,
        ...(at ? { at } : {}),
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
      const similar = nearestName(missing.name, Object.keys(namespace))
      refuse('EXPORT_NOT_FOUND', `'${specifier}' has no export '${missing.name}'`, {
        at: current.unit.positionOf(missing.offset),
        hint: similar ? `Did you mean '${similar}'?` : `It exports ${Object.keys(namespace).slice(0, 8).join(', ')}.`,
      })
    }
  }
}

const topOf = (file: string): Position => ({ file, line: 1, column: 1 })

/** What the parser let pass and the engine does not is the user's error, too. */
function compile({ unit, module, path }: Loaded, scripts: Place['scripts']): unknown {
  const code = scripts === 'debuggable' ? withSourceMap(module, unit.scriptName) : module.code
  try {
    return new Script(code, { filename: unit.scriptName }).runInThisContext()
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    const at = positionOfSyntaxError(cause) ?? { file: path, line: 1, column: 1 }
    throw new Refusal(
      {
        code: 'SYNTAX_ERROR',
        severity: 'error',
        message: plainText(cause.message),
        at,
        hint: 'This Node.js does not know this syntax.',
      },
      { cause },
    )
  }
}
