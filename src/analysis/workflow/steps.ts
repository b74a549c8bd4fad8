/** A step as a part of the net, by its kind; joins and free-form nets have files of their own. */
import type { Node, Region } from '../../core/index.ts'
import { lingers } from '../../core/net/compile.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Opaque } from './composed.ts'
import { type EnterArm, composeJoin } from './joins.ts'
import {
  begins,
  cutShort,
  drains,
  exits,
  failsItself,
  interrupted,
  type Life,
  lifeOf,
  neverBegins,
  passes,
  passesOn,
  spills,
} from './life.ts'
import { bodyFailures, catchesAll, type Failures, isAsked, mayFailItself, stepMayExit } from './may-exit.ts'
import { composeNet } from './net-step.ts'
import { composeRegion, type Ends, type Scope, type Step } from './scope.ts'

export function composeStep(step: Step): void {
  const life = lifeOf(step)
  neverBegins(life)
  const { node, scope } = life
  if (node.undo) markOpaque(life, 'undo')
  if (!scope.composing.crossings.hasParts(node)) return composeWhole(life)
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'source':
    case 'service':
      return composeWork(life)
    case 'flow':
      markOpaque(life, 'flow')
      return composeWork(life)
    case 'wait':
      return composeWork(life)
    case 'cancel':
      return composeCancel(life, node)
    case 'call':
      if (node.recurs === undefined) return composeBody(life, node.body)
      markOpaque(life, 'recursion')
      return composeWork(life)
    case 'scope':
      return node.until === undefined && node.join === undefined
        ? composeBody(life, node.body)
        : composeScope(life, node)
    case 'when':
      return composeChoice(life, [
        ['then', node.then],
        ['otherwise', node.otherwise],
      ])
    case 'match':
      return composeChoice(life, [
        ...Object.entries(node.arms),
        ...(node.otherwise ? [['otherwise', node.otherwise] as const] : []),
      ])
    case 'loop':
      return composeLoop(life, node)
    case 'attempt':
      return composeAttempt(life, node)
    case 'any':
    case 'each':
    case 'race':
    case 'some':
      return composeJoin(life, node, enterArm(life))
    case 'net':
      return composeNet(life, node, (label, region) => enter(life, label, region))
    default:
      return unreachable(node)
  }
}

function markOpaque({ scope, at }: Life, why: Opaque['why']): void {
  scope.composing.opaque.set(`${at.path} ${why}`, { step: at, why })
}

const inner = (life: Life): number => life.scope.composing.builder.place({ kind: 'inner', step: life.at })

interface Inside {
  readonly failures?: Failures
  readonly permits?: readonly number[]
  readonly open?: readonly (readonly number[])[]
  readonly items?: readonly number[]
}

/** Puts a region of the step into the net; what interrupts the step interrupts it. */
function enter(life: Life, label: string, region: Region, { failures, permits, open, items }: Inside = {}): Ends {
  const { scope, at, node } = life
  return composeRegion(
    {
      region,
      composing: scope.composing,
      outer: scope,
      owner: at,
      label,
      items: items ?? scope.items,
      failures: failures ?? scope.failures,
      permits: permits ?? life.permits,
      open: open ?? openAround(life),
      clock: node.policy.deadlineMs === undefined ? 'none' : 'deadline',
    },
    composeStep,
  )
}

const openAround = ({ scope, target }: Life): readonly (readonly number[])[] =>
  target ? [...scope.open, [target.alive]] : scope.open

const enterArm =
  (life: Life): EnterArm =>
  ({ label, region, failures, permits, open, item }) =>
    enter(life, label, region, {
      failures,
      permits: [...life.permits, ...permits],
      open: [...openAround(life), ...open],
      ...(item === undefined ? {} : { items: [...life.scope.items, item] }),
    })

