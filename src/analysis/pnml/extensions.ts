/** What tools add to place/transition nets, by the names under which they write it: what of it changes a net's meaning. */
import type { SaxesAttributePlain } from 'saxes'

type Attributes = Readonly<Record<string, string | SaxesAttributePlain>>

/** What is refused, in words; undefined for what means nothing, or means what a plain net means. */
export function extensionOf(element: string, attributes: Attributes, subject: string): string | undefined {
  const attribute = (name: string): string | undefined => attributes[name]?.toString()
  switch (element) {
    case 'net':
      return netType(attribute('type'))
    case 'arc':
      return arcType(attribute('type')) ?? interval(attribute('inscription'))
    // PIPE: <type value="inhibitor"/>.
    case 'type':
      return subject === 'arc' ? arcType(attribute('value')) : undefined
    // TAPAAL: an age that tokens may not pass.
    case 'place':
      return unlimited(attribute('invariant')) ? undefined : 'places with an age limit'
    case 'inhibitorArc':
      return 'inhibitor arcs'
    case 'resetArc':
      return 'reset arcs'
    case 'transportArc':
      return 'transport arcs'
    case 'inhibitorarc':
    case 'resetarc':
      return `${element.replace('arc', '')} arcs`
    case 'delay':
    case 'interval':
      return 'time intervals'
    case 'hlinitialMarking':
    case 'hlinscription':
    case 'declaration':
    case 'sort':
      return 'colours'
    default:
      return undefined
  }
}

const ARC_TYPES: { readonly [type: string]: string } = {
  inhibitor: 'inhibitor arcs',
  tapnInhibitor: 'inhibitor arcs',
  reset: 'reset arcs',
  transport: 'transport arcs',
}
const PLAIN_ARCS: ReadonlySet<string> = new Set(['normal', 'read', 'test', 'timed', 'arc', ''])

export function arcType(type: string | undefined): string | undefined {
  if (type === undefined || PLAIN_ARCS.has(type)) return undefined
  return ARC_TYPES[type] ?? `an arc of the type ${type}`
}

const netType = (type: string | undefined): string | undefined =>
  type !== undefined && /symmetricnet|highlevel|hlpng|hlnet|coloured|colored|cpn/i.test(type) ? 'colours' : undefined

/** TAPAAL's timed arcs: every age. */
const interval = (text: string | undefined): string | undefined =>
  text !== undefined && /[[(]/.test(text) && !/^\[\s*0\s*,\s*inf\s*\)$/.test(text) ? 'time intervals' : undefined

const unlimited = (text: string | undefined): boolean => text === undefined || /^<=?\s*inf$/.test(text.trim())

/** A number of tokens. PIPE writes the colour first: `Default,2`. */
export function countOf(text: string): number | undefined {
  const plain = text.replace(/^Default\s*,\s*/, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : undefined
}

export const numberIn = (text: string): string | undefined => /-?\d+(\.\d+)?/.exec(text)?.[0]
