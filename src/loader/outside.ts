/** What is not run by the linker: packages, parts of Node, CommonJS files, JSON, and the language itself. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Position, Refusal, refuse } from '../util/diagnostic.ts'
import type { Bundle, Target } from './bundle.ts'
import type { Shadows } from './clock.ts'
import { packageName, resolveSpecifier } from './resolve.ts'

export type Namespace = Record<string, unknown>

export interface Outside {
  /** The namespace of a target, or a refusal at the place of the import. */
  readonly open: (target: Target, importer: string, at: Position | undefined) => Promise<Namespace>
  /** A local file that is data or CommonJS. */
  readonly openLocal: (path: string) => Promise<Namespace>
  /** What a specifier means that is known only when it is imported. */
  readonly resolveLate: (specifier: string, importer: string) => Promise<Target>
}

/** The folder of the entry, and where the files are that Node loads (./laid.ts). */
interface Place {
  readonly dir: string
  readonly natives: ReadonlyMap<string, string>
}

/** `provide`: namespaces for `tutti` and its parts. */
export function createOutside(
  bundle: Bundle,
  { dir, natives }: Place,
  provide: { readonly [specifier: string]: object },
  shadows: Shadows,
): Outside {
  const opened = new Map<string, Promise<Namespace>>()

  return { open: openTarget, openLocal, resolveLate }

  async function openTarget(target: Target, importer: string, at: Position | undefined): Promise<Namespace> {
    try {
      return await openOutside(target, importer)
    } catch (cause) {
      if (cause instanceof Refusal) throw cause
      throw importFailure(target, cause, at)
    }
  }

  function openOutside(target: Target, importer: string): Promise<Namespace> {
    const key = keyOf(target)
    const known = opened.get(key)
    if (known) return known
    const opening = open()
    opened.set(key, opening)
    return opening

    async function open(): Promise<Namespace> {
      switch (target.kind) {
        case 'local':
          return target.as === 'text' ? openText(target.path) : openLocal(target.path)
        case 'builtin':
          return shadows.builtin(target.name, await import(target.name)) as Namespace
        case 'tutti':
          return (provide[target.name] ?? (await importTutti(target.name, importer))) as Namespace
        case 'package':
          return importPackage(target, importer)
      }
    }
  }

  function openText(path: string): Namespace {
    const module = bundle.modules[path]
    if (module?.kind !== 'text') throw new Error(`defect: ${path} is no text of its bundle`)
    return Object.freeze({ default: module.source })
  }

  /** What is a text of another language may be data for a module that imports it as such. */
  async function openLocal(path: string): Promise<Namespace> {
    const module = bundle.modules[path]
    if (module?.kind === 'json' || module?.kind === 'text')
      return Object.freeze({ default: JSON.parse(module.source) as unknown })
    return import(pathToFileURL(natives.get(path) ?? resolve(dir, path)).href)
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
    const require = createRequire(resolve(dir, importer))
    try {
      return await import(pathToFileURL(require.resolve(name)).href)
    } catch {
      // Not installed beside the user's file: the program that runs it has one.
      return import(name)
    }
  }

  /** A dynamic import whose specifier is computed: what it means is known only now. */
  async function resolveLate(specifier: string, importer: string): Promise<Target> {
    const resolved = await resolveSpecifier(specifier, resolve(dir, importer))
    if (!resolved.ok)
      throw Object.assign(new Error(`Cannot find '${specifier}' imported from ${importer}`), {
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
}

function keyOf(target: Target): string {
  switch (target.kind) {
    case 'local':
      return `${target.as ?? ''}:${target.path}`
    case 'package':
      return target.path
    case 'builtin':
    case 'tutti':
      return target.name
  }
}

function importFailure(target: Target, cause: unknown, at: Position | undefined): Refusal {
  const name = target.kind === 'local' ? target.path : target.name
  const message = cause instanceof Error ? cause.message : describeThrown(cause)
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

/** A thrown value in a message. */
export function describeThrown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  try {
    return String(value)
  } catch {
    return 'an object'
  }
}
