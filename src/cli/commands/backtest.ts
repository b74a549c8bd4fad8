/** `tutti backtest`: what past runs would have come to in another version of their workflow. Nothing is executed. */
import { join } from 'node:path'
import { placedNodes } from '../../core/index.ts'
import type { Runnable } from '../../run/runnable.ts'
import { backtestRuns, type BacktestRun, type BacktestRunsOptions } from '../../sim/backtest/backtest.ts'
import { parseSelection, type Selection, selectRuns } from '../../sim/backtest/select.ts'
import { refuseUnknown } from '../../sim/mocks.ts'
import type { RunRow, Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { matchedPaths } from '../../versions/difference.ts'
import type { Face } from '../../versions/version.ts'
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile, openRunFile, type WorkflowFile } from '../file.ts'
import type { Io } from '../io.ts'
import { type MockFlags, mocksOf, readMock } from '../mock-words.ts'
import { moduleCache } from '../module-cache.ts'
import { placeIn } from '../place.ts'
import { backtestJson, renderBacktest, summaryOf } from '../render/backtest.ts'
import { storeFolder, type StoreFlags, withStore } from '../store.ts'
import { faceOf } from '../versions/face.ts'
import { lineOf } from '../versions/line.ts'
import { versionMeant } from '../versions/meant.ts'
import { contentsOf, openVersion } from '../versions/open.ts'
import { nameOf } from '../versions/row.ts'
import { type Renamed, renamedBetween, stillThere } from '../versions/renames.ts'
import { enterFolder } from '../worker.ts'
import { renamedOf } from './publish.ts'
import { mustBeNamed, readTarget, type Target } from './words.ts'

export interface BacktestFlags extends StoreFlags, MockFlags {
  readonly runs?: readonly string[]
  readonly rename?: readonly string[]
  readonly all?: boolean
  readonly check?: boolean
  readonly json?: boolean
}

export async function backtestCommand(io: Io, words: readonly string[], flags: BacktestFlags): Promise<number> {
  const target = readTarget(io, words)
  const selection = selectionOf(flags.runs ?? ['last:100'])
  const declared = renamedOf(flags.rename ?? [])
  const folder = storeFolder(io, flags, target.file)
  return withStore(io, { ...flags, store: folder }, async store => {
    const cache = moduleCache(join(folder, 'cache'))
    try {
      const tried = await triedOf(io, store, target, cache)
      const { runnable } = tried
      const mocks = await mocksOf(io, flags)
      checkNames(
        tried,
        (flags.mock ?? []).map(word => readMock(word)[0]),
      )
      const line = lineOf(store.path, runnable.file, runnable.name)
      const selected = selectRuns(store, selection, row => lineOf(store.path, row.file, row.workflow) === line)
      enterFolder(runnable.cwd)
      const options: BacktestRunsOptions = {
        store,
        selected,
        mocks,
        renamedOf: renames(store, line, tried, declared),
        pastCode: row => pastCode(io, store, row),
      }
      return await show(io, flags, tried, selected.live, backtestRuns(runnable, options))
    } finally {
      cache.flush()
    }
  })
}

/** What past runs are tried on. */
interface Tried {
  /** For display. */
  readonly name: string
  readonly runnable: Runnable
  readonly file: WorkflowFile
  readonly face: Face
  /** Absent: it is the file as it is. */
  readonly row?: VersionRow
}

async function triedOf(io: Io, store: Store, target: Target, cache: ReturnType<typeof moduleCache>): Promise<Tried> {
  const isVersion = target.which !== undefined || target.place === 'gone'
  const meant = isVersion ? await versionMeant(io, store, target) : undefined
  if (meant) {
    const { row, file, runnable, contents } = await openVersion(io, store, meant.row, cache)
    return { name: nameOf(row), file, runnable, face: contents.face, row }
  }
  mustBeNamed(io, target)
  const file = await loadFile(target.file, io.cwd, { cache, reading: io.reading })
  const runnable = file.runnable(chooseWorkflow(file, target.workflow))
  return { name: target.file, file, runnable, face: await faceOf(runnable, file.definitions) }
}

function selectionOf(words: readonly string[]): Selection {
  const [first = 'last:100', ...rest] = words
  if (rest.length === 0) return parseSelection(first)
  const runs = words.map(parseSelection).flatMap(each => (each.kind === 'runs' ? each.runs : []))
  if (runs.length === words.length) return { kind: 'runs', runs }
  return refuse('BAD_SELECTION', 'Several --runs must each name a run', {
    hint: 'Give one of last:N, from:DATE, status:STATUS and all, or ids of runs.',
  })
}

/** A mock whose name nothing has is a mistake. */
function checkNames({ runnable, file }: Tried, names: readonly string[]): void {
  const known = [...placedNodes(runnable.graph.root)].flatMap(({ path, node }) => [path, node.name])
  known.push(...[...file.definitions.values()].map(({ name }) => name))
  refuseUnknown(
    names.filter(name => !known.includes(name) && !name.includes('[')),
    known,
  )
}

/** What was declared, now or when versions were published, and what these tell by content. */
function renames(
  store: Store,
  line: string,
  { face, row: tried }: Tried,
  declared: Renamed,
): NonNullable<BacktestRunsOptions['renamedOf']> {
  const known = new Map<string, Renamed>()
  const rows = store.versions.list(line)
  // What the file has renamed since it was published nobody has said yet.
  const last = tried ?? rows.at(-1)
  const from = (version: VersionRow): Renamed => {
    const before = contentsOf(store, version).face
    const said = last ? stillThere(renamedBetween(rows, version, last), before, face) : {}
    const renamed = { ...said, ...declared }
    return { ...Object.fromEntries(matchedPaths(before, face, { renamed })), ...renamed }
  }
  return row => {
    const version = rows.find(each => each.number === row.version)
    if (!version) return declared
    const found = known.get(version.number) ?? from(version)
    known.set(version.number, found)
    return found
  }
}

/** The pure functions of a run's own code. */
async function pastCode(io: Io, store: Store, row: RunRow) {
  const file = await openRunFile(store, row, io.cwd)
  const { pure } = file.runnable(chooseWorkflow(file, row.workflow)).bindings
  return (name: string) => pure.get(name) ?? refuse('TASK_UNKNOWN', `The run's code has no function ${name}`)
}

async function show(
  io: Io,
  flags: BacktestFlags,
  { name, runnable }: Tried,
  live: number,
  results: AsyncIterable<BacktestRun>,
): Promise<number> {
  const place = placeIn(runnable.cwd, io.cwd)
  const runs: BacktestRun[] = []
  for await (const run of results) {
    runs.push(run)
    if (flags.json) io.out(`${JSON.stringify(backtestJson(run, place))}\n`)
  }
  const summary = summaryOf(runs, live)
  if (flags.json) io.out(`${JSON.stringify({ kind: 'summary', workflow: runnable.name, on: name, ...summary })}\n`)
  else io.out(renderBacktest({ runs, summary, place, detail: flags.all ? 'all' : 'few' }, io.outScreen))
  return flags.check && summary.differs > 0 ? EXIT.failed : EXIT.succeeded
}
