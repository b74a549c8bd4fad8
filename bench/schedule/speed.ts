/** How long it takes to play one schedule of a large graph, and to bound it. */
import {
  buildJobs,
  type JobParts,
  lowerBound,
  type SchedulePolicy,
  simulate,
  upwardRanks,
} from '../../src/analysis/index.ts'
import { newDraw } from './random.ts'

const JOBS = 64_000
const ROUNDS = 9
const SLOTS = 64

export function* speed(): Generator<readonly string[]> {
  const parts = wide()
  const jobs = buildJobs(parts)
  const policy = (kind: 'fifo' | 'critical-path'): SchedulePolicy => ({ kind })
  yield [
    `${JOBS.toLocaleString('en')} jobs, ${jobs.next.length.toLocaleString('en')} arcs, ${SLOTS} slots`,
    'median of 9',
  ]
  yield ['---', '---']
  yield ['building them', medianMs(() => buildJobs(parts))]
  yield ['the longest way to the end from each', medianMs(() => upwardRanks(jobs))]
  yield ['playing, fifo', medianMs(() => simulate(jobs, { slots: SLOTS, policy: policy('fifo') }))]
  yield ['playing, critical path', medianMs(() => simulate(jobs, { slots: SLOTS, policy: policy('critical-path') }))]
  yield ['the simple bound', medianMs(() => lowerBound(jobs, { slots: SLOTS }))]
}

/** Layers of 400, each job waits for three of the layer before. */
function wide(): readonly JobParts[] {
  const draw = newDraw(1)
  return Array.from({ length: JOBS }, (_, job) => {
    const layer = Math.floor(job / 400)
    const after = layer === 0 ? [] : [0, 1, 2].map(() => (layer - 1) * 400 + draw.whole(0, 399))
    return { durationMs: draw.between(1, 1_000), after }
  })
}

function medianMs(work: () => unknown): string {
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now()
    work()
    return performance.now() - startMs
  }).sort((a, b) => a - b)
  return `${times[ROUNDS >> 1]!.toFixed(1)} ms`
}
