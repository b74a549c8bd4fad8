/** Random scripts, run by a real shell under strace, against what a model says that they have done. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accessIn, newFolder, noSight, run } from './suite.ts'

type Op =
  | { readonly kind: 'read' | 'look' | 'write' | 'append' | 'remove'; readonly at: string }
  | { readonly kind: 'move'; readonly at: string; readonly to: string }
/** `here`: in the shell itself; the others start processes, in the folder or in one below. */
type Place = 'here' | 'subshell' | 'below' | 'background'
type Step = Op & { readonly place: Place }

const NAMES = ['a', 'b', 'c', 'd', 'e', 'sub/x', 'sub/y']
const THERE = ['a', 'b', 'sub/x']

const name = fc.constantFrom(...NAMES)
const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('read' as const, 'look' as const, 'write' as const, 'append' as const, 'remove' as const),
        at: name,
      }),
      fc.record({ kind: fc.constant('move' as const), at: name, to: name }),
    ),
    fc.constantFrom<Place>('here', 'subshell', 'below', 'background'),
  )
  .map(([op, place]) => ({ ...op, place }))

const scriptOf = (steps: readonly Step[]): string => steps.map(lineOf).join('\n')

function lineOf(each: Step): string {
  const up = each.place === 'below' ? '../' : './'
  const command = commandOf(each, path => `${up}${path}`)
  switch (each.place) {
    case 'here':
      return command
    case 'subshell':
      return `( ${command} )`
    case 'below':
      return `( cd sub && { ${command}; } )`
    case 'background':
      return `{ ${command}; } & wait $!`
  }
}

function commandOf(op: Op, path: (name: string) => string): string {
  const at = path(op.at)
  switch (op.kind) {
    case 'read':
      return `cat ${at} > /dev/null 2>&1 || :`
    case 'look':
      return `[ -f ${at} ] || :`
    case 'write':
      return `echo w > ${at}`
    case 'append':
      return `echo a >> ${at}`
    case 'remove':
      return `rm -f ${at}`
    case 'move':
      return `mv -f ${at} ${path(op.to)} 2> /dev/null || :`
  }
}

/** What counts, from what the operations mean. */
function expected(steps: readonly Step[]): { reads: string[]; absent: string[]; writes: string[] } {
  const there = new Set(THERE)
  const own = new Set<string>()
  const [reads, absent, writes] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const make = (path: string) => {
    there.add(path)
    own.add(path)
    writes.add(path)
  }
  const take = (path: string) => {
    if (own.has(path)) writes.delete(path)
    else writes.add(path)
    there.delete(path)
    own.add(path)
  }
  const ask = (path: string) => (there.has(path) ? reads : absent).add(path)
  for (const op of steps) {
    switch (op.kind) {
      case 'read':
      case 'look':
        if (!own.has(op.at)) ask(op.at)
        break
      case 'write':
      case 'append':
        make(op.at)
        break
      case 'remove':
        if (there.has(op.at)) take(op.at)
        break
      case 'move':
        if (!there.has(op.at) || op.at === op.to) break
        take(op.at)
        make(op.to)
    }
  }
  const left = (paths: Set<string>) => [...paths].filter(path => !own.has(path)).sort()
  return { reads: left(reads), absent: left(absent), writes: [...writes].sort() }
}

test.skipIf(noSight)('random scripts are seen as what they are', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async steps => {
      const folder = newFolder()
      try {
        mkdirSync(join(folder, 'sub'))
        for (const path of THERE) writeFileSync(join(folder, path), '')
        const ran = await run(folder, '/bin/sh', '-c', scriptOf(steps))
        const { reads = [], absent = [], writes = [] } = accessIn(folder, ran)
        const model = expected(steps)
        expect(ran.observed).toMatchObject({ unknownLines: 0, isComplete: true })
        expect(writes).toEqual(model.writes)
        // mv and rm look at what they take, and where they put it.
        const touched = new Set(
          steps.flatMap(op => (op.kind === 'move' ? [op.at, op.to] : op.kind === 'remove' ? [op.at] : [])),
        )
        const untouched = (paths: readonly string[]) =>
          paths.filter(path => !touched.has(path) && path !== 'sub' && path !== '.')
        expect(untouched(reads)).toEqual(untouched(model.reads))
        expect(untouched(absent)).toEqual(untouched(model.absent))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 25 },
  )
})
