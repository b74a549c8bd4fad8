/** Invariant 1 of the design: the core gives the same bytes where there is no Node. */
import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { takeSnapshot } from '../../src/core/engine/snapshot.ts'
import { graphHash } from '../../src/core/graph/identity.ts'
import { diceOf } from './dice.ts'
import { randomGraph, randomLibrary } from './random-graph.ts'
import { newWorld } from './world.ts'

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
  for (let seed = 0; seed < 50; seed++) {
    const dice = diceOf(seed)
    const graph = randomGraph(dice)
    const library = randomLibrary(dice)
    const world = newWorld({ graph, behaviour: { library, failOneIn: seed % 2 ? 20 : 0 }, dice })
    world.begin()
    world.work()
    const folded: unknown = runInContext(
      `(texts => {
        const [graph, library, log] = texts.map(text => JSON.parse(text))
        const state = core.emptyState(core.compile(graph, new Map(library)))
        for (const event of log) core.apply(state, event)
        return { snapshot: core.takeSnapshot(state), hash: core.graphHash(graph), problems: core.validateGraph(graph).length }
      })`,
      context,
    )([graph, [...library], world.events].map(each => JSON.stringify(each)))
    const { snapshot, hash, problems } = folded as { snapshot: unknown; hash: string; problems: number }
    const digest = (value: unknown): string => createHash('sha256').update(serialize(value)).digest('hex')
    expect({ hash, problems, digest: digest(snapshot) }).toEqual({
      hash: graphHash(graph),
      problems: 0,
      digest: digest(takeSnapshot(world.state)),
    })
  }
})
