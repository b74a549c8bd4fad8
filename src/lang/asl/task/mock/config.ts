/**
 * AWS's MockConfigFile.json: test cases that say which states answer from which made-up responses.
 *
 *   { "StateMachines": { "order": { "TestCases": { "Happy": { "Charge": "ChargeOk" } } } },
 *     "MockedResponses": { "ChargeOk": { "0": { "Throw": { "Error": "E", "Cause": "c" } }, "1-2": { "Return": {} } } } }
 */
import { type Diagnostic, refuse } from '../../../../util/diagnostic.ts'
import type { Json } from '../../../../util/json.ts'
import { nearestName } from '../../../../util/nearest.ts'
import { err, ok, type Result } from '../../../../util/result.ts'
import { readSource } from '../../parse/read.ts'
import type { Path, Source } from '../../source.ts'
import type { Outcome } from '../binding.ts'
import { isRecord } from '../parameters.ts'
import type { Script } from './outcome.ts'

export interface MockConfig {
  /** Where it was read, for refusals. */
  readonly file: string
  readonly machines: ReadonlyMap<string, TestCases>
}

/** By name: for each state that is mocked its script. */
type TestCases = ReadonlyMap<string, { readonly [state: string]: Script }>

interface Answers {
  readonly first: number
  readonly last: number
  readonly outcome: Outcome
}

/** All that is wrong with it at once. */
export function parseMockConfig(file: {
  readonly path: string
  readonly text: string
}): Result<MockConfig, readonly Diagnostic[]> {
  const source = readSource(file)
  if (!source.ok) return source
  const reader = newReader(source.value)
  const config = readConfig(reader, file.path)
  return reader.problems.length > 0 ? err(reader.problems) : ok(config)
}

/** The scripts of one test case. Refuses when there is none of that name. */
export function testCaseOf(
  { file, machines }: MockConfig,
  { machine, testCase }: { readonly machine: string; readonly testCase: string },
): { readonly [state: string]: Script } {
  const cases = machines.get(machine) ?? unknown('state machine', machine, [...machines.keys()], file)
  return cases.get(testCase) ?? unknown(`test case of ${machine}`, testCase, [...cases.keys()], file)
}

function unknown(what: string, name: string, known: readonly string[], file: string): never {
  const close = nearestName(name, known)
  refuse('ASL_MOCK_UNKNOWN', `${file} has no ${what} ${JSON.stringify(name)}`, {
    hint: close ? `Did you mean ${close}?` : known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none.',
  })
}

interface Reader {
  readonly source: Source
  readonly problems: Diagnostic[]
  problem(path: Path, message: string, hint?: string): void
}

const invalid = (message: string) => ({ code: 'ASL_MOCK_INVALID', severity: 'error', message }) as const

function newReader(source: Source): Reader {
  const problems: Diagnostic[] = []
  for (const { path, at } of source.repeated) problems.push({ ...invalid(`${String(path.at(-1))} is there twice`), at })
  return {
    source,
    problems,
    problem: (path, message, hint) => {
      const at = path.length === 0 ? source.at(path) : source.nameAt(path)
      problems.push({
        code: 'ASL_MOCK_INVALID',
        severity: 'error',
        message,
        at,
        ...(hint === undefined ? {} : { hint }),
      })
    },
  }
}

const FIELDS = ['StateMachines', 'MockedResponses']

function readConfig(reader: Reader, file: string): MockConfig {
  const { source, problem } = reader
  const whole = source.value
  if (!isRecord(whole)) {
    problem([], 'A mock configuration is an object')
    return { file, machines: new Map() }
  }
  for (const name of Object.keys(whole))
    if (!FIELDS.includes(name))
      problem([name], `A mock configuration has no field ${name}`, `It has ${FIELDS.join(' and ')}.`)
  const responses = readResponses(reader, whole.MockedResponses)
  const machines = readObject(reader, ['StateMachines'], whole.StateMachines).map(
    ([name, machine]) => [name, readMachine(reader, ['StateMachines', name], machine, responses)] as const,
  )
  return { file, machines: new Map(machines) }
}

