/** Machines that are well-formed by how they are made, and what one change does to them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDefinition } from '../../../src/lang/asl/parse/definition.ts'

type Json = { [name: string]: unknown }

/** How a state goes on: to the next one of the machine, or out of it. */
type Onward = { Next: string } | { End: true }

const plain = fc.constantFrom<(onward: Onward) => Json>(
  onward => ({ Type: 'Pass', Result: { a: [1] }, ResultPath: '$.a', ...onward }),
  onward => ({ Type: 'Wait', Seconds: 3, ...onward }),
  onward => ({
    Type: 'Task',
    Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
    TimeoutSeconds: 9,
    ...onward,
  }),
  onward => ({ Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input %}', ...onward }),
  onward =>
    'End' in onward
      ? { Type: 'Succeed' }
      : { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, ...onward }], Default: onward.Next },
)

/** Numbers go on through what is nested, so that names differ. */
const machineOf = (depth: number): fc.Arbitrary<(first: number) => Json> =>
  fc
    .array(depth === 0 ? plain : fc.oneof({ weight: 3, arbitrary: plain }, nested(depth)), {
      minLength: 1,
      maxLength: 4,
    })
    .map(makers => (first: number) => {
      const states: Json = {}
      makers.forEach((make, at) => {
        const onward: Onward = at + 1 < makers.length ? { Next: `S${first * 10 + at + 1}` } : { End: true }
        states[`S${first * 10 + at}`] = make(onward, first * 10 + at)
      })
      return { StartAt: `S${first * 10}`, States: states }
    })

const nested = (depth: number): fc.Arbitrary<(onward: Onward, number?: number) => Json> =>
  fc.tuple(machineOf(depth - 1), fc.boolean()).map(([inner, isMap]) => (onward: Onward, number = 0) => ({
    ...(isMap ? { Type: 'Map', ItemProcessor: inner(number) } : { Type: 'Parallel', Branches: [inner(number)] }),
    ...onward,
  }))

const machine = machineOf(2).map(make => make(1))

/** Of every object in it the fields without which it is not well-formed. */
const NEEDED = [
  'StartAt',
  'States',
  'Type',
  'Next',
  'End',
  'Resource',
  'Branches',
  'ItemProcessor',
  'Choices',
  'Seconds',
  'Variable',
  'IsNull',
]

type Place = readonly [owner: Json, field: string]

function needed(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Object.keys(value).filter(field => NEEDED.includes(field) && !Array.isArray(value))
  return [...own.map((field): Place => [value as Json, field]), ...Object.values(value).flatMap(needed)]
}

/** That it is refused, in the text: the problems it has, each at a line and column that the text has. */
function expectRefused(definition: unknown): void {
  const text = JSON.stringify(definition, undefined, 1)
  const parsed = parseDefinition({ path: 'a.json', text })
  const lines = text.split('\n')
  expect(parsed.ok).toBe(false)
  for (const { at } of parsed.ok ? [] : parsed.error) {
    expect(at).toBeDefined()
    expect(lines[at!.line - 1]!.length).toBeGreaterThanOrEqual(at!.column)
  }
}

test('V1: what is well-formed is taken', () => {
  fc.assert(
    fc.property(machine, definition => {
      expect(parseDefinition({ path: 'a.json', text: JSON.stringify(definition) })).toMatchObject({ ok: true })
    }),
    { numRuns: 60 },
  )
})

test('V2: what lacks a field is refused at a place in the text', () => {
  fc.assert(
    fc.property(machine, fc.nat(), (definition, pick) => {
      const places = needed(definition)
      const [owner, field] = places[pick % places.length]!
      delete owner[field]
      expectRefused(definition)
    }),
    { numRuns: 120 },
  )
})

test('V2: what leads to a state that is not there is refused at a place in the text', () => {
  fc.assert(
    fc.property(machine, fc.nat(), (definition, pick) => {
      const places = needed(definition).filter(([, field]) => field === 'Next' || field === 'StartAt')
      const [owner, field] = places[pick % places.length]!
      owner[field] = 'nowhere'
      expectRefused(definition)
    }),
    { numRuns: 60 },
  )
})

test('V2: whatever stands in the place of whatever, the answer is a list of problems with places', () => {
  fc.assert(
    fc.property(machine, fc.nat(), fc.jsonValue(), (definition, pick, foreign) => {
      const places = everything(definition)
      const [owner, field] = places[pick % places.length]!
      owner[field] = foreign
      const parsed = parseDefinition({ path: 'a.json', text: JSON.stringify(definition) })
      for (const { at } of parsed.ok ? parsed.value.warnings : parsed.error) expect(at).toMatchObject({ line: 1 })
    }),
    { numRuns: 300 },
  )
})

/** Every field and item. */
function everything(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, part]): readonly Place[] => [
    [value as Json, field],
    ...everything(part),
  ])
}

test('V2: a text that is cut or changed anywhere is read or refused', () => {
  fc.assert(
    fc.property(
      machine,
      fc.nat(),
      fc.string({ maxLength: 3 }),
      fc.constantFrom('json', 'json5', 'yaml'),
      (definition, pick, given, ending) => {
        const whole = JSON.stringify(definition)
        const at = pick % whole.length
        const parsed = parseDefinition({
          path: `a.${ending}`,
          text: whole.slice(0, at) + given + (pick % 2 ? whole.slice(at + 1) : ''),
        })
        for (const each of parsed.ok ? [] : parsed.error) expect(each.at).toBeDefined()
      },
    ),
    { numRuns: 200 },
  )
})
