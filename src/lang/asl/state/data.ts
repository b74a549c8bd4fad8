/**
 * The way of data through a state.
 *
 *   JSONPath: InputPath > Parameters > work > ResultSelector > ResultPath > OutputPath; Assign sees the work's raw result
 *   JSONata:  Arguments > work > Output; Assign and Output see one and the same `$states`
 *
 * Invariants
 *   D1. Assign and everything beside it see the variables as they were when the state was entered.
 *   D2. ResultPath writes into the raw input, whatever InputPath left of it.
 *   D3. What a catcher hands on goes through no OutputPath.
 */
import type { Json } from '../../../util/json.ts'
import type {
  ChoiceState,
  MapState,
  ParallelState,
  PassState,
  PathField,
  SucceedState,
  TaskState,
  Template,
  WaitState,
} from '../machine.ts'
import { writeReference } from '../path/index.ts'
import type { Exit, Scope, Soon } from '../scope.ts'
import { type Field, fillExpressions, fillPaths, type Lent, throughPath } from './query.ts'
import { andThen } from './soon.ts'

type Assignments = { readonly [name: string]: Template }
/** States that do work of their own. */
export type WorkState = TaskState | ParallelState | MapState
/** The error that a state has ended with, as its catcher sees it. */
export interface ErrorOutput {
  readonly Error?: string | undefined
  readonly Cause?: string | undefined
}

/** What a task is called with, and what each branch of a parallel state gets. AWS shows only what a task is called with. */
export function argumentOf(state: TaskState | ParallelState, scope: Scope): Soon<Json> {
  const shown = told(state.Type === 'Task' ? scope : { ...scope, inspect: undefined }, argumentStage(scope))
  if (scope.language === 'JSONPath') {
    const input = effectiveInput(state, scope)
    return shown(state.Parameters === undefined ? input : fillPaths(state.Parameters, scope, input))
  }
  return state.Arguments === undefined
    ? scope.input
    : andThen(fillExpressions(state.Arguments, scope, 'Arguments'), shown)
}

const argumentStage = ({ language }: Scope): 'afterArguments' | 'afterParameters' =>
  language === 'JSONata' ? 'afterArguments' : 'afterParameters'

/** Whose rights a task asks to be given. */
export function credentialsOf(state: TaskState, scope: Scope): Soon<Json | undefined> {
  if (state.Credentials === undefined) return undefined
  if (scope.language === 'JSONata') return fillExpressions(state.Credentials, scope, 'Credentials')
  return fillPaths(state.Credentials, scope, throughPath(state.InputPath, scope, scope.input))
}

/** `result`: what the work has given. */
export function exitOf(state: WorkState, scope: Scope, result: Json): Soon<Exit> {
  if (state.Type === 'Task') told(scope, 'result')(result)
  if (scope.language === 'JSONata') return jsonataExit(state, scope, '', { result }, result)
  const selected = state.ResultSelector === undefined ? result : fillPaths(state.ResultSelector, scope, result)
  told(scope, 'afterResultSelector')(selected)
  const placed = told(scope, 'afterResultPath')(placedAt(state.ResultPath, scope, selected))
  return pathExit(state, scope, { seen: result, output: placed })
}

export function passExit(state: PassState, scope: Scope): Soon<Exit> {
  if (scope.language === 'JSONata') return jsonataExit(state, scope, '', {}, scope.input)
  const result = passResult(state, scope)
  told(scope, 'afterResultSelector')(result)
  const placed = told(scope, 'afterResultPath')(placedAt(state.ResultPath, scope, result))
  return pathExit(state, scope, { seen: result, output: placed })
}

/** Result stands for all that InputPath and Parameters would give. */
function passResult(state: PassState, scope: Scope): Json {
  if (state.Result !== undefined) return told(scope, 'result')(state.Result)
  const input = effectiveInput(state, scope)
  return told(
    scope,
    'afterParameters',
  )(state.Parameters === undefined ? input : fillPaths(state.Parameters, scope, input))
}

export const succeedExit = (state: SucceedState, scope: Scope): Soon<Exit> => throughExit(state, scope)
export const waitExit = (state: WaitState, scope: Scope): Soon<Exit> => throughExit(state, scope)

