/** Why a step must run, for people: what decided it, and where that is its key, what is different in it. */
import type { Bound, Node } from '../../core/index.ts'
import type { Definition } from '../../dsl/definition.ts'
import { parameterNames } from '../../dsl/parameter-names.ts'
import type { Because, Key } from '../../freshness/index.ts'
import type { Store, Trace } from '../../store/index.ts'
import { showPosition } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'
import { plain } from '../render/text.ts'
import { differences } from './difference.ts'
import { codeOf, type Past } from './past.ts'

export interface Asked {
  readonly node: Node
  readonly args: readonly Bound[]
  readonly because: Because
  /** Its key, where it has one. */
  readonly key: Key | undefined
  /** What the step gave last before. */
  readonly before: Trace | undefined
  readonly definitions: ReadonlyMap<string, Definition> | undefined
}

/** The first is what decided. */
export async function reasonsOf(asked: Asked, store: Store, past: Past): Promise<readonly string[]> {
  const { because, node } = asked
  switch (because.kind) {
    case 'not a task':
      return [kindReason(node)]
    case 'cache off':
      return ["its task has cache: 'off'"]
    case 'forced':
      return ['--fresh asked for it']
    case 'open':
      return [
        `its function uses ${plain(because.code.variable)} of a function around it (${showPosition(because.code.at)}), whose value no other run can know`,
      ]
    case 'code unknown':
      return ['its code is not known: it is no function of a file that was loaded']
    case 'read changed':
      return [`${plain(because.path)}, which it read, has changed`]
    case 'output lost':
      return ['its result is not in the store any more']
    case 'key unknown':
      return keyReasons(asked, store, past)
    default:
      return unreachable(because)
  }
}

export function kindReason({ kind, name }: Node): string {
  switch (kind) {
    case 'effect':
      return 'an effect: it acts on the world, once in every run'
    case 'service':
      return 'a service: it starts with every run'
    case 'flow':
      return 'a flow: its body runs in every run'
    case 'source':
      return 'a source: it is looked at in every run'
    default:
      return `${plain(name)} is no task`
  }
}

async function keyReasons(
  { node, args, key, before, definitions }: Asked,
  store: Store,
  past: Past,
): Promise<readonly string[]> {
  if (!before || !key) return []
  const code = codeOf(node, definitions)
  const now = { parts: key.parts, args, ...(code ? { code } : {}) }
  const names = 'task' in node ? parametersOf(definitions?.get(node.task)) : []
  return differences(await past.sideOf(before), now, { names, blobs: store.blobs })
}

export function parametersOf(definition: Definition | undefined): readonly string[] {
  try {
    return definition && 'fn' in definition ? parameterNames(definition.fn) : []
  } catch {
    // A function with ...rest has no name for each.
    return []
  }
}
