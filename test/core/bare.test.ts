/** Invariant 1 of the design: the core gives the same bytes where there is no Node. */
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { type Snapshot, takeSnapshot } from '../../src/core/engine/snapshot.ts'
import { graphHash } from '../../src/core/graph/identity.ts'
import { diceOf } from './dice.ts'
import { caseOf, textOf } from '../sim/check.ts'
import { World } from '../sim/world.ts'

test('a recorded log folds to the same bytes in a bare VM context', async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/core/index.ts'],
    bundle: true,
    format: 'iife',
    globalName: 'core',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    write: false,
  })
  const context = createContext({})
  runInContext(outputFiles[0]!.text, context)
  for (let seed = 0; seed < 30; seed++) {
    const of = caseOf(seed)
    const { graph } = of
    const { library } = of.behaviour
    const world = new World({ ...of, dice: diceOf(seed) })
    world.run()
    const folded: unknown = runInContext(
      `(texts => {
        const [graph, library, log] = texts.map(text => JSON.parse(text))
        const state = core.emptyState(core.compile(graph, new Map(library)))
        for (const event of log) core.apply(state, event)
        return { snapshot: core.takeSnapshot(state), hash: core.graphHash(graph), problems: core.validateGraph(graph).length }
      })`,
      context,
    )([graph, [...library], world.log.map(text => JSON.parse(text) as unknown)].map(each => JSON.stringify(each)))
    const { snapshot, hash, problems } = folded as { snapshot: Snapshot; hash: string; problems: number }
    expect({ hash, problems, text: textOf(snapshot) }).toEqual({
      hash: graphHash(graph),
      problems: 0,
      text: textOf(takeSnapshot(world.state)),
    })
  }
})
