/** Faces of real files, as publishing makes them, and their differences as lines. */
import { join } from 'node:path'
import { faceOf } from '../../src/cli/versions/face.ts'
import { chooseWorkflow, loadFile } from '../../src/cli/file.ts'
import type { Graph } from '../../src/core/index.ts'
import { changeText, type Change, type Face } from '../../src/versions/index.ts'
import { project } from '../dsl/rig.ts'

export async function faceOfText(text: string, workflow?: string): Promise<Face> {
  const dir = project({ 'tutti.ts': text })
  const file = await loadFile(join(dir, 'tutti.ts'), dir)
  return faceOf(file.runnable(chooseWorkflow(file, workflow)), file.definitions)
}

/** Of a graph alone. */
export const bareFace = (graph: Graph, rest: Partial<Face> = {}): Face => ({
  graph,
  code: {},
  signatures: {},
  result: {},
  packages: [],
  ...rest,
})

export const linesOf = (changes: readonly Change[]): readonly string[] => changes.map(changeText)
