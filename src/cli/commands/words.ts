/** The words of a command: which file, which workflow. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
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
  return refuse('FILE_NOT_FOUND', `There is no tutti.ts in ${io.cwd}`, {
    hint: 'Make one with tutti init, or name the file: tutti run FILE',
  })
}

const defaultFile = (folder: string): string | undefined =>
  DEFAULT_FILES.find(name => existsSync(resolve(folder, name)))
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
