/** PetriNet -> PNML (ISO/IEC 15909-2, place/transition nets), with its final marking as business-process tools write it. */
import type { PetriNet } from '../net/petri-net.ts'

/** Line by line, so that a large net need not be one string. */
export function* writePnml(net: PetriNet): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield '<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">\n'
  yield `<net id="${escaped(net.name)}" type="http://www.pnml.org/version-2009/grammar/ptnet">\n<page id="page">\n`
  const { place: placeIds, transition: transitionIds } = idsOf(net)
  for (const [place, name] of net.places.entries()) {
    const tokens = net.initial[place]!
    const marking = tokens > 0 ? `<initialMarking><text>${tokens}</text></initialMarking>` : ''
    yield `<place id="${placeIds(place)}">${named(name)}${marking}</place>\n`
  }
  for (const [transition, name] of net.transitions.entries())
    yield `<transition id="${transitionIds(transition)}">${named(name)}</transition>\n`
  for (let transition = 0; transition < net.transitions.length; transition++) {
    const id = transitionIds(transition)
    for (let at = net.preStart[transition]!; at < net.preStart[transition + 1]!; at++)
      yield arc(`i${at}`, placeIds(net.pre[at]!), id, net.preWeight[at]!)
    for (let at = net.postStart[transition]!; at < net.postStart[transition + 1]!; at++)
      yield arc(`o${at}`, id, placeIds(net.post[at]!), net.postWeight[at]!)
  }
  yield '</page>\n<finalmarkings><marking>\n'
  for (const [place, tokens] of net.final.entries())
    if (tokens > 0) yield `<place idref="${placeIds(place)}"><text>${tokens}</text></place>\n`
  yield '</marking></finalmarkings>\n</net>\n</pnml>\n'
}

const named = (name: string): string => `<name><text>${escaped(name)}</text></name>`

const arc = (id: string, source: string, target: string, weight: number): string =>
  weight === 1
    ? `<arc id="${id}" source="${source}" target="${target}"/>\n`
    : `<arc id="${id}" source="${source}" target="${target}"><inscription><text>${weight}</text></inscription></arc>\n`

/** Names of ours (`release/ci/dist begins`) are no XML ids, and two nodes may share one. */
const PLAIN_ID = /^(?![io]\d+$)[A-Za-z_][\w.-]*$/

interface Ids {
  readonly place: (index: number) => string
  readonly transition: (index: number) => string
}

function idsOf({ places, transitions }: PetriNet): Ids {
  const all = [...places, ...transitions]
  if (all.every(name => PLAIN_ID.test(name)) && new Set(all).size === all.length)
    return { place: index => places[index] ?? '', transition: index => transitions[index] ?? '' }
  return { place: index => `p${index}`, transition: index => `t${index}` }
}

const ESCAPES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, character => ESCAPES[character] ?? character)
