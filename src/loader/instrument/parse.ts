/** Text to syntax tree. Loads the parser only when there is something to parse: it costs more than the rest of the start. */
import type { ParseResult } from 'oxc-parser'
import type { Keys, Node } from './tree.ts'
import { walk } from './tree.ts'
import { needsLowering } from './erase.ts'

export type Program = Extract<Node, { type: 'Program' }>
/** `ts` may hold types. */
export type Dialect = 'ts' | 'js'

export interface SyntaxProblem {
  readonly message: string
  readonly offset: number
  readonly hint?: string
}

export interface Parsed {
  readonly program: Program
  readonly keys: Keys
  readonly problems: readonly SyntaxProblem[]
  readonly hasModuleSyntax: boolean
}

type Parse = (fileName: string, source: string, dialect: Dialect) => Parsed

export const parse = async (...given: Parameters<Parse>): Promise<Parsed> => (await loadParser())(...given)

/** For who must parse at once what is found on the way. */
export async function loadParser(): Promise<Parse> {
  const { parseSync, visitorKeys } = await import('oxc-parser')
  return (fileName, source, dialect) => {
    const result = parseSync(fileName, source, {
      lang: dialect,
      sourceType: 'module',
      preserveParens: true,
      showSemanticErrors: true,
    })
    return {
      program: result.program,
      keys: visitorKeys,
      problems: problemsOf(result),
      hasModuleSyntax: result.module.hasModuleSyntax,
    }
  }
}

function problemsOf(result: ParseResult): readonly SyntaxProblem[] {
  return result.errors
    .filter(error => error.severity === 'Error')
    .map(error => ({
      message: error.message,
      // Of several labels the last is where the problem shows ("already declared here", "it cannot be declared again").
      offset: error.labels.at(-1)?.start ?? 0,
      ...(error.helpMessage ? { hint: error.helpMessage } : {}),
    }))
}

export function hasSyntaxToLower({ program, keys }: Parsed): boolean {
  let found = false
  walk(program, keys, [
    {
      enter(node) {
        found ||= needsLowering(node)
        return found ? 'skip' : undefined
      },
    },
  ])
  return found
}
