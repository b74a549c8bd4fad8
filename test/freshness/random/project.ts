/**
 * A random project: a few sources, helper functions in two modules, and steps that read, combine, write and consume. It is
 * plain data, which ./render.ts writes as a tutti.ts and ./model.ts interprets without Tutti.
 */

/** Numbers from a seed (mulberry32). */
export interface Random {
  /** From 0 up to, but not including, `below`. */
  next(below: number): number
  chance(percent: number): boolean
}

export function newRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (((mixed ^ (mixed >>> 14)) >>> 0) % below) >>> 0
  }
  return { next, chance: percent => next(100) < percent }
}

/** What a task does with its texts. Some forget most of what they are given: later steps are then cut off. */
export const OPS = ['join', 'head', 'length', 'sort'] as const
export type Op = (typeof OPS)[number]

/** A task: several steps may call it. */
export interface Definition {
  readonly name: string
  readonly op: Op
  /** Changing it changes the code. */
  salt: number
  /** Of the functions in HELPERS; undefined: it calls none. */
  readonly helper: number | undefined
  /** Comments and layout: changing it changes nothing. */
  noise: number
}

export type Step =
  /** A task of one source's text. */
  | { readonly kind: 'read'; readonly source: number; readonly def: number }
  /** A task of all files that a glob finds. */
  | { readonly kind: 'glob'; readonly def: number }
  /** A task of two texts; `by`: through a `.to`. */
  | { readonly kind: 'map'; a: number; b: number; readonly by: 'value' | 'to'; readonly def: number }
  /** A task of a text and a declared variable of the environment. */
  | { readonly kind: 'env'; a: number; readonly def: number }
  /** A task that writes its text to a file or into a folder, and returns it or not. */
  | {
      readonly kind: 'write'
      a: number
      readonly to: 'file' | 'folder'
      readonly gives: 'output' | 'nothing'
      place: number
      readonly def: number
    }
  /** A task that reads what another one wrote. */
  | { readonly kind: 'consume'; readonly of: number; readonly def: number }
  /** One task an item: the letters of a text. */
  | { readonly kind: 'each'; a: number; readonly def: number }
  /** One of two tasks, by the length of a text. */
  | { readonly kind: 'when'; a: number; readonly def: number; readonly other: number }

export interface ProjectSpec {
  readonly sources: string[]
  /** Name and text. */
  readonly globbed: Map<string, string>
  env: string
  /** Salts: the first two are in tutti.ts, the others in lib.ts; each odd one calls the one before it. */
  readonly helpers: number[]
  readonly definitions: readonly Definition[]
  readonly steps: readonly Step[]
  /** A top-level value that nothing uses. */
  unused: number
}

export const HELPERS = ['here0', 'here1', 'there0', 'there1'] as const
export const TEXTS = ['', 'a', 'abc', 'cab', 'hello', 'FAIL', 'bb b'] as const
export const SALTS = 3

export const sourcePath = (index: number): string => `src/s${index}.txt`
export const outputPath = (step: number, place: number): string => `out${place === 0 ? '' : place}/o${step}`

/** Steps whose value is a text, before `index`. */
export const textsBefore = (steps: readonly Step[], index: number): readonly number[] =>
  steps.flatMap((step, at) => (at < index && step.kind !== 'write' ? [at] : []))

export function randomProject(random: Random): ProjectSpec {
  const definitions: Definition[] = []
  const steps: Step[] = []
  const newDefinition = (kind: string): number => {
    definitions.push({
      name: `${kind}${definitions.length}`,
      op: OPS[random.next(OPS.length)] ?? 'join',
      salt: 0,
      helper: random.chance(60) ? random.next(HELPERS.length) : undefined,
      noise: 0,
    })
    return definitions.length - 1
  }
  /** Now and then a task that another step of this kind already calls. */
  const definitionFor = (kind: Step['kind']): number => {
    const used = steps.flatMap(step => (step.kind === kind ? [step.def] : []))
    return used.length > 0 && random.chance(35) ? (used[random.next(used.length)] ?? 0) : newDefinition(kind)
  }
  steps.push({ kind: 'read', source: 0, def: definitionFor('read') })
  const count = 3 + random.next(8)
  for (let index = 1; index < count; index++) steps.push(randomStep(random, steps, definitionFor))
  return {
    sources: [0, 1, 2].map(() => TEXTS[1 + random.next(4)] ?? 'a'),
    globbed: new Map([['g0.txt', 'x']]),
    env: 'e0',
    helpers: [0, 0, 0, 0],
    definitions,
    steps,
    unused: 0,
  }
}

function randomStep(random: Random, steps: readonly Step[], definitionFor: (kind: Step['kind']) => number): Step {
  const texts = textsBefore(steps, steps.length)
  const text = () => texts[random.next(texts.length)] ?? 0
  const outputs = steps.flatMap((step, at) => (step.kind === 'write' && step.gives === 'output' ? [at] : []))
  switch (random.next(10)) {
    case 0:
      return { kind: 'read', source: random.next(3), def: definitionFor('read') }
    case 1:
      return { kind: 'glob', def: definitionFor('glob') }
    case 2:
      return { kind: 'env', a: text(), def: definitionFor('env') }
    case 3:
    case 4:
      return {
        kind: 'write',
        a: text(),
        to: random.chance(70) ? 'file' : 'folder',
        gives: random.chance(70) ? 'output' : 'nothing',
        place: 0,
        def: definitionFor('write'),
      }
    case 5:
    case 6: {
      const of = outputs[random.next(Math.max(1, outputs.length))]
      if (of !== undefined) return { kind: 'consume', of, def: definitionFor('consume') }
      return { kind: 'map', a: text(), b: text(), by: 'value', def: definitionFor('map') }
    }
    case 7:
      return { kind: 'each', a: text(), def: definitionFor('each') }
    case 8:
      return { kind: 'when', a: text(), def: definitionFor('when'), other: definitionFor('when') }
    default:
      return { kind: 'map', a: text(), b: text(), by: random.chance(40) ? 'to' : 'value', def: definitionFor('map') }
  }
}
