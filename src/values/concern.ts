/** Which files a source looks at, whether they are there or not: what a change of one may change. */
import { relative, resolve } from 'node:path'
import type { Source } from '../core/graph/graph.ts'
import { unreachable } from '../util/unreachable.ts'
import { matcherOf } from './walk.ts'

/** Whether the source looks at the file at an absolute path. Only files are told; what lies behind links in a folder is not. */
export async function concernOf(source: Source, cwd: string): Promise<(path: string) => boolean> {
  switch (source.kind) {
    case 'files': {
      const folder = resolve(cwd, source.dir ?? '')
      const matches = await matcherOf({ globs: source.globs }, folder)
      return path => matches(relative(folder, path))
    }
    case 'dir': {
      const matches = await matcherOf({ folder: source.path }, cwd)
      return path => matches(relative(cwd, path))
    }
    case 'file':
      return path => path === resolve(cwd, source.path)
    case 'env':
    case 'http':
    case 'time':
    case 'result':
    case 'function':
      return () => false
    default:
      return unreachable(source)
  }
}
