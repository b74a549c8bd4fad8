/**
 * PNML -> RawNet: place/transition nets as ISO/IEC 15909-2 has them, and what tools make of that (ProM, WoPeD, PIPE, TAPAAL,
 * the Petri Net API). What changes the meaning of a net and is not analysed (inhibitor arcs, clocks, colours, capacities)
 * is refused by name; what only decorates it is passed over.
 *
 *   R1. References in pages stand for the node that they name; a read arc is one that puts back what it takes.
 *   R2. `--` inside a comment is passed over, though XML forbids it: public collections have it.
 *   R3. Of a file that is no well-formed XML the first slip is told: what comes after follows from it.
 */
import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from 'saxes'
import { type Diagnostic, type Position, Refusal } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Arc } from '../net/petri-net.ts'
import { withoutDashes } from './comments.ts'
import { arcType, countOf, extensionOf, numberIn } from './extensions.ts'
import { type RawNet, tooHeavy } from './raw-net.ts'

type NodeKind = 'place' | 'transition' | 'reference'

interface FoundArc {
  readonly source: number
  readonly target: number
  readonly line: number
  weight: number
  kind: 'normal' | 'read'
}

/** What the element around is about. */
type Subject =
  | { readonly kind: 'net' | 'other' }
  | { readonly kind: 'node'; readonly id: number }
  | { readonly kind: 'arc'; readonly arc: FoundArc }
  | { readonly kind: 'final'; readonly tokens: Map<number, number>; place: number }

/** Which label of it. */
type Label = 'initialMarking' | 'inscription' | 'type' | 'capacity' | 'timed' | 'priority' | 'other'

interface Frame {
  readonly element: string
  readonly subject: Subject
  readonly label: Label
}

/** How many say it, and where it was said first. */
interface Said {
  count: number
  readonly line: number
}

interface Reading {
  readonly file: string
  readonly parser: SaxesParser
  readonly problems: Diagnostic[]
  /** It is no XML. */
  isBroken: boolean
  readonly stack: Frame[]
  /** Elements inside of one that is passed over. */
  skipped: number
  text: string
  name: string
  nets: number
  readonly indexOf: Map<string, number>
  readonly ids: string[]
  readonly kinds: (NodeKind | undefined)[]
  /** Of references. */
  readonly stands: Map<number, number>
  readonly initial: Map<number, number>
  readonly arcs: FoundArc[]
  readonly finals: Map<number, number>[]
  /** What transitions say of their time, and of their priority, and how often: it matters only where they differ. */
  readonly timed: Map<string, Said>
  readonly priority: Map<string, Said>
}

/** More of them say nothing new. */
const PROBLEMS_MAX = 20

/** The text may come in pieces. Refuses with all that is wrong, located. */
export function readPnml(file: string, pieces: Iterable<string>): RawNet {
  const reading = newReading(file)
  const { parser } = reading
  // R2.
  for (const piece of withoutDashes(pieces)) {
    parser.write(piece)
    if (isEnough(reading)) break
  }
  if (!isEnough(reading)) parser.close()
  if (reading.nets === 0 && reading.problems.length === 0)
    complain(reading, 'PNML_NO_NET', 'There is no net in it', 'A PNML file has a <pnml> element with a <net> in it.')
  const net = reading.problems.length === 0 ? assemble(reading) : undefined
  if (!net) throw new Refusal(reading.problems)
  return net
}

const isEnough = ({ problems, isBroken }: Reading): boolean => isBroken || problems.length >= PROBLEMS_MAX

function newReading(file: string): Reading {
  const reading: Reading = {
    file,
    parser: new SaxesParser({ fileName: file, position: true }),
    problems: [],
    isBroken: false,
    stack: [],
    skipped: 0,
    text: '',
    name: '',
    nets: 0,
    indexOf: new Map(),
    ids: [],
    kinds: [],
    stands: new Map(),
    initial: new Map(),
    arcs: [],
    finals: [],
    timed: new Map(),
    priority: new Map(),
  }
  const { parser } = reading
  parser.on('opentag', tag => open(reading, tag))
  parser.on('closetag', () => close(reading))
  parser.on('text', text => {
    if (reading.skipped === 0 && reading.stack.at(-1)?.label !== 'other') reading.text += text
  })
  parser.on('cdata', text => void (reading.text += text))
  parser.on('error', error => {
    const message = error.message.replace(/^.*?\d+:\d+: /, '').replace(/\.$/, '')
    complain(reading, 'PNML_SYNTAX', `It is no well-formed XML: ${message}`, 'Mend the file, or write it anew.')
    // R3.
    reading.isBroken = true
  })
  return reading
}

