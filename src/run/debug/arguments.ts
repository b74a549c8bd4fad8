/** The arguments of an attempt that runs again: by name, as short texts, as a file, and with their sources at hand. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { inspect } from 'node:util'
import type { AnyFunction, Definition } from '../../dsl/definition.ts'
import { parameterNames } from '../../dsl/parameter-names.ts'
import { HANDLE, isHandle } from '../../dsl/resources.ts'
import { redact } from '../../exec/index.ts'
import { someInside } from '../../util/plain-data.ts'
import { toTagged } from '../../util/tagged.ts'
import { LocalFile, LocalFiles } from '../../values/index.ts'
import { bringSource, type Source } from './workplace.ts'

export type NamedArguments = readonly (readonly [name: string, value: unknown])[]

/** The function that a definition runs. */
export const functionOf = (definition: Definition): AnyFunction =>
  'fn' in definition ? definition.fn : definition.body

export function namedArguments(definition: Definition | undefined, args: readonly unknown[]): NamedArguments {
  const names = definition ? namesOf(functionOf(definition)) : []
  return args.map((arg, index) => [names[index] ?? `arg${index + 1}`, arg])
}

function namesOf(fn: AnyFunction): readonly string[] {
  try {
    return parameterNames(fn)
  } catch {
    // A task may take ...rest, which has no names to show.
    return []
  }
}

/** In a few words each, secrets under their names; paths as seen from `cwd`. */
export const showArguments = (args: NamedArguments, cwd: string): readonly (readonly [name: string, shown: string])[] =>
  args.map(([name, value]) => [name, redact(showArgument(value, cwd))])

function showArgument(value: unknown, cwd: string): string {
  if (!isHandle(value))
    return inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 8, maxStringLength: 200 })
  const place = 'path' in value ? relative(cwd, value.path) || '.' : String(value)
  return value[HANDLE] === 'secret' ? place : `${value[HANDLE]} ${place}`
}

/** As one JSON object (tagged: dates and the like), a handle as its path, a secret as its name. */
export function writeArguments(path: string, args: NamedArguments): void {
  const json = args.map(([name, value]) => [
    name,
    toTagged(value, { extend: object => (isHandle(object) ? String(object) : undefined) }),
  ])
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(json), undefined, 2)}\n`)
}

/** Changed sources that are named one by one. */
const WARNINGS_MAX = 5

/** Puts the sources in `args` where the attempt looks for them; warns of those that are not what they were. */
export async function bringSources(
  args: NamedArguments,
  { projectFolder, folder }: { readonly projectFolder: string; readonly folder: string },
  warn: (text: string) => void,
): Promise<void> {
  const problems: string[] = []
  for (const source of sourcesIn(args, folder)) {
    const how = await bringSource({ projectFolder, folder }, source)
    if (how !== 'as it was') problems.push(`${source.path} ${how === 'gone' ? 'is gone' : 'has changed'}`)
  }
  for (const problem of problems.slice(0, WARNINGS_MAX))
    warn(`warning: SOURCE_CHANGED: ${problem} since the attempt; sources are not kept in the store`)
  const more = problems.length - WARNINGS_MAX
  if (more > 0) warn(`warning: SOURCE_CHANGED: and ${more} more sources`)
}

function sourcesIn(args: NamedArguments, folder: string): readonly Source[] {
  const found: Source[] = []
  someInside(args, object => {
    if (object instanceof LocalFiles)
      found.push(
        ...object.paths.map((path, index) => ({
          path: relative(folder, resolve(object.cwd, path)),
          hash: object.contents[index]?.hash ?? '',
        })),
      )
    if (object instanceof LocalFile && object.source)
      found.push({ path: relative(folder, object.path), hash: object.source.hash })
    // Looks on: all of them are wanted.
    return false
  })
  return found
}
