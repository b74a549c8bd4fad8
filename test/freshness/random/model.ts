/**
 * What a random project comes to, without Tutti: for each step that is reached its value and its key, which is all that it
 * could hang on: its code with the helpers that it reaches, its arguments by content, and what it declares of the environment.
 */
import { type Definition, HELPERS, type Op, outputPath, type ProjectSpec, type Step, sourcePath } from './project.ts'

export interface Expected {
  /** By step id. */
  readonly keys: ReadonlyMap<string, string>
  readonly values: { readonly [name: string]: string }
  /** What is on disk, by path. */
  readonly files: ReadonlyMap<string, string>
  readonly status: 'succeeded' | 'failed'
}

const OPS: Readonly<Record<Op, (text: string) => string>> = {
  join: text => `<${text}>`,
  head: text => text.slice(0, 1),
  length: text => String(text.length % 3),
  sort: text => [...text].sort().join(''),
}

export function expectedOf(spec: ProjectSpec): Expected {
  const keys = new Map<string, string>()
  const texts: (string | undefined)[] = []
  const written: (readonly [path: string, text: string, to: string] | undefined)[] = []
  const counts = new Map<string, number>()
  /** `read0`, `read0~2`: as steps of one region are named. */
  const idOf = (name: string): string => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name}~${count}`
  }
  let failed = false
  const call = (id: string, definition: Definition | undefined, args: readonly unknown[], text: string) => {
    if (definition === undefined) throw new Error('defect: no definition')
    keys.set(id, JSON.stringify([codeOf(spec, definition), args]))
    const result = resultOf(spec, definition, text)
    const isRead = spec.steps.some(step => step.kind === 'read' && spec.definitions[step.def] === definition)
    const fails = result.includes('FAIL') || (isRead && text.includes('FAIL'))
    failed ||= fails
    return fails ? undefined : result
  }
  for (const [index, step] of spec.steps.entries()) {
    const definition = spec.definitions[step.def]
    const plainId = step.kind === 'each' || step.kind === 'when' ? idOf(step.kind) : idOf(definition?.name ?? '')
    const a = 'a' in step ? texts[step.a] : ''
    if (a === undefined) continue
    switch (step.kind) {
      case 'read': {
        const text = spec.sources[step.source] ?? ''
        texts[index] = call(plainId, definition, [sourcePath(step.source), text], text)
        break
      }
      case 'glob': {
        const found = [...spec.globbed].map(([name, text]) => [`glob/${name}`, text] as const).sort(byName)
        texts[index] = call(plainId, definition, [found], found.map(each => each.join('')).join())
        break
      }
      case 'map': {
        const b = texts[step.b]
        if (b === undefined) break
        const second = step.by === 'to' ? b.slice(0, 2) : b
        texts[index] = call(plainId, definition, [a, second], a + second)
        break
      }
      case 'env':
        texts[index] = call(plainId, definition, [a, spec.env], a + spec.env)
        break
      case 'write': {
        const path = outputPath(index, step.place)
        const text = call(plainId, definition, [a, path, step.to, step.gives], a)
        if (text !== undefined) written[index] = [path, text, step.to]
        break
      }
      case 'consume': {
        const source = written[step.of]
        if (source) texts[index] = call(plainId, definition, [source], source[1])
        break
      }
      case 'each': {
        const items = [...new Set(a)].map(item =>
          call(`${plainId}[${item.replace('/', '%2F')}]/${definition?.name}`, definition, [item, 'i'], `${item}i`),
        )
        if (items.every(item => item !== undefined)) texts[index] = items.join('')
        break
      }
      case 'when': {
        const even = a.length % 2 === 0
        const chosen = even ? definition : spec.definitions[step.other]
        const id = `${plainId}.${even ? 'then' : 'otherwise'}/${chosen?.name}`
        texts[index] = call(id, chosen, [a, even ? 't' : 'e'], a + (even ? 't' : 'e'))
        break
      }
    }
  }
  return {
    keys,
    values: Object.fromEntries(texts.flatMap((text, index) => (text === undefined ? [] : [[`v${index}`, text]]))),
    files: new Map(
      written.flatMap(file => (file ? [[file[2] === 'folder' ? `${file[0]}/in` : file[0], file[1]]] : [])),
    ),
    status: failed ? 'failed' : 'succeeded',
  }
}

const byName = (a: readonly [string, string], b: readonly [string, string]): number => (a[0] < b[0] ? -1 : 1)

/** All that a task's function is made of, whatever it looks like. */
const codeOf = (spec: ProjectSpec, { name, op, salt, helper }: Definition): unknown => [
  name,
  op,
  salt,
  helperCode(spec, helper),
]

const helperCode = ({ helpers }: ProjectSpec, helper: number | undefined): unknown =>
  helper === undefined
    ? []
    : helper % 2 === 1
      ? [HELPERS[helper], helpers[helper], helpers[helper - 1]]
      : [HELPERS[helper], helpers[helper]]

function resultOf(spec: ProjectSpec, { op, salt, helper, name }: Definition, text: string): string {
  return helped(spec, helper, `${OPS[op](text)}${name}.${salt}`).slice(-24)
}

function helped(spec: ProjectSpec, helper: number | undefined, text: string): string {
  if (helper === undefined) return text
  const inner = helper % 2 === 1 ? helped(spec, helper - 1, text) : text
  return `${inner}${HELPERS[helper]}.${spec.helpers[helper]}`
}

export type { Step }
