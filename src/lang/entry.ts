/**
 * The module that the loader writes before a file of another language calls this, once it has the modules and the texts in
 * hand. Bundles are kept with runs and versions, so what is taken here only grows.
 */
import { type Diagnostic, refuse, Refusal } from '../util/diagnostic.ts'
import type { Around, Bindings, Language, SourceFile } from './language.ts'
import { openText, type Workflows } from './open.ts'

export interface Entry {
  readonly file: SourceFile
  /** Of a module that exports languages: one by one, or in a list. */
  readonly language: { readonly [name: string]: unknown }
  /** `asked`: its user has named it, so it is taken even if it does not know the file. */
  readonly by: 'asked' | 'found'
  readonly bindings?: BindingsFile
  readonly mocks?: Mocks
  /** Switches of the command line that only some languages know: they come among the bindings, each as true. */
  readonly switches?: readonly string[]
  /** Throws for what is not there. */
  readonly read: (path: string) => string
}

/** What binds names: what a module exports by default, as `bindings`, or else by name; or JSON or YAML. */
export type BindingsFile =
  | { readonly path: string; readonly module: { readonly [name: string]: unknown } }
  | { readonly path: string; readonly text: string }

/** `--mock FILE --test-case NAME`: what it says is the language's. It comes among the bindings, as `--mock`. */
export interface Mocks {
  readonly path: string
  readonly text: string
  readonly testCase: string
}

/** Under which `bind` finds the mocks. */
export const MOCKS = '--mock'

export async function openEntry({
  file,
  language,
  by,
  bindings,
  mocks,
  switches = [],
  read,
}: Entry): Promise<Workflows> {
  const chosen = await chooseLanguage(language, file, by)
  const bound = {
    ...(bindings ? await readBindings(bindings) : {}),
    ...(mocks ? { [MOCKS]: mocks } : {}),
    ...Object.fromEntries(switches.map(each => [each, true])),
  }
  return inLanguage(chosen, file, () => openText(chosen, file, bound, aroundOf(read)))
}

const aroundOf = (read: Entry['read']): Around => ({
  read(path) {
    try {
      return read(path)
    } catch {
      return undefined
    }
  },
})

async function chooseLanguage(module: Entry['language'], file: SourceFile, by: Entry['by']): Promise<Language> {
  const languages = [...new Set(Object.values(module).flat())].filter(isLanguage)
  const matching = await firstOf(languages, file)
  const [only, ...others] = languages
  if (matching) return matching
  if (by === 'asked' && only && others.length === 0) return only
  if (languages.length === 0 && by === 'asked')
    return refuse('LANGUAGE_MISSING', 'What --lang names exports no language', {
      hint: 'A language is a value with name, matches, parse and bind: docs/languages.md builds one.',
    })
  const known = languages.map(({ name }) => name).join(', ')
  return refuse('LANGUAGE_UNKNOWN', `No language is known for ${file.path}`, {
    hint: known
      ? `Asked were ${known}; name another with --lang PACKAGE or --lang FILE.`
      : 'Name its language with --lang PACKAGE or --lang FILE, or export one from tutti.ts.',
  })
}

async function firstOf(languages: readonly Language[], file: SourceFile): Promise<Language | undefined> {
  for (const each of languages) if (await inLanguage(each, file, () => each.matches(file))) return each
  return undefined
}

/** It may be called, too, as `asl(…)` is. */
function isLanguage(value: unknown): value is Language {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const { name, matches, parse, bind } = value as Partial<Record<keyof Language, unknown>>
  return typeof name === 'string' && [matches, parse, bind].every(each => typeof each === 'function')
}

/** What a language throws is its defect, and told as such; what it refuses is what it has to say. */
async function inLanguage<T>(language: Language, file: SourceFile, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (cause) {
    const diagnostics = diagnosticsIn(cause)
    if (diagnostics) throw cause instanceof Refusal ? cause : new Refusal(diagnostics, { cause })
    const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new Refusal(
      {
        code: 'LANGUAGE_FAILED',
        severity: 'error',
        message: `The language ${language.name} failed to read ${file.path}: ${message}`,
        hint: 'That is a mistake in the language: --verbose shows where.',
      },
      { cause },
    )
  }
}

/** Of a refusal, also of one of another copy of the package. */
const diagnosticsIn = (cause: unknown): readonly Diagnostic[] | undefined =>
  cause instanceof Error && cause.name === 'Refusal' ? (cause as Refusal).diagnostics : undefined

/** What binds names, once its file has been read. */
export async function readBindings(given: BindingsFile): Promise<Bindings> {
  if ('text' in given) return (await import('./data.ts')).readData(given.path, given.text)
  const { default: standard, bindings = standard ?? given.module } = given.module
  if (isRecord(bindings) && Object.keys(bindings).length > 0) return { ...bindings }
  return refuse('BINDINGS_UNREADABLE', `${given.path} exports no bindings`, {
    at: { file: given.path, line: 1, column: 1 },
    hint: `Export them by default: export default { 'name': value }`,
  })
}

const isRecord = (value: unknown): value is Bindings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
