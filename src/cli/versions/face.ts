/** The face of a workflow as its file has it now: what its versions are told apart by. */
import { bareGraph, type Graph, type Param } from '../../core/index.ts'
import type { Definition } from '../../dsl/definition.ts'
import { codeOfRunnable } from '../../loader/closure/versioned.ts'
import { type Bundle, decodeBundle } from '../../loader/index.ts'
import { declaredTypes } from '../../loader/types/declared.ts'
import type { Runnable } from '../../run/runnable.ts'
import { resultOf } from '../../versions/result.ts'
import type { Face, Signature } from '../../versions/version.ts'
import { packagesOf } from './packages.ts'

/** `definitions`: all of the file, since a flow calls what is in no graph. */
export async function faceOf(runnable: Runnable, definitions: ReadonlyMap<string, Definition>): Promise<Face> {
  const bundle = bundleOf(runnable)
  const declared = await declaredTypes(bundle, { definitions, pure: runnable.bindings.pure, dir: runnable.cwd })
  const graph = withParameters(bareGraph(runnable.graph), declared[runnable.definition.address ?? ''])
  const code = codeOfRunnable(runnable, definitions)
  const signatures = Object.fromEntries(Object.entries(declared).filter(([address]) => address in code))
  const types = Object.fromEntries(graph.params.map(({ name, type }) => [name, type]))
  return {
    graph,
    code,
    signatures,
    result: resultOf(graph.root, declared, types),
    packages: await packagesOf(bundle, runnable.cwd),
  }
}

const bundleOf = ({ bundle }: Runnable): Bundle => decodeBundle(bundle ?? new Uint8Array())

/** What a validator says of a parameter goes before what its annotation says. */
function withParameters(graph: Graph, signature: Signature | undefined): Graph {
  const typed = ({ type, ...param }: Param, index: number): Param => ({
    ...param,
    type: isUnknown(type) ? (signature?.parameters[index] ?? type) : type,
  })
  return { ...graph, params: graph.params.map(typed) }
}

const isUnknown = (type: Param['type']): boolean =>
  typeof type === 'object' && type !== null && Object.keys(type).length === 0
