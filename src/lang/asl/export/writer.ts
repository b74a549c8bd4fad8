/** What every part of the export has: names, what could not be said, and the way into a region. */
import type { Expr, Node, Policy, Region } from '../../../core/graph/graph.ts'
import type { Diagnostic } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { type Draft, type Fields, nameOf, type Target } from './draft.ts'
import { type Unsayable, type View, termOf } from './lookup.ts'
import type { Names } from './names.ts'
import { lostPolicies, unsayablePolicies } from './policy.ts'
import { type Term, textOf, variable, expression } from './term.ts'

/** Where a step or a region is written: its first state is `entry`, and it leads to `next`. */
export interface Spot {
  readonly draft: Draft
  readonly view: View
  readonly entry: Target
  readonly next: Target
  /** Of names: the steps around. */
  readonly path: string
}

export interface Writer {
  readonly names: Names
  readonly problems: Diagnostic[]
  /** Writes the steps of a region whose parameters are `params`; what its result is for those after it in the machine. */
  readonly region: (region: Region, params: View['params'], spot: Spot) => Term
  /** A region as a machine of its own; `first`: the state before its steps. */
  readonly machine: (region: Region, inside: MachineInside) => Fields
}

export interface MachineInside {
  readonly params: View['params']
  readonly view: View
  readonly path: string
  /** Variables that its first state assigns. */
  readonly assign?: Fields
}

/** A step where it is written. */
export interface Here<N extends Node = Node> {
  readonly node: N
  readonly spot: Spot
  /** Whether anybody reads what it gives. */
  readonly isUsed: boolean
}

export type At<K extends Node['kind']> = Here<Extract<Node, { kind: K }>>

export const unsayableOf =
  (writer: Writer, node: Pick<Node, 'name' | 'at'>): Unsayable =>
  (what, hint) => {
    writer.problems.push({
      code: 'ASL_UNSAYABLE',
      severity: 'error',
      message: `${node.name}: the Amazon States Language cannot say ${what}`,
      ...(node.at ? { at: node.at } : {}),
      ...(hint === undefined ? {} : { hint }),
    })
  }

/** Names the policies of a step that are lost, or that cannot be done without. */
export function checkPolicy(writer: Writer, node: Node, sayable: readonly (keyof Policy)[] = []): void {
  for (const policy of unsayablePolicies(node.policy, sayable)) unsayableOf(writer, node)(`its ${policy}`)
  if (node.undo)
    unsayableOf(writer, node)('its undo', 'Catch the failure with attempt() and call what makes it undone.')
  for (const policy of lostPolicies(node.policy))
    writer.problems.push({
      code: 'ASL_LOST',
      severity: 'warning',
      message: `${node.name}: its ${policy} is not in the machine`,
      ...(node.at ? { at: node.at } : {}),
    })
}

export const termAt = (writer: Writer, node: Node, expr: Expr, view: View): Term =>
  termOf(expr, view, unsayableOf(writer, node))

/** As one JSONata text. */
export function textAt(writer: Writer, node: Node, expr: Expr, view: View): string {
  const text = textOf(termAt(writer, node, expr, view))
  if (text === undefined)
    unsayableOf(writer, node)('a list of computed values inside of an expression', 'Let a task make the list.')
  return text ?? 'null'
}

/** The variable that holds what a step gives, and the field that assigns it; neither when nobody reads it. */
export function holding(writer: Writer, { node, isUsed }: Here, source: string): Held {
  if (!isUsed) return { term: { kind: 'literal', value: null }, fields: {} }
  const name = writer.names.variable(node.name)
  return { term: variable(name), fields: { Assign: { [name]: expression(source) } } }
}

interface Held {
  readonly term: Term
  readonly fields: Fields
}

export const pathOf = (spot: Pick<Spot, 'path'>, name: string): string =>
  spot.path === '' ? name : `${spot.path}/${name}`

/** Adds a Pass that assigns; `next` is where it leads. */
export function assign(writer: Writer, spot: Spot, name: string, variables: { readonly [name: string]: Json }): void {
  const state = writer.names.state(pathOf(spot, name))
  spot.entry.place = state
  spot.draft.add(state, () => ({ Type: 'Pass', Assign: variables, ...onward(spot.next) }))
}

export const onward = (next: Target): Fields => ({ Next: nameOf(next) })
