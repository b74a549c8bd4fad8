/** Which past runs are meant: `last:500`, `all`, `from:2030-01-01`, `status:failed`, or runs by name. */
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'

export type Selection =
  | { readonly kind: 'last'; readonly count: number }
  | { readonly kind: 'from'; readonly atMs: number }
  | { readonly kind: 'status'; readonly status: RunRow['status'] }
  | { readonly kind: 'all' }
  | { readonly kind: 'runs'; readonly runs: readonly string[] }

export interface Selected {
  /** Ended ones, newest first; named ones in their order. */
  readonly rows: readonly RunRow[]
  /** How many were passed over because they have not ended. */
  readonly live: number
}

const ENDED = ['succeeded', 'failed', 'cancelled', 'timed-out', 'diverged'] as const
const isEnded = ({ status }: RunRow): boolean => (ENDED as readonly string[]).includes(status)

/** Refuses with BAD_SELECTION. */
export function parseSelection(text: string): Selection {
  const [word = '', rest] = splitOnce(text)
  if (text === 'all') return { kind: 'all' }
  if (rest === undefined) return { kind: 'runs', runs: [text] }
  switch (word) {
    case 'last':
      return /^[1-9]\d*$/.test(rest) ? { kind: 'last', count: Number(rest) } : bad(text)
    case 'from': {
      const atMs = Date.parse(rest)
      return Number.isNaN(atMs) ? bad(text) : { kind: 'from', atMs }
    }
    case 'status': {
      const status = ENDED.find(each => each === rest)
      return status ? { kind: 'status', status } : bad(text)
    }
    default:
      return { kind: 'runs', runs: [text] }
  }
}

function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.indexOf(':')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const bad = (text: string): never =>
  refuse('BAD_SELECTION', `${JSON.stringify(text)} selects no runs`, {
    hint: `Give last:100, all, from:2030-01-01, status:${ENDED.join('|')}, or ids of runs.`,
  })

/** `isOf`: whether a run is one of the workflow's. Refuses with RUN_UNKNOWN, OTHER_WORKFLOW and NO_RUNS. */
export function selectRuns(store: Store, selection: Selection, isOf: (row: RunRow) => boolean): Selected {
  const rows = selection.kind === 'runs' ? named(store, selection.runs, isOf) : listed(store, selection, isOf)
  const ended = rows.filter(isEnded)
  const chosen = selection.kind === 'last' ? ended.slice(0, selection.count) : ended
  const live = rows.length - ended.length
  if (chosen.length > 0) return { rows: chosen, live }
  return refuse('NO_RUNS', live > 0 ? 'Only runs that have not ended are there' : 'There are no runs to replay', {
    hint: 'tutti runs lists those of this store; a run can be replayed when it has ended.',
  })
}

function listed(
  store: Store,
  selection: Exclude<Selection, { kind: 'runs' }>,
  isOf: (row: RunRow) => boolean,
): readonly RunRow[] {
  const rows = store.runs.list().filter(isOf)
  switch (selection.kind) {
    case 'from':
      return rows.filter(({ createdAtMs }) => createdAtMs >= selection.atMs)
    case 'status':
      return rows.filter(({ status }) => status === selection.status)
    case 'all':
    case 'last':
      return rows
  }
}

function named(store: Store, runs: readonly string[], isOf: (row: RunRow) => boolean): readonly RunRow[] {
  return runs.map(run => {
    const row = store.runs.get(run)
    if (!row) {
      const near = nearestName(
        run,
        store.runs.list().map(each => each.run),
      )
      return refuse('RUN_UNKNOWN', `There is no run '${run}' here`, {
        hint: near ? `Did you mean ${near}?` : '`tutti runs` lists them.',
      })
    }
    if (!isOf(row))
      return refuse('OTHER_WORKFLOW', `${run} is a run of ${row.workflow} (${row.file})`, {
        hint: 'Only runs of the same workflow can be replayed through it.',
      })
    return row
  })
}
