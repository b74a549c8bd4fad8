/** The arguments that a past run has in another version: its own, and what the new version says of those that it had not. */
import type { Bound, Graph } from '../../core/index.ts'
import { checkArgument } from '../../run/arguments.ts'
import type { Runnable } from '../../run/runnable.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { fromTagged } from '../../util/tagged.ts'
import type { ValueStore } from '../../values/index.ts'

export type Given =
  | { readonly kind: 'given'; readonly args: { readonly [param: string]: Bound } }
  | { readonly kind: 'refused'; readonly code: 'PARAMETER_NEW' | 'PARAMETER_REFUSED'; readonly message: string }

/** A value that has passed the validator of the same type has passed this one; one of another type is asked. */
export async function givenTo(
  { graph, definition }: Pick<Runnable, 'graph' | 'definition'>,
  past: { readonly graph: Graph; readonly args: { readonly [param: string]: Bound } },
  values: ValueStore,
): Promise<Given> {
  const args: Record<string, Bound> = {}
  const typesThen = new Map(past.graph.params.map(({ name, type }) => [name, type]))
  for (const { name, type, required, default: fallback } of graph.params) {
    const before = Object.hasOwn(past.args, name) ? past.args[name] : undefined
    if (before && isSame(typesThen.get(name) ?? {}, type)) {
      args[name] = before
      continue
    }
    if (!before && required)
      return { kind: 'refused', code: 'PARAMETER_NEW', message: `parameter ${name} is new, and has no default` }
    const value = before?.kind === 'value' ? await values.decode(before.value, before.path) : undefined
    const result = await checkArgument(definition, name, value)
    if (result.issues) {
      const [issue] = result.issues
      const message = `parameter ${name} would be refused: ${issue?.message ?? 'its validator says so'}`
      return { kind: 'refused', code: 'PARAMETER_REFUSED', message }
    }
    const checked = result.value === undefined && fallback !== undefined ? fromTagged(fallback) : result.value
    args[name] = {
      kind: 'value',
      value: await values.encode(checked, { task: graph.name, root: `parameter ${name}` }),
      path: [],
    }
  }
  return { kind: 'given', args }
}

const isSame = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b)
