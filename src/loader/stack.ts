/**
 * Leads from the stack back to the user's text: which call of the user is running (sites), and where an error was thrown.
 *
 * Each loaded module is a unit, known by the script name that the engine reports in its frames. The name carries a number,
 * so that two loads of one file (before and after an edit) stay apart; for a debugger it is the file's plain address. Frames
 * that have been mapped name a path instead of an address, and are not mapped again.
 */
import { pathToFileURL } from 'node:url'
import { currentSite, installLocator, type Site } from '../dsl/hooks.ts'
import type { Position } from '../util/diagnostic.ts'
import { createPositions, type ScriptModule } from './bundle.ts'
import { originOf } from './instrument/edits.ts'
import { lineStarts, offsetOf } from './instrument/lines.ts'
import type { CallSite } from './instrument/sites.ts'

export interface Unit {
  readonly scriptName: string
  readonly positionOf: (offset: number) => Position
}

interface Entry {
  readonly file: string
  readonly path: string
  readonly project: string | undefined
  readonly siteAt: (line: number, column: number) => Site
}

/** Enough for the user's frame above ours; when it is not, a second look takes all. */
const FRAMES = 16
const units = new Map<string, Entry>()
let count = 0
/** Units of other projects than their entry's: without any, nobody need look at the stack. */
let strangers = 0

/** `file`: absolute. `path`: as positions name it. `prefix`: what tells the sites of this module from others'. `project`: its folder. */
export function registerUnit(
  module: ScriptModule,
  names: {
    readonly file: string
    readonly path: string
    readonly prefix: string
    readonly project: string | undefined
    readonly scripts: 'numbered' | 'debuggable'
  },
): Unit {
  if (count === 0)
    installLocator({ current: locate, projects: locateProjects, ofError: positionOfError, plain: plainText })
  count += 1
  if (names.project !== '') strangers += 1
  const url = pathToFileURL(names.file).href
  const scriptName = names.scripts === 'debuggable' ? url : `${url}?tutti=${count}`
  const positionOf = createPositions(names.path, module)
  units.set(scriptName, {
    file: names.file,
    path: names.path,
    project: names.project,
    siteAt: createSiteLookup(module, positionOf, names.prefix),
  })
  return { scriptName, positionOf }
}

/** Forgets units that will not run again. */
export function releaseUnits(scriptNames: readonly string[]): void {
  for (const name of scriptNames) {
    const unit = units.get(name)
    if (unit && unit.project !== '') strangers -= 1
    units.delete(name)
  }
}

function createSiteLookup(
  module: ScriptModule,
  positionOf: (offset: number) => Position,
  prefix: string,
): (line: number, column: number) => Site {
  const known = new Map<number, Site>()
  let origin: ((offset: number) => number) | undefined
  let starts: readonly number[] | undefined
  let anchors: ReadonlyMap<number, CallSite> | undefined
  return (line, column) => {
    starts ??= lineStarts(module.code)
    const generated = offsetOf(starts, line, column)
    const found = known.get(generated)
    if (found) return found
    origin ??= originOf(module.map)
    anchors ??= new Map(module.sites.flatMap(each => each.anchors.map(anchor => [anchor, each] as const)))
    const offset = origin(generated)
    const call = anchors.get(offset)
    const site = { at: positionOf(call?.offset ?? offset), id: prefix + (call?.id ?? `${idBefore(module, offset)}+`) }
    known.set(generated, site)
    return site
  }
}

/** For code that runs user code without a call (a getter, an iterator): the call before it. */
function idBefore({ sites }: ScriptModule, offset: number): string {
  return (
    sites.reduce<(typeof sites)[number] | undefined>(
      (best, each) => (each.offset <= offset && (!best || each.offset >= best.offset) ? each : best),
      undefined,
    )?.id ?? 'top'
  )
}

const locate = (): Site | undefined => userFrame(siteOf)

/** Of the whole stack, which may be deep: few calls ask, and a stack is looked at only where there are several projects. */
function locateProjects(): readonly string[] {
  if (strangers === 0) return ['']
  const found: string[] = []
  frameIn(Number.POSITIVE_INFINITY, ({ project }) => {
    if (project !== undefined && project !== found.at(-1)) found.push(project)
    return undefined
  })
  return found
}

const siteOf = (entry: Entry, frame: NodeJS.CallSite): Site =>
  entry.siteAt(frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1)

