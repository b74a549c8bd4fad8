/** Queries at random, of every subject and every kind of condition. */
import fc from 'fast-check'
import { type Field, FIELDS, fieldNamed, hasHistory, type Subject, SUBJECTS } from '../../src/search/fields.ts'
import {
  AGGREGATES,
  type Condition,
  type Link,
  type Operand,
  type Order,
  type Place,
  type Query,
  type Scalar,
} from '../../src/search/query.ts'

export interface Material {
  /** Texts that are worth asking for, of a subject's field. */
  texts(subject: Subject, field: string): readonly string[]
  /** Numbers and instants that records have. */
  numbers(subject: Subject, field: string): readonly number[]
}

const DAY_MS = 86_400_000
export const ODD: Material = {
  texts: () => ["it's", 'a\\b', 'x/y', 'ä "quoted"', 'line\nbreak\ttab', 'deploy', ''],
  numbers: () => [0, 1, 250, 1_500],
}

const PATTERNS = ['^a', 'e', '[xy]', 'o$', 's/', '(flaky|less)', '\\d', '.*', 'B']

export function queryOf(material: Material, subject?: Subject): fc.Arbitrary<Query> {
  const subjects = subject === undefined ? fc.constantFrom(...SUBJECTS) : fc.constant(subject)
  return subjects.chain(about => {
    const fields = Object.keys(FIELDS[about]).filter(name => fieldNamed(about, name)?.type !== 'json')
    const orders = fc.array(
      fc.record<Order>({ field: fc.constantFrom(...fields), direction: fc.constantFrom('asc', 'desc') }),
      { maxLength: 2 },
    )
    const chain =
      about === 'step' || about === 'node'
        ? fc.option(fc.record({ links: fc.array(linkOf(material, about), { minLength: 1, maxLength: 2 }) }), {
            nil: undefined,
          })
        : fc.constant(undefined)
    const base = {
      where: fc.option(conditionOf(material, about), { nil: undefined }),
      chain,
      limit: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
      wanted: fc.constantFrom<'rows' | 'count'>('rows', 'count'),
    }
    return fc.record({ ...base, orderBy: orders }).map(
      ({ where, chain: links, limit, orderBy, wanted }): Query => ({
        subject: about,
        ...(links ? { chain: links } : {}),
        ...(where ? { where } : {}),
        groupBy: [],
        orderBy,
        ...(limit === undefined ? {} : { limit }),
        wanted,
      }),
    )
  })
}

const linkOf = (material: Material, subject: Subject): fc.Arbitrary<Link> =>
  fc
    .record({
      towards: fc.constantFrom<Link['towards']>('upstream', 'downstream'),
      reach: fc.constantFrom<Link['reach']>('direct', 'any'),
      where: fc.option(conditionOf(material, subject, 1), { nil: undefined }),
    })
    .map(({ where, ...link }) => (where ? { ...link, where } : link))

export function conditionOf(material: Material, subject: Subject, depth = 3): fc.Arbitrary<Condition> {
  const leaf = leafOf(material, subject)
  if (depth === 0) return leaf
  const inner = conditionOf(material, subject, depth - 1)
  const joined = (kind: 'all' | 'any') =>
    fc
      .array(inner, { minLength: 2, maxLength: 3 })
      .map((of): Condition => ({ kind, of: of.flatMap(each => (each.kind === kind ? each.of : [each])) }))
  return fc.oneof(
    leaf,
    leaf,
    joined('all'),
    joined('any'),
    inner.map((of): Condition => ({ kind: 'not', of })),
  )
}

function leafOf(material: Material, subject: Subject): fc.Arbitrary<Condition> {
  const names = Object.keys(FIELDS[subject])
  return fc.constantFrom(...names).chain(name => {
    const field = fieldNamed(subject, name)!
    return field.type === 'json' ? jsonLeaf(name) : plainLeaf(material, subject, name, field)
  })
}

