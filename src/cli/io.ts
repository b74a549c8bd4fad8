/** The process's streams and surroundings, given to every command; nothing else in this folder touches `process`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Diagnostic, refuse, Refusal } from '../util/diagnostic.ts'
import { exitOfDiagnostics } from './exit.ts'
import { placeIn } from './place.ts'
import { diagnosticsJson, diagnosticsOf, renderDiagnostics, renderStack } from './render/diagnostics.ts'
import { type Screen, screenOf } from './render/screen.ts'

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** All words of the command line. */
  readonly words: readonly string[]
  readonly version: string
  /** What was said of a FILE in another language. */
  readonly reading: Reading
  /** Data. */
  out(text: string): void
  /** Everything for people. */
  err(text: string): void
  readonly outScreen: Screen
  readonly errScreen: Screen
  readonly errIsTerminal: boolean
}

/** How a FILE in another language is read, where nothing is to be found out. Paths are the user's, from his folder. */
export interface Reading {
  /** A package, a file, or the name of a language that Tutti has. */
  readonly lang?: string
  /** The file that binds its names. */
  readonly bind?: string
  /** A file of mocks, and the test case of it that is played. */
  readonly mocks?: { readonly file: string; readonly testCase: string }
  /** What only some languages know, as it is written: `--aws-limits`. */
  readonly switches?: readonly string[]
}

export function processIo(version: string): Io {
  // Who reads our output may stop doing so (`| head`): the run goes on, and its exit code is still true.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => {
      if ((error as { readonly code?: string }).code !== 'EPIPE') throw error
    })
  }
  return {
    env: process.env,
    cwd: process.cwd(),
    words: process.argv.slice(2),
    version,
    reading: {},
    out: text => void (process.stdout.writable && process.stdout.write(text)),
    err: text => void (process.stderr.writable && process.stderr.write(text)),
    outScreen: screenOf(process.stdout, process.env),
    errScreen: screenOf(process.stderr, process.env),
    errIsTerminal: process.stderr.isTTY === true,
  }
}

/** What was thrown, told to the user; the exit code that it means. Errors of users' code have been turned into data before. */
export function reportError(
  io: Io,
  error: unknown,
  options: { readonly verbose: boolean; readonly json: boolean },
): number {
  const diagnostics = diagnosticsOf(error)
  if (options.json) io.out(`${JSON.stringify({ kind: 'error', diagnostics: diagnosticsJson(diagnostics) })}\n`)
  io.err(`${renderDiagnostics(diagnostics, io.errScreen, file => sourceText(file, io.cwd))}`)
  if (options.verbose) io.err(renderStack(error, io.errScreen))
  return exitOfDiagnostics(diagnostics)
}

/** Diagnostics whose positions count from the folder of the user's file. */
export function renderPlaced(io: Io, diagnostics: readonly Diagnostic[], dir: string): string {
  if (diagnostics.length === 0) return ''
  const place = placeIn(dir, io.cwd)
  return renderDiagnostics(
    diagnostics.map(each => (each.at ? { ...each, at: place(each.at) } : each)),
    io.errScreen,
    file => sourceText(file, io.cwd),
  )
}

export const usage = (message: string, hint?: string): Refusal =>
  new Refusal({ code: 'USAGE', severity: 'error', message, ...(hint ? { hint } : {}) })

/** A file that the user asked for beside the data. */
export function writeReport(io: Io, path: string, text: string): void {
  try {
    writeFileSync(resolve(io.cwd, path), text)
  } catch (error) {
    refuse('FILE_UNWRITABLE', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Name a file in a folder that exists.',
    })
  }
}

/** For a code frame. */
export function sourceText(file: string, dir: string): string | undefined {
  try {
    return readFileSync(resolve(dir, file), 'utf8')
  } catch {
    // The file is gone or was never one: the message stands without a code frame.
    return undefined
  }
}
