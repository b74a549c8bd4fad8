/** Commands as text for /bin/sh: words quoted where they must be, redirections and pipes said again. */
import { relative } from 'node:path'
import type { Stream, Streams } from '../sight/descriptors.ts'

/** One word, whatever it contains. */
export const quote = (word: string): string =>
  /^[\w@%+:,./-]+(?:=[\w@%+:,./=-]*)?$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A first word with `=` in it would set a variable. */
export const lineOf = (argv: readonly string[]): string =>
  argv.map((word, index) => (index === 0 && word.includes('=') ? `'${word}'` : quote(word))).join(' ')

/** `< in > out 2>&1`, for streams that lead to files; ends of pipes are said by who joins the commands. */
export function redirections([input, output, errors]: Streams, cwd: string): string {
  const said = [
    input?.kind === 'file' ? `< ${place(input.path, cwd)}` : '',
    output?.kind === 'file' ? `${arrow(output)} ${place(output.path, cwd)}` : '',
    errors === undefined
      ? ''
      : areOne(output, errors)
        ? '2>&1'
        : errors.kind === 'file'
          ? `2${arrow(errors)} ${place(errors.path, cwd)}`
          : '',
  ]
  return said.filter(each => each !== '').join(' ')
}

const areOne = (a: Stream | undefined, b: Stream): boolean =>
  a?.kind === 'pipe' ? b.kind === 'pipe' && a.pipe === b.pipe : b.kind === 'file' && a?.openedSeq === b.openedSeq

const arrow = ({ mode }: Extract<Stream, { kind: 'file' }>): string =>
  mode === 'append' ? '>>' : mode === 'update' ? '<>' : '>'

/** As short as it can be said in `cwd`. */
function place(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return quote(path.startsWith('/dev/') || short.startsWith('../../') || short === '' ? path : short)
}
