/**
 * A state machine as a free-form net with one token.
 *
 *     place     a state that is about to be worked on; `S?` after a state with catchers; `#ended`; `#end`
 *     firing    a state's work; the rules of a choice, and the catchers of a state, are firings that exclude one another
 *     state     the Frame: input and variables. Every firing is chosen, so each Frame is in the log, evaluated once
 *
 *   C1. The token is in the place of the state whose turn it is: what the net can do is what the machine can do, no more.
 *   C2. What ends a machine leads to `#ended` first, so that its output is in the log before anybody sees it.
 */
import type { Expr, NetTransition, Node } from '../../../core/graph/graph.ts'
import { unreachable } from '../../../util/unreachable.ts'
import type { ChoiceState, State, WaitState } from '../machine.ts'
import { type Around, inside, type Nested } from './around.ts'
import { apply, own, idOf, literal, paramAt, region, step } from './build.ts'
import { about, type Compiled, named } from './compiled.ts'
import { type Body, catches, type WorkingState } from './errors.ts'
import { mapBody } from './map.ts'
import { parallelBody } from './parallel.ts'
import { stateText } from './state-text.ts'
import { taskBody } from './task.ts'
import { PURE, WORK } from './words.ts'

const ENDED = '#ended'
const END = '#end'
/** Chosen, so that the state is evaluated and kept first. */
const ALWAYS = literal(true)

/** Its value is the last Frame. */
export function machineNode({ id, name, machine, around, init, depth }: Nested): Node {
  const language = machine.QueryLanguage ?? around.language
  const own: Around = { ...around, language }
  const states = Object.entries(machine.States)
  const transitions = states.flatMap(([key, state]) => {
    const within = inside(own, ['States', key])
    const text = stateText(key, state, language)
    return transitionsOf({
      key,
      id: idOf(key),
      state,
      text,
      at: around.at(within.path),
      around: within,
      depth: depth + 1,
    })
  })
  const position = around.at(around.path)
  return step(
    'net',
    { id, name, ...(position ? { at: position } : {}) },
    {
      places: [...states.flatMap(([key, state]) => placesOf(idOf(key), state)), ENDED, END],
      start: [idOf(machine.StartAt)],
      end: END,
      init,
      transitions: [...transitions, end(depth + 1)],
    },
  )
}

const placesOf = (id: string, state: State): readonly string[] => (catches(state) ? [id, after(id)] : [id])
const after = (id: string): string => `${id}?`

const end = (depth: number): NetTransition => ({
  id: '#end',
  consumes: [ENDED],
  produces: [END],
  guard: ALWAYS,
  body: region([], carried(depth), ['state']),
})

const carried = (depth: number): Expr => paramAt(depth, 'state')(depth)

function transitionsOf(given: Compiled): readonly NetTransition[] {
  const { state } = given
  switch (state.Type) {
    case 'Pass':
      return [firing(given, { nodes: [], result: leave(given) }, next(state))]
    case 'Succeed':
      return [firing(given, { nodes: [], result: leave(given) }, ENDED)]
    case 'Wait':
      return [firing(given, { nodes: [waiting(given, state)], result: leave(given) }, next(state))]
    case 'Fail':
      // Leads to the end, where it never comes: its only step fails.
      return [
        firing(given, { nodes: [own(named(given), WORK.fail, about(given))], result: carried(given.depth) }, ENDED),
      ]
    case 'Choice':
      return choosing(given, state)
    case 'Task':
      return working({ ...given, state }, taskBody({ ...given, state }))
    case 'Parallel':
      return working({ ...given, state }, parallelBody({ ...given, state }))
    case 'Map':
      return working({ ...given, state }, mapBody({ ...given, state }))
    default:
      return unreachable(state)
  }
}

const next = ({ Next }: { readonly Next?: string }): string => (Next === undefined ? ENDED : idOf(Next))

const firing = ({ id }: Compiled, { nodes, result }: Body, to: string): NetTransition => ({
  id,
  consumes: [id],
  produces: [to],
  guard: ALWAYS,
  body: region(nodes, result, ['state']),
})

const leave = (given: Compiled): Expr => apply(PURE.leave, about(given))

function waiting(given: Compiled, { Timestamp, TimestampPath }: WaitState): Node {
  const pause = apply(PURE.pause, about(given))
  const isInstant = Timestamp !== undefined || TimestampPath !== undefined
  return step('wait', named(given), {
    on: isInstant ? { kind: 'instant', instant: pause } : { kind: 'timer', duration: pause },
  })
}

function choosing(given: Compiled, { Choices, Default }: ChoiceState): readonly NetTransition[] {
  const [text, frame, context] = about(given)
  const way = (label: string, which: number | 'default', to: string, guard: Expr): NetTransition => ({
    id: `${given.id}#${label}`,
    consumes: [given.id],
    produces: [idOf(to)],
    guard,
    body: region([], apply(PURE.choose, [text, literal(which), frame, context]), ['state']),
  })
  const rules = Choices.map(({ Next }, index) =>
    way(String(index + 1), index, Next, apply(PURE.holds, [text, literal(index), frame, context])),
  )
  return Default === undefined ? rules : [...rules, way('default', 'default', Default, ALWAYS)]
}

/** With catchers, which way it goes on is chosen when its work has ended. */
function working(given: Compiled<WorkingState>, body: Body): readonly NetTransition[] {
  const { state, id, depth } = given
  if (!catches(state)) return [firing(given, body, next(state))]
  const way = (suffix: string, which: number | null, to: string): NetTransition => ({
    id: `${id}#${suffix}`,
    consumes: [after(id)],
    produces: [to],
    guard: apply(PURE.went, [literal(which), paramAt(depth, 'state', ['caught'])(depth)]),
    body: region([], carried(depth), ['state']),
  })
  return [
    firing(given, body, after(id)),
    way('ok', null, next(state)),
    ...(state.Catch ?? []).map(({ Next }, index) => way(`catch${index + 1}`, index, idOf(Next))),
  ]
}
