/** The fuzzer finds what it is for: every mutant of the engine fails within so many seeds. A seed that is known is tried first. */
import { afterAll, describe, expect, test } from 'vitest'
import { forgetHunts, foundLine, huntOf } from './hunting.ts'
import { MUTANTS } from './mutants.ts'

const SEEDS_MAX = 5_000
const taken: string[] = []

afterAll(() => {
  forgetHunts()
  console.log(['the seed that finds each mutant:', ...taken].join('\n'))
})

test('the engine itself is not found wanting', async () => {
  const hunt = await huntOf('hunt.ts', undefined, 'none')
  expect(hunt(0, 100)).toBeUndefined()
})

describe.each(MUTANTS.map((mutant, index) => ({ mutant, index })))('$mutant.name', ({ mutant, index }) => {
  test(`is found within ${SEEDS_MAX} seeds`, { timeout: 300_000 }, async () => {
    const hunt = await huntOf('hunt.ts', mutant, String(index))
    const found = (mutant.seed !== undefined && hunt(mutant.seed, 1)) || hunt(0, SEEDS_MAX)
    taken.push(foundLine(mutant, found, SEEDS_MAX))
    expect(found).toBeDefined()
  })
})
