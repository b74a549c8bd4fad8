/** What must hold of every run of a random machine. Each gives what is wrong, in words. */
import type { Event } from '../../../../src/core/index.ts'
import type { HistoryEvent } from '../../../../src/lang/asl/history/index.ts'
import type { Machine } from '../../../../src/lang/asl/machine.ts'
import { validateDefinition } from '../../../../src/lang/asl/validate/validate.ts'
import type { Faults } from '../../../../src/sim/faults.ts'
import type { Json } from '../../../../src/util/json.ts'
import type { Whole } from './plan.ts'
import { definitionOf } from './render.ts'
import { type Ran, run } from './run.ts'
import { type Ended, type Walked, walk, type Way } from './walk.ts'

export function machineOf(whole: Whole): Machine {
  const valid = validateDefinition(definitionOf(whole))
  if (!valid.ok) throw new Error(valid.error.map(({ message }) => message).join('; '))
  return valid.value
}

export const inputOf = ({ n }: Whole): Json => ({ n, limit: 30 })

export async function wrongOf(
  whole: Whole,
  weather: { readonly seed?: number; readonly faults?: Faults },
): Promise<readonly string[]> {
  const machine = machineOf(whole)
  const walked = await walk(machine, inputOf(whole))
  const ran = await run(machine, inputOf(whole), weather)
  return [
    ...historyWrong(ran.history),
    ...successesWrong(ran.log),
    ...(walked.isOpen
      ? []
      : [...endWrong(walked.end, ran.end), ...waysWrong(walked, ran), ...storyWrong(walked, ran.history)]),
  ]
}

/** Causes name what their states cannot know of each other here: ids of events, stack traces. */
const told = (end: Ended): string => JSON.stringify(end, (key, value: unknown) => (key === 'Cause' ? '' : value))

const endWrong = (expected: Ended, given: Ended): readonly string[] =>
  told(expected) === told(given) ? [] : [`ends with ${told(given)}, not with ${told(expected)}`]

interface Trail {
  readonly entered: string[]
  readonly done: string[]
}

function trailsOf(log: readonly Event[]): ReadonlyMap<string, Trail> {
  const trails = new Map<string, Trail>()
  const trail = (thread: string): Trail => {
    const found = trails.get(thread) ?? { entered: [], done: [] }
    trails.set(thread, found)
    return found
  }
  for (const event of log) {
    if (event.kind === 'chosen') {
      const name = stateOf(event.branch)
      if (name !== undefined) trail(threadOf(event.step)).entered.push(name)
    }
    const task = taskDone(event)
    if (task) trail(task.thread).done.push(task.name)
  }
  return trails
}

const stateOf = (transition: string): string | undefined =>
  /#(?:ok|catch\d+|end)$/.test(transition) ? undefined : transition.replace(/#(?:\d+|default)$/, '')

/** `S#done` where a task has two halves; with it `S` is half a task. */
function taskDone(event: Event): { readonly thread: string; readonly name: string; readonly step: string } | undefined {
  // Taken from before, when it was driven again: no call.
  if (event.kind !== 'step.settled' || event.outcome.kind !== 'succeeded' || event.origin) return undefined
  const { step } = event
  const at = step.lastIndexOf('machine.Task')
  const [firing = '', ...inside] = at === -1 ? [] : step.slice(at).split('/')
  const name = firing.slice('machine.'.length).replace(/\[\d+\]$/, '')
  const isHalf = step.includes(`/${name}#clock.work/`)
  const isDone = inside.at(-1) === `${name}#done` || (inside.at(-1) === name && !isHalf)
  return isDone
    ? { thread: threadOf(`${step.slice(0, at)}machine`), name, step: step.slice(0, at) + firing }
    : undefined
}

