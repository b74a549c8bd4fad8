/**
 * Builds as text. A line a program, in the order in which they ran:
 *
 *     0 make                                   the first process
 *     0>1 gcc -c a.c: read a.c, write a.o      process 1, which process 0 started, and what it touched
 *
 * `mv a b` is `rename a b`. Paths are relative to /p. Programs run one after the other; `2&` runs until the end.
 */
import { flowOf, type Flow } from '../../src/adopt/flow.ts'
import { imagesOf } from '../../src/adopt/images.ts'
import { type Steps, stepsOf } from '../../src/adopt/steps.ts'
import { type Unit, type Units, unitsOf } from '../../src/adopt/units.ts'
import type { Observed, SeenProcess, Touch, TouchKind } from '../../src/sight/processes.ts'

export const ROOT = '/p'
const place = (path: string): string => (path.startsWith('/') ? path : `${ROOT}/${path}`)
export const short = (path: string): string => path.replace(`${ROOT}/`, '')

/** Long enough for every process that runs until the end. */
const END = 1_000_000

export function observedOf(text: string): Observed {
  let seq = 0
  const hasChild = (id: string | undefined): boolean => new RegExp(`^\\s*${id}>`, 'm').test(text)
  const processes = text
    .trim()
    .split('\n')
    .map((line): SeenProcess => {
      const [, parent, id, lasts, words = '', did = ''] =
        /^\s*(?:(\d+)>)?(\d+)(&?) ([^:]*)(?:: (.*))?$/.exec(line) ?? []
      const startSeq = ++seq
      const execSeq = ++seq
      const touches = did
        .split(', ')
        .filter(each => each !== '')
        .map((each): Touch => {
          const [kind, path = '', to] = each.split(' ')
          const common = { kind: kind as TouchKind, seq: ++seq }
          return to === undefined ? { ...common, path: place(path) } : { ...common, path: place(to), from: place(path) }
        })
      const endSeq = parent === undefined || lasts === '&' || hasChild(id) ? END : ++seq
      return {
        id: Number(id),
        pid: 100 + Number(id),
        parent: parent === undefined ? undefined : Number(parent),
        cwd: ROOT,
        startSeq,
        endSeq,
        exit: { kind: 'exited', code: 0 },
        execs: [
          {
            seq: execSeq,
            file: `/usr/bin/${words.split(' ')[0]}`,
            argv: words.split(' '),
            cwd: ROOT,
            env: {},
            streams: [undefined, undefined, undefined],
          },
        ],
        touches,
        fed: [],
      }
    })
  return { processes, unknownLines: 0, isComplete: true }
}

export interface Adopted {
  readonly units: Units
  readonly flow: Flow
  readonly steps: Steps
}

/** `before`: files that were there; `unchanged`: those of them that are the same after it. */
export function adopted(
  text: string,
  { before = [], unchanged = [] }: { readonly before?: readonly string[]; readonly unchanged?: readonly string[] } = {},
): Adopted {
  const observed = observedOf(text)
  const first = imagesOf(observed)
  if (first === undefined) throw new Error('no process')
  const there = new Set([...filesAfter(observed, before)].map(place))
  const isOurs = (path: string): boolean => path.startsWith(`${ROOT}/`)
  const units = unitsOf(first, { isOurs, isOutput: path => isOurs(path) && there.has(path), isText: () => true })
  const flow = flowOf(units.units, {
    wasThere: path => before.includes(short(path)),
    isUnchanged: path => unchanged.includes(short(path)),
    isOurs,
    linkTarget: () => undefined,
  })
  return { units, flow, steps: stepsOf(units.units, flow, { remains: path => there.has(path) }) }
}

function filesAfter({ processes }: Observed, before: readonly string[]): ReadonlySet<string> {
  const there = new Set(before)
  const all = processes.flatMap(each => each.touches).sort((a, b) => a.seq - b.seq)
  for (const { kind, path, from } of all) {
    if (kind === 'write' || kind === 'update') there.add(short(path))
    if (kind === 'delete') there.delete(short(path))
    if (kind === 'rename' && from !== undefined) move(there, short(from), short(path))
  }
  return there
}

function move(there: Set<string>, from: string, to: string): void {
  for (const path of [...there]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue
    there.delete(path)
    there.add(to + path.slice(from.length))
  }
}

export const commandOf = (unit: Unit | undefined): string =>
  unit === undefined ? '?' : unit.act.kind === 'line' ? unit.act.line : `text ${short(unit.act.path)}`

/** `command; command: sources | outputs of others -> outputs`. */
export const shownSteps = ({ steps: { steps } }: Adopted): string[] =>
  steps.map(
    step =>
      `${step.units.map(commandOf).join('; ')}: ${[
        step.sources.map(short).join(' '),
        step.uses.map(each => short(each.path)).join(' '),
      ]
        .filter(part => part !== '')
        .join(
          ' | ',
        )} -> ${step.outputs.map(short).join(' ')}${step.after.length === 0 ? '' : ` after ${step.after.map(each => commandOf(steps[each]?.units[0])).join(' ')}`}`,
  )

export const shownHazards = ({ flow, units: { units } }: Adopted): string[] =>
  flow.hazards.map(hazard => {
    const by = (id: number): string => commandOf(units[id])
    const together = 'together' in hazard && hazard.together ? ' together' : ''
    switch (hazard.kind) {
      case 'two-writers':
        return `${hazard.kind}${together} ${short(hazard.path)}: ${hazard.units.map(by).join(' & ')}`
      case 'read-before-write':
        return `${hazard.kind}${together} ${short(hazard.path)}: ${by(hazard.reader)} & ${by(hazard.writer)}`
      case 'undeclared-order':
        return `${hazard.kind} ${short(hazard.path)}: ${by(hazard.reader)} & ${by(hazard.writer)}`
      default:
        return `${hazard.kind} ${short(hazard.path)}: ${by(hazard.unit)}`
    }
  })
