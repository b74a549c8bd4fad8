/**
 * The globals that a user's module sees instead of the real ones. While it is loaded or traced, a clock or a random number
 * is refused: the graph would come out different each time. While tasks run, they are the real ones.
 */
import { refuse } from '../util/diagnostic.ts'
import { watchEnv, watchFs, watchFsPromises, type Watch } from './reads.ts'
import { currentPosition } from './stack.ts'

type AnyFunction = (...args: never[]) => unknown
type Taboo = 'clock' | 'random'

export interface Shadows {
  readonly globals: Readonly<Record<string, unknown>>
  /** A part of Node as the user's module sees it. */
  readonly builtin: (name: string, real: object) => object
}

const RANDOM_OF_CRYPTO = [
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
] as const

export function createShadows(watch: Watch): Shadows {
  const check = (taboo: Taboo, name: string) => {
    if (watch.phase() !== 'run') refuseTaboo(taboo, name)
  }
  /** The real function, refused while loading and tracing. */
  const checked =
    (taboo: Taboo, name: string, real: AnyFunction, receiver?: unknown) =>
    (...args: readonly unknown[]) => {
      check(taboo, name)
      return Reflect.apply(real, receiver, args)
    }
  const shadowedProcess = lazily(() => shadowProcess(watch, checked))
  const shadowedCrypto = (prefix: string, real: object) => overlay(real, checkedMembers(RANDOM_OF_CRYPTO, prefix, real))
  const shadowedPerformance = lazily(() =>
    overlay(performance, { now: checked('clock', 'performance.now()', performance.now, performance) }),
  )
  const globals = {
    get process() {
      return shadowedProcess()
    },
    get performance() {
      return shadowedPerformance()
    },
    get crypto() {
      return shadowedCrypto('crypto.', crypto)
    },
    Math: Object.create(Math, {
      random: { value: checked('random', 'Math.random()', Math.random), writable: true, configurable: true },
    }),
    Date: shadowDate(check),
  }
  return { globals, builtin }

  function checkedMembers(names: readonly string[], prefix: string, real: object): Record<string, unknown> {
    return Object.fromEntries(
      names.flatMap(name => {
        const member: unknown = Reflect.get(real, name)
        return typeof member === 'function'
          ? [[name, checked('random', `${prefix}${name}()`, member as AnyFunction, real)]]
          : []
      }),
    )
  }

  function builtin(name: string, real: object): object {
    const value: unknown = Reflect.get(real, 'default')
    const main = typeof value === 'object' && value !== null ? value : real
    switch (name) {
      case 'node:process':
        return asNamespace(real, shadowedProcess())
      case 'node:fs':
        return asNamespace(real, overlay(main, watchFs(watch, main as Parameters<typeof watchFs>[1])))
      case 'node:fs/promises':
        return asNamespace(real, overlay(main, watchFsPromises(watch, process.getBuiltinModule('node:fs'))))
      case 'node:crypto':
        return asNamespace(real, shadowedCrypto('', main))
      case 'node:perf_hooks':
        return asNamespace(real, overlay(main, { performance: shadowedPerformance() }))
      default:
        return real
    }
  }
}

function refuseTaboo(taboo: Taboo, name: string): never {
  const at = currentPosition()
  const place = at ? { at } : {}
  switch (taboo) {
    case 'clock':
      return refuse(
        'CLOCK_IN_TRACE',
        `${name} reads the clock while the file is loaded or traced, so the graph would differ each time`,
        { ...place, hint: 'Move it into a task, or use now() in a flow.' },
      )
    case 'random':
      return refuse(
        'RANDOM_IN_TRACE',
        `${name} is random while the file is loaded or traced, so the graph would differ each time`,
        { ...place, hint: 'Move it into a task, or use random() or uuid() in a flow.' },
      )
  }
}

type Checked = (taboo: Taboo, name: string, real: AnyFunction, receiver?: unknown) => AnyFunction

function shadowProcess(watch: Watch, checked: Checked): object {
  const hrtime = Object.assign(checked('clock', 'process.hrtime()', process.hrtime, process), {
    bigint: checked('clock', 'process.hrtime.bigint()', process.hrtime.bigint, process.hrtime),
  })
  return overlay(process, {
    env: watchEnv(watch, process.env),
    hrtime,
    uptime: checked('clock', 'process.uptime()', process.uptime, process),
  })
}

/** A `Date` whose instances, `instanceof` and subclasses are those of the real one. */
function shadowDate(check: (taboo: Taboo, name: string) => void): unknown {
  const shadow = function (...args: readonly unknown[]) {
    if (new.target === undefined) {
      check('clock', 'Date()')
      return Date()
    }
    if (args.length === 0) check('clock', 'new Date()')
    return Reflect.construct(Date, args, new.target === shadow ? Date : new.target)
  }
  const now = () => {
    check('clock', 'Date.now()')
    return Date.now()
  }
  Object.defineProperties(shadow, {
    prototype: { value: Date.prototype },
    name: { value: 'Date' },
    length: { value: 7 },
    now: { value: now, writable: true, configurable: true },
  })
  return Object.setPrototypeOf(shadow, Date)
}

/** `real` with some members replaced. Methods run on the real object, which may check what it is called on. */
function overlay(real: object, members: Readonly<Record<string, unknown>>): object {
  const bound = new Map<unknown, unknown>()
  return new Proxy(real, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(members, name)) return members[name]
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function' || name === 'constructor') return value
      if (!bound.has(value)) bound.set(value, mayBind(target, name, value) ? value.bind(target) : value)
      return bound.get(value)
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}

/** A class, a function with members of its own, or a member that a proxy must give unchanged stays itself. */
function mayBind(target: object, name: string | symbol, value: object): boolean {
  if ('prototype' in value || Object.keys(value).length > 0) return false
  const property = Object.getOwnPropertyDescriptor(target, name)
  return !property || property.configurable === true || property.writable === true
}

/** A module namespace with the members of `main` in place of its own. */
function asNamespace(namespace: object, main: object): object {
  const names = Object.keys(namespace)
  return Object.fromEntries([
    ...names.map(name => [name, name === 'default' ? main : Reflect.get(main, name)] as const),
    ['default', main],
  ])
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
