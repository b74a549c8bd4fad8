/** The shared nets and the generated ones: every verdict as it is known, every counterexample played. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  checkSoundness,
  finish,
  newBudget,
  type PetriNet,
  readPnml,
  type Soundness,
  verifyViolation,
  workflowNet,
} from '../../../src/analysis/index.ts'
import { generatedNet, hasGenerator, loadGenerator } from '../reduce-nets.ts'

const PETRI = new URL('../../../../shared/conformance/petri/', import.meta.url)
const VERDICTS = new URL('verdicts.tsv', PETRI)
/** Seeds of each kind and fault; more by hand. */
const SEEDS = Number(process.env['SEEDS'] ?? 2)

/** What is wrong with an answer; undefined where nothing is. */
function complaint(net: PetriNet, answer: Soundness, isSound: boolean): string | undefined {
  if (answer.kind !== (isSound ? 'sound' : 'unsound')) return `${net.name} is ${answer.kind}`
  if (answer.kind !== 'unsound') return undefined
  if (answer.violations.length === 0) return `${net.name} has no counterexample`
  const failed = answer.violations.flatMap(violation => {
    const verified = verifyViolation(net, violation)
    return verified.kind === 'fails' ? [`${violation.kind}: ${verified.because}`] : []
  })
  return failed.length > 0 ? `${net.name}: ${failed.join()}` : undefined
}

describe.skipIf(!existsSync(VERDICTS))('shared nets', () => {
  test('all have the verdict that two independent searches found, and counterexamples that can be played', () => {
    const [, ...rows] = readFileSync(VERDICTS, 'utf8').trim().split('\n')
    const wrong = rows.flatMap(row => {
      const [name = '', , , sound] = row.split('\t')
      const text = readFileSync(new URL(`nets/${name}.pnml`, PETRI), 'utf8')
      const entry = workflowNet(readPnml(name, [text]))
      if (entry.kind !== 'workflow-net') return sound === 'no' ? [] : [`${name}: ${entry.why}`]
      return complaint(entry.net, finish(checkSoundness(entry.net, newBudget())), sound === 'yes') ?? []
    })
    expect(wrong).toEqual([])
    expect(rows).toHaveLength(150)
  })
})

describe.skipIf(!hasGenerator)('generated nets', () => {
  test.each([30, 200, 2_000])('of %i nodes and every kind and fault are judged as they were made', async nodes => {
    const generator = await loadGenerator()
    const wrong: string[] = []
    for (const kind of generator.KINDS) {
      for (const fault of [undefined, ...generator.FAULTS[kind]!]) {
        for (let seed = 1; seed <= (nodes > 1_000 ? 1 : SEEDS); seed++) {
          const net = generatedNet(generator, { kind, nodes, seed, ...(fault ? { fault } : {}) })
          const found = complaint(net, finish(checkSoundness(net, newBudget())), fault === undefined)
          if (found) wrong.push(`${kind} ${fault} ${seed}: ${found}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })
  /** What was wrong once. */
  test.each([
    { kind: 'resource', nodes: 300, seed: 516, fault: 'missing-arc' },
    { kind: 'resource', nodes: 300, seed: 518, fault: 'missing-arc' },
  ])('$kind $nodes $seed $fault: the end is passed by a step that needs nothing', async recipe => {
    const net = generatedNet(await loadGenerator(), recipe)
    expect(complaint(net, finish(checkSoundness(net, newBudget())), false)).toBeUndefined()
  })
})
