/**
 * The npm package aws-local-stepfunctions, in a process of its own: `node peer.mjs MODULE what size rounds`, where MODULE is its
 * entry. Prints JSON: `{ ms: [of each round] }` of a machine, or `{ passed, cases }` of a folder of recordings: those of choices and executions that
 * need no service, by their output alone, which is all that it gives.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { loopOf, mapOf } from './machines.mjs'

const [entry, what, given, rounds] = process.argv.slice(2)
const { StateMachine } = await import(pathToFileURL(entry).href)
/** Of one case. Waits are told to last no time. */
const PATIENCE_MS = 5_000

console.log(JSON.stringify(await measure()))
process.exit()

async function measure() {
  if (what === 'score') return score(given)
  const ms = []
  for (let round = 0; round < Number(rounds); round++)
    ms.push(await execute((what === 'loop' ? loopOf : mapOf)(Number(given))))
  return { ms }
}

async function execute({ definition, input, expected }) {
  const machine = new StateMachine(definition)
  const startMs = performance.now()
  const output = await machine.run(input).result
  const elapsedMs = performance.now() - startMs
  if (!isDeepStrictEqual(output, expected)) throw new Error(`gave ${JSON.stringify(output)}`)
  return elapsedMs
}

async function score(folder) {
  const home = existsSync(join(folder, 'cases')) ? join(folder, 'cases') : folder
  const { diff } = await import(pathToFileURL(join(folder, 'compare.mjs')).href)
  const cases = readdirSync(home)
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(readFileSync(join(home, name), 'utf8')))
    .filter(({ kind, needs }) => needs.length === 0 && (kind === 'choice' || kind === 'execution'))
  let passed = 0
  for (const { definition, input, expect } of cases) {
    const actual = await outcomeOf(definition, input)
    if (actual.status === expect.status && diff(expect.output, actual.output) === null) passed += 1
  }
  return { passed, cases: cases.length }
}

async function outcomeOf(definition, input) {
  let timer
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, PATIENCE_MS, { status: 'LATE' })
  })
  try {
    const machine = new StateMachine(definition)
    const waitTimeOverrides = Object.fromEntries(waitsIn(definition).map(name => [name, 0]))
    const { result } = machine.run(input, { overrides: { waitTimeOverrides } })
    return await Promise.race([result.then(output => ({ status: 'SUCCEEDED', output })), late])
  } catch {
    return { status: 'FAILED' }
  } finally {
    clearTimeout(timer)
  }
}

function waitsIn(value) {
  if (typeof value !== 'object' || value === null) return []
  const here = Object.entries(value.States ?? {}).filter(([, state]) => state?.Type === 'Wait')
  return [...here.map(([name]) => name), ...Object.values(value).flatMap(waitsIn)]
}
