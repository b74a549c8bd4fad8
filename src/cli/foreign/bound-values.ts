/** What a file of bindings says, for those who need it without the workflows of the FILE it is for. */
import { dirname } from 'node:path'
import { readBindings } from '../../lang/entry.ts'
import type { Bindings } from '../../lang/language.ts'
import { buildBundle, installStackMapping, openBundle } from '../../loader/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { placedFrom } from '../place.ts'
import { providedTo } from '../provided.ts'
import { bindingsFor } from './bindings.ts'

/** `path`: the FILE, absolute. `named`: of `--bind`, from the folder `cwd`. */
export async function boundValues(path: string, cwd: string, named: string | undefined): Promise<Bindings> {
  const { file, as, absent } = bindingsFor(path, cwd, named)
  if (file === undefined) return {}
  const source =
    as === 'text' ? "export { default } from 'tutti:bindings'" : "export * as default from 'tutti:bindings'"
  return placedFrom(
    dirname(path),
    cwd,
  )(async () => {
    const built = await buildBundle(path, {
      entry: { source: `${source}\n`, given: { 'tutti:bindings': { file, as } }, absent },
    })
    if (!built.ok) throw new Refusal(built.error)
    installStackMapping()
    const { bundle } = built.value
    const { exports } = await openBundle(bundle, { dir: dirname(path), provide: await providedTo(bundle) })
    const bound = exports['default']
    return readBindings(
      as === 'text'
        ? { path: file, text: String(bound) }
        : { path: file, module: bound as { readonly [name: string]: unknown } },
    )
  })
}