const here = ({ file, parser }: Reading): Position => ({ file, line: parser.line, column: Math.max(1, parser.column) })

function complain(reading: Reading, code: string, message: string, hint: string, line?: number): void {
  if (isEnough(reading)) return
  const at = line === undefined ? here(reading) : { file: reading.file, line, column: 1 }
  reading.problems.push({ code, severity: 'error', message, at, hint })
}

/** Elements that say nothing of a net's behaviour, with all that is in them. */
const PASSED_OVER: ReadonlySet<string> = new Set(['toolspecific', 'graphics', 'labels', 'tokenclass', 'annotation'])

function open(reading: Reading, { name, attributes }: SaxesTagPlain): void {
  if (reading.skipped > 0) {
    reading.skipped += 1
    return
  }
  const element = name.slice(name.indexOf(':') + 1)
  if (PASSED_OVER.has(element.toLowerCase())) {
    reading.skipped = 1
    return
  }
  const around = reading.stack.at(-1)
  reading.text = ''
  const subject = subjectOf(reading, element, attributes, around)
  reading.stack.push({ element, subject, label: labelOf(element, around) })
  const problem = extensionOf(element, attributes, subject.kind)
  if (problem) refuseExtension(reading, problem)
  if (element === 'type' && attributes['value']?.toString() === 'read' && subject.kind === 'arc')
    subject.arc.kind = 'read'
}

const refuseExtension = (reading: Reading, what: string, line?: number): void =>
  complain(
    reading,
    'PNML_EXTENSION',
    `It has ${what}, which place/transition nets do not have`,
    'Only place/transition nets are analysed: write the net without it.',
    line,
  )

const LABELS: ReadonlySet<string> = new Set(['initialMarking', 'inscription', 'type', 'capacity', 'timed', 'priority'])

/** `text` and `value` carry what their label says. */
function labelOf(element: string, around: Frame | undefined): Label {
  if (LABELS.has(element)) return element as Label
  // ProM.
  if (element === 'arctype') return 'type'
  if (element === 'text' || element === 'value') return around?.label ?? 'other'
  return element === 'marking' || around?.subject.kind === 'final' ? 'initialMarking' : 'other'
}

type Attributes = Readonly<Record<string, string | SaxesAttributePlain>>

function subjectOf(reading: Reading, element: string, attributes: Attributes, around: Frame | undefined): Subject {
  const outer = around?.subject ?? { kind: 'other' }
  const attribute = (name: string): string | undefined => attributes[name]?.toString()
  if (outer.kind === 'final') {
    if (element === 'place') outer.place = intern(reading, attribute('idref') ?? attribute('id') ?? '')
    return outer
  }
  switch (element) {
    case 'net':
      reading.nets += 1
      if (reading.nets > 1)
        complain(reading, 'PNML_SEVERAL_NETS', 'It holds several nets', 'Put each into a file of its own.')
      reading.name = attribute('id') ?? reading.file
      return { kind: 'net' }
    case 'place':
    case 'transition':
      return nodeOf(reading, element, attribute('id'))
    case 'referencePlace':
    case 'referenceTransition':
      return referenceOf(reading, attribute('id'), attribute('ref'))
    case 'arc':
      return arcOf(reading, attribute('source'), attribute('target'), attribute('type'))
    case 'marking': {
      if (around?.element !== 'finalmarkings') return outer
      const tokens = new Map<number, number>()
      reading.finals.push(tokens)
      return { kind: 'final', tokens, place: -1 }
    }
    default:
      return outer
  }
}

function intern(reading: Reading, id: string): number {
  const known = reading.indexOf.get(id)
  if (known !== undefined) return known
  const index = reading.ids.length
  reading.indexOf.set(id, index)
  reading.ids.push(id)
  reading.kinds.push(undefined)
  return index
}

