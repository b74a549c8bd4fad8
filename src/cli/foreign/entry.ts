/**
 * A FILE of another language: which language it is, which file binds its names, and the module that stands before it so that
 * the loader bundles all of this. From there on it is a file of workflows like a tutti.ts.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { matchesAsl } from '../../lang/asl/matches.ts'
import { type MadeEntry, resolveSpecifier } from '../../loader/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { Reading } from '../io.ts'
import { bindingsFor, type Found, isFile, MODULE_ENDINGS } from './bindings.ts'

export interface ForeignFile {
  readonly entry: MadeEntry
  /** Absolute; what binds its names, when something does. */
  readonly bindings: string | undefined
}

/** undefined: no language is known for it. `path` is absolute, `reading` from `cwd`. */
export function readForeign(path: string, cwd: string, reading: Reading): ForeignFile | undefined {
  if (!isFile(path)) return undefined
  const language = languageOf(path, cwd, reading)
  if (!language) return undefined
  const bindings = bindingsFor(path, cwd, reading.bind)
  const mocks = reading.mocks && { ...reading.mocks, path: existing(reading.mocks.file, cwd) }
  const given: MadeEntry['given'] = {
    'tutti:text': { file: path, as: 'text' },
    ...(language.file === undefined ? {} : { 'tutti:language': { file: language.file, as: 'module' } }),
    ...(bindings.file === undefined ? {} : { 'tutti:bindings': { file: bindings.file, as: bindings.as } }),
    ...(mocks ? { 'tutti:mocks': { file: mocks.path, as: 'text' } } : {}),
  }
  const source = sourceOf({
    path,
    language,
    bindings,
    mocks,
    switches: reading.switches ?? [],
  })
  return { entry: { source, given, absent: bindings.absent }, bindings: bindings.file }
}

interface ChosenLanguage {
  /** What is imported; `tutti:language` is `file`. */
  readonly specifier: string
  readonly file?: string
  /** `asked`: by its user, so it need not know the file. */
  readonly by: 'asked' | 'found'
}

const OWN: { readonly [name: string]: string } = { asl: 'tutti/lang/asl' }

function languageOf(path: string, cwd: string, { lang }: Reading): ChosenLanguage | undefined {
  if (lang !== undefined) {
    const own = OWN[lang]
    if (own !== undefined) return { specifier: own, by: 'asked' }
    const isPath = /^[./~]/.test(lang) || MODULE_ENDINGS.includes(extname(lang))
    // Also one of a package is part of the program: its tasks are keyed by their code, and a run keeps it.
    return { specifier: 'tutti:language', file: isPath ? existing(lang, cwd) : packaged(lang, path), by: 'asked' }
  }
  if (matchesAsl({ path: basename(path), text: textOf(path) })) return { specifier: 'tutti/lang/asl', by: 'found' }
  const declared = STANDARD_FILES.map(name => join(dirname(path), name)).find(isFile)
  return declared === undefined ? undefined : { specifier: 'tutti:language', file: declared, by: 'found' }
}

const STANDARD_FILES = MODULE_ENDINGS.map(ending => `tutti${ending}`)

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The loader says why it cannot be read.
    return ''
  }
}

function existing(file: string, cwd: string): string {
  const path = resolve(cwd, file)
  if (isFile(path)) return path
  return refuse('FILE_NOT_FOUND', `There is no file ${file}`, {
    hint: 'Correct the path; it is relative to this folder.',
  })
}

/** The module that a package gives, as seen from the file. */
function packaged(name: string, path: string): string {
  const resolved = resolveSpecifier(name, path)
  if (resolved.ok && 'file' in resolved.value) return resolved.value.file
  const isThere = !resolved.ok && resolved.error.kind === 'no subpath'
  return refuse(
    'PACKAGE_NOT_FOUND',
    `The package '${name}' ${isThere ? 'offers no module of that name' : 'is not installed'}`,
    {
      hint: isThere ? "Look at the package's documentation for what can be imported." : `npm install ${name}`,
    },
  )
}

interface Parts {
  readonly path: string
  readonly language: ChosenLanguage
  readonly bindings: Found
  readonly mocks: { readonly path: string; readonly testCase: string } | undefined
  readonly switches: readonly string[]
}

/** It names no folder of the machine, so it is the same wherever the project lies. */
function sourceOf({ path, language, bindings, mocks, switches }: Parts): string {
  const imports = [
    `import { readFileSync } from 'node:fs'`,
    `import { openEntry } from 'tutti/lang'`,
    `import * as language from ${JSON.stringify(language.specifier)}`,
    `import text from 'tutti:text'`,
  ]
  const shown = (file: string): string => JSON.stringify(relative(dirname(path), file).split(sep).join('/'))
  const fields = [`file: { path: ${shown(path)}, text }`, `language`, `by: '${language.by}'`]
  if (bindings.file !== undefined) {
    imports.push(`import ${bindings.as === 'text' ? 'bound' : '* as bound'} from 'tutti:bindings'`)
    fields.push(`bindings: { path: ${shown(bindings.file)}, ${bindings.as === 'text' ? 'text' : 'module'}: bound }`)
  }
  if (mocks) {
    imports.push(`import mocked from 'tutti:mocks'`)
    fields.push(`mocks: { path: ${shown(mocks.path)}, text: mocked, testCase: ${JSON.stringify(mocks.testCase)} }`)
  }
  if (switches.length > 0) fields.push(`switches: ${JSON.stringify(switches)}`)
  fields.push(`read: path => readFileSync(new URL(path, import.meta.url), 'utf8')`)
  return `${imports.join('\n')}\n\nexport default await openEntry({ ${fields.join(', ')} })\n`
}
