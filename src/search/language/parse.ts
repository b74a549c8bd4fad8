/**
 * Text -> query, by recursive descent. The grammar stands in docs/find.md. Every refusal points to a column, says what was
 * expected there, and which name is nearest: QUERY_SYNTAX, QUERY_UNKNOWN_SUBJECT, QUERY_UNKNOWN_FIELD, QUERY_VALUE.
 *
 *   Q1. Parsing what a query prints gives that query again.
 *   Q2. Whatever the text, parsing gives a query or refuses; it throws nothing else.
 */
import { nearestName } from '../../util/nearest.ts'
import { type Field, fieldNamed, fullName, hasHistory, namesOf, type Subject, SUBJECTS } from '../fields.ts'
import {
  type Aggregate,
  AGGREGATES,
  type Condition,
  type Link,
  type Operand,
  type Operator,
  type Order,
  type Place,
  type Query,
  type Scalar,
} from '../query.ts'
import { readScalar } from './literals.ts'
import { refuseAt, type Token, tokensOf } from './tokens.ts'

/** Parentheses and negations inside one another. */
const DEPTH_MAX = 100
/** SQLite compares no deeper than this. */
const CONDITIONS_MAX = 400
const LIMIT_MAX = 1_000_000_000

/** What the command line prints before a query. `nowMs`: what `-2d` and `today` count from. */
export function parseQuery(text: string, nowMs: number): Query {
  return new Parser(text, nowMs).query()
}

/** One element of a chain, before it is known what the chain is about. */
interface Element {
  readonly subject: Subject | undefined
  readonly at: number
  /** Read when the subject is known. */
  readonly condition: (subject: Subject) => Condition | undefined
}

class Parser {
  readonly #text: string
  readonly #nowMs: number
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0
  #conditions = 0

  constructor(text: string, nowMs: number) {
    this.#text = text
    this.#nowMs = nowMs
    this.#tokens = tokensOf(text)
  }

  query(): Query {
    const wanted = this.#takeWord('count') ? 'count' : 'rows'
    const { subject, own, links } = this.#chain()
    const where = this.#takeWord('where') ? this.#condition(subject) : undefined
    const conditions = [...(own ? [own] : []), ...(where ? [where] : [])]
    const groupBy = this.#takeWords('group', 'by') ? this.#list(() => this.#plainField(subject)) : []
    const orderBy = this.#takeWords('order', 'by') ? this.#list(() => this.#order(subject, groupBy)) : []
    const limit = this.#takeWord('limit') ? this.#limit() : undefined
    const rest = this.#peek()
    if (rest.kind !== 'end') this.#expected(this.#nextClauses({ where, groupBy, orderBy, limit }), rest)
    return {
      subject,
      ...(links.length > 0 ? { chain: { links } } : {}),
      ...(conditions.length === 0 ? {} : { where: conditions.length === 1 ? conditions[0]! : flat('all', conditions) }),
      groupBy,
      orderBy,
      ...(limit === undefined ? {} : { limit }),
      wanted,
    }
  }

