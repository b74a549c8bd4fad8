/** Types are the compiler's: `tsc` of the user's project is asked, with the tsconfig.json nearest to the file. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Diagnostic } from '../../util/diagnostic.ts'
import { placeIn } from '../place.ts'
import type { TypeCheck } from './report.ts'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 64 * 2 ** 20

/** What the compiler says, of all files of the project; `only` the modules that were loaded are told. */
export interface TypeErrors {
  only(modules: readonly string[], cwd: string): TypeCheck
}

/** Starts at once, and is awaited when the file has been loaded. */
export async function askCompiler(file: string): Promise<TypeErrors> {
  const config = nearest(dirname(file), 'tsconfig.json')
  const compiler = config === undefined ? undefined : compilerFor(config)
  if (config === undefined || compiler === undefined) {
    const why = config === undefined ? 'there is no tsconfig.json' : 'typescript is not installed'
    return { only: () => ({ kind: 'skipped', why }) }
  }
  const text = await outputOf(compiler, config)
  const found = parseErrors(text, dirname(config))
  return { only: (modules, cwd) => ({ kind: 'checked', diagnostics: among(found, new Set(modules), cwd) }) }
}

function nearest(folder: string, name: string): string | undefined {
  const path = join(folder, name)
  if (existsSync(path)) return path
  const outer = dirname(folder)
  return outer === folder ? undefined : nearest(outer, name)
}

/** The program `tsc` of the package that the project has. */
function compilerFor(config: string): string | undefined {
  try {
    const path = createRequire(config).resolve('typescript/package.json')
    const { bin } = JSON.parse(readFileSync(path, 'utf8')) as { readonly bin?: { readonly tsc?: string } }
    return bin?.tsc === undefined ? undefined : join(dirname(path), bin.tsc)
  } catch {
    return undefined
  }
}

async function outputOf(compiler: string, config: string): Promise<string> {
  const words = [compiler, '--noEmit', '--pretty', 'false', '--incremental', 'false', '-p', config]
  try {
    return (await run(process.execPath, words, { maxBuffer: OUTPUT_BYTES_MAX })).stdout
  } catch (error) {
    // It ends with 1 or 2 when it has found something.
    const { stdout } = error as { readonly stdout?: string }
    if (typeof stdout !== 'string') throw error
    return stdout
  }
}

interface TypeError {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `path(line,column): error TS2345: message`, with lines of detail that are indented. */
function parseErrors(text: string, dir: string): readonly TypeError[] {
  const found: { file: string; line: number; column: number; message: string }[] = []
  for (const row of text.split(/\r?\n/)) {
    const [, file, line, column, message] = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(row) ?? []
    const last = found.at(-1)
    if (file && message) found.push({ file: resolve(dir, file), line: Number(line), column: Number(column), message })
    else if (/^\s+\S/.test(row) && last) last.message += `\n${row}`
  }
  return found
}

const among = (errors: readonly TypeError[], modules: ReadonlySet<string>, cwd: string): readonly Diagnostic[] =>
  errors
    .filter(({ file }) => modules.has(file))
    .map(({ message, ...at }) => ({ code: 'TYPE_ERROR', severity: 'error', message, at: placeIn(cwd, cwd)(at) }))
