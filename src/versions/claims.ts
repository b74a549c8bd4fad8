/** What two versions of a region claim of its runs (`ensure`), compared: the same claim of matched steps is the same (F1). */
import { operandsOf, type Property, propertyText, type StepRef } from '../core/graph/property.ts'
import { pathMark } from '../core/graph/placed.ts'
import type { Callees } from './callees.ts'
import { type Place, placeUp, type Step } from './places.ts'

/** The claims that only one side has; their order says nothing. */
export function compareClaims(
  from: Place,
  to: Place,
  callees: Callees,
): { readonly before: readonly string[]; readonly after: readonly string[] } {
  const left = [...(to.region.properties ?? [])]
  const before = (from.region.properties ?? []).filter(claim => {
    const at = left.findIndex(other => isSame(claim, other))
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
  return { before: before.map(claim => propertyText(claim)), after: left.map(claim => propertyText(claim)) }

  function isSame(a: Property, b: Property): boolean {
    const [mine, other] = [operandsOf(a), operandsOf(b)]
    const counts = 'count' in a ? 'count' in b && a.count === b.count : true
    return a.kind === b.kind && counts && mine.every((steps, index) => areSame(steps, other[index] ?? []))
  }

  function areSame(a: readonly StepRef[], b: readonly StepRef[]): boolean {
    return a.length === b.length && a.every((ref, index) => isSameRef(ref, b[index] as StepRef))
  }

  function isSameRef(a: StepRef, b: StepRef): boolean {
    if (a.kind === 'step') {
      const step = b.kind === 'step' ? stepAlong(placeUp(from, a.up), a.path) : undefined
      return b.kind === 'step' && step !== undefined && step.pair === stepAlong(placeUp(to, b.up), b.path)
    }
    if (b.kind !== 'calls' || a.of !== b.of) return false
    return a.of === 'task' || a.of === 'flow' ? callees.isSame(a.name, b.name) : a.name === b.name
  }
}

/** The step at the end of a path, region by region. */
function stepAlong(place: Place | undefined, path: string): Step | undefined {
  const id = /^[^/[\].]+/.exec(path)?.[0] ?? path
  const step = place?.byId.get(id)
  const rest = path.slice(id.length)
  if (!step || rest === '') return step
  const inner = step.inner.find(each => rest.startsWith(pathMark(step.node, each.label)))
  return inner && stepAlong(inner, rest.slice(pathMark(step.node, inner.label).length))
}