/** A step with all that is in it, where nothing of that matters to others. */
function composeWhole(life: Life): void {
  const { node, scope } = life
  const running = inner(life)
  if (node.kind === 'scope' && node.join === 'detached') {
    begins(life, [running, ...life.oks])
    drains(life, [running])
    return stepMayExit(node, scope.failures) ? spills(life, [running]) : cutShort(life, [running])
  }
  begins(life, [running])
  passes(life, [running])
  if (stepMayExit(node, scope.failures)) exits(life, { kind: 'fails' }, [running])
  else interrupted(life, [running])
  if (!lingers(node)) return
  const lingering = inner(life)
  passesOn(life, [running], lingering)
  drains(life, [lingering])
}

/** What is one piece for the net. */
function composeWork(life: Life): void {
  const running = inner(life)
  begins(life, [running])
  passes(life, [running])
  if (mayFailItself(life.node)) failsItself(life, [running])
  else interrupted(life, [running])
}

function composeBody(life: Life, region: Region): void {
  const body = enter(life, 'body', region)
  begins(life, [body.in])
  passes(life, [body.out])
  if (body.x !== undefined) exits(life, { kind: 'fails' }, [body.x])
}

/** Marks its target, if that has not come to rest. */
function composeCancel(life: Life, { target: { node, up }, dependents }: Extract<Node, { kind: 'cancel' }>): void {
  const { scope, at } = life
  let around: Scope | undefined = scope
  for (let level = 0; level < up; level++) around = around?.outer
  const target = around?.targets.get(node)
  const running = inner(life)
  const done = inner(life)
  begins(life, [running])
  interrupted(life, [running])
  passes(life, [done])
  const marked = target?.stopped[dependents]
  if (!target || marked === undefined) return
  const cancels = (from: number, to: number): void =>
    void scope.composing.builder.fire({
      step: at,
      deed: from === target.alive ? { kind: 'cancels' } : { kind: 'moves' },
      items: scope.items,
      from: [running, from],
      to: [done, to],
    })
  for (const from of [target.alive, ...Object.values(target.stopped)]) cancels(from, marked)
  cancels(target.rested, target.rested)
}

/** A milestone or what is let go. */
function composeScope(life: Life, node: Extract<Node, { kind: 'scope' }>): void {
  const { scope, at, ready, locks, active } = life
  const { builder } = scope.composing
  const body = enter(life, 'body', node.body)
  const gate = node.until === undefined ? undefined : scope.milestones.get(node.until)
  begins(life, [body.in, ...(node.join === 'detached' ? life.oks : [])], gate ? { reads: [gate.at] } : {})
  if (gate) {
    // Who waits for a lock as well sees that it is too late when he gets it.
    const passed = { step: at, deed: { kind: 'passed-over' }, items: scope.items } as const
    const ends = life.target ? [life.target.alive] : []
    const rested = life.target ? [life.target.rested] : []
    const own = scope.milestones.get(node.id)
    builder.fire({
      ...passed,
      from: [ready, ...ends, ...(own ? [own.at] : [])],
      to: [...life.oks, ...(life.drained ? [life.drained.ok] : []), ...rested, ...(own ? [own.gone] : [])],
      reads: [gate.gone, ...locks],
    })
    // Nothing in it has begun yet: it is left again.
    if (node.join !== 'detached')
      builder.fire({
        ...passed,
        from: [body.in, active, ...ends],
        to: [...life.oks, ...(life.drained ? [life.drained.ok] : []), ...rested],
        reads: [gate.gone],
        gives: locks,
      })
  }
  if (node.join !== 'detached') {
    passes(life, [body.out])
    if (body.x !== undefined) exits(life, { kind: 'fails' }, [body.x])
    return
  }
  drains(life, [body.out])
  if (body.x !== undefined) spills(life, [body.x])
}

function composeChoice(life: Life, ways: readonly (readonly [label: string, region: Region])[]): void {
  const { scope, at, node } = life
  const asked = inner(life)
  begins(life, [asked])
  if (scope.failures === 'shown' && mayFailItself(node)) exits(life, { kind: 'fails' }, [asked])
  for (const [label, region] of ways) {
    const way = enter(life, label, region)
    scope.composing.builder.fire({
      step: at,
      deed: { kind: 'chooses', label, guard: 'data' },
      items: scope.items,
      from: [asked],
      to: [way.in],
    })
    passes(life, [way.out])
    if (way.x !== undefined) exits(life, { kind: 'fails' }, [way.x])
  }
}

