/** What `tutti up` shows: one line an event, for people on stderr, or as NDJSON on stdout. The same with and without a terminal. */
import { relative } from 'node:path'
import type { Event, Region } from '../core/index.ts'
import { observe, runView, type RunView, stepsOf } from '../observe/index.ts'
import type { Launched } from '../run/launch.ts'
import type { Runnable } from '../run/runnable.ts'
import type { Line } from '../run/session.ts'
import type { Store } from '../store/index.ts'
import type { UpEvent } from '../up/event.ts'
import { type Io, renderPlaced, sourceText } from './io.ts'
import { placeIn } from './place.ts'
import { ciHostOf } from './progress/ci-host.ts'
import { openProgress, type Progress } from './progress/progress.ts'
import { diagnosticsJson, renderDiagnostics } from './render/diagnostics.ts'
import { failureDiagnostics } from './render/failures.ts'
import { renderLogLine } from './render/log-lines.ts'
import { plain, showDuration } from './render/text.ts'
import { decodedFaults, faultsOf } from './run-output.ts'
import { loadCalled } from './store.ts'

export interface UpScreen {
  event(event: UpEvent): void
  line(line: Line, service: string | undefined): void
  follow(launched: Launched, runnable: Runnable): Promise<void>
}

interface UpScreenOptions {
  readonly flags: { readonly json?: boolean; readonly quiet?: boolean; readonly verbose?: boolean }
  readonly store: Store
  readonly dir: string
}

const NAMES_MAX = 4
const TAIL_LINES = 20
const WARNING = 'warning: '
const LABEL_COLUMNS = 12

export function newUpScreen(io: Io, { flags, store, dir }: UpScreenOptions): UpScreen {
  const isQuiet = flags.quiet === true
  const tails = new Map<string, string[]>()
  let names = new Map<string, string>()
  let lastView: RunView | undefined
  let widest = 4
  let progress: Progress | undefined
  const { paint } = io.errScreen

  const data = newBatch(io.out)

  const say = (text: string): void => {
    if (isQuiet) return
    if (progress) progress.line(text)
    else io.err(`${text}\n`)
  }

  const printLine = (name: string, line: Line): void => {
    widest = Math.max(widest, Math.min(name.length, LABEL_COLUMNS))
    say(renderLogLine({ step: name, stream: line.stream, text: line.text }, widest, io.errScreen))
  }

  return {
    event(event) {
      if (flags.json) {
        const shown = event.kind === 'up.broken' ? { ...event, diagnostics: diagnosticsJson(event.diagnostics) } : event
        data.push(`${JSON.stringify(shown)}\n`)
        data.flush()
      }
      if (event.kind === 'up.broken')
        io.err(renderDiagnostics(event.diagnostics, io.errScreen, file => sourceText(file, io.cwd)))
      for (const text of linesOf(event, { dir, view: lastView, paint })) say(text)
    },
    line(line, service) {
      if (service !== undefined) return printLine(service, line)
      const tail = tails.get(line.step) ?? []
      tail.push(line.text)
      if (tail.length > TAIL_LINES) tail.shift()
      tails.set(line.step, tail)
      if (flags.verbose || line.text.startsWith(WARNING)) printLine(names.get(line.step) ?? line.step, line)
    },
    async follow({ session, values }, runnable) {
      const { run } = session
      const library = new Map<string, Region>()
      const fold = runView(runnable.graph, library)
      tails.clear()
      names = new Map()
      progress = openProgress({
        terminal: { write: text => void (isQuiet || io.err(text)) },
        style: 'lines',
        screen: () => io.errScreen,
        now: () => Date.now(),
        host: ciHostOf(io.env),
        outputOf: step => tails.get(step) ?? [],
        place: placeIn(runnable.cwd, io.cwd),
      })
      const shown = progress
      const observation = observe(
        store,
        {
          from: store.head() === 0 ? 1 : Math.max(1, store.head()),
          run,
          onError: error => io.err(`warning: ${String(error)}\n`),
        },
        async ({ seq, event }) => {
          await loadCalled(store, library, event)
          fold.add(event)
          if ('step' in event && event.step) names.set(event.step, fold.view.steps.get(event.step)?.path ?? event.step)
          if (flags.json) data.push(`${JSON.stringify({ seq, run, ...event })}\n`)
          if (isTold(fold.view, event)) shown.event(fold.view, event)
        },
      )
      await session.ended
      await observation.drain()
      shown.close()
      progress = undefined
      lastView = fold.view
      if (isQuiet || fold.view.fault === undefined || fold.view.status !== 'failed') return
      const decoded = await decodedFaults(values, faultsOf(fold.view))
      io.err(renderPlaced(io, failureDiagnostics(fold.view, { dir: runnable.cwd, decoded }), runnable.cwd))
    },
  }
}