  #nextClauses(had: { where: unknown; groupBy: readonly string[]; orderBy: readonly Order[]; limit: unknown }): string {
    if (had.limit !== undefined) return 'the end'
    if (had.orderBy.length > 0) return "',', 'limit' or the end"
    if (had.groupBy.length > 0) return "',', 'order by', 'limit' or the end"
    return had.where === undefined
      ? "'where', 'group by', 'order by', 'limit' or the end"
      : "'and', 'or', 'group by', 'order by', 'limit' or the end"
  }

  /** `a -> * -> b`: about b. */
  #chain(): { readonly subject: Subject; readonly own: Condition | undefined; readonly links: readonly Link[] } {
    const elements: Element[] = [this.#element()]
    const arrows: Pick<Link, 'towards' | 'reach'>[] = []
    for (let arrow = this.#arrow(); arrow; arrow = this.#arrow()) {
      arrows.push(arrow)
      elements.push(this.#element())
    }
    const subject = this.#subjectOf(elements)
    // In the order of the text, so that the first mistake is the one that is told.
    const back = this.#next
    const conditions = elements.map(element => element.condition(subject))
    this.#next = back
    const own = conditions.at(-1)
    const links = arrows.map(
      (arrow, index): Link => ({ ...arrow, ...(conditions[index] ? { where: conditions[index] } : {}) }),
    )
    return { subject, own, links: links.reverse() }
  }

  #subjectOf(elements: readonly Element[]): Subject {
    const named = elements.filter(each => each.subject !== undefined)
    const [first] = named
    const subject = first?.subject ?? 'node'
    if (elements.length === 1) {
      if (first) return subject
      return this.#unknownSubject(elements[0]!)
    }
    for (const each of named)
      if (each.subject !== 'step' && each.subject !== 'node')
        refuseAt(this.#text, each.at, 'QUERY_SYNTAX', `Arrows lead between steps, not to a ${each.subject}`, CHAIN_HINT)
    const other = named.find(each => each.subject !== subject)
    if (other)
      refuseAt(
        this.#text,
        other.at,
        'QUERY_SYNTAX',
        `This chain is about a ${subject} and about a ${other.subject}`,
        CHAIN_HINT,
      )
    return subject
  }

  #unknownSubject({ at }: Element): never {
    const word = this.#tokens.find(token => token.at === at)?.text ?? ''
    const near = nearestName(word, SUBJECTS)
    return refuseAt(
      this.#text,
      at,
      'QUERY_UNKNOWN_SUBJECT',
      `Nothing is called ${JSON.stringify(word)}; expected ${oneOf(SUBJECTS)}`,
      near ? `Did you mean ${near}?` : 'A query begins with what it asks for: step where failed.',
    )
  }

  #element(): Element {
    const token = this.#take()
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.text !== '*')
      this.#expected(`${oneOf(SUBJECTS)}, or the name of a step`, token)
    const subject = token.kind === 'word' ? subjectNamed(token.text) : undefined
    const open = this.#peek()
    const inside = open.text === '[' && open.kind === 'symbol' ? this.#skipBrackets() : undefined
    return {
      subject,
      at: token.at,
      condition: about => {
        const named = subject || token.text === '*' ? [] : [nameCondition(token.text)]
        const bracket = inside === undefined ? [] : [this.#inside(inside, about)]
        const all = [...named, ...bracket]
        return all.length > 1 ? flat('all', all) : all[0]
      },
    }
  }

  /** What is in brackets can be read only when it is known what it is about. */
  #skipBrackets(): number {
    const start = this.#next
    let open = 0
    for (;;) {
      const token = this.#take()
      if (token.kind === 'end') this.#expected("']'", token)
      if (token.kind !== 'symbol') continue
      if (token.text === '[') open += 1
      if (token.text === ']') open -= 1
      if (open === 0) return start
    }
  }

  #inside(start: number, subject: Subject): Condition {
    this.#next = start + 1
    const condition = this.#condition(subject)
    this.#need(']', "'and', 'or' or ']'")
    return condition
  }

  #arrow(): Pick<Link, 'towards' | 'reach'> | undefined {
    const token = this.#peek()
    if (token.kind !== 'symbol' || (token.text !== '->' && token.text !== '<-')) return undefined
    this.#next += 1
    const towards = token.text === '->' ? 'upstream' : 'downstream'
    const [star, second] = [this.#peek(), this.#tokens[this.#next + 1]]
    if (star.text !== '*' || star.kind !== 'symbol') return { towards, reach: 'direct' }
    if (second?.kind !== 'symbol' || (second.text !== '->' && second.text !== '<-')) return { towards, reach: 'direct' }
    this.#next += 1
    if (second.text !== token.text) this.#expected(`'${token.text}'`, second)
    this.#next += 1
    return { towards, reach: 'any' }
  }

  #condition(subject: Subject): Condition {
    this.#depth += 1
    if (this.#depth > DEPTH_MAX)
      refuseAt(this.#text, this.#peek().at, 'QUERY_SYNTAX', `Conditions are nested more than ${DEPTH_MAX} deep`)
    const of = [this.#conjunction(subject)]
    while (this.#takeWord('or')) of.push(this.#conjunction(subject))
    this.#depth -= 1
    return of.length === 1 ? of[0]! : flat('any', of)
  }

  #conjunction(subject: Subject): Condition {
    const of = [this.#negation(subject)]
    while (this.#takeWord('and')) of.push(this.#negation(subject))
    return of.length === 1 ? of[0]! : flat('all', of)
  }

  #negation(subject: Subject): Condition {
    if (!this.#takeWord('not')) return this.#comparison(subject)
    this.#depth += 1
    if (this.#depth > DEPTH_MAX)
      refuseAt(this.#text, this.#peek().at, 'QUERY_SYNTAX', `Conditions are nested more than ${DEPTH_MAX} deep`)
    const of = this.#negation(subject)
    this.#depth -= 1
    return { kind: 'not', of }
  }

  #comparison(subject: Subject): Condition {
    this.#conditions += 1
    if (this.#conditions > CONDITIONS_MAX)
      refuseAt(this.#text, this.#peek().at, 'QUERY_SYNTAX', `A query has at most ${CONDITIONS_MAX} conditions`)
    if (this.#takeSymbol('(')) {
      const condition = this.#condition(subject)
      this.#need(')', "'and', 'or' or ')'")
      return condition
    }
    if (this.#takeWord('has')) return { kind: 'has', field: this.#place(subject).place }
    const { place, field, at } = this.#place(subject)
    const operator = this.#peek()
    if (operator.kind === 'word' && operator.text === 'contains') return this.#contains(place, field)
    if (operator.kind === 'word' && operator.text === 'in') return this.#in(place, field)
    if (operator.kind === 'symbol' && operator.text === '~') return this.#matches(place, field)
    const plain = operator.kind === 'symbol' ? OPERATORS[operator.text] : undefined
    if (plain === undefined) {
      if (field.type === 'flag') return { kind: 'flag', field: place.name }
      return this.#expected(`an operator after ${place.name} (=, !=, <, <=, >, >=, ~, contains, in)`, operator, at)
    }
    this.#next += 1
    return this.#compare(subject, { place, field, operator: plain, operatorAt: operator.at })
  }

  #compare(subject: Subject, left: { place: Place; field: Field; operator: Operator; operatorAt: number }): Condition {
    const { place, field, operator } = left
    const isOrdered = field.type !== 'text' && field.type !== 'word' && field.type !== 'flag'
    if (!isOrdered && operator !== '=' && operator !== '!=')
      refuseAt(
        this.#text,
        left.operatorAt,
        'QUERY_VALUE',
        `${place.name} has no order, so ${operator} says nothing`,
        'Take =, !=, ~, contains or in.',
      )
    const operand = this.#operand(subject, place, field)
    if (field.type !== 'flag') return { kind: 'compare', field: place, operator, with: operand }
    const isTrue = operand.kind === 'flag' && operand.flag
    const flag: Condition = { kind: 'flag', field: place.name }
    return isTrue === (operator === '=') ? flag : { kind: 'not', of: flag }
  }

  #operand(subject: Subject, place: Place, field: Field): Operand {
    const token = this.#take()
    const star = this.#peek()
    if (token.kind === 'number' && star.kind === 'symbol' && star.text === '*') {
      this.#next += 1
      const times = Number(token.text)
      const of = this.#take()
      if (!Number.isFinite(times) || times < 0) this.#expected('a number before *', token)
      if (of.kind !== 'word' || !isAggregate(of.text)) this.#expected(oneOf(AGGREGATES), of)
      return this.#aggregate(subject, place, { of: of.text, at: of.at, times })
    }
    if (token.kind === 'word' && isAggregate(token.text) && field.type !== 'text' && field.type !== 'json')
      return this.#aggregate(subject, place, { of: token.text, at: token.at, times: 1 })
    return this.#scalar(token, place, field)
  }

  #aggregate(subject: Subject, { name }: Place, which: { of: Aggregate; at: number; times: number }): Operand {
    if (hasHistory(subject, name)) return { kind: 'aggregate', of: which.of, times: which.times }
    return refuseAt(
      this.#text,
      which.at,
      'QUERY_VALUE',
      `There is no ${which.of} of ${name}`,
      'Durations of steps and runs are compared with their history: step where duration > p95.',
    )
  }

  #scalar(token: Token, place: Place, field: Field): Scalar {
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'number')
      return this.#expected(`a value for ${place.name}`, token)
    const read = readScalar({ kind: token.kind, text: token.text }, field, this.#nowMs)
    if (read.kind === 'read') return read.scalar
    return refuseAt(
      this.#text,
      token.at,
      'QUERY_VALUE',
      `${JSON.stringify(token.text)} does not fit ${place.name}; expected ${read.expected}`,
      read.hint,
    )
  }

  #contains(place: Place, field: Field): Condition {
    const operator = this.#take()
    this.#needText(place, field, operator)
    const token = this.#take()
    if (token.kind !== 'quoted' && token.kind !== 'word' && token.kind !== 'number')
      return this.#expected('a text', token)
    return { kind: 'contains', field: place, text: token.text }
  }

  #matches(place: Place, field: Field): Condition {
    const operator = this.#take()
    this.#needText(place, field, operator)
    const token = this.#take()
    if (token.kind !== 'pattern' && token.kind !== 'quoted' && token.kind !== 'word')
      return this.#expected('a pattern, in quotes or slashes', token)
    const flags = token.kind === 'pattern' ? token.flags : ''
    if (!/^(?!.*(.).*\1)[imsu]*$/.test(flags))
      refuseAt(
        this.#text,
        token.at,
        'QUERY_VALUE',
        `/…/${flags} has flags that patterns have not`,
        'Take i, m, s or u.',
      )
    try {
      new RegExp(token.text, flags)
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^.*\/: /, '') : ''
      refuseAt(
        this.#text,
        token.at,
        'QUERY_VALUE',
        `This is no regular expression: ${why}`,
        'Take contains for plain text.',
      )
    }
    return { kind: 'matches', field: place, pattern: token.text, flags }
  }

  #needText({ name }: Place, { type }: Field, { at, text }: Token): void {
    if (type === 'text' || type === 'word' || type === 'json') return
    refuseAt(
      this.#text,
      at,
      'QUERY_VALUE',
      `${name} is no text, so ${text} says nothing`,
      'Take =, !=, <, <=, > or >=.',
    )
  }

  #in(place: Place, field: Field): Condition {
    this.#next += 1
    this.#need('(', "'('")
    const values = this.#list(() => this.#scalar(this.#take(), place, field))
    this.#need(')', "',' or ')'")
    return { kind: 'in', field: place, values }
  }

  /** `run.error.code`, `value.items[0].price`. */
  #place(subject: Subject): { readonly place: Place; readonly field: Field; readonly at: number } {
    const first = this.#take()
    if (first.kind !== 'word' || RESERVED.has(first.text)) return this.#expected(`a field of ${subject}`, first)
    const whole = fullName(subject, first.text)
    if (fieldNamed(subject, whole)?.type === 'json') {
      const path = this.#path()
      return { place: { name: whole, path }, field: fieldNamed(subject, whole)!, at: first.at }
    }
    let name = first.text
    while (this.#peek().text === '.' && this.#peek().kind === 'symbol') {
      this.#next += 1
      const part = this.#take()
      if (part.kind !== 'word') this.#expected(`the rest of the field's name`, part)
      name += `.${part.text}`
    }
    const full = fullName(subject, name)
    const field = fieldNamed(subject, full)
    if (field) return { place: { name: full, path: [] }, field, at: first.at }
    return this.#unknownField(subject, name, first.at)
  }

  #unknownField(subject: Subject, name: string, at: number): never {
    const near = nearestName(name, namesOf(subject))
    const groups = namesOf(subject).filter(each => each.startsWith(`${name}.`))
    const hint = near
      ? `Did you mean ${near}?`
      : groups.length > 0
        ? `It has ${groups.slice(0, 4).join(', ')}.`
        : `${subject} has ${namesOf(subject)
            .filter(each => !each.includes('.'))
            .join(', ')}.`
    return refuseAt(this.#text, at, 'QUERY_UNKNOWN_FIELD', `A ${subject} has no ${name}`, hint)
  }

  #path(): readonly (string | number)[] {
    const path: (string | number)[] = []
    for (;;) {
      if (this.#takeSymbol('.')) {
        const token = this.#take()
        if (token.kind !== 'word' && token.kind !== 'quoted') this.#expected('the name of a field of the value', token)
        if (/["\\\u0000-\u001f]/.test(token.text))
          refuseAt(this.#text, token.at, 'QUERY_VALUE', 'Names with quotes or control characters cannot be asked for')
        path.push(token.text)
      } else if (this.#takeSymbol('[')) {
        const token = this.#take()
        const index = Number(token.text)
        if (token.kind !== 'number' || !Number.isSafeInteger(index) || index < 0)
          this.#expected('an index from 0', token)
        path.push(index)
        this.#need(']', "']'")
      } else return path
    }
  }

  #plainField(subject: Subject): string {
    const { place, field, at } = this.#place(subject)
    if (field.type === 'json')
      refuseAt(this.#text, at, 'QUERY_VALUE', `${place.name} is plain data, which has no order of its own`)
    return place.name
  }

  #order(subject: Subject, groupBy: readonly string[]): Order {
    const token = this.#peek()
    const isCount = groupBy.length > 0 && token.kind === 'word' && token.text === 'count'
    if (isCount) this.#next += 1
    const field = isCount ? 'count' : this.#plainField(subject)
    if (groupBy.length > 0 && !isCount && !groupBy.includes(field))
      refuseAt(
        this.#text,
        token.at,
        'QUERY_VALUE',
        `Groups are ordered by count or by ${groupBy.join(', ')}, not by ${field}`,
      )
    if (this.#takeWord('desc')) return { field, direction: 'desc' }
    this.#takeWord('asc')
    return { field, direction: 'asc' }
  }

  #limit(): number {
    const token = this.#take()
    const limit = Number(token.text)
    if (token.kind !== 'number' || !Number.isSafeInteger(limit) || limit < 0 || limit > LIMIT_MAX)
      this.#expected('a whole number', token)
    return limit
  }

  #list<T>(item: () => T): readonly T[] {
    const list = [item()]
    while (this.#takeSymbol(',')) list.push(item())
    return list
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? this.#tokens.at(-1)!
  }

  #take(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#next += 1
    return token
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek()
    if (kind !== 'word' || text !== word) return false
    this.#next += 1
    return true
  }

  #takeWords(first: string, second: string): boolean {
    if (!this.#takeWord(first)) return false
    if (!this.#takeWord(second)) this.#expected(`'${second}' after '${first}'`, this.#peek())
    return true
  }

  #takeSymbol(symbol: string): boolean {
    const { kind, text } = this.#peek()
    if (kind !== 'symbol' || text !== symbol) return false
    this.#next += 1
    return true
  }

  #need(symbol: string, expected: string): void {
    if (!this.#takeSymbol(symbol)) this.#expected(expected, this.#peek())
  }

  #expected(expected: string, { kind, text, at }: Token, fieldAt?: number): never {
    const found = kind === 'end' ? 'the query ends' : `there is ${JSON.stringify(text)}`
    const hint =
      fieldAt !== undefined && kind === 'word' ? `Only flags stand alone; compare others: … = ${text}.` : undefined
    return refuseAt(this.#text, at, 'QUERY_SYNTAX', `Expected ${expected}, but ${found}`, hint)
  }
}

const CHAIN_HINT = 'Chains lead over steps of runs (step[…]) or of graphs (node[…]); the last one is what is found.'

const OPERATORS: { readonly [symbol: string]: Operator | undefined } = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

const RESERVED: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'in', 'contains', 'where', 'order', 'group', 'by', 'limit', 'has', 'asc', 'desc'],
])

const isAggregate = (text: string): text is Aggregate => (AGGREGATES as readonly string[]).includes(text)

/** `steps` is `step`. */
const subjectNamed = (word: string): Subject | undefined => SUBJECTS.find(each => each === word || `${each}s` === word)

const nameCondition = (text: string): Condition => ({
  kind: 'compare',
  field: { name: text.includes('/') ? 'path' : 'name', path: [] },
  operator: '=',
  with: { kind: 'text', text },
})

/** Lists in lists of the same kind are one list. */
function flat(kind: 'all' | 'any', of: readonly Condition[]): Condition {
  return { kind, of: of.flatMap(each => (each.kind === kind ? each.of : [each])) }
}

const oneOf = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
