/** `tutti blame`: which version last changed a step, and what that did to it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { StepName } from '../../versions/change.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { renderBlame, renderBlames } from '../render/blame.ts'
import { storeFolder, type StoreFlags, withStore } from '../store.ts'
import { type Blame, blame } from '../versions/blame.ts'
import { lineFor } from '../versions/lines.ts'
import { findVersion } from '../versions/reference.ts'
import { factsOf, nameOf } from '../versions/row.ts'
import { CURRENT, parseReference } from '../versions/words.ts'
import { readTarget } from './words.ts'

export interface BlameFlags extends StoreFlags {
  readonly json?: boolean
}

export async function blameCommand(io: Io, words: readonly string[], flags: BlameFlags): Promise<number> {
  const [first, ...rest] = words
  const isStep = first !== undefined && parseReference(first).which === undefined && !existsSync(resolve(io.cwd, first))
  const name = isStep ? first : undefined
  const target = readTarget(io, isStep ? rest : words)
  return withStore(io, { ...flags, store: storeFolder(io, flags, target.file) }, async store => {
    const head = findVersion(store, lineFor(io, store, target), target.which ?? CURRENT)
    const seen: StepName[] = []
    const isNamed = name === undefined ? undefined : named(name)
    const blames = await blame(store, head, (step, kind) => {
      seen.push(step)
      return isNamed ? isNamed(step) : !HOLDERS.has(kind)
    })
    if (name !== undefined && blames.length === 0) unknownStep(name, nameOf(head), seen)
    const nowMs = Date.now()
    if (flags.json) for (const each of blames) io.out(`${JSON.stringify(asJson(each))}\n`)
    else if (name === undefined) io.out(renderBlames(blames, nowMs, io.outScreen))
    else io.out(blames.map(each => renderBlame(each, nowMs, io.outScreen)).join('\n'))
    return EXIT.succeeded
  })
}

/** They only hold other steps. */
const HOLDERS: ReadonlySet<string> = new Set(['scope', 'attempt', 'race', 'any', 'some'])

/** By path, or by the name alone; `*` stands for any text between slashes. */
function named(name: string): (step: StepName) => boolean {
  const pattern = new RegExp(`^${name.split('*').map(escaped).join('[^/]*?')}$`)
  return ({ path, shown }) =>
    pattern.test(path) ||
    pattern.test(shown) ||
    (!name.includes('/') && pattern.test(shown.slice(shown.lastIndexOf('/') + 1)))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function unknownStep(name: string, version: string, steps: readonly StepName[]): never {
  const near = nearestName(
    name,
    steps.flatMap(({ path, shown }) => [shown, path, shown.slice(shown.lastIndexOf('/') + 1)]),
  )
  return refuse('STEP_UNKNOWN', `${version} has no step ${name}`, {
    hint: near ? `Did you mean ${near}?` : 'tutti blame lists them.',
  })
}

function asJson({ step, kind, last, since, before }: Blame) {
  const { message, commit } = factsOf(last.row)
  return {
    step: step.path,
    name: step.shown,
    kind,
    version: last.row.number,
    publishedAt: new Date(last.row.atMs).toISOString(),
    what: last.what,
    ...(last.was === undefined ? {} : { was: last.was }),
    ...(message === undefined ? {} : { message }),
    ...(commit === undefined ? {} : { commit }),
    since,
    ...(before ? { before } : {}),
  }
}
