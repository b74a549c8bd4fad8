/**
 * A Choice that finds no way, or cannot look for one: nothing was chosen, so no event says that it was entered. It is the next
 * state all the same, and what it was entered with is what the state before hands on.
 */
import type { Json } from '../../../util/json.ts'
import type { ChoiceState, State } from '../machine.ts'
import type { Exit, Frame, Scope, Soon } from '../scope.ts'
import { argumentOf, exitOfChoice, passExit, succeedExit, waitExit } from '../state/index.ts'
import { nextFrame, PLAIN_EVENTS } from '../work/frames.ts'
import { boundValue } from './data.ts'
import { type Reader, scopeOf } from './reader.ts'
import { enter, leave } from './story.ts'
import type { Current, Thread } from './thread.ts'

/** Goes on to the Choice that failed, where it is one that did. */
export async function reachChoice(reader: Reader, thread: Thread, atMs: number): Promise<void> {
  const { current, machine } = thread
  const name = current ? nextOf(current) : machine.StartAt
  if (name === undefined || machine.States[name]?.Type !== 'Choice') return
  const frame = current ? await frameAfter(reader, thread, current, atMs) : await firstFrame(reader, thread, atMs)
  if (!frame) return
  leave(reader.story, thread, frame, atMs)
  enter(reader.story, thread, { name, frame }, atMs)
}

function nextOf({ state, way }: Current): string | undefined {
  switch (state.Type) {
    case 'Choice':
      return way === undefined || way === 'default' ? state.Default : state.Choices[Number(way) - 1]?.Next
    case 'Task':
    case 'Map':
    case 'Parallel':
      return way?.startsWith('catch') ? state.Catch?.[Number(way.slice('catch'.length)) - 1]?.Next : state.Next
    case 'Pass':
    case 'Wait':
      return state.Next
    case 'Succeed':
    case 'Fail':
      return undefined
  }
}

/** Undefined: the state itself has failed. */
async function frameAfter(reader: Reader, thread: Thread, current: Current, atMs: number): Promise<Frame | undefined> {
  if (current.after) return current.after
  try {
    const scope = await scopeOf(reader, thread, current, { atMs })
    const exit = await exitOf(current.state, current.way, scope)
    return exit && nextFrame(current.frame, exit, PLAIN_EVENTS)
  } catch {
    return undefined
  }
}

function exitOf(state: State, way: string | undefined, scope: Scope): Soon<Exit> | undefined {
  switch (state.Type) {
    case 'Pass':
      return passExit(state, scope)
    case 'Wait':
      return waitExit(state, scope)
    case 'Succeed':
      return succeedExit(state, scope)
    case 'Choice':
      return exitOfChoice(state satisfies ChoiceState, way === 'default' ? way : Number(way) - 1, scope)
    case 'Task':
    case 'Map':
    case 'Parallel':
    case 'Fail':
      return undefined
  }
}

async function firstFrame(reader: Reader, { owner, index }: Thread, atMs: number): Promise<Frame | undefined> {
  const around = owner?.thread.current
  if (!owner || !around) return { input: reader.input, vars: {}, events: 1 }
  const { vars, events } = around.frame
  if (around.state.Type === 'Map') {
    const items = owner.items && ((await boundValue(owner.items, reader.load)) as readonly { readonly input?: Json }[])
    return { input: items?.[index]?.input ?? null, vars, events }
  }
  if (around.state.Type !== 'Parallel') return undefined
  const scope = await scopeOf(reader, owner.thread, around, { atMs })
  return { input: await argumentOf(around.state, scope), vars, events }
}
