/**
 * Files that Node loads itself (CommonJS, binaries) and that are no longer what they were when the bundle was made: their kept
 * content is laid down again, and loaded from there.
 *
 *   L1. What is loaded is what was kept, or nothing: a file that has changed is not taken for the old one.
 *   L2. Files that are as they were are loaded from where they are.
 *   L3. From wherever they are loaded, the same is read: their own text is none of what the file read.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fromBase64 } from '../util/base64.ts'
import { refuse } from '../util/diagnostic.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import type { Bundle, KeptFile, NativeModule } from './bundle.ts'
import { filesHash, requiredFiles } from './native.ts'

/** Where the modules of a bundle are that Node loads, by their paths. Refuses with MODULE_CHANGED. */
export function locateNatives(bundle: Bundle, dir: string, layInto: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const [path, module] of Object.entries(bundle.modules)) {
    if (module.kind !== 'native') continue
    const file = resolve(dir, path)
    files.set(path, isAsKept(file, module) ? file : layDown(path, module, layInto))
  }
  return files
}

/** Where the files were that the bundle has the content of. */
export const keptPaths = ({ modules }: Bundle, dir: string): ReadonlySet<string> =>
  new Set(
    Object.entries(modules).flatMap(([path, module]) =>
      module.kind === 'native' ? Object.keys(module.files ?? {}).map(name => resolve(dir, dirname(path), name)) : [],
    ),
  )

/** L2. */
function isAsKept(file: string, { hash, reach }: NativeModule): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false
  if (createHash('sha256').update(readFileSync(file)).digest('hex') !== hash) return false
  return reach === undefined || filesHash(dirname(file), requiredFiles(file)) === reach
}

function layDown(path: string, { files }: NativeModule, layInto: string): string {
  if (!files)
    return refuse('MODULE_CHANGED', `${path} is no longer what it was, and too large to have been kept`, {
      hint: 'Put the file back as it was, with all that it requires.',
    })
  const root = join(
    layInto,
    createHash('sha256')
      .update(canonicalJson(files as unknown as Json))
      .digest('hex')
      .slice(0, 32),
  )
  const home = join(root, ...foldersFor(path, Object.keys(files)))
  try {
    write(join(root, 'package.json'), Buffer.from('{ "type": "commonjs" }\n'))
    for (const [name, content] of Object.entries(files)) write(join(home, name), bytesOf(content))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    refuse('MODULE_CHANGED', `${path} is no longer what it was, and cannot be laid down again: ${why}`, {
      hint: `Make ${layInto} writable, or put the file back as it was.`,
    })
  }
  return join(home, path.slice(path.lastIndexOf('/') + 1))
}

/** Deep enough that names which lead up from it stay inside; called as they were, since others may lead down again. */
function foldersFor(path: string, names: readonly string[]): readonly string[] {
  const ups = Math.max(...names.map(name => name.split('/').filter(each => each === '..').length))
  const own = path.split('/').slice(0, -1)
  return Array.from({ length: ups }, (_, index) => own.at(index - ups)).map(name =>
    name === undefined || name === '..' ? 'in' : name,
  )
}

/** Whole or not at all: another process may be reading. */
function write(file: string, bytes: Uint8Array): void {
  if (isThere(file, bytes)) return
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, bytes)
  renameSync(draft, file)
}

function isThere(file: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(file).equals(bytes)
  } catch {
    return false
  }
}

const bytesOf = (content: KeptFile): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : (fromBase64(content.base64) ?? new Uint8Array())
