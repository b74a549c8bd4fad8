/** A random machine that fails at one of its tasks, and is driven again when that is mended, ends as if nothing had been. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bindMachine } from '../../../../src/lang/asl/bind.ts'
import { workflowOf } from '../../../../src/lang/open.ts'
import type { AnyWorkflow } from '../../../../src/run/embed.ts'
import { redriveRun, startRun } from '../../../../src/run/launch.ts'
import { openLocal } from '../../../../src/run/local.ts'
import { runnableOf } from '../../../../src/sim/simulate.ts'
import { memoryStore } from '../../../../src/store/index.ts'
import { eventsOf } from '../../../run/graphs.ts'
import { inputOf, machineOf, successesWrong } from './check.ts'
import { type Block, type Plan, wholes } from './plan.ts'
import { FUNCTION } from './render.ts'
import { walk } from './walk.ts'
import { work } from './work.ts'

const RUNS = Number(process.env['RUNS'] ?? 25)
const SEED = Number(process.env['SEED'] ?? 1)

/** Nothing fails by itself, nothing is caught, and nothing takes time. */
const harmless = (plan: Plan): Plan =>
  plan.flatMap((block): readonly Block[] => {
    const handled = { retry: [], catch: [] }
    switch (block.kind) {
      case 'stop':
      case 'wait':
        return []
      case 'loop':
        return [{ ...block, body: harmless(block.body) }]
      case 'task':
        return [{ ...block, ...handled, fails: 0 }]
      case 'parallel':
        return [{ ...block, ...handled, branches: block.branches.map(harmless) }]
      case 'map':
        return [{ ...block, ...handled, tolerated: undefined, body: harmless(block.body) }]
      default:
        return [block]
    }
  })

test('what has succeeded is kept, in loops, branches and iterations', async () => {
  const isAsIfNothing = fc.asyncProperty(wholes, fc.nat(8), async (whole, at) => {
    const mild = { ...whole, plan: harmless(whole.plan) }
    const machine = machineOf(mild)
    const input = inputOf(mild)
    const { end } = await walk(machine, input)
    let left = at
    // Fails once, at its call of that number: tried again, it goes well.
    const failing: typeof work = told => {
      left -= 1
      if (left === -1) throw Object.assign(new Error('broken'), { name: 'Broken' })
      return work(told)
    }
    const runnable = runnableOf(
      workflowOf(bindMachine({ machine }, { name: 'random', bindings: { [FUNCTION]: failing } })) as AnyWorkflow,
    )
    const store = memoryStore()
    const local = openLocal(store, { cwd: '.' })
    local.register(runnable)
    const begun = await startRun(local, runnable, 'run', { input })
    await begun.session.ended
    const isOver = store.runs.get('run')?.status === 'succeeded'
    expect(isOver).toBe(left >= 0)
    if (!isOver)
      await (await redriveRun(local, runnable, store.runs.get('run')!, { from: [], accept: [] })).session.ended
    const log = await eventsOf(store, 'run')
    const ended = log.findLast(event => event.kind === 'run.ended')
    if (ended?.kind !== 'run.ended' || !ended.output) throw new Error(`has not come to its end: ${ended?.status}`)
    expect({ status: 'SUCCEEDED', output: await begun.values.decode(ended.output) }).toEqual(end)
    expect(successesWrong(log)).toEqual([])
  })
  await fc.assert(isAsIfNothing, { numRuns: RUNS, seed: SEED })
})
