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
import type { Weather } from '../../conformance/asl/execution.ts'
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

async function failuresOf(cases: readonly Read[], compare: Comparer, weather?: Weather): Promise<readonly string[]> {
  const failures: string[] = []
  for (const { file, of } of cases) {
    const { verdict, reason } = compare(of, await perform(of, weather))
    if ((verdict === 'PASS') === file in REMAINING) failures.push(`${file}: ${verdict} ${reason}`)
  }
  return failures
}

/** An attempt that a process dies in is made again, and would be answered with the next recorded outcome; hostile JSONata takes long. */
const isSteady = ({ of }: Read): boolean =>
  of.kind === 'execution' && Object.keys(of.mocks).length === 0 && of.area !== 'jsonata'

describe('our own cases', () => {
  test.each(byArea(OWN))('%s', async (_, cases) => expect(await failuresOf(cases, compareStrictly)).toEqual([]))
})

describe('our own executions, in processes that die at every third commit or so, and hear of some ends twice', () => {
  const areas = byArea(OWN).map(([area, cases]) => [area, cases.filter(isSteady)] as const)
  test.each(areas.filter(([, cases]) => cases.length > 0))('%s', async (_, cases) => {
    for (const seed of [1, 2])
      expect(await failuresOf(cases, compareStrictly, { seed, faults: { crashes: 0.3, duplicates: 0.2 } })).toEqual([])
  })
})

describe.skipIf(!existsSync(join(RECORDED, 'cases')))('recorded cases', () => {
  const areas = existsSync(RECORDED) ? byArea(RECORDED) : []
  test.each(areas)('%s', async (_, cases) => {
    const { compare } = await comparerOf(RECORDED)
    expect(await failuresOf(cases, compare)).toEqual([])
  })
})