function plainLeaf(material: Material, subject: Subject, name: string, field: Field): fc.Arbitrary<Condition> {
  const place: Place = { name, path: [] }
  const has = fc.constant<Condition>({ kind: 'has', field: place })
  if (field.type === 'flag') return fc.constant<Condition>({ kind: 'flag', field: name })
  const scalar = scalarOf(material, subject, name, field)
  const isText = field.type === 'text' || field.type === 'word'
  const operators = isText ? (['=', '!='] as const) : (['=', '!=', '<', '<=', '>', '>='] as const)
  const operand: fc.Arbitrary<Operand> = hasHistory(subject, name)
    ? fc.oneof(
        scalar,
        fc.record({
          kind: fc.constant('aggregate' as const),
          of: fc.constantFrom(...AGGREGATES),
          times: fc.constantFrom(1, 2, 0.5),
        }),
      )
    : scalar
  const compare = fc
    .record({ operator: fc.constantFrom(...operators), with: operand })
    .map((rest): Condition => ({ kind: 'compare', field: place, ...rest }))
  const within = fc
    .array(scalar, { minLength: 1, maxLength: 3 })
    .map((values): Condition => ({ kind: 'in', field: place, values }))
  if (!isText) return fc.oneof(has, compare, compare, within)
  return fc.oneof(has, compare, compare, within, ...textLeaves(place, material.texts(subject, name)))
}

function textLeaves(field: Place, texts: readonly string[]): readonly fc.Arbitrary<Condition>[] {
  const parts = fc
    .constantFrom(...texts, '')
    .chain(text =>
      fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([a, b]) => text.slice(Math.min(a, b), Math.max(a, b))),
    )
  return [
    parts.map((text): Condition => ({ kind: 'contains', field, text })),
    fc
      .record({ pattern: fc.constantFrom(...PATTERNS), flags: fc.constantFrom('', 'i') })
      .map((rest): Condition => ({ kind: 'matches', field, ...rest })),
  ]
}

function scalarOf(material: Material, subject: Subject, name: string, field: Field): fc.Arbitrary<Scalar> {
  const numbers = [0, 1, ...material.numbers(subject, name)]
  switch (field.type) {
    case 'word':
      return fc.constantFrom(...field.words!).map(text => ({ kind: 'text', text }))
    case 'time': {
      const instants = fc.constantFrom(...numbers).map((fromMs): Scalar => ({ kind: 'time', fromMs, toMs: fromMs + 1 }))
      const days = fc.constantFrom(...numbers).map((ms): Scalar => {
        const fromMs = Math.floor(ms / DAY_MS) * DAY_MS
        return { kind: 'time', fromMs, toMs: fromMs + DAY_MS }
      })
      return fc.oneof(instants, days)
    }
    case 'number':
    case 'duration':
    case 'size':
      return fc.constantFrom(...numbers).map(number => ({ kind: 'number', number }))
    default:
      return fc.constantFrom(...material.texts(subject, name), 'no such text').map(text => ({ kind: 'text', text }))
  }
}

const PATHS: readonly Place['path'][] = [
  [],
  ['file'],
  ['size'],
  ['tags'],
  ['tags', 0],
  [3, 'price'],
  ['odd name'],
  [0, 'name'],
  ['nothing'],
]

function jsonLeaf(name: string): fc.Arbitrary<Condition> {
  const scalars: fc.Arbitrary<Scalar> = fc.oneof(
    fc.constantFrom('main.ts.js', 'esm', 'told', 'item 0').map((text): Scalar => ({ kind: 'text', text })),
    fc.constantFrom(0, 3, 7_500, 4_000, 2.5).map((number): Scalar => ({ kind: 'number', number })),
    fc.constantFrom<Scalar>({ kind: 'null' }, { kind: 'flag', flag: true }),
  )
  return fc.constantFrom(...PATHS).chain(path => {
    const field: Place = { name, path }
    return fc.oneof(
      fc.constant<Condition>({ kind: 'has', field }),
      fc
        .record({ operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='), with: scalars })
        .map((rest): Condition => ({ kind: 'compare', field, ...rest })),
      fc.array(scalars, { minLength: 1, maxLength: 2 }).map((values): Condition => ({ kind: 'in', field, values })),
      ...textLeaves(field, ['main.ts', 'esm', 'item']),
    )
  })
}
