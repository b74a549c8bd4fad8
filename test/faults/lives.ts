/** A run in several lives: started, troubled, started again, through either door, with its books kept. */
import { equal } from 'node:assert/strict'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './fault.ts'
import { type Books, check, type Expected, type Told } from './account.ts'
import { cli, type Ended, fixture, jsonLines, type Live, startNode } from './processes.ts'

/** `command`: the built command line; `program`: one that embeds Tutti. */
export type Door = 'command' | 'program'
export type Durability = 'full' | 'normal'

export interface Plan {
  readonly folder: string
  readonly door: Door
  /** A file of fixtures/, which exports one workflow. */
  readonly file: string
  readonly durability: Durability
  /** Where the store is; default: in the folder. */
  readonly store?: string
  readonly env?: Readonly<Record<string, string>>
}

export const RUN = 'troubled'
const SETTLED = '"kind":"step.settled"'

export interface Troubled {
  readonly store: string
  readonly journal: string
  /** The run in a new process: begins, or goes on with what is there. */
  begin(options?: { readonly before?: readonly string[] }): Live
  /** Notes what a process told that has ended. */
  note(ended: Ended): readonly Told[]
  /** What has been told so far. */
  readonly books: Books
}

export function troubled({ folder, door, file, durability, store = join(folder, '.tutti'), env }: Plan): Troubled {
  mkdirSync(folder, { recursive: true })
  const journal = join(folder, 'journal')
  const told: (readonly Told[])[] = []
  if (door === 'command') cpSync(fixture(file), join(folder, 'tutti.ts'))
  const command = [cli, 'run', '--json', '--quiet', '--id', RUN, '--durability', durability, '--store', store]
  const program = [fixture('program.mjs'), store, RUN, durability]
  return {
    store,
    journal,
    begin: ({ before = [] } = {}) =>
      startNode([...before, ...(door === 'command' ? command : program)], {
        cwd: folder,
        env: { JOURNAL: journal, ...env },
      }),
    note: ended => {
      const lines = jsonLines<Told>(ended.out)
      told.push(lines)
      return lines
    },
    books: { store, run: RUN, journal, told },
  }
}

export const settles = (live: Live, times: number): Promise<void> => live.says(SETTLED, times)

export interface Undisturbed extends Expected {
  readonly ms: number
}

const undisturbed = new Map<string, Promise<Undisturbed>>()

/** What the run gives when nothing happens to it, and how long it takes here. Done once. */
export function undisturbedRun(
  door: Door,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Undisturbed> {
  const name = `${door} ${file} ${JSON.stringify(env)}`
  const known = undisturbed.get(name) ?? measure(door, file, env)
  undisturbed.set(name, known)
  return known
}

async function measure(door: Door, file: string, env: Readonly<Record<string, string>>): Promise<Undisturbed> {
  const folder = scratch('undisturbed')
  const run = troubled({ folder, door, file, durability: 'full', env })
  const startMs = performance.now()
  const ended = await run.begin().ended
  const ms = performance.now() - startMs
  equal(ended.code, 0, `an undisturbed run fails: ${ended.err}`)
  const lines = run.note(ended)
  const steps = new Set(
    lines.flatMap(({ kind, step }) => (kind === 'step.settled' && step !== undefined ? [step] : [])),
  )
  const expected = { steps, output: lines.at(-1)?.output, ms }
  await check(run.books, expected)
  return expected
}
