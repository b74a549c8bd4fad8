/** Writes a small project into a scratch folder and loads it with a language that is just enough to be seen. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { currentSite } from '../../src/dsl/hooks.ts'
import { buildBundle, openBundle, type Bundle, type LoadedFile, type OpenOptions } from '../../src/loader/index.ts'
import { Refusal, showPosition, type Diagnostic } from '../../src/util/diagnostic.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export type Files = Readonly<Record<string, string | Uint8Array>>

export function project(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-loader-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const NAME = Symbol.for('tutti.name')
const REF = Symbol.for('tutti.ref')

/** Remembers its first name, as definitions do. */
const named = (value: object) => {
  let given: string | undefined
  return Object.defineProperties(value, {
    [NAME]: { value: (name: string) => void (given ??= name) },
    called: { get: () => given },
  })
}

/** In place of the language: definitions and refs that can be asked for their name and site. */
export const language = {
  ref: () => named({ [REF]: { kind: 'node' } }),
  task: (fn: (...args: unknown[]) => unknown) => named((...args: unknown[]) => fn(...args)),
  workflow: (fn: (...args: unknown[]) => unknown) => named((...args: unknown[]) => fn(...args)),
  site: () => currentSite()?.id,
  place: () => {
    const site = currentSite()
    return site && showPosition(site.at)
  },
}

export async function bundleOf(
  files: Files,
  entry = 'tutti.ts',
): Promise<{ readonly bundle: Bundle; readonly dir: string; readonly files: readonly string[] }> {
  const dir = project(files)
  const built = await buildBundle(join(dir, entry))
  if (!built.ok) throw new Refusal(built.error)
  return { bundle: built.value.bundle, dir, files: built.value.files }
}

export async function load(
  files: Files | string,
  options: Partial<OpenOptions> & { readonly entry?: string } = {},
): Promise<LoadedFile & { readonly dir: string }> {
  const { bundle, dir } = await bundleOf(typeof files === 'string' ? { 'tutti.ts': files } : files, options.entry)
  const loaded = await openBundle(bundle, { dir, provide: { tutti: language }, ...options })
  return { ...loaded, dir }
}

/** The diagnostics with which something is refused, as one line each: `CODE file:line:column`. */
export async function refusal(work: () => unknown): Promise<readonly Diagnostic[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics
    throw error
  }
  throw new Error('nothing was refused')
}

export const brief = ({ code, at }: Diagnostic): string => (at ? `${code} ${showPosition(at)}` : code)

/** The text without its mark `¦`, and the position of the mark. */
export function marked(text: string): { readonly text: string; readonly place: string } {
  const before = text.slice(0, text.indexOf('¦')).split('\n')
  return { text: text.replace('¦', ''), place: `${before.length}:${before.at(-1)!.length + 1}` }
}