/** Of a rule, by its index from 0, or of what holds where no rule does. */
export function exitOfChoice(state: ChoiceState, chosen: number | 'default', scope: Scope): Soon<Exit> {
  const way = chosen === 'default' ? state : state.Choices[chosen]
  if (!way) throw new Error(`defect: no choice ${chosen}`)
  if (scope.language === 'JSONata')
    return jsonataExit(way, scope, chosen === 'default' ? '' : `Choices[${chosen}]/`, {}, scope.input)
  const input = effectiveInput(state, scope)
  return pathExit({ Assign: way.Assign, OutputPath: state.OutputPath }, scope, { seen: input, output: input })
}

/** Of a catcher, by its index from 0. */
export function exitOfCatch(state: WorkState, index: number, scope: Scope, error: ErrorOutput): Soon<Exit> {
  const catcher = state.Catch?.[index]
  if (!catcher) throw new Error(`defect: no catcher ${index}`)
  const errorOutput = { Error: error.Error ?? null, Cause: error.Cause ?? absentCause(error) }
  if (scope.language === 'JSONata') return jsonataExit(catcher, scope, `Catch[${index}]/`, { errorOutput }, errorOutput)
  const output = placedAt(catcher.ResultPath, scope, errorOutput)
  return pathExit({ Assign: catcher.Assign }, scope, { seen: errorOutput, output })
}

/** What nobody gave is null; AWS's own timeouts have a text that says nothing. */
const absentCause = ({ Error: name }: ErrorOutput): '' | null => (name === 'States.Timeout' ? '' : null)

/** InputPath's value. */
export const effectiveInput = (state: { readonly InputPath?: PathField | undefined }, scope: Scope): Json =>
  told(scope, 'afterInputPath')(throughPath(state.InputPath, scope, scope.input))

function throughExit(state: WaitState | SucceedState, scope: Scope): Soon<Exit> {
  if (scope.language === 'JSONata') return jsonataExit(state, scope, '', {}, scope.input)
  const input = effectiveInput(state, scope)
  return pathExit(state, scope, { seen: input, output: input })
}

interface PathWay {
  readonly Assign?: Assignments | undefined
  readonly OutputPath?: PathField | undefined
}

function pathExit(way: PathWay, scope: Scope, { seen, output }: { seen: Json; output: Json }): Exit {
  const assigned = way.Assign === undefined ? undefined : fillPaths(way.Assign, scope, seen)
  return exit(scope, throughPath(way.OutputPath, scope, output), assigned)
}

interface JsonataWay {
  readonly Assign?: Assignments | undefined
  readonly Output?: Template | undefined
}

function jsonataExit(way: JsonataWay, scope: Scope, at: string, lent: Lent, standard: Json): Soon<Exit> {
  const filled = (template: Template | undefined, field: Field): Soon<Json | undefined> =>
    template === undefined ? undefined : fillExpressions(template, scope, `${at}${field}`, lent)
  return andThen(filled(way.Assign, 'Assign'), assigned =>
    andThen(way.Output === undefined ? standard : filled(way.Output, 'Output'), output =>
      exit(scope, output ?? null, assigned),
    ),
  )
}

function exit(scope: Scope, output: Json, assigned: Json | undefined): Exit {
  const names = assigned === undefined ? [] : Object.keys(assigned as object)
  const vars = names.length === 0 ? scope.vars : { ...scope.vars, ...(assigned as { readonly [name: string]: Json }) }
  if (scope.inspect && Object.keys(vars).length > 0) scope.inspect('variables', vars)
  return { output, vars, assigned: names }
}

/** ResultPath. */
function placedAt(path: PathField | undefined, scope: Scope, value: Json): Json {
  if (path === undefined || path === '$') return value
  return path === null ? scope.input : writeReference(scope.input, path, value, scope)
}

const told =
  (scope: Scope, stage: Parameters<NonNullable<Scope['inspect']>>[0]) =>
  (value: Json): Json => {
    scope.inspect?.(stage, value)
    return value
  }
