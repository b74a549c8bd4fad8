/** The words of a command: which file, which workflow, which version of it. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import { parseReference } from '../versions/words.ts'
import { DEFAULT_FILES, looksLikeFile } from '../file.ts'
import { type Io, usage } from '../io.ts'

/** The file and the workflow that the words name: the first is a file when it exists or has an extension; a folder stands for its tutti.ts. */
export function readWords(
  io: Io,
  words: readonly string[],
): { readonly file: string; readonly workflow: string | undefined } {
  const [first, second] = words
  const here = defaultFile(io.cwd)
  if (first !== undefined && isFolder(resolve(io.cwd, first))) {
    const inside = defaultFile(resolve(io.cwd, first))
    if (inside !== undefined) return { file: join(first, inside), workflow: second }
    // `tutti run build` beside a folder `build`: it is the workflow, if there is one of that name (./../file.ts says so if not).
    if (here !== undefined && second === undefined) return { file: here, workflow: first }
    return { file: first, workflow: second }
  }
  if (first !== undefined && (looksLikeFile(first) || existsSync(resolve(io.cwd, first))))
    return { file: first, workflow: second }
  if (second !== undefined) throw usage(`${first} is no file`, 'tutti run [FILE] [WORKFLOW]')
  if (here !== undefined) return { file: here, workflow: first }
  return noFile(io)
}

const noFile = (io: Io): never =>
  refuse('FILE_NOT_FOUND', `There is no tutti.ts in ${io.cwd}`, {
    hint: 'Make one with tutti init, or name the file: tutti run FILE',
  })

/** What the words mean where versions count, too: the file need not be there. */
export interface Target {
  readonly file: string
  /** `default`: no file was named. */
  readonly by: 'name' | 'default'
  readonly place: 'there' | 'gone'
  readonly workflow: string | undefined
  /** What stands behind the `@`. */
  readonly which: string | undefined
}

export function readTarget(io: Io, words: readonly string[]): Target {
  const last = words.at(-1) ?? ''
  const { workflow, which } = existsSync(resolve(io.cwd, last)) ? NOTHING : parseReference(last)
  const plain = which === undefined ? words : [...words.slice(0, -1), ...(workflow === undefined ? [] : [workflow])]
  const [first, second] = plain
  const isFileNamed = first !== undefined && (second !== undefined || looksLikeFile(first))
  if (!isFileNamed && defaultFile(folderNamed(io, first)) === undefined && !isWord(io, first))
    return { file: DEFAULT_FILES[0] ?? '', by: 'default', place: 'gone', workflow: first, which }
  const read = readWords(io, plain)
  return {
    ...read,
    by: isFileNamed || isWord(io, first) ? 'name' : 'default',
    place: existsSync(resolve(io.cwd, read.file)) ? 'there' : 'gone',
    which,
  }
}

/** Before a file is loaded: why there is none. */
export function mustBeNamed(io: Io, { by, place }: Target): void {
  if (by === 'default' && place === 'gone') noFile(io)
}

const NOTHING = { workflow: undefined, which: undefined }
const folderNamed = (io: Io, word: string | undefined): string =>
  word !== undefined && isFolder(resolve(io.cwd, word)) ? resolve(io.cwd, word) : io.cwd
/** Something that is there under this name: it is no workflow's name, or not only. */
const isWord = (io: Io, word: string | undefined): boolean => word !== undefined && existsSync(resolve(io.cwd, word))

const defaultFile = (folder: string): string | undefined =>
  DEFAULT_FILES.find(name => existsSync(resolve(folder, name)))
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
