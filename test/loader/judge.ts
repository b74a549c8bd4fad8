/**
 * Random programs and their edits, with the functions themselves as the judge: what two functions with equal hashes do must
 * be the same, in one program or in two.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectDefinitions } from '../../src/dsl/definition.ts'
import * as tutti from '../../src/index.ts'
import { buildBundle, type Bundle, openBundle } from '../../src/loader/index.ts'
import { diceOf } from '../core/dice.ts'
import { keyOf } from './codes.ts'
import { editOf, filesOf, programOf, type Program } from './programs.ts'

export interface Judged {
  /** Functions that ran; those whose hash was known already; hashes. */
  readonly tasks: number
  readonly hits: number
  readonly hashes: number
  /** Two functions that have one hash and do not do the same. */
  readonly wrong: readonly string[]
}

const EDITS = 6

/** `dir`: a folder for the programs. */
export async function judge({
  seed,
  rounds,
  dir,
}: {
  readonly seed: number
  readonly rounds: number
  readonly dir: string
}): Promise<Judged> {
  const dice = diceOf(seed)
  const known = new Map<string, { readonly does: string; readonly text: string }>()
  const wrong: string[] = []
  let tasks = 0
  let hits = 0
  for (let round = 0; round < rounds; round++) {
    let program = programOf(dice)
    for (let edit = 0; edit <= EDITS; edit++) {
      const env = dice.pick(['1', '2'])
      for (const [name, [key, does]] of await behaviour(program, dir, env)) {
        const before = known.get(key)
        const text = `${name} with ${env}: ${does}\n${Object.entries(filesOf(program)).join('\n')}`
        tasks += 1
        if (before) hits += 1
        else known.set(key, { does, text })
        if (before && before.does !== does) wrong.push(`${before.text}\n--- and\n${text}`)
      }
      program = editOf(dice, program)
    }
  }
  delete globals.tuttiTest
  delete process.env['TUTTI_TEST_P']
  return { tasks, hits, hashes: known.size, wrong }
}

const globals = globalThis as { tuttiTest?: unknown }
interface Loaded {
  readonly keys: ReadonlyMap<string, string>
  readonly run: (name: string) => unknown
}

/** Undefined for a program that cannot be loaded. */
async function load(bundle: Bundle, dir: string): Promise<Loaded | undefined> {
  delete globals.tuttiTest
  try {
    const { definitions, value } = await collectDefinitions(() => openBundle(bundle, { dir, provide: { tutti } }))
    value.close()
    const tasks = [...definitions].flatMap(([name, each]) => ('fn' in each ? [[name, each] as const] : []))
    return {
      keys: new Map(tasks.map(([name, { code }]) => [name, keyOf(code?.())])),
      run: name => tasks.find(([each]) => each === name)?.[1].fn(),
    }
  } catch {
    return undefined
  }
}

function outcome(run: () => unknown): string {
  try {
    return JSON.stringify(run(), (_, value: unknown) => plain(value)) ?? 'undefined'
  } catch (error) {
    return `threw ${error instanceof Error ? error.name : 'something'}`
  }
}

/** What is inside of it, where JSON would not tell. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value]
  if (typeof value !== 'function') return value
  const { prototype } = value as { readonly prototype?: { readonly m?: unknown } }
  return { ...value, made: typeof prototype?.m === 'function' ? (prototype.m as () => unknown)() : prototype?.m }
}

/** What each task's function gives on a fresh load of the program, by its hash. */
async function behaviour(
  program: Program,
  dir: string,
  env: string,
): Promise<ReadonlyMap<string, readonly [key: string, does: string]>> {
  process.env['TUTTI_TEST_P'] = env
  mkdirSync(dir, { recursive: true })
  for (const [name, text] of Object.entries(filesOf(program))) writeFileSync(join(dir, name), text)
  const found = new Map<string, readonly [string, string]>()
  const built = await buildBundle(join(dir, 'tutti.ts'))
  const first = built.ok ? await load(built.value.bundle, dir) : undefined
  if (!built.ok || !first) return found
  for (const [name, key] of first.keys) {
    if (key.startsWith('open')) continue
    const fresh = await load(built.value.bundle, dir)
    if (fresh) found.set(name, [key, outcome(() => fresh.run(name))])
  }
  return found
}