/** In the words of the walk: `/State:time entered:tries#part`. */
function threadOf(step: string): string {
  const words: string[] = []
  for (const part of step.split('/')) {
    const entered = /^machine\.([^[]+?)(?:\[(\d+)\])?$/.exec(part)
    const tried = /#try\.body(?:\[(\d+)\])?$/.exec(part)
    const item = /#each\[(\d+)\]$/.exec(part)
    const branch = /#(\d+)(?:\.\w+)?$/.exec(part)
    if (entered) words.push(`/${entered[1]}:${entered[2] ?? 0}:0`)
    if (tried) words.push(`${words.pop()?.replace(/\d+$/, '')}${tried[1] ?? 0}`)
    if (item) words.push(`#${item[1]}`)
    if (branch) words.push(`#${Number(branch[1]) - 1}`)
  }
  return words.join('')
}

function waysWrong({ ways }: Walked, { log }: Ran): readonly string[] {
  const trails = trailsOf(log)
  const known = new Set(ways.map(({ thread }) => thread))
  return [
    ...[...trails.keys()].filter(thread => !known.has(thread)).map(thread => `${thread} is entered, and should not be`),
    ...ways.flatMap(way => {
      const { entered, done } = trails.get(way.thread) ?? { entered: [], done: [] }
      return [
        ...differs(`${way.thread} enters`, way, way.entered, entered),
        ...differs(`${way.thread} has done`, way, way.done, done),
      ]
    }),
  ]
}

function differs(
  what: string,
  { isCut }: Way,
  expected: readonly string[],
  given: readonly string[],
): readonly string[] {
  const same = isCut ? expected.slice(0, given.length) : expected
  return JSON.stringify(same) === JSON.stringify(given) ? [] : [`${what} ${given.join(' ')}, not ${expected.join(' ')}`]
}

/** A task succeeds once for each time that its state is entered, however often its process has died. */
export function successesWrong(log: readonly Event[]): readonly string[] {
  const seen = new Set<string>()
  return log.flatMap(event => {
    const task = taskDone(event)
    if (!task) return []
    if (seen.has(task.step)) return [`${task.step} has succeeded twice`]
    seen.add(task.step)
    return []
  })
}

function historyWrong(history: readonly HistoryEvent[]): readonly string[] {
  return history.flatMap(({ id, previousEventId, type }, index) => [
    ...(id === index + 1 ? [] : [`${type} at ${index} has the id ${id}`]),
    ...(previousEventId < id && (previousEventId > 0 || index <= 1)
      ? []
      : [`${type} ${id} follows ${previousEventId}`]),
  ])
}

/** How often the history tells that a state is entered and left, between what surely happens and what may. */
function storyWrong({ ways: all, end }: Walked, history: readonly HistoryEvent[]): readonly string[] {
  const ways = all.filter(({ isApart }) => !isApart)
  const sure = (way: Way) => !way.isCut
  const entered = (way: Way): readonly string[] => [...way.entered, ...(way.deadEnd === undefined ? [] : [way.deadEnd])]
  const left = ({ hasFailed, entered: names }: Way): readonly string[] => (hasFailed ? names.slice(0, -1) : names)
  const last = history.at(-1)?.type
  const wanted = end.status === 'SUCCEEDED' ? 'ExecutionSucceeded' : 'ExecutionFailed'
  return [
    ...(last === wanted ? [] : [`the history ends with ${last}`]),
    ...counted('StateEntered', history, ways.filter(sure).flatMap(entered), ways.flatMap(entered)),
    ...counted('StateExited', history, ways.filter(sure).flatMap(left), ways.flatMap(left)),
  ]
}

function counted(
  type: 'StateEntered' | 'StateExited',
  history: readonly HistoryEvent[],
  least: readonly string[],
  most: readonly string[],
): readonly string[] {
  const names = history.flatMap(event => (event.type.endsWith(type) && 'name' in event ? [event.name] : []))
  const count = (all: readonly string[], name: string): number => all.filter(each => each === name).length
  return [...new Set([...names, ...most])].flatMap(name => {
    const given = count(names, name)
    const [from, to] = [count(least, name), count(most, name)]
    return given >= from && given <= to ? [] : [`${type} ${name} is told ${given} times, not ${from} to ${to}`]
  })
}
