/** Units in the making: what is known of a command before its redirections are said and its pipes are joined. */
import type { Streams } from '../sight/descriptors.ts'
import type { Touch } from '../sight/processes.ts'
import type { Image } from './images.ts'

export type Environment = { readonly [name: string]: string }

/** `script`: a script that could not be taken apart. `query`: its output went into a variable of its shell or tool. */
export type Form = 'command' | 'script' | 'query'

/** What cannot be said of one unit. */
export type Note =
  | { readonly kind: 'whole'; readonly line: string; readonly reason: string }
  | { readonly kind: 'left-out'; readonly line: string; readonly reason: string }

export interface World {
  /** A file of the project that is there after the build. */
  isOutput(path: string): boolean
  /** A file of the project. */
  isOurs(path: string): boolean
  /** Whether a file's text can stand in a program. */
  isText(path: string): boolean
}

/** A unit in the making. */
export interface Draft {
  readonly images: readonly Image[]
  readonly line: string
  readonly form: Form
  readonly streams: Streams
  readonly cwd: string
  readonly env: Environment
  readonly touches: readonly Touch[]
  readonly exit: Image
  tool: number | undefined
}

export const NO_STREAMS: Streams = [undefined, undefined, undefined]

/** A file that a shell or a tool wrote by itself, and when. */
export interface OwnText {
  readonly path: string
  readonly seq: number
}
