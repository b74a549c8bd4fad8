/** The fuzzer of moves finds what it is for, as ../mutants.test.ts shows of the other. */
import { afterAll, describe, expect, test } from 'vitest'
import { forgetHunts, foundLine, huntOf } from '../hunting.ts'
import { MUTANTS } from './mutants.ts'

const SEEDS_MAX = 3_000
const taken: string[] = []

afterAll(() => {
  forgetHunts()
  console.log(['the seed that finds each mutant:', ...taken].join('\n'))
})

describe.each(MUTANTS.map((mutant, index) => ({ mutant, index })))('$mutant.name', ({ mutant, index }) => {
  test(`is found within ${SEEDS_MAX} seeds`, { timeout: 300_000 }, async () => {
    const hunt = await huntOf('move/hunt.ts', mutant, `move-${index}`)
    const found = (mutant.seed !== undefined && hunt(mutant.seed, 1)) || hunt(0, SEEDS_MAX)
    taken.push(foundLine(mutant, found, SEEDS_MAX))
    expect(found).toBeDefined()
  })
})
