/**
 * What a module's syntax says about its code, as plain data that its bundle carries: nothing is parsed to know what a
 * function reaches.
 *
 * A module is cut into cells. Its top-level statements and declarators are cells; so is, inside of them, every function
 * that is given to the language, which is thereby known apart from what stands around it.
 *
 *   K1. A cell's digest is that of its syntax tree without positions, types, comments and inner cells: formatting is nothing.
 *   K2. Equal sources give equal tables.
 */
import { createHash } from 'node:crypto'

export interface ModuleCells {
  readonly cells: readonly Cell[]
  /** What each imported name means; the name `*` is the whole namespace. */
  readonly imports: { readonly [local: string]: readonly [specifier: string, name: string] }
  /** The local name behind each export that is the module's own. */
  readonly exports: { readonly [name: string]: string }
  /** What is imported without a name: for what it does. */
  readonly bare: readonly string[]
}

/**
 * `declaration`, `statement`: at the top of the module. Inside of these, what is given to a call: `deferred`, a function that
 * runs in steps only; `body`, one of a workflow or flow; `inline`, one that its call may run at once; `value`, an
 * expression that gives the function.
 */
type CellRole = 'declaration' | 'statement' | 'deferred' | 'body' | 'inline' | 'value'

/** A name and its declaration's (else its own) offset. */
export type Place = readonly [name: string, offset: number]

export interface Cell {
  readonly role: CellRole
  /** The cell around it. */
  readonly parent?: number
  /** What it declares. */
  readonly names?: readonly string[]
  readonly digest: string
  /** The names of the module's top, imports and globals that it uses, with how (`USE`). `a.b` where `a` is a namespace. */
  readonly uses: { readonly [name: string]: number }
  /** What happens when the module is loaded: calls or changes; only what may run a getter; nothing. Absent: nothing. */
  readonly loading?: 'acts' | 'looks'
  /** What it declares holds no state: functions, literals. */
  readonly stateless?: true
  /** It uses a variable of the block around it, which is made once. */
  readonly enclosed?: true
  /** It uses a variable that is made many times: of a function or loop around it. */
  readonly open?: Place
  /** It asks for code that no syntax tells. */
  readonly unknown?: Place
  /** It asks the world for something that no watch sees, in code that runs then (`USE`). */
  readonly unwatched?: readonly [...place: Place, how: number]
}

/** How a name is used: while the module loads; in a function, later; changed; called. */
export const USE = { eager: 1, later: 2, written: 4, called: 8 } as const

/** The name under which `import('./x.ts')` is a use of the module. */
export const DYNAMIC = 'import:'

/** 132 bits: tables are part of every bundle. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22)
