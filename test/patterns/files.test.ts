/** The files of examples/patterns as the command line runs them: through the loader, on a store on disk, to their end. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { signalRun } from '../../src/run/requests.ts'
import { openStore } from '../../src/store/index.ts'
import { root } from '../house/project.ts'
import { SCENARIOS } from './scenarios.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-patterns-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = readdirSync(join(root, 'examples/patterns')).filter(name => name.endsWith('.ts') && name !== 'letters.ts')

test.each(files)('%s: every workflow runs to its end', async name => {
  const file = await loadFile(`examples/patterns/${name}`, root)
  const store = await openStore(join(folder, name))
  try {
    for (const workflow of file.workflows.keys()) {
      const runnable = file.runnable(workflow)
      const local = openLocal(store, { cwd: runnable.cwd, configurations: runnable.configurations })
      local.register(runnable)
      const args = workflow === 'recursion' ? { deeper: 2 } : workflow === 'arbitraryCycles' ? { first: 'B' } : {}
      const { session } = await startRun(local, runnable, workflow, args)
      let isOver = false
      void session.ended.then(() => {
        isOver = true
      })
      while (!isOver) {
        // Whoever waits is told, whatever it waits for.
        for (const wait of session.waiting())
          if (wait.kind === 'signal')
            await signalRun(store, workflow, { signal: wait.signal, value: wait.signal === 'n' ? 1 : undefined }).catch(
              () => undefined,
            )
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(await session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    }
  } finally {
    await store.close()
  }
})

test('every pattern has a workflow of its own there', async () => {
  const loaded = await Promise.all(files.map(name => loadFile(`examples/patterns/${name}`, root)))
  const named = loaded.flatMap(({ workflows }) => [...workflows.keys()])
  expect(named).toHaveLength(SCENARIOS.length)
  expect(new Set(SCENARIOS.map(({ workflow }) => definitionOf(workflow)))).toHaveProperty('size', SCENARIOS.length)
})