/** The fields of an object that must be one. */
function readObject({ problem }: Reader, path: Path, value: unknown): readonly (readonly [string, unknown])[] {
  if (isRecord(value)) return Object.entries(value)
  problem(path, value === undefined ? `${path.join('.')} is missing` : `${path.join('.')} is not an object`)
  return []
}

function readMachine(
  reader: Reader,
  path: Path,
  machine: unknown,
  responses: ReadonlyMap<string, Script | undefined>,
): TestCases {
  const [, cases] = readObject(reader, path, machine).find(([name]) => name === 'TestCases') ?? []
  const read = readObject(reader, [...path, 'TestCases'], cases).map(([name, states]) => {
    const scripts = readObject(reader, [...path, 'TestCases', name], states).flatMap(([state, response]) => {
      const script = typeof response === 'string' ? responses.get(response) : undefined
      if (typeof response !== 'string' || !responses.has(response)) {
        const known = nearestName(String(response), [...responses.keys()])
        const hint = known ? `Did you mean ${known}?` : 'Add it to MockedResponses.'
        reader.problem(
          [...path, 'TestCases', name, state],
          `There is no mocked response ${JSON.stringify(response)}`,
          hint,
        )
      }
      return script ? [[state, script] as const] : []
    })
    return [name, Object.fromEntries(scripts)] as const
  })
  return new Map(read)
}

/** Undefined: it is there, and wrong. */
function readResponses(reader: Reader, given: unknown): ReadonlyMap<string, Script | undefined> {
  return new Map(
    readObject(reader, ['MockedResponses'], given).map(([name, response]) => [
      name,
      readResponse(reader, ['MockedResponses', name], name, response),
    ]),
  )
}

const CALLS = /^(\d+)(?:-(\d+))?$/

function readResponse(reader: Reader, path: Path, name: string, response: unknown): Script | undefined {
  const answers: Answers[] = []
  for (const [calls, answer] of readObject(reader, path, response)) {
    const [, first, last = first] = CALLS.exec(calls) ?? []
    const outcome = readAnswer(reader, [...path, calls], answer)
    if (first === undefined || Number(last) < Number(first))
      reader.problem(
        [...path, calls],
        `${JSON.stringify(calls)} names no calls`,
        'Write "0" for the first, "1-2" for the next two.',
      )
    else if (outcome) answers.push({ first: Number(first), last: Number(last), outcome })
  }
  const sorted = answers.sort((a, b) => a.first - b.first)
  for (const [index, { first, last }] of sorted.entries()) {
    const next = (sorted[index - 1]?.last ?? -1) + 1
    if (first === next) continue
    const shown = first === last ? `"${first}"` : `"${first}-${last}"`
    reader.problem(
      [...path, shown.slice(1, -1)],
      `${name} answers call ${next} ${first < next ? 'twice' : 'not'}, before ${shown}`,
      'Number the calls from 0 without a gap.',
    )
  }
  return sorted.length === 0 ? undefined : { name, answer: call => answerTo(sorted, call) }
}

const answerTo = (answers: readonly Answers[], call: number): Outcome | undefined =>
  answers.find(({ first, last }) => first <= call && call <= last)?.outcome

function readAnswer(reader: Reader, path: Path, answer: unknown): Outcome | undefined {
  const fields = readObject(reader, path, answer)
  const [field, more] = fields
  if (field === undefined || more !== undefined || (field[0] !== 'Return' && field[0] !== 'Throw')) {
    reader.problem(path, `${path.join('.')} has neither Return nor Throw, or both`)
    return undefined
  }
  if (field[0] === 'Return') return { output: field[1] as Json } // read from JSON
  const { Error: error, Cause: cause } = Object.fromEntries(readObject(reader, [...path, 'Throw'], field[1]))
  if (typeof error !== 'string')
    reader.problem([...path, 'Throw'], 'Throw has no Error', 'Its name is what Retry and Catch compare.')
  return { ...(typeof error === 'string' ? { error } : {}), ...(cause === undefined ? {} : { cause: cause as Json }) }
}
