import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adopted, shownHazards, shownSteps } from './suite.ts'

const check = (
  log: string,
  before: readonly string[],
  steps: readonly string[],
  hazards: readonly string[] = [],
): void => {
  const found = adopted(log, { before, unchanged: before })
  expect({ steps: shownSteps(found), hazards: shownHazards(found) }).toEqual({ steps, hazards })
}

describe('steps', () => {
  test('A3: a step hangs on sources, and on what others wrote', () =>
    check(
      `0 make
       0>1 cc -c a.c: read a.c, read a.h, write a.o
       0>2 cc -c b.c: read b.c, read a.h, write b.o
       0>3 cc -o prog: read a.o, read b.o, write prog`,
      ['a.c', 'a.h', 'b.c'],
      ['cc -c a.c: a.c a.h -> a.o', 'cc -c b.c: a.h b.c -> b.o', 'cc -o prog: a.o b.o -> prog'],
    ))

  test('a compiler is one command with all that it starts, and its scratch files are nobody’s', () =>
    check(
      `0 make
       0>1 gcc -c a.c
       1>2 cc1 a.c: read a.c, write /scratch/x.s
       1>3 as -o a.o: read /scratch/x.s, write a.o`,
      ['a.c'],
      ['gcc -c a.c: a.c -> a.o'],
    ))

  test('what leaves nothing is dropped', () =>
    check(
      `0 make
       0>1 mkdir -p out: mkdir out
       0>2 test -f a.c: look a.c
       0>3 cp a.c out/a: read a.c, write out/a
       0>4 rm -f out/none`,
      ['a.c'],
      ['cp a.c out/a: a.c -> out/a'],
    ))

  test('what changes a file of another command is one step with it', () =>
    check(
      `0 make
       0>1 ar rc lib.a: read a.c, write lib.a
       0>2 ranlib lib.a: update lib.a
       0>3 ld lib.a: read lib.a, write prog
       0>4 strip prog: read prog, write strip.tmp, rename strip.tmp prog`,
      ['a.c'],
      ['ar rc lib.a; ranlib lib.a: a.c -> lib.a', 'ld lib.a; strip prog: lib.a -> prog'],
    ))

  test('a temporary file that is moved in place is one step with what made it', () =>
    check(
      `0 make
       0>1 gen: read in, write out.tmp
       0>2 mv out.tmp out: rename out.tmp out`,
      ['in'],
      ['gen; mv out.tmp out: in -> out'],
    ))

  test('A4: what stands between two hands on one file is in their step', () =>
    check(
      `0 make
       0>1 gen: write x
       0>2 see: read x, write y
       0>3 fix: read y, update x
       0>4 end: read x, write z`,
      [],
      ['gen; see; fix:  -> x y', 'end: x -> z'],
      // The one that saw x saw it before it was fixed.
      ['read-before-write x: see & fix'],
    ))

  test('who read a file before it was changed is in the step of the change, too', () =>
    check(
      `0 make
       0>1 gen: write x
       0>2 early: read x, write y
       0>3 fix: update x
       0>4 late: read x, write z`,
      [],
      ['gen; early; fix:  -> x y', 'late: x -> z'],
      ['read-before-write x: early & fix'],
    ))

  test('a file that is made, read and taken away stays as an output', () => {
    const found = adopted(
      `0 make
       0>1 yacc: read g.y, write g.c
       0>2 cc g.c: read g.c, write g.o
       0>3 rm g.c: delete g.c`,
      { before: ['g.y'], unchanged: ['g.y'] },
    )
    expect(shownSteps(found)).toEqual(['yacc: g.y -> g.c', 'cc g.c: g.c -> g.o'])
    expect(found.steps.dropped).toHaveLength(1)
  })

  test('what takes away what another one then makes anew is kept between them', () =>
    check(
      `0 make
       0>1 ar q lib.a a: read a, write lib.a
       0>2 rm lib.a: delete lib.a
       0>3 ar q lib.a b: read b, write lib.a`,
      ['a', 'b'],
      ['ar q lib.a a; rm lib.a; ar q lib.a b: a b -> lib.a'],
      ['two-writers lib.a: ar q lib.a a & ar q lib.a b'],
    ))

  test('a folder that is moved takes its files along', () =>
    check(
      `0 make
       0>1 gen: write tmp/a, write tmp/b
       0>2 mv tmp out: rename tmp out`,
      [],
      ['gen; mv tmp out:  -> out/a out/b'],
    ))
})

describe('hazards', () => {
  test('two commands make one file, one after the other', () =>
    check(
      `0 make
       0>1 one: read a, write out
       0>2 two: read b, write out`,
      ['a', 'b'],
      ['one; two: a b -> out'],
      ['two-writers out: one & two'],
    ))

  test('two commands make one file at the same time', () =>
    check(
      `0 make
       0>1& one: write out
       0>2& two: write out`,
      [],
      ['one; two:  -> out'],
      ['two-writers together out: one & two'],
    ))

  test('a file is read before it is written', () =>
    check(
      `0 make
       0>1 use: read config, write a
       0>2 configure: read in, write config`,
      ['config', 'in'],
      ['use: config -> a', 'configure: in -> config after use'],
      ['read-before-write config: use & configure'],
    ))

  test('a source is changed, and a source is deleted', () => {
    const found = adopted(
      `0 make
       0>1 sed -i a.c: read a.c, write a.tmp, rename a.tmp a.c
       0>2 rm b.c: delete b.c
       0>3 as: delete old.o, write old.o`,
      { before: ['a.c', 'b.c', 'old.o'] },
    )
    expect(shownHazards(found)).toEqual([
      'changes-source a.c: sed -i a.c',
      'deletes-source b.c: rm b.c',
      'changes-source old.o: as',
    ])
  })

  test('a source that is opened for writing and stays as it is is only read', () =>
    check('0 make\n0>1 probe: update db, write out', ['db'], ['probe: db -> out']))
})

test('A3, A4, A5: whatever commands do to files, steps have no circle, no file belongs to two, and each hangs on who wrote last', () => {
  const files = ['a', 'b', 'c', 'd']
  const touch = fc.oneof(
    ...['read', 'write', 'update', 'delete'].map(kind => fc.constantFrom(...files).map(path => `${kind} ${path}`)),
    fc
      .tuple(fc.constantFrom(...files), fc.constantFrom(...files))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => `rename ${a} ${b}`),
  )
  const builds = fc.array(fc.array(touch, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(builds, fc.subarray(files), (commands, before) => {
      const log = ['0 make', ...commands.map((did, index) => `0>${index + 1} c${index}: ${did.join(', ')}`)].join('\n')
      const { steps, flow } = adopted(log, { before })
      const outputs = steps.steps.flatMap(step => step.outputs)
      expect(new Set(outputs).size).toBe(outputs.length)
      for (const [index, step] of steps.steps.entries()) {
        for (const { step: from, path } of step.uses) {
          expect(from).toBeLessThan(index)
          expect(steps.steps[from]?.outputs).toContain(path)
        }
        expect(step.sources.filter(path => step.outputs.includes(path))).toEqual([])
      }
      // Nothing that reads an output of a step that is kept is lost.
      const kept = new Set(steps.steps.flatMap(step => step.units.map(unit => unit.id)))
      for (const id of kept)
        for (const writer of flow.doings[id]?.uses.values() ?? []) expect(kept.has(writer)).toBe(true)
    }),
    { numRuns: 400 },
  )
})
