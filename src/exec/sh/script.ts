/**
 * The text of an `sh.shell` template as a script for /bin/sh. Values do not stand in the script: they are arguments, put
 * into variables by its first line, and the script expands those. An expansion is never read as syntax again, so no value
 * can run anything, wherever it stands; the quotes round it only decide whether it stays one word.
 */
import type { Piece, Value } from './words.ts'

export interface Script {
  readonly text: string
  /** Arguments of the script, from `$1` on. */
  readonly args: readonly string[]
  /** As the user wrote it, with values quoted and secrets under their names. */
  readonly shown: string
}

type Context = 'plain' | 'single' | 'double' | 'comment'

export function buildScript(parts: readonly string[], values: readonly Value[]): Script {
  const args: string[] = []
  const contexts: Context[] = ['plain']
  let body = ''
  let shown = ''
  for (const [part, text] of parts.entries()) {
    track(text, contexts)
    body += text
    shown += text
    if (part === parts.length - 1) continue
    const value = values[part] ?? []
    const names = value.map(piece => `__tutti_${args.push(piece.text)}`)
    body += expansion(names, contexts.at(-1) ?? 'plain')
    shown += value.map(quotePiece).join(' ')
  }
  const header = args.map((_, index) => `__tutti_${index + 1}=\${${index + 1}}`).join(' ')
  return { text: header === '' ? body : `${header}; set --; ${body}`, args, shown: shown.trim() }
}

function expansion(names: readonly string[], context: Context): string {
  const inside = names.map(name => `\${${name}}`)
  switch (context) {
    case 'plain':
    case 'comment':
      return inside.map(text => `"${text}"`).join(' ')
    case 'double':
      return inside.join(' ')
    case 'single':
      // Out of the quotes, the value, and in again.
      return `'"${inside.join(' ')}"'`
  }
}

/** Follows quotes, comments and `$(…)` through a piece of script. */
function track(text: string, contexts: Context[]): void {
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? ''
    const context = contexts.at(-1) ?? 'plain'
    if (context === 'single') {
      if (char === "'") contexts.pop()
    } else if (context === 'comment') {
      if (char === '\n') contexts.pop()
    } else if (char === '\\') index++
    else if (char === '"') context === 'double' ? contexts.pop() : contexts.push('double')
    else if (char === '(' && (context === 'plain' || text[index - 1] === '$')) contexts.push('plain')
    else if (char === ')' && context === 'plain' && contexts.length > 1) contexts.pop()
    else if (context === 'plain' && char === "'") contexts.push('single')
    else if (context === 'plain' && char === '#' && /^$|\s/.test(text[index - 1] ?? '')) contexts.push('comment')
  }
}

const SAFE = /^[\w@%+=:,./-]+$/

/** A word as one would type it into a shell: for display only. */
export const quotePiece = ({ text, shown }: Piece): string =>
  SAFE.test(text) || text !== shown ? shown : `'${shown.replaceAll("'", `'\\''`)}'`
