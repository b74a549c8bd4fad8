/**
 * Cases that were recorded on AWS, where they are beside the project, and our own, always. What does not come out as recorded is
 * listed with its reason; a case that has begun to pass must leave the list.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Case, findCases, readCase } from '../../conformance/asl/case.ts'
import { type Comparer, compareStrictly, comparerOf } from '../../conformance/asl/compare.ts'
import { perform } from '../../conformance/asl/perform.ts'

const OWN = fileURLToPath(new URL('cases', import.meta.url))
const RECORDED = fileURLToPath(new URL('../../../../shared/conformance/asl', import.meta.url))

/** By the name of the file. */
const REMAINING: { readonly [file: string]: string } = {}

interface Read {
  readonly file: string
  readonly of: Case
}

function byArea(folder: string): readonly (readonly [area: string, cases: readonly Read[]])[] {
  const areas = new Map<string, Read[]>()
  for (const { file, path } of findCases(folder).cases) {
    const of = readCase(path)
    if (typeof of === 'string') throw new Error(`${file} ${of}`)
    areas.set(of.area, [...(areas.get(of.area) ?? []), { file, of }])
  }
  return [...areas].sort(([a], [b]) => (a < b ? -1 : 1))
}

async function failuresOf(cases: readonly Read[], compare: Comparer): Promise<readonly string[]> {
  const failures: string[] = []
  for (const { file, of } of cases) {
    const { verdict, reason } = compare(of, await perform(of))
    if ((verdict === 'PASS') === file in REMAINING) failures.push(`${file}: ${verdict} ${reason}`)
  }
  return failures
}

describe('our own cases', () => {
  test.each(byArea(OWN))('%s', async (_, cases) => expect(await failuresOf(cases, compareStrictly)).toEqual([]))
})

describe.skipIf(!existsSync(join(RECORDED, 'cases')))('recorded cases', () => {
  const areas = existsSync(RECORDED) ? byArea(RECORDED) : []
  test.each(areas)('%s', async (_, cases) => {
    const { compare } = await comparerOf(RECORDED)
    expect(await failuresOf(cases, compare)).toEqual([])
  })
})
