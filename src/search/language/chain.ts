/** What a query asks for: a subject, or a chain of steps. */
import { nearestName } from '../../util/nearest.ts'
import { type Subject, SUBJECTS } from '../fields.ts'
import type { Condition, Link } from '../query.ts'
import { flat, oneOf, parseCondition } from './condition.ts'
import type { Cursor } from './cursor.ts'
import { refuseAt } from './tokens.ts'

/** One element of a chain, before it is known what the chain is about. */
interface Element {
  readonly subject: Subject | undefined
  readonly at: number
  /** Read when the subject is known. */
  readonly condition: (subject: Subject) => Condition | undefined
}

/** `a -> * -> b`: about b. */
export function parseChain(cursor: Cursor): {
  readonly subject: Subject
  readonly own: Condition | undefined
  readonly links: readonly Link[]
} {
  const elements: Element[] = [elementAt(cursor)]
  const arrows: Pick<Link, 'towards' | 'reach'>[] = []
  for (let arrow = arrowAt(cursor); arrow; arrow = arrowAt(cursor)) {
    arrows.push(arrow)
    elements.push(elementAt(cursor))
  }
  const subject = subjectOf(cursor, elements)
  // In the order of the text, so that the first mistake is the one that is told.
  const back = cursor.next
  const conditions = elements.map(element => element.condition(subject))
  cursor.next = back
  const own = conditions.at(-1)
  const links = arrows.map(
    (arrow, index): Link => ({ ...arrow, ...(conditions[index] ? { where: conditions[index] } : {}) }),
  )
  return { subject, own, links: links.reverse() }
}

function subjectOf(cursor: Cursor, elements: readonly Element[]): Subject {
  const named = elements.filter(each => each.subject !== undefined)
  const [first] = named
  const subject = first?.subject ?? 'node'
  if (elements.length === 1) {
    if (first) return subject
    return unknownSubject(cursor, elements[0]!)
  }
  for (const each of named)
    if (each.subject !== 'step' && each.subject !== 'node')
      refuseAt(cursor.text, each.at, 'QUERY_SYNTAX', `Arrows lead between steps, not to a ${each.subject}`, CHAIN_HINT)
  const other = named.find(each => each.subject !== subject)
  if (other)
    refuseAt(
      cursor.text,
      other.at,
      'QUERY_SYNTAX',
      `This chain is about a ${subject} and about a ${other.subject}`,
      CHAIN_HINT,
    )
  return subject
}

function unknownSubject(cursor: Cursor, { at }: Element): never {
  const word = cursor.tokens.find(token => token.at === at)?.text ?? ''
  const near = nearestName(word, SUBJECTS)
  return refuseAt(
    cursor.text,
    at,
    'QUERY_UNKNOWN_SUBJECT',
    `Nothing is called ${JSON.stringify(word)}; expected ${oneOf(SUBJECTS)}`,
    near ? `Did you mean ${near}?` : 'A query begins with what it asks for: step where failed.',
  )
}

function elementAt(cursor: Cursor): Element {
  const token = cursor.take()
  if (token.kind !== 'word' && token.kind !== 'quoted' && token.text !== '*')
    cursor.expected(`${oneOf(SUBJECTS)}, or the name of a step`, token)
  const subject = token.kind === 'word' ? subjectNamed(token.text) : undefined
  const open = cursor.peek()
  const inside = open.text === '[' && open.kind === 'symbol' ? skipBrackets(cursor) : undefined
  return {
    subject,
    at: token.at,
    condition: about => {
      const named = subject || token.text === '*' ? [] : [nameCondition(token.text)]
      const bracket = inside === undefined ? [] : [insideBrackets(cursor, inside, about)]
      const all = [...named, ...bracket]
      return all.length > 1 ? flat('all', all) : all[0]
    },
  }
}

/** What is in brackets can be read only when it is known what it is about. */
function skipBrackets(cursor: Cursor): number {
  const start = cursor.next
  let open = 0
  for (;;) {
    const token = cursor.take()
    if (token.kind === 'end') cursor.expected("']'", token)
    if (token.kind !== 'symbol') continue
    if (token.text === '[') open += 1
    if (token.text === ']') open -= 1
    if (open === 0) return start
  }
}

function insideBrackets(cursor: Cursor, start: number, subject: Subject): Condition {
  cursor.next = start + 1
  const condition = parseCondition(cursor, subject)
  cursor.need(']', "'and', 'or' or ']'")
  return condition
}

function arrowAt(cursor: Cursor): Pick<Link, 'towards' | 'reach'> | undefined {
  const token = cursor.peek()
  if (token.kind !== 'symbol' || (token.text !== '->' && token.text !== '<-')) return undefined
  cursor.next += 1
  const towards = token.text === '->' ? 'upstream' : 'downstream'
  const [star, second] = [cursor.peek(), cursor.tokens[cursor.next + 1]]
  if (star.text !== '*' || star.kind !== 'symbol') return { towards, reach: 'direct' }
  if (second?.kind !== 'symbol' || (second.text !== '->' && second.text !== '<-')) return { towards, reach: 'direct' }
  cursor.next += 1
  if (second.text !== token.text) cursor.expected(`'${token.text}'`, second)
  cursor.next += 1
  return { towards, reach: 'any' }
}

const CHAIN_HINT = 'Chains lead over steps of runs (step[…]) or of graphs (node[…]); the last one is what is found.'

/** `steps` is `step`. */
const subjectNamed = (word: string): Subject | undefined => SUBJECTS.find(each => each === word || `${each}s` === word)

const nameCondition = (text: string): Condition => ({
  kind: 'compare',
  field: { name: text.includes('/') ? 'path' : 'name', path: [] },
  operator: '=',
  with: { kind: 'text', text },
})
