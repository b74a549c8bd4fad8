/**
 * What a user can do wrong, as data: one shape for the terminal, `--json`, editors and tests.
 * A `Refusal` carries diagnostics through code that cannot return them (a body that is being traced, a module that loads).
 */

/** A place in a file as the user wrote it. Lines and columns count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Diagnostic {
  /** Stable, upper case, listed in docs/errors.md. */
  readonly code: string
  readonly severity: 'error' | 'warning' | 'info'
  /** One sentence with the user's own names. */
  readonly message: string
  readonly at?: Position
  readonly related?: readonly { readonly message: string; readonly at?: Position }[]
  /** One thing to do. */
  readonly hint?: string
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[] | Diagnostic, options?: { readonly cause?: unknown }) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic]
    super(
      list.map(each => `${each.code}: ${each.message}${each.at ? ` (${showPosition(each.at)})` : ''}`).join('\n'),
      options,
    )
    this.diagnostics = list
  }
}

/** Refuse with one error. */
export function refuse(
  code: string,
  message: string,
  rest: Omit<Diagnostic, 'code' | 'severity' | 'message'> = {},
): never {
  throw new Refusal({ code, severity: 'error', message, ...rest })
}

export const showPosition = (at: Position): string => `${at.file}:${at.line}:${at.column}`
