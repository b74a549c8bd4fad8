/**
 * The handles that tasks get. Paths to one thing are absolute, so that they open whatever the process's folder is; `Files`
 * names its files relative to the folder of the user's file, since those names become keys of steps.
 *
 * Classes, since a handle must be told from plain data wherever it stands in a result; they hold no resource.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Dir, type FileHandle, type Files, HANDLE, type Output } from '../dsl/resources.ts'
import { refuse } from '../util/diagnostic.ts'
import { inside, reallyInside } from './paths.ts'
import type { Content } from './stamps.ts'

export class LocalFile implements FileHandle {
  readonly [HANDLE] = 'file'
  readonly path: string
  /** Set for a source: the user's own file, whose content is known by hash and is not copied into the store. */
  readonly source: Content | undefined

  constructor(path: string, source?: Content) {
    this.path = path
    // Not listed: it is ours, and would be noise where a handle is printed.
    Object.defineProperty(this, 'source', { value: source, enumerable: false })
  }

  text(): Promise<string> {
    return readFile(this.path, 'utf8')
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await readFile(this.path))
  }

  toString(): string {
    return this.path
  }
}

export class LocalDir implements Dir {
  readonly [HANDLE]: 'dir' | 'output' = 'dir'
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  toString(): string {
    return this.path
  }
}

export class LocalOutput extends LocalDir implements Output {
  override readonly [HANDLE] = 'output'
}

export class LocalFiles implements Files {
  readonly [HANDLE] = 'files'
  /** Folder that the paths start from. */
  readonly cwd: string
  readonly paths: readonly string[]
  readonly contents: readonly Content[]

  constructor(cwd: string, files: readonly (readonly [path: string, content: Content])[]) {
    this.cwd = cwd
    this.paths = files.map(([path]) => path)
    this.contents = files.map(([, content]) => content)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* this.paths
  }

  /** One handle a file, with an absolute path. */
  files(): readonly FileHandle[] {
    return this.paths.map((path, index) => new LocalFile(join(this.cwd, path), this.contents[index]))
  }

  toString(): string {
    return this.paths.join(' ')
  }
}

/**
 * The output that a workflow names: its parent folder is made. Refuses with OUTPUT_OUTSIDE when the path is the project's
 * folder itself or lies outside of it, also by way of a link.
 */
export async function openOutput(path: string, cwd: string): Promise<Output> {
  if (path.includes('\0') || !inside(cwd, path) || !(await reallyInside(cwd, path))) refuseOutside(path, cwd)
  const absolute = resolve(cwd, path)
  await mkdir(dirname(absolute), { recursive: true })
  return new LocalOutput(absolute)
}

function refuseOutside(path: string, cwd: string): never {
  const where =
    inside(cwd, path) === '' ? 'is the folder of the project itself' : 'lies outside of the folder of the project'
  refuse('OUTPUT_OUTSIDE', `The output ${JSON.stringify(path)} ${where}`, {
    hint: "Name a path inside it, such as output('dist').",
  })
}
