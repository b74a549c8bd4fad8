/** `tutti diff`: what is different between two versions, two files, or a version and a file. */
import { join } from 'node:path'
import semver from 'semver'
import { placedNodes } from '../../core/index.ts'
import type { Store } from '../../store/index.ts'
import { bumpOf, type Inferred, nextNumber } from '../../versions/bump.ts'
import type { Change } from '../../versions/change.ts'
import { difference, matchedPaths } from '../../versions/difference.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { moduleCache } from '../module-cache.ts'
import { type Detail, type Difference, LINES_SHOWN, renderDifference } from '../render/difference.ts'
import { storeFolder, type StoreFlags, withStoreIfThere } from '../store.ts'
import { type CodeChange, codeDifferences } from '../versions/code-difference.ts'
import { greatest } from '../versions/reference.ts'
import { type Renamed, renamedBetween, stillThere } from '../versions/renames.ts'
import { NOW, openSides, readSide, type Side, type SideWord, TODAY } from '../versions/sides.ts'
import { renamedOf } from './publish.ts'

export interface DiffFlags extends StoreFlags {
  readonly workflow?: string
  readonly rename?: readonly string[]
  readonly json?: boolean
  readonly svg?: boolean
  readonly stat?: boolean
  readonly all?: boolean
  readonly check?: boolean
}

export async function diffCommand(io: Io, words: readonly string[], flags: DiffFlags): Promise<number> {
  const sides = sidesOf(io, words)
  const file = sides.find(side => side.kind === 'file' && side.file !== undefined)
  const folder = storeFolder(io, flags, file?.kind === 'file' ? file.file : undefined)
  const cache = moduleCache(join(folder, 'cache'))
  const compare = async (store: Store | undefined): Promise<number> => {
    const [before, after] = await openSides(io, sides, { store, workflow: flags.workflow, cache })
    const renamed = { ...renamesOf(store, before, after), ...renamedOf(flags.rename ?? []) }
    const found = await compareSides(store, before, after, renamed)
    if (flags.svg) {
      const { differenceSvg } = await import('../draw/difference.ts')
      const paths = matchedPaths(before.face, after.face, { renamed })
      io.out(differenceSvg({ before, after, changes: found.changes, paths }))
    } else if (flags.json) io.out(`${JSON.stringify(asJson(found, before, after))}\n`)
    else io.out(renderDifference(found, detailOf(flags), io.outScreen))
    return flags.check && found.changes.length > 0 ? EXIT.failed : EXIT.succeeded
  }
  try {
    return (await withStoreIfThere(folder, compare)) ?? (await compare(undefined))
  } finally {
    cache.flush()
  }
}

async function compareSides(
  store: Store | undefined,
  before: Side,
  after: Side,
  renamed: Renamed,
): Promise<Difference> {
  const all = difference(before.face, after.face, { renamed })
  const code = await codeOf(all, before, after, renamed)
  // The code of a function knows the name of its file: of two files only what differs in the text is a difference.
  const isTold = new Set(code.flatMap(({ address, pieces }) => (pieces.length > 0 ? [address] : [])))
  const changes =
    before.row || after.row ? all : all.filter(each => each.kind !== 'code.changed' || isTold.has(each.address))
  return {
    before: before.name,
    after: after.name,
    changes,
    code: code.filter(({ pieces }) => pieces.length > 0),
    next: nextOf(store, before, after, bumpOf(changes)),
  }
}

/** Nothing is made of the sources where no code has changed. */
async function codeOf(
  changes: readonly Change[],
  before: Side,
  after: Side,
  renamed: Renamed,
): Promise<Difference['code']> {
  const changed = changes.flatMap(codeChanges)
  if (changed.length === 0) return []
  const paths = new Map([...matchedPaths(before.face, after.face, { renamed })].map(([old, now]) => [now, old]))
  const nodes = new Map([...placedNodes(before.face.graph.root)].map(({ path, node }) => [path, node]))
  const addressBefore = ({ address, steps: [step] }: CodeChange): string => {
    const node = step && nodes.get(paths.get(step.path) ?? '')
    return node && 'task' in node ? node.task : node?.kind === 'flow' ? node.flow : address
  }
  return codeDifferences(changed, { before: await before.bundle(), after: await after.bundle(), addressBefore })
}

/** Steps that call another function now have other code, too. */
function codeChanges(change: Change): readonly CodeChange[] {
  if (change.kind === 'code.changed') return [change]
  const isCallee = change.kind === 'step.changed' && (change.field === 'task' || change.field === 'flow')
  return isCallee && typeof change.after === 'string' ? [{ address: change.after, steps: [change.step] }] : []
}

/** Of one word the other side is the file as it is now; of none the current version is the first. */
function sidesOf(io: Io, words: readonly string[]): readonly [SideWord, SideWord] {
  const [first, second, ...rest] = words
  if (rest.length > 0) throw usage(`unexpected ${rest.join(' ')}`, 'tutti diff [A] [B] [-w WORKFLOW]')
  if (first === undefined) return [NOW, TODAY]
  const side = readSide(io, first)
  if (second !== undefined) return [side, readSide(io, second)]
  return side.kind === 'file' ? [NOW, side] : [side, TODAY]
}

const detailOf = ({ stat, all }: DiffFlags): Detail =>
  stat ? { kind: 'counts' } : all ? { kind: 'all' } : { kind: 'lines', most: LINES_SHOWN }

function renamesOf(store: Store | undefined, before: Side, after: Side): Renamed {
  if (!store || !before.row || !after.row || before.row.line !== after.row.line) return {}
  return stillThere(
    renamedBetween(store.versions.list(before.row.line), before.row, after.row),
    before.face,
    after.face,
  )
}

/** The number that `after` has, or that it would get if it were published now. */
function nextOf(
  store: Store | undefined,
  { row: before }: Side,
  { row: after }: Side,
  inferred: Inferred,
): Difference['next'] {
  const { bump } = inferred
  if (bump === 'none') return undefined
  if (before && after && (before.line !== after.line || semver.lt(after.number, before.number)))
    return { bump, number: undefined }
  if (after || !before || !store) return { bump, number: after?.number }
  const numbers = store.versions.list(before.line).map(({ number }) => number)
  // Published, it would be compared with the greatest.
  return { bump, number: greatest(numbers) === before.number ? nextNumber(numbers, inferred, {}) : undefined }
}

const asJson = ({ changes, code, next }: Difference, before: Side, after: Side) => ({
  before: sideJson(before),
  after: sideJson(after),
  bump: next?.bump ?? null,
  ...(next?.number === undefined ? {} : { number: next.number }),
  changes,
  code,
})

const sideJson = ({ name, row }: Side) => ({
  name,
  ...(row ? { line: row.line, version: row.number, hash: row.hash } : {}),
})