type FrameReader<T> = (entry: Entry, frame: NodeJS.CallSite) => T | undefined

/** What `read` makes of the user's innermost frame; frames of which it makes nothing are passed over. */
const userFrame = <T>(read: FrameReader<T>): T | undefined =>
  frameIn(FRAMES, read) ?? frameIn(Number.POSITIVE_INFINITY, read)

function frameIn<T>(frames: number, read: FrameReader<T>): T | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error
  const holder: { stack?: unknown } = {}
  Error.stackTraceLimit = frames
  Error.prepareStackTrace = (_error, calls) => firstOf(calls, read)
  Error.captureStackTrace(holder, frameIn)
  const found = holder.stack as T | undefined // what firstOf returned
  Error.stackTraceLimit = stackTraceLimit
  Error.prepareStackTrace = prepareStackTrace
  return found
}

function firstOf<T>(frames: readonly NodeJS.CallSite[], read: FrameReader<T>): T | undefined {
  for (const frame of frames) {
    const name = frame.getFileName()
    const entry = name ? units.get(name) : undefined
    const found = entry && read(entry, frame)
    if (found !== undefined) return found
  }
  return undefined
}

/** Where the user's code is now, for refusals of the loader itself. */
export const currentPosition = (): Position | undefined => currentSite()?.at

const FRAME = /(file:\/\/\/\S*?):(\d+):(\d+)/g

/** A stack's text with every frame of a user's module led back to its file, line and column. */
export function mapStackText(stack: string): string {
  return plainText(stack).replace(FRAME, (text, name: string, line: string, column: string) => {
    const unit = units.get(name)
    if (!unit) return text
    const { at } = unit.siteAt(Number(line), Number(column))
    return `${unit.file}:${at.line}:${at.column}`
  })
}

/** A message of the engine, which quotes generated code, in the user's own words: `(0, $tuttiModule0.a)` was `a`. */
export function plainText(message: string): string {
  if (!message.includes('$tutti')) return message
  return message
    .replace(/\(0 ?, ?\$tuttiModule\d+\.([\w$]+)\)/g, '$1')
    .replace(/\$tuttiModule\d+\.|\$tutti\.globals\./g, '')
    .replace(/\$tutti(?:Guard|Name)\(\.\.\.\)/g, '(intermediate value)')
}

/** The stack of an error with positions in the user's files; `undefined` for what has none. */
export function mapStack(error: unknown): string | undefined {
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined
  return typeof stack === 'string' ? mapStackText(stack) : undefined
}

/** The user's innermost frame of an error, with the path that positions use. */
export function positionOfError(error: unknown): Position | undefined {
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined
  if (typeof stack !== 'string') return undefined
  for (const [, name = '', line, column] of stack.matchAll(FRAME)) {
    const unit = units.get(name)
    if (unit) return unit.siteAt(Number(line), Number(column)).at
  }
  return positionInMapped(stack)
}

/** With stack mapping installed, a stack names the user's files already. */
function positionInMapped(stack: string): Position | undefined {
  for (const [, file = '', line, column] of stack.matchAll(MAPPED_FRAME)) {
    const unit = [...units.values()].find(each => each.file === file)
    if (unit) return { file: unit.path, line: Number(line), column: Number(column) }
  }
  return undefined
}

const MAPPED_FRAME = /^\s+at (?:.* \()?(\/.*?):(\d+):(\d+)\)?$/gm

/** Where the engine could not read generated code: it tells the line first, then draws a caret under the column. */
export function positionOfSyntaxError(error: SyntaxError): Position | undefined {
  const [first = '', , caret = ''] = (error.stack ?? '').split('\n')
  const [, name = '', line] = /^(file:\/\/\/\S*?):(\d+)$/.exec(first) ?? []
  return units.get(name)?.siteAt(Number(line), Math.max(1, caret.indexOf('^') + 1)).at
}

/** Maps every stack that is read in this process from now on. */
export function installStackMapping(): void {
  const before = Error.prepareStackTrace
  Error.prepareStackTrace = (error, frames) => {
    const text = before
      ? before(error, frames)
      : `${describe(error)}${frames.map(frame => `\n    at ${String(frame)}`).join('')}`
    return typeof text === 'string' ? mapStackText(text) : text
  }
}

function describe(error: Error): string {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}
