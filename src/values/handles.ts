/**
 * The handles that tasks get. Paths to one thing are absolute, so that they open whatever the process's folder is; `Files`
 * names its files relative to the folder of the user's file, since those names become keys of steps.
 *
 * Classes, since a handle must be told from plain data wherever it stands in a result; they hold no resource.
 */
import { statSync } from 'node:fs'
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
  declare readonly source: Content | undefined
  /** Whether it is where it belongs: a path of one of the graph's projects, and no scratch file. */
  declare readonly isPlaced: boolean

  constructor(
    path: string,
    { source, isPlaced = false }: { readonly source?: Content; readonly isPlaced?: boolean } = {},
  ) {
    this.path = path
    // Not listed: they are ours, and would be noise where a handle is printed.
    Object.defineProperties(this, { source: { value: source }, isPlaced: { value: isPlaced } })
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
  /** As of a file. */
  declare readonly isPlaced: boolean

  constructor(path: string, isPlaced = false) {
    this.path = path
    Object.defineProperty(this, 'isPlaced', { value: isPlaced })
  }

  toString(): string {
    return this.path
  }
}

/** A folder of the user's own, known by the hash of all that is in it, and not copied into the store. */
export class LocalSourceDir extends LocalDir {
  declare readonly source: Content

  constructor(path: string, source: Content) {
    super(path, true)
    Object.defineProperty(this, 'source', { value: source })
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
    return this.paths.map((path, index) => fileAt(join(this.cwd, path), this.contents[index]))
  }

  toString(): string {
    return this.paths.join(' ')
  }
}

const fileAt = (path: string, source: Content | undefined): LocalFile => new LocalFile(path, source ? { source } : {})

/**
 * The output that a workflow names: its parent folder is made. `project`: the folder that it must lie in. Refuses with
 * OUTPUT_OUTSIDE when the path is that folder itself or lies outside of it, also by way of a link.
 */
export async function openOutput(path: string, cwd: string, project = cwd): Promise<Output> {
  const absolute = resolve(cwd, path)
  if (path.includes('\0') || !inside(project, absolute) || !reallyInside(project, absolute))
    refuseOutside(path, inside(project, absolute) === '')
  const folder = dirname(absolute)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) await mkdir(folder, { recursive: true })
  return new LocalOutput(absolute, true)
}

function refuseOutside(path: string, isFolder: boolean): never {
  const where = isFolder ? 'is the folder of the project itself' : 'lies outside of the folder of the project'
  refuse('OUTPUT_OUTSIDE', `The output ${JSON.stringify(path)} ${where}`, {
    hint: "Name a path inside it, such as output('dist').",
  })
}