/** Lines of one turn of the event loop go out together: a run of 500 steps has 1,500. */
function newBatch(out: (text: string) => void): { push(text: string): void; flush(): void } {
  let waiting: string[] = []
  const flush = (): void => {
    if (waiting.length > 0) out(waiting.join(''))
    waiting = []
  }
  return {
    flush,
    push(text) {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(text)
    },
  }
}

/** What a run does because of a change; not what it finds as it was. */
function isTold(view: RunView, event: Event): boolean {
  if (event.kind === 'run.started' || event.kind === 'run.ended' || event.kind === 'scope.closed') return false
  const step = 'step' in event && event.step !== undefined ? view.steps.get(event.step) : undefined
  if (step?.state.kind === 'known') return false
  return step?.kind !== 'source' || step.state.kind === 'failed'
}

interface Telling {
  readonly dir: string
  readonly view: RunView | undefined
  readonly paint: Io['errScreen']['paint']
}

function linesOf(event: UpEvent, { dir, view, paint }: Telling): readonly string[] {
  switch (event.kind) {
    case 'up.started':
      return [`tutti up: ${plain(event.workflow)} of ${plain(event.file)}; Ctrl-C or tutti down stops it`]
    case 'up.degraded':
      return [paint.yellow(`warning: WATCH_DEGRADED: ${degradedText(event)}`)]
    case 'up.changed':
      return [`${paint.cyan('changed   ')}${listed(event.paths.map(path => plain(shownPath(path, dir))))}`]
    case 'up.outdated':
      return event.cancelled ? [paint.dim('          what runs is outdated: it is given up')] : []
    case 'up.settled':
      return settledLines(event, view, paint)
    case 'up.broken':
      return [paint.red('the workflow stays as it was until its file is mended')]
    case 'up.loaded':
      return [`${paint.cyan('loaded    ')}${plain(event.workflow)}`]
    case 'up.service':
      return [serviceText(event, paint)]
    case 'up.stopping':
      return ['stopping']
    case 'up.stopped':
      return [`stopped${event.services.length > 0 ? `: ${listed(event.services.map(plain))}` : ''}`]
    case 'up.watching':
    case 'up.running':
      return []
  }
}

function settledLines(
  { status, ran, ms, because }: Extract<UpEvent, { kind: 'up.settled' }>,
  view: RunView | undefined,
  paint: Telling['paint'],
): readonly string[] {
  const steps = ran.length === 1 ? '1 step ran' : `${ran.length} steps ran`
  switch (status) {
    case 'succeeded':
      if (ran.length === 0 && (because === 'poll' || because === 'time')) return []
      return [`${paint.green('up to date')} in ${showDuration(ms)}: ${ran.length === 0 ? 'nothing to do' : steps}`]
    case 'superseded':
    case 'cancelled':
      return []
    default: {
      const kept = view ? keptSteps(view) : []
      const rest = kept.length > 0 ? `; still as it was: ${listed(kept.map(plain))}` : ''
      return [`${paint.red(status)} in ${showDuration(ms)}: ${steps}${rest}`]
    }
  }
}

/** What hangs on what failed. */
const keptSteps = (view: RunView): readonly string[] =>
  [...stepsOf(view, view.root)]
    .filter(({ state }) => state.kind === 'skipped' || state.kind === 'waiting' || state.kind === 'cancelled')
    .map(step => step.path)

function serviceText(
  { name, state, ports, detail }: Extract<UpEvent, { kind: 'up.service' }>,
  paint: Telling['paint'],
): string {
  const numbers = Object.values(ports)
  const on = state === 'ready' && numbers.length > 0 ? ` on ${numbers.join(', ')}` : ''
  const colour = state === 'ready' ? paint.green : state === 'failed' ? paint.red : paint.dim
  return `${paint.cyan('service   ')}${plain(name)} ${colour(state)}${on}${detail === undefined ? '' : `: ${plain(detail)}`}`
}

const DEGRADED: { readonly [cause: string]: string } = {
  asked: 'folders are looked at again and again, as TUTTI_WATCH asks',
  limit:
    'the limit of watched folders is reached (fs.inotify.max_user_watches): the rest is looked at again and again; raise it to hear of changes at once',
  handles:
    'the limit of watchers is reached (fs.inotify.max_user_instances, or open files): folders are looked at again and again',
  deaf: 'the file system does not tell of all changes: its folders are looked at again and again',
  refused: 'the system does not watch a folder: it is looked at again and again',
}

const degradedText = ({ cause, folder, detail }: Extract<UpEvent, { kind: 'up.degraded' }>): string =>
  `${DEGRADED[cause] ?? cause} (${plain(folder)}: ${plain(detail)})`

const listed = (names: readonly string[]): string =>
  names.length <= NAMES_MAX
    ? names.join(', ')
    : `${names.slice(0, NAMES_MAX).join(', ')} and ${names.length - NAMES_MAX} more`

function shownPath(path: string, dir: string): string {
  const near = relative(dir, path)
  return near.startsWith('..') || near === '' ? path : near
}
