/** What takes the time and what a value hangs on, as it is told. */
import { expect, test } from 'vitest'
import {
  buildJobs,
  criticalOf,
  moreSlots,
  newRecording,
  played,
  provenanceOf,
  type Timed,
  whatIf,
} from '../../src/analysis/index.ts'
import type { Timing } from '../../src/cli/commands/timing.ts'
import { criticalJson, renderCritical, renderWhatIf, whatIfJson } from '../../src/cli/render/critical.ts'
import { provenanceDot, provenanceJson, renderProvenance } from '../../src/cli/render/provenance.ts'
import { plainScreen } from '../../src/cli/render/screen.ts'
import * as short from '../observe/log.ts'

const roomOf = (slots: number) => ({ slots, pools: new Map<string, number>(), policy: { kind: 'fifo' } as const })
const room = roomOf(1)
const jobs = buildJobs([
  { durationMs: 4_000, after: [] },
  { durationMs: 2_500, after: [] },
  { durationMs: 1_000, after: [0] },
  { durationMs: 0, after: [1, 2], slot: 0 },
])
const steps = ['compile', 'lint', 'test\u001b[31m', undefined].map(
  name => name && ({ step: name, shown: name, kind: 'task' } as const),
)
const timed: Timed = played({ jobs, steps: steps.map(step => step || undefined), pools: [] }, room)
const timing: Timing = { what: { kind: 'workflow', workflow: 'ci' }, timed, room, known: 3 }
const more = { slots: 1, played: timed.makespan, with: moreSlots(timed, room, 1)[1] }
const screen = plainScreen(80)

test('critical', () => {
  expect(renderCritical(timing, criticalOf(timed), { more, shown: 'most', screen })).toBe(`ci  7.5s expected

the critical path
  4.0s   53 %  compile
  2.5s   33 %  lint            waited for the slot of compile
  1.0s   13 %  test\\u{1b}[31m  waited for the slot of lint

With 2 slots instead of 1: 5.0s instead of 7.5s (−2.5s).
`)
  const json = criticalJson(timing, criticalOf(timed), more)
  expect(json).toMatchObject({
    workflow: 'ci',
    makespanMs: 7_500,
    oneSlotMore: { slots: 2, makespanMs: 5_000 },
    steps: [{ step: 'compile', gradient: { least: 1, most: 1 }, slackMs: 0 }, {}, {}],
    path: [{ because: { kind: 'start' } }, { because: { kind: 'slot' } }, { because: { kind: 'slot' } }],
  })
})

test('ties, and what others may take', () => {
  const tied = played({ ...timed, jobs: { ...jobs, durations: Float64Array.of(4_000, 5_000, 1_000, 0) } }, roomOf(2))
  const text = renderCritical({ ...timing, timed: tied }, criticalOf(tied), {
    more: { slots: 2, played: 5_000, with: undefined },
    shown: 'most',
    screen,
  })
  expect(text).toContain('Several ways are equally long: compile, lint, test\\u{1b}[31m are on some of them only')
  expect(text).toContain('More than 2 slots would bring nothing.')
  const loose = played(timed, roomOf(2))
  expect(renderCritical({ ...timing, timed: loose }, criticalOf(loose), { more, shown: 'most', screen })).toContain(
    'how much longer others may take\n  +1.5s  2.5s  lint\n',
  )
})

test('what if', () => {
  const after = roomOf(2)
  const answer = whatIf(timed, room, { room: after, durationOf: ({ step }) => (step === 'lint' ? 9_000 : undefined) })
  const told = { changed: [{ step: timed.steps[1]!, ms: 9_000 }], room: after, answer }
  expect(renderWhatIf(timing, told, screen)).toBe(`ci  7.5s → 9.0s  (+1.5s)
  lint takes 9.0s
  2 slots instead of 1

the critical path then
  9.0s  100 %  lint
`)
  expect(whatIfJson(timing, told)).toMatchObject({
    slots: { before: 1, after: 2 },
    durations: [{ step: 'lint', ms: 9_000 }],
    before: { makespanMs: 7_500 },
    after: { makespanMs: 9_000 },
  })
})

test('provenance', () => {
  const { ref, effect, region, settle, source, start, task, when } = short
  const gate = when('gate', ref('flag'), region([effect('ship', ref('dist', 1))], ref('ship')))
  const root = region([source('src', 'src/**'), task('dist', ref('src')), task('flag'), gate], ref('gate'))
  const { record, add } = newRecording({ ...short.graph([]), root })
  const done = (...ids: readonly string[]) => ids.flatMap(id => [start(id), settle(id)])
  const events = [short.started, settle('src'), start('dist'), short.known('dist', 'r0'), ...done('flag')]
  for (const event of short.log(...events, short.choose('gate', 'then'), ...done('gate.then/ship'))) add(event)
  const { found } = provenanceOf(record, { path: [] })
  const asked = { run: 'r1', path: [] }
  expect(renderProvenance(asked, found, screen)).toBe(`the result of r1
gate.then/ship (effect)
└─ dist (taken from run r0)
   └─ src (files src/**)
flag (decided)
made of 2 steps and 1 input; 1 more decided that it came about
`)
  expect(provenanceJson(asked, found).found.map(({ how, from }) => [how, from])).toEqual([
    ['data', undefined],
    ['data', 0],
    ['data', 1],
    ['control', undefined],
  ])
  expect(provenanceDot(asked, found, [[1], [2], [], []])).toContain('  1 -> 0')
  expect(renderProvenance(asked, [], screen)).toContain('hangs on nothing')
})