function nodeOf(reading: Reading, kind: NodeKind, id: string | undefined): Subject {
  if (id === undefined || id === '') {
    complain(
      reading,
      'PNML_ID_MISSING',
      `A ${kind} has no id`,
      'Each place and each transition needs an id of its own.',
    )
    return { kind: 'other' }
  }
  const index = intern(reading, id)
  if (reading.kinds[index])
    complain(
      reading,
      'PNML_ID_TWICE',
      `The id ${id} is given twice`,
      'Each place and transition needs an id of its own.',
    )
  reading.kinds[index] = kind
  return { kind: 'node', id: index }
}

function referenceOf(reading: Reading, id: string | undefined, to: string | undefined): Subject {
  const node = nodeOf(reading, 'reference', id)
  if (node.kind === 'node' && to !== undefined) reading.stands.set(node.id, intern(reading, to))
  return node
}

function arcOf(
  reading: Reading,
  source: string | undefined,
  target: string | undefined,
  type: string | undefined,
): Subject {
  if (!source || !target) {
    const missing = source ? 'target' : 'source'
    complain(reading, 'PNML_ID_MISSING', `An arc has no ${missing}`, 'An arc names the two nodes that it joins.')
    return { kind: 'other' }
  }
  const arc: FoundArc = {
    source: intern(reading, source),
    target: intern(reading, target),
    line: reading.parser.line,
    weight: 1,
    kind: /^(read|test)$/i.test(type ?? '') ? 'read' : 'normal',
  }
  reading.arcs.push(arc)
  return { kind: 'arc', arc }
}

function close(reading: Reading): void {
  if (reading.skipped > 0) {
    reading.skipped -= 1
    return
  }
  const frame = reading.stack.pop()
  const text = reading.text.trim()
  reading.text = ''
  if (!frame || text === '') return
  const { subject, label } = frame
  switch (label) {
    case 'type':
      if (subject.kind === 'arc') noteArcType(reading, subject.arc, text)
      return
    case 'initialMarking':
    case 'inscription':
      return noteCount(reading, subject, label, text)
    // PIPE: 0 is no limit.
    case 'capacity':
      if (subject.kind === 'node' && text !== '0') refuseExtension(reading, 'places of a limited capacity')
      return
    case 'timed':
    case 'priority':
      return noteSaid(reading[label], text, reading.parser.line)
    case 'other':
      return
  }
}

/** ProM writes an arc's type as text. */
function noteArcType(reading: Reading, arc: FoundArc, text: string): void {
  if (/^(read|test)$/i.test(text)) arc.kind = 'read'
  else if (!/^(normal|arc)$/i.test(text)) refuseExtension(reading, arcType(text) ?? `an arc of the type ${text}`)
}

function noteSaid(said: Map<string, Said>, text: string, line: number): void {
  const known = said.get(text)
  if (known) known.count += 1
  else said.set(text, { count: 1, line })
}

const DIFFERING = { timed: 'timed transitions beside others', priority: 'transitions of different priorities' } as const

/** Any order is possible as long as all are alike; who says nothing is like those that say what is usual. */
function refuseUnlike(reading: Reading, label: keyof typeof DIFFERING, usual: string, transitions: number): void {
  const said = [...reading[label]]
  const count = said.reduce((sum, [, each]) => sum + each.count, 0)
  const [unlike] = count < transitions ? said.filter(([text]) => text !== usual) : said.slice(1)
  if (unlike) refuseExtension(reading, DIFFERING[label], unlike[1].line)
}

function noteCount(reading: Reading, subject: Subject, label: 'initialMarking' | 'inscription', text: string): void {
  const count = countOf(text)
  const least = label === 'inscription' ? 1 : 0
  if (count === undefined || count < least || count > 0xffff_ffff) {
    const what = numberIn(text) === undefined ? 'no number' : 'not a number of tokens'
    complain(reading, 'PNML_NUMBER', `'${text}' is ${what}`, `A whole number from ${least} to 4294967295 stands here.`)
  } else if (label === 'inscription') {
    if (subject.kind === 'arc') subject.arc.weight = count
  } else if (subject.kind === 'node') reading.initial.set(subject.id, count)
  else if (subject.kind === 'final' && subject.place >= 0 && count > 0) subject.tokens.set(subject.place, count)
}

