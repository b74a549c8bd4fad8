/** Where the replica of a version lies, and what stands for what in it. */
import { dirname, join, relative, resolve } from 'node:path'
import type { KeptCode } from '../../loader/index.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { baseOf } from '../../values/index.ts'
import { replicaBase, replicaFolder } from '../../values/replicas.ts'
import type { Contents } from '../../versions/version.ts'
import { fileOf } from './line.ts'

export interface Replica {
  /** Of all that belongs to it. An empty `.git` is in it: patterns of a repository around it say nothing of what it holds. */
  readonly root: string
  /** What stands for the folder of the workflow's file, and that folder itself, which may have gone. */
  readonly cwd: string
  readonly project: string
}

export function replicaOf(store: Pick<Store, 'path'>, row: VersionRow, { sources, code }: Contents): Replica {
  const project = dirname(fileOf(store.path, row.line))
  const base = baseOf(store.path, project)
  const names = [
    ...sources.filter(({ kind }) => kind !== 'env').map(({ name }) => name),
    ...Object.keys(modulesOf(code)),
  ]
  const ups = names.map(name => upsOf(relative(base, resolve(project, name))))
  const root = replicaFolder(store.path, row.line, row.number)
  return { root, project, cwd: join(replicaBase(root, Math.max(0, ...ups)), relative(base, project)) }
}

/** How many folders a path leads up. */
const upsOf = (path: string): number => path.split(/[/\\]/).findIndex(name => name !== '..')

export const modulesOf = (code: Contents['code']): KeptCode['modules'] => (code as unknown as KeptCode).modules

/** What is installed is linked, so it must not be written to. */
export const isInstalled = (path: string, root: string): boolean =>
  relative(root, path).split(/[/\\]/).includes('node_modules')
