/**
 * What a language is: a plain value. It ends in graphs and in what their names mean; nothing below knows it (invariant 7).
 *
 *   L1. `parse` hangs on its text and what it reads through `around` alone, and reports everything that is wrong with a text at once, each with its place.
 *   L2. `bind` needs nothing but the program and what the user binds its names to: a run that is resumed elsewhere binds again.
 *   L3. A program whose names are not all bound can still be drawn and checked: what is missing is refused when it is to run.
 */
import type { Graph } from '../core/graph/graph.ts'
import type { AnyFunction } from '../dsl/definition.ts'
import type { Schema } from '../dsl/types.ts'
import type { Diagnostic } from '../util/diagnostic.ts'
import type { Result } from '../util/result.ts'

/** A text as the user has it. */
export interface SourceFile {
  /** As positions name it: relative to the folder that everything is relative to. */
  readonly path: string
  readonly text: string
}

/** What the user binds a program's names to: which names there are, and what they may be bound to, is the language's. */
export type Bindings = { readonly [name: string]: unknown }

export interface Language<Program = unknown> {
  /** As `--lang` and messages say it. */
  readonly name: string
  /** Whether the text is one of this language. Asked of its path first: most know it by the end of the name. */
  readonly matches: (file: SourceFile) => boolean
  readonly parse: (file: SourceFile, around: Around) => Soon<Result<Program, readonly Diagnostic[]>>
  readonly bind: (
    program: Program,
    bindings: Bindings,
    around: Around,
  ) => Soon<Result<readonly BoundWorkflow[], readonly Diagnostic[]>>
}

/** A value, or a promise of one: of a parser that must be loaded first, say. */
type Soon<T> = T | Promise<T>

/** What a program may look at beside its text. */
export interface Around {
  /**
   * The text of a file that it includes, by its path from the text's folder; undefined: there is none. What is read is kept:
   * a change of it is seen, and a run that is resumed reads what it read.
   */
  readonly read: (path: string) => string | undefined
}

/** A workflow of a program: a graph, and what the names in it mean. */
export interface BoundWorkflow {
  /** Its root's parameters are those of the graph, in their order; a deadline is the run's. */
  readonly graph: Graph
  /** What `task()`, `effect()` or `service()` gave, by the `task` of nodes. */
  readonly tasks: { readonly [name: string]: AnyFunction }
  /** Pure functions by the `fn` of expressions: called where the value is used. They may give a promise. */
  readonly pure?: { readonly [id: string]: AnyFunction }
  /** Validators of signals that are waited for. */
  readonly signals?: { readonly [name: string]: Schema | undefined }
  /** What must be bound before it can run, with how to do it (L3). */
  readonly missing?: readonly Diagnostic[]
  /** What nothing is wrong with, and what its author may have meant otherwise: `tutti check` tells. */
  readonly warnings?: readonly Diagnostic[]
  /** The parameter that the whole of `--input` is, `{}` without it, where the language knows one input and no parameters by name. */
  readonly whole?: string
}