function composeLoop(life: Life, node: Extract<Node, { kind: 'loop' }>): void {
  const { scope, at } = life
  const { builder } = scope.composing
  const asked = inner(life)
  const body = enter(life, 'body', node.body)
  const choose = (label: string, to: number): void =>
    void builder.fire({
      step: at,
      deed: { kind: 'chooses', label, guard: 'data' },
      items: scope.items,
      from: [asked],
      to: [to],
    })
  const done = inner(life)
  begins(life, [node.test === 'while' ? asked : body.in])
  choose('again', body.in)
  choose('done', done)
  builder.fire({ step: at, deed: { kind: 'moves' }, items: scope.items, from: [body.out], to: [asked] })
  passes(life, [done])
  if (scope.failures === 'shown' && mayFailItself(node)) exits(life, { kind: 'fails' }, [asked])
  else interrupted(life, [asked])
  if (body.x !== undefined) exits(life, { kind: 'fails' }, [body.x])
}

function composeAttempt(life: Life, node: Extract<Node, { kind: 'attempt' }>): void {
  const { scope, at } = life
  const { builder } = scope.composing
  const open = scope.flags ? [scope.flags.safe] : []
  const rescue = { step: at, items: scope.items, reads: [...open, ...(life.target ? [life.target.alive] : [])] }
  const body = enter(life, 'body', node.body, { failures: bodyFailures(node, scope.failures) })
  const { passed, left } = finalized(life, node)
  begins(life, [body.in])
  passed(body.out)
  const failed = body.x
  if (failed !== undefined && (node.policy.retry?.length ?? 0) > 0)
    builder.fire({ ...rescue, deed: { kind: 'moves' }, from: [failed], to: [body.in] })
  node.handlers.forEach((handler, index) => {
    const label = index === 0 ? 'catch' : `catch${index + 1}`
    const way = enter(life, label, handler.body)
    // Of a body that cannot fail, or for errors that all are known before, it is never entered: its steps are dead.
    if (failed !== undefined && isAsked(node, index))
      builder.fire({ ...rescue, deed: { kind: 'chooses', label, guard: 'handler' }, from: [failed], to: [way.in] })
    passed(way.out)
    if (way.x !== undefined) left(way.x, 'rescued')
  })
  if (failed !== undefined) left(failed, catchesAll(node) ? 'unrescued' : 'rescued')
}

/** What follows on its body or handler: its end, or `finally` and then its end. */
function finalized(life: Life, node: Extract<Node, { kind: 'attempt' }>) {
  const { scope, at } = life
  const { builder } = scope.composing
  const move = (from: readonly number[], to: readonly number[], reads: readonly number[] = []): void =>
    void builder.fire({ step: at, deed: { kind: 'moves' }, items: scope.items, from, to, reads })
  /** A body whose every failure a handler knows is left only when it was interrupted. */
  const onlyWhen = (how: 'rescued' | 'unrescued'): readonly (readonly number[])[] =>
    how === 'rescued' && (scope.flags || scope.finish) ? [[]] : life.permits.map(permit => [permit])
  if (!node.finalizer)
    return {
      passed: (from: number): void => passes(life, [from]),
      left: (from: number, how: 'rescued' | 'unrescued'): void =>
        how === 'rescued' ? exits(life, { kind: 'fails' }, [from]) : interrupted(life, [from]),
    }
  const last = enter(life, 'finally', node.finalizer, { permits: [], open: [] })
  const good = inner(life)
  const bad = inner(life)
  passes(life, [last.out, good])
  exits(life, { kind: 'fails' }, [last.out, bad])
  if (last.x !== undefined) {
    exits(life, { kind: 'fails' }, [last.x, good])
    exits(life, { kind: 'fails' }, [last.x, bad])
  }
  return {
    passed: (from: number): void => move([from], [last.in, good]),
    left: (from: number, how: 'rescued' | 'unrescued'): void => {
      for (const reads of onlyWhen(how)) move([from], [last.in, bad], reads)
    },
  }
}
