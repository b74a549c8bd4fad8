/** What makes the key of a step another one than before: the first part that differs, and the others. */
import type { Bound } from '../../core/index.ts'
import type { Code } from '../../dsl/code.ts'
import type { Blobs, Trace } from '../../store/index.ts'
import { plain } from '../render/text.ts'
import { argumentDifference } from './arguments.ts'

export type Parts = Trace['parts']

/** A step at one time, as far as it is still known. */
export interface Side {
  readonly parts: Parts
  readonly args?: readonly Bound[]
  readonly code?: Code
}

/** In the order of a key's parts; empty when all are the same. `names`: of the parameters. */
export async function differences(
  old: Side,
  now: Side,
  { names, blobs }: { readonly names: readonly string[]; readonly blobs: Blobs },
): Promise<readonly string[]> {
  return [
    ...(old.parts.code === now.parts.code ? [] : [codeDifference(old.code, now.code)]),
    ...(await argumentDifferences(old, now, names, blobs)),
    ...envDifferences(old.parts.env, now.parts.env),
    ...(old.parts.where === now.parts.where ? [] : [`it runs elsewhere: ${old.parts.where} → ${now.parts.where}`]),
  ]
}

async function argumentDifferences(
  old: Side,
  now: Side,
  names: readonly string[],
  blobs: Blobs,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const [index, hash] of now.parts.args.entries()) {
    if (old.parts.args[index] === hash) continue
    const label = `argument ${index + 1}${names[index] === undefined ? '' : ` (${names[index]})`}`
    const bound = now.args?.[index]
    const told = bound && old.args && (await argumentDifference(label, old.args[index], bound, blobs))
    found.push(told ?? `${label} is another value`)
  }
  const gone = old.parts.args.length - now.parts.args.length
  return gone > 0
    ? [...found, `it takes ${now.parts.args.length} arguments instead of ${old.parts.args.length}`]
    : found
}

/** Values are not kept, and may be secret: that they differ is all that is told. */
function envDifferences(old: Parts['env'], now: Parts['env']): readonly string[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])]
  return names.flatMap(name => {
    const [before, after] = [old[name], now[name]]
    if (before === after) return []
    if (after === undefined) return [`$${name} is not declared any more`]
    if (before === undefined) return [`$${name} is declared now`]
    if (after === null) return [`$${name} is not set any more`]
    return [before === null ? `$${name} is set now` : `$${name} has another value`]
  })
}

const PARTS_SHOWN = 3

function codeDifference(old: Code | undefined, now: Code | undefined): string {
  if (old?.kind !== 'closed' || now?.kind !== 'closed') return 'its code is another one'
  const names = [...new Set([...Object.keys(now.parts), ...Object.keys(old.parts)])]
  const changed = names.filter(name => old.parts[name] !== now.parts[name])
  const told = changed.filter(name => !DERIVED.test(name))
  const shown = (told.length > 0 ? told : changed).map(name => partText(name, old.parts, now.parts))
  if (shown.length === 0) return 'its code is another one'
  const more = shown.length - PARTS_SHOWN
  return `code: ${shown.slice(0, PARTS_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Parts that only sum up others. */
const DERIVED = /^modules$|:(?:imports|exports|statements)$/

function partText(
  name: string,
  old: { readonly [name: string]: string },
  now: { readonly [name: string]: string },
): string {
  const how = old[name] === undefined ? 'is used now' : now[name] === undefined ? 'is not used any more' : 'has changed'
  const colon = name.lastIndexOf(':')
  const [module, binding] = [name.slice(0, colon), name.slice(colon + 1)]
  if (name === 'own') return `its function ${how}`
  if (name === 'reads') return `what the file reads while it is loaded ${how}`
  if (name === 'modules') return 'the order in which modules are loaded has changed'
  if (name.startsWith('package:'))
    return `the package ${plain(binding)} ${how === 'has changed' ? 'is another one' : how}`
  if (colon < 0) return `${plain(name)} ${how}`
  if (binding === 'imports' || binding === 'exports' || binding === 'statements')
    return `the ${binding} of ${plain(module)} ${how === 'has changed' ? 'have changed' : how}`
  return `${plain(binding.replace(/\.function$/, ''))} of ${plain(module)} ${how}`
}
