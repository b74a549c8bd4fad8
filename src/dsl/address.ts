/** The name under which a run's bindings have a definition. */
import { type Definition, unique } from './definition.ts'
import type { TracedBindings } from './trace.ts'

/** The address from the bundle, or, without the loader, the definition's name, made unique in these bindings. */
export function addressIn({ addresses, definitions }: TracedBindings, definition: Definition): string {
  const known = addresses.get(definition)
  if (known !== undefined) return known
  const address = definition.address ?? unique(definition.name, definitions)
  addresses.set(definition, address)
  definitions.set(address, definition)
  return address
}
