/** The words of a command: which file, which workflow. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import { DEFAULT_FILES, looksLikeFile } from '../file.ts'
import { type Io, usage } from '../io.ts'

/** The file and the workflow that the words name: the first is a file when it exists or has an extension. */
export function readWords(
  io: Io,
  words: readonly string[],
): { readonly file: string; readonly workflow: string | undefined } {
  const [first, second] = words
  if (first !== undefined && (looksLikeFile(first) || existsSync(resolve(io.cwd, first))))
    return { file: first, workflow: second }
  if (second !== undefined) throw usage(`${first} is no file`, 'tutti run [FILE] [WORKFLOW]')
  const found = DEFAULT_FILES.find(name => existsSync(resolve(io.cwd, name)))
  if (found !== undefined) return { file: found, workflow: first }
  return refuse('FILE_NOT_FOUND', `There is no tutti.ts in ${io.cwd}`, {
    hint: 'Make one with tutti init, or name the file: tutti run FILE',
  })
}
