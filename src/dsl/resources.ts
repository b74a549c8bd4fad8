/**
 * What stands for files, folders and secrets: given by name while the graph is traced, opened by the executor.
 * A handle is recognised by its brand alone, so that two copies of the package in one process understand each other.
 */
export const HANDLE = Symbol.for('tutti.handle')

export type HandleKind = 'files' | 'file' | 'dir' | 'output' | 'secret' | 'port'

export interface Handle {
  readonly [HANDLE]: HandleKind
}

/** Files that globs matched when the source was read: sorted, relative to the folder of the user's file. */
export interface Files extends Handle, AsyncIterable<string> {
  readonly [HANDLE]: 'files'
  readonly paths: readonly string[]
}

export interface FileHandle extends Handle {
  readonly [HANDLE]: 'file'
  readonly path: string
  text(): Promise<string>
  /** `any`-free on purpose: check what you read with a validator. */
  json(): Promise<unknown>
  bytes(): Promise<Uint8Array>
}

/** A folder. An `Output` is one too, for tasks that only read what another one wrote. */
export interface Dir extends Handle {
  readonly [HANDLE]: 'dir' | 'output'
  readonly path: string
}

/** A path to write to, a file or a folder: its parent folder exists, and it lies inside the project. */
export interface Output extends Dir {
  readonly [HANDLE]: 'output'
}

/** Its value is in the executor only; whoever prints the handle prints its name. */
export interface Secret extends Handle {
  readonly [HANDLE]: 'secret'
  readonly name: string
  reveal(): string
}

/** A TCP port that a service listens on. In a command it is its number. */
export interface Port extends Handle {
  readonly [HANDLE]: 'port'
  readonly name: string
  readonly number: number
}

export type AnyHandle = Files | FileHandle | Dir | Output | Secret | Port

export const isHandle = (value: unknown): value is AnyHandle =>
  typeof value === 'object' && value !== null && (value as { readonly [HANDLE]?: unknown })[HANDLE] !== undefined
