/**
 * What packages and CommonJS files read while a user's file is loaded and traced. They have Node's own `fs`, so its reading
 * functions are replaced meanwhile. A list of folders that a package made has decided what the graph is like any other, and
 * a change there must be noticed.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { FOLDER_READERS, pathOf, readNoted, type Watch } from './reads.ts'

type AnyFunction = (...args: never[]) => unknown

const READERS = ['readFile', 'exists', 'stat', 'lstat', 'access', 'open', ...FOLDER_READERS] as const

/** Whose load or trace is going on, in this chain of calls and not in another one of the process. */
const current = new AsyncLocalStorage<Watch>()
let patches = 0
let restore: () => void = () => undefined
let isNoting = false

/** Runs `body`, which may be asynchronous, and tells `watch` what is read in the project meanwhile. */
export function watchingPackages<T>(watch: Watch, body: () => T): T {
  if (patches++ === 0) restore = patch()
  let isOpen = false
  try {
    const result = current.run(watch, body)
    if (!(result instanceof Promise)) return result
    isOpen = true
    // It is given on as it is: whoever awaits it hears of its failure.
    result.then(release, release)
    return result
  } finally {
    if (!isOpen) release()
  }
}

function release(): void {
  if (--patches === 0) restore()
}

function patch(): () => void {
  const undo = [
    ...READERS.flatMap(name => [name, `${name}Sync`].map(form => replaced(fs as unknown as Table, form, name))),
    ...READERS.map(name => replaced(fs.promises as unknown as Table, name, name)),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const each of undo) each()
    syncBuiltinESMExports()
  }
}

type Table = Record<string, AnyFunction>

function replaced(table: Table, form: string, reader: string): () => void {
  const real = table[form]
  if (typeof real !== 'function') return () => undefined
  const kind = FOLDER_READERS.some(each => each === reader) ? 'folder' : 'file'
  const watched = function (this: unknown, ...args: readonly unknown[]): unknown {
    const watch = isNoting ? undefined : current.getStore()
    if (watch) quietly(() => noteInside(watch, args[0], kind))
    return Reflect.apply(real, this, args)
  }
  table[form] = Object.assign(watched, real)
  return () => {
    table[form] = real
  }
}

/** Looking reads, too. */
function quietly(look: () => void): void {
  isNoting = true
  try {
    look()
  } finally {
    isNoting = false
  }
}

/** What lies outside of the project, and what packages are made of, is theirs. */
function noteInside(watch: Watch, given: unknown, kind: 'file' | 'folder'): void {
  const path = watch.phase() === 'run' ? undefined : pathOf(given)
  if (path === undefined || !path.startsWith(`${watch.dir}/`) || watch.own.has(path)) return
  if (!/\/(node_modules|\.tutti|\.git)(\/|$)/.test(path.slice(watch.dir.length))) readNoted(watch, fs, path, kind)
}
