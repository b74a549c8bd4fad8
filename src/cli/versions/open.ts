/**
 * A published version, ready to be run: its file need not be there any more. The bundle is made of the kept sources by the
 * loader of today, and its trace must give the graph that was published.
 */
import { dirname } from 'node:path'
import { isSameGraph, recordedReads } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import { encodeBundle, type KeptCode, type ModuleCache, rebuildBundle } from '../../loader/index.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { type Contents, decodeContents } from '../../versions/version.ts'
import { openKept, type WorkflowFile } from '../file.ts'
import type { Io } from '../io.ts'
import { fileOf, workflowOf } from './line.ts'
import { factsOf, nameOf } from './row.ts'
import { obstacles } from './reproducible.ts'

export interface OpenedVersion {
  readonly row: VersionRow
  readonly contents: Contents
  readonly file: WorkflowFile
  readonly runnable: Runnable
}

export const contentsOf = (store: Store, { line, number }: VersionRow): Contents =>
  decodeContents(store.versions.contents(line, number))

/** Refuses, before anything of it runs, with what cannot be had again; says on stderr what may be different. */
export async function openVersion(io: Io, store: Store, row: VersionRow, cache?: ModuleCache): Promise<OpenedVersion> {
  const contents = contentsOf(store, row)
  const path = fileOf(store.path, row.line)
  sayObstacles(io, row, contents, dirname(path))
  const bundle = await rebuildBundle(contents.code as unknown as KeptCode, cache)
  const recorded = await recordedReads(store.blobs, contents.face.graph)
  const file = await openKept(encodeBundle(bundle), path, recorded, io.cwd)
  const runnable = { ...file.runnable(workflowOf(row.line)), version: row.number }
  // Of parameters the face may know more than a trace does: what their annotations say.
  const { params } = contents.face.graph
  if (!isSameGraph({ ...runnable.graph, params }, contents.face.graph))
    return refuse('TRACE_DIFFERS', `The kept code of ${nameOf(row)} no longer gives the graph that was published`, {
      hint: 'A package that it imports has changed: install the one that it had, as tutti versions tells.',
    })
  return { row, contents, file, runnable }
}

function sayObstacles(io: Io, row: VersionRow, { face, code }: Contents, dir: string): void {
  const kept = code as unknown as KeptCode
  const found = obstacles(factsOf(row), { packages: face.packages, code: kept }, dir)
  for (const each of found.filter(({ severity }) => severity === 'warning')) io.err(`${nameOf(row)}: ${each.text}\n`)
  const errors = found.filter(({ severity }) => severity === 'error')
  if (errors.length > 0)
    refuse('NOT_REPRODUCIBLE', `${nameOf(row)} cannot run here: ${errors.map(({ text }) => text).join('; ')}`, {
      hint: errors.map(({ hint }) => hint).join(' '),
    })
}
