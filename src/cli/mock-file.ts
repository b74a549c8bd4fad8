/** `--mock-file`: a module of the user's that exports mocks, loaded as a file of workflows is. */
import { dirname, resolve } from 'node:path'
import { collectDefinitions } from '../dsl/definition.ts'
import { collectConfigurations } from '../exec/index.ts'
import { buildBundle, openBundle } from '../loader/index.ts'
import * as sim from '../sim/index.ts'
import { refuse, Refusal } from '../util/diagnostic.ts'
import { placedFrom } from './place.ts'
import { providedTo } from './provided.ts'

/** What it exports as `mocks`, or by default. Refuses NO_MOCKS. */
export function loadMocks(file: string, cwd: string): Promise<sim.Mocks> {
  const path = resolve(cwd, file)
  const dir = dirname(path)
  return placedFrom(
    dir,
    cwd,
  )(async () => {
    const built = await buildBundle(path)
    if (!built.ok) throw new Refusal(built.error)
    const provide = { ...(await providedTo(built.value.bundle)), 'tutti/sim': sim }
    // What it defines and configures is its own: the file of the workflow, which it may import, was loaded before.
    const { value } = await collectConfigurations(() =>
      collectDefinitions(() => openBundle(built.value.bundle, { dir, provide })),
    )
    const { mocks = value.value.exports['default'] } = value.value.exports
    if (typeof mocks === 'object' && mocks !== null) return mocks as sim.Mocks // its entries are checked one by one
    return refuse('NO_MOCKS', `${file} exports no mocks`, {
      at: { file: path, line: 1, column: 1 },
      hint: 'For example: export const mocks = { publish: { url: … } }',
    })
  })
}
