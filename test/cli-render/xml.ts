/** A strict little XML reader for tests: it refuses what a parser would refuse in the part of XML that we write. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
}

const TOKEN = /<\?xml [^?]*\?>\n|<(\/?)([a-z][a-z-]*)((?: [A-Za-z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
const ENTITY = /&(?:amp|lt|gt|quot|#\d+);/g

/** All elements in document order. Throws on anything that is not well formed. */
export function elementsOf(xml: string): readonly Element[] {
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/u.test(xml))
    throw new Error('a character that XML cannot hold')
  const elements: Element[] = []
  const open: Element[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(xml)
    if (!token) throw new Error(`not XML at ${at}: ${xml.slice(at, at + 60)}`)
    const [, closing, name, attributes = '', selfClosing, text] = token
    if (text !== undefined) {
      const inside = open.at(-1)
      if (inside) inside.text += decode(text)
      else if (text.trim() !== '') throw new Error(`text outside the root: ${text}`)
    } else if (closing) {
      if (open.pop()?.name !== name) throw new Error(`unexpected </${name}> at ${at}`)
    } else if (name) {
      const element = { name, attributes: attributesOf(attributes), text: '' }
      elements.push(element)
      if (!selfClosing) open.push(element)
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is not closed`)
  return elements
}

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/ ([A-Za-z:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decode(value)]),
  )

const NAMED: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }

function decode(text: string): string {
  if (text.replace(ENTITY, '').includes('&')) throw new Error(`a bare & in ${text}`)
  return text.replace(ENTITY, entity => NAMED[entity] ?? String.fromCodePoint(Number(entity.slice(2, -1))))
}