/** Nodes get their indices, references are followed, arcs checked. */
function assemble(reading: Reading): RawNet | undefined {
  const places: string[] = []
  const transitions: string[] = []
  const at = new Int32Array(reading.ids.length)
  reading.kinds.forEach((kind, id) => {
    if (kind === 'place') at[id] = places.push(reading.ids[id]!) - 1
    else if (kind === 'transition') at[id] = transitions.push(reading.ids[id]!) - 1
  })
  refuseUnlike(reading, 'timed', 'false', transitions.length)
  refuseUnlike(reading, 'priority', '1', transitions.length)
  const marking = (tokens: ReadonlyMap<number, number>): Map<number, number> =>
    new Map([...tokens].flatMap(([id, count]) => placeTokens(reading, at, id, count)))
  const inputs: Arc[] = []
  const outputs: Arc[] = []
  for (const arc of reading.arcs) connect(reading, at, arc, inputs, outputs)
  const heavy = tooHeavy(inputs) ?? tooHeavy(outputs)
  if (heavy) {
    const between = `${places[heavy.place]} and ${transitions[heavy.transition]}`
    complain(reading, 'PNML_NUMBER', `The arcs between ${between} weigh too much together`, 'At most 4294967295.', 1)
  }
  const initial = marking(reading.initial)
  const finals = reading.finals.map(marking).filter(tokens => tokens.size > 0)
  if (reading.problems.length > 0) return undefined
  return { name: reading.name, places, transitions, inputs, outputs, initial, finals }
}

function placeTokens(reading: Reading, at: Int32Array, id: number, count: number): readonly [number, number][] {
  const node = followed(reading, id)
  if (node !== undefined && reading.kinds[node] === 'place') return count === 0 ? [] : [[at[node]!, count]]
  complain(reading, 'PNML_DANGLING', `A marking names ${reading.ids[id]}, which is no place`, hintFor(reading, id))
  return []
}

function connect(reading: Reading, at: Int32Array, arc: FoundArc, inputs: Arc[], outputs: Arc[]): void {
  const source = followed(reading, arc.source)
  const target = followed(reading, arc.target)
  const [from, to] = [source, target].map(node => (node === undefined ? undefined : reading.kinds[node]))
  if (!from || !to || source === undefined || target === undefined) {
    const id = from ? arc.target : arc.source
    complain(
      reading,
      'PNML_DANGLING',
      `An arc names ${reading.ids[id]}, which is no node`,
      hintFor(reading, id),
      arc.line,
    )
  } else if (from === to) {
    const message = `An arc leads from the ${from} ${reading.ids[source]} to the ${to} ${reading.ids[target]}`
    complain(reading, 'PNML_ARC', message, 'An arc joins a place and a transition.', arc.line)
  } else {
    const [place, transition] = from === 'place' ? [at[source]!, at[target]!] : [at[target]!, at[source]!]
    const { weight } = arc
    // R1: an arc that only looks goes both ways.
    if (from === 'place' || arc.kind === 'read') inputs.push({ place, transition, weight })
    if (from === 'transition' || arc.kind === 'read') outputs.push({ place, transition, weight })
  }
}

/** R1. References may refer to references; in a circle they stand for nothing. */
function followed({ kinds, stands }: Reading, id: number): number | undefined {
  const seen = new Set<number>()
  let node: number | undefined = id
  while (node !== undefined && kinds[node] === 'reference') {
    if (seen.has(node)) return undefined
    seen.add(node)
    node = stands.get(node)
  }
  return node
}

/** The nearest name is only looked for where there are few. */
const NAMES_MAX = 5_000

function hintFor({ ids, kinds, indexOf }: Reading, id: number): string {
  const known = ids.length > NAMES_MAX ? [] : ids.filter(each => kinds[indexOf.get(each) ?? -1] !== undefined)
  const near = nearestName(ids[id] ?? '', known)
  return near === undefined ? 'Each node that is named must stand in the same net.' : `Did you mean ${near}?`
}
