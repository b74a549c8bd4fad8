/** What CI hosts read out of a log: folded sections and annotations. Formats as the hosts document them. */
import type { Position } from '../../util/diagnostic.ts'
import { plain } from '../render/text.ts'

export type CiHost = 'github' | 'gitlab' | 'none'

export function ciHostOf(env: Readonly<Record<string, string | undefined>>): CiHost {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github'
  return env['GITLAB_CI'] === 'true' ? 'gitlab' : 'none'
}

/** `lines` under a title that the host's log viewer can fold; as they are on other hosts. */
export function foldedLines(host: CiHost, title: string, lines: readonly string[], atMs: number): readonly string[] {
  switch (host) {
    case 'github':
      return [`::group::${plain(title)}`, ...lines.map(unspoken), '::endgroup::']
    case 'gitlab': {
      const seconds = Math.floor(atMs / 1_000)
      const section = sectionName(title)
      return [
        `\x1b[0Ksection_start:${seconds}:${section}[collapsed=true]\r\x1b[0K${plain(title)}`,
        ...lines,
        `\x1b[0Ksection_end:${seconds}:${section}\r\x1b[0K`,
      ]
    }
    case 'none':
      return lines
  }
}

/** Marks a failure on the file's line where the host shows such things. `warning`: what is around it may still go on. */
export function annotation(
  host: CiHost,
  title: string,
  message: string,
  at: Position | undefined,
  level: 'error' | 'warning' = 'error',
): readonly string[] {
  if (host !== 'github') return []
  const place = at ? [`file=${property(at.file)}`, `line=${at.line}`, `col=${at.column}`] : []
  return [`::${level} ${[...place, `title=${property(title)}`].join(',')}::${escaped(message)}`]
}

/** A user's line that looks like a command to the host (in its new or old form) must not become one. */
const unspoken = (line: string): string => line.replace(/^(\s*)(:(?=:)|#(?=#\[))/, '$1$2\u200b')

const escaped = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const property = (text: string): string => escaped(text).replace(/:/g, '%3A').replace(/,/g, '%2C')

/** Section names may hold letters, digits, `_`, `.` and `-` only. */
const sectionName = (title: string): string => `tutti_${title.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 80)}`
