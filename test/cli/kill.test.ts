/**
 * The promise that everything else is for (DESIGN.md, invariant 2 and 4): whatever is killed and whenever, a run goes on where
 * it was. Fifty runs of a long pipeline are killed, each at another moment, and resumed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, folderWith, jsonLines, startTutti, tutti } from './rig.ts'

const MOMENTS = 50
/** Killed at two moments at a time: a run waits for its disk more than for a processor. */
const LANES = 2
const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

interface Note {
  readonly step: string
  readonly attempt: number
  readonly key: string
}

const notesOf = (journal: string): readonly Note[] => jsonLines(journal) as unknown as readonly Note[]
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Killed before the first note.
    return ''
  }
}

interface Resumed {
  readonly acknowledged: ReadonlySet<string>
  readonly settledLater: number
  readonly before: readonly Note[]
  readonly after: readonly Note[]
  readonly end: Ended
}

/** Kills the run when its stream has told the n-th acknowledged step (0: at its start), then resumes it. */
async function killAndResume(cwd: string, settled: number, durability: 'full' | 'normal'): Promise<Resumed> {
  const journal = join(cwd, 'journal')
  const live = startTutti(['run', '--json', '--quiet', '--id', 'long', '--durability', durability], {
    cwd,
    env: { JOURNAL: journal },
  })
  let seen = 0
  live.child.stdout.on('data', (chunk: string) => {
    seen += chunk.split('"kind":"step.settled"').length - 1
    if (seen >= settled) live.child.kill('SIGKILL')
  })
  const killed = await live.ended
  expect(killed.code, killed.err).toBe('SIGKILL')
  const acknowledged = new Set(settledSteps(killed.out))
  const before = read(journal)
  const end = await tutti(['resume', 'long', '--json', '--quiet', '--durability', durability], {
    cwd,
    env: { JOURNAL: journal },
  })
  return {
    acknowledged,
    settledLater: settledSteps(end.out).length,
    before: notesOf(before),
    after: notesOf(read(journal).slice(before.lastIndexOf('\n') + 1)),
    end,
  }
}

const settledSteps = (stream: string): readonly string[] =>
  jsonLines(stream).flatMap(event => (event['kind'] === 'step.settled' ? [String(event['step'])] : []))
const endOf = (stream: string): string => stream.trimEnd().split('\n').at(-1) ?? ''

test('a run of 234 steps that is killed at fifty moments ends as if nothing had happened', {
  timeout: 180_000,
}, async () => {
  const files = { 'tutti.ts': fixture('long.ts') }
  const undisturbed = folderWith(files)
  const whole = await tutti(['run', '--json', '--quiet', '--id', 'long'], {
    cwd: undisturbed,
    env: { JOURNAL: join(undisturbed, 'journal') },
  })
  const total = settledSteps(whole.out).length
  expect(total).toBeGreaterThanOrEqual(200)
  const report = readFileSync(join(undisturbed, 'report.txt'), 'utf8')

  let between = 0
  const moments = Array.from({ length: MOMENTS }, (_, index) => index)
  const lane = async (): Promise<void> => {
    for (let index = moments.shift(); index !== undefined; index = moments.shift()) {
      const cwd = folderWith(files)
      const { acknowledged, settledLater, before, after, end } = await killAndResume(
        cwd,
        Math.floor((index * (total - 10)) / MOMENTS),
        index % 2 === 0 ? 'full' : 'normal',
      )
      const told = `killed after ${acknowledged.size} steps: ${end.err}`
      expect(end.code, told).toBe(0)
      expect(endOf(end.out).replaceAll(cwd, undisturbed), told).toBe(endOf(whole.out))
      expect(readFileSync(join(cwd, 'report.txt'), 'utf8')).toBe(report)
      expect(
        after.filter(({ step }) => acknowledged.has(step)),
        told,
      ).toEqual([])
      expectOneKey([...before, ...after])
      if (acknowledged.size > 0 && settledLater > 0) between++
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  expect(between, 'moments between the first and the last acknowledged step').toBeGreaterThanOrEqual(40)
})

/** All attempts of a step have one idempotency key, and no two steps share one. */
function expectOneKey(notes: readonly Note[]): void {
  const keys = new Map<string, string>()
  for (const { step, key } of notes) {
    expect(keys.get(step) ?? key, step).toBe(key)
    keys.set(step, key)
  }
  expect(new Set(keys.values()).size).toBe(keys.size)
}

interface Act extends Note {
  readonly what: string
}

/** What may come of a flow that is killed after some of its effects were acknowledged. */
const flows = [
  // F3: the answers come in the order of the log, so the body asks again for what it asked.
  { flow: 'recorded', ends: [0] },
  // F2: what the body does with the process's own clock and dice cannot be repeated: it goes on or stops as diverged.
  { flow: 'clock', ends: [1] },
  { flow: 'dice', ends: [1] },
  // F1: a call is matched by its arguments, whenever it is made.
  { flow: 'reordered', ends: [0] },
  // Killed while other effects were in flight: those are over, too.
  { flow: 'changed', ends: [1] },
] as const

for (const { flow, ends } of flows) {
  test(`no effect of the flow ${flow} runs twice when it is killed and resumed`, async () => {
    for (const settled of [2, 5, 9]) {
      const cwd = folderWith({ 'tutti.ts': fixture('flows.ts') })
      const journal = join(cwd, 'journal')
      const env = { JOURNAL: journal, SECOND: join(cwd, 'second') }
      const live = startTutti(['run', 'tutti.ts', flow, '--json', '--quiet', '--id', 'f'], { cwd, env })
      let seen = 0
      live.child.stdout.on('data', (chunk: string) => {
        seen += chunk.split('"kind":"step.settled"').length - 1
        if (seen >= settled) live.child.kill('SIGKILL')
      })
      const killed = await live.ended
      expect(killed.code, killed.err).toBe('SIGKILL')
      const before = notesOf(read(journal)) as readonly Act[]
      const acknowledged = new Set(settledSteps(killed.out))
      const end = await tutti(['resume', 'f', '--json', '--quiet'], { cwd, env })
      expect(ends, end.out + end.err).toContain(end.code)
      const after = (notesOf(read(journal)) as readonly Act[]).slice(before.length)
      expect(after.filter(({ step }) => acknowledged.has(step))).toEqual([])
      expectOneKey([...before, ...after])
      // One act has one key in all its attempts, whatever its step is called: nothing acted twice under two keys.
      const keyOf = new Map(before.map(({ what, key }) => [what, key]))
      for (const { what, key } of after) expect(keyOf.get(what) ?? key, what).toBe(key)
      if (end.code === 1) {
        expect(after, 'a diverged flow executes nothing').toEqual([])
        expect(endOf(end.out)).toContain('"status":"diverged"')
      }
    }
  })
}
