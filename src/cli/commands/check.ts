/** `tutti check`: what can be said of workflows and nets without running them. */
import { readFileSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { type Budget, isNetJson, newBudget, readNetJson } from '../../analysis/index.ts'
import { parseGraph } from '../../core/index.ts'
import { matchesAsl } from '../../lang/asl/matches.ts'
import { checkedGraph } from '../../run/runnable.ts'
import { type Diagnostic, refuse, Refusal } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import type { Json } from '../../util/json.ts'
import type { CheckFlags, CheckJob } from '../check/job.ts'
import { checkNet, readPnmlFile } from '../check/net-file.ts'
import { exitOf, type FileReport, reportJson, worst } from '../check/report.ts'
import { checkWorkflowFile, reportOn } from '../check/workflow-file.ts'
import { EXIT } from '../exit.ts'
import { type Io, type Reading, renderPlaced, writeReport } from '../io.ts'
import { renderCheck } from '../render/check.ts'
import { readWords } from './words.ts'

export async function checkCommand(io: Io, words: readonly string[], flags: CheckFlags): Promise<number> {
  const files = words.length > 0 ? words : [readWords(io, []).file]
  const interruption = listen()
  const reports: FileReport[] = []
  try {
    for (const file of files) {
      if (interruption.has) break
      const report = await reportFile(
        { io, flags, newBudget: () => interruption.watched(newBudget(limitsOf(flags))) },
        file,
      )
      reports.push(report)
      print(io, report, flags)
    }
  } finally {
    interruption.stop()
  }
  draw(io, reports, flags)
  if (!interruption.has) return worst(reports.map(exitOf))
  io.err(`interrupted: ${reports.length} of ${files.length} files were looked at, the last one in part\n`)
  return EXIT.interrupted
}

const MEGABYTE = 1_000_000

const limitsOf = ({ time, memory }: CheckFlags) => ({
  ...(time === undefined ? {} : { ms: durationMs(time) }),
  ...(memory === undefined ? {} : { bytes: memory * MEGABYTE }),
})

interface Interruption {
  readonly has: boolean
  watched(budget: Budget): Budget
  stop(): void
}

/** The first Ctrl-C ends the check with what it has, the second the process. */
function listen(): Interruption {
  let has = false
  let running: Budget | undefined
  const onSignal = (): void => {
    has = true
    if (running) running.interrupted = true
  }
  process.once('SIGINT', onSignal)
  return {
    get has() {
      return has
    },
    watched(budget) {
      running = budget
      budget.interrupted = has
      return budget
    },
    stop: () => void process.removeListener('SIGINT', onSignal),
  }
}

async function reportFile(job: CheckJob, file: string): Promise<FileReport> {
  try {
    return await checkFile(job, file)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'unreadable', file, diagnostics: error.diagnostics }
  }
}

async function checkFile(job: CheckJob, file: string): Promise<FileReport> {
  const path = resolve(job.io.cwd, file)
  switch (kindOf(file, path, job.io.reading)) {
    case 'pnml':
      return { kind: 'net', file, checked: await checkNet(readPnmlFile(file, path), job.newBudget()) }
    case 'json':
      return checkJson(job, file, path)
    case 'language':
      return checkWorkflowFile(job, file)
  }
}

function kindOf(file: string, path: string, { lang }: Reading): 'pnml' | 'json' | 'language' {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true) {
    if (stat === undefined && /\.(pnml|xml|json)$/i.test(file))
      refuse('FILE_NOT_FOUND', `There is no file ${file}`, {
        hint: 'Name a PNML file, a graph or net as JSON, or a tutti.ts.',
      })
    return 'language'
  }
  if (lang !== undefined) return 'language'
  switch (extname(file).toLowerCase()) {
    case '.pnml':
    case '.xml':
      return 'pnml'
    case '.json':
      return matchesAsl({ path: file, text: readFileSync(path, 'utf8') }) ? 'language' : 'json'
    default:
      return 'language'
  }
}

async function checkJson(job: CheckJob, file: string, path: string): Promise<FileReport> {
  const json = parseJson(file, readFileSync(path, 'utf8'))
  if (isNetJson(json)) return { kind: 'net', file, checked: await checkNet(readNetJson(file, json), job.newBudget()) }
  const parsed = parseGraph(json)
  if (!parsed.ok) throw inFile(parsed.error, file)
  const graph = placed(file, () => checkedGraph(parsed.value))
  const types = { kind: 'skipped', why: 'a graph as JSON has none' } as const
  return { kind: 'workflows', file, types, workflows: [await reportOn(job, graph.name, graph, job.io.cwd)] }
}

/** What has no position in a source file is wrong in the graph's own one. */
const inFile = (diagnostics: readonly Diagnostic[], file: string): Refusal =>
  new Refusal(diagnostics.map(each => (each.at ? each : { ...each, message: `${file}: ${each.message}` })))

function placed<T>(file: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw error instanceof Refusal ? inFile(error.diagnostics, file) : error
  }
}

function parseJson(file: string, text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    return refuse('JSON_SYNTAX', `${file} is no JSON: ${(error as Error).message}`, {
      hint: 'It holds a graph, as tutti graph --json prints it, or a net.',
    })
  }
}

/** Of several the first that there is. */
function draw(io: Io, reports: readonly FileReport[], { svg }: CheckFlags): void {
  if (svg === undefined) return
  const workflows = reports.flatMap(report => (report.kind === 'workflows' ? report.workflows : []))
  const drawn = workflows.find(each => each.drawn)?.drawn
  if (drawn) writeReport(io, svg, drawn())
  else io.err('nothing is drawn: no workflow has a counterexample\n')
}

function print(io: Io, report: FileReport, { json = false, verbose = false }: CheckFlags): void {
  if (json) io.out(`${JSON.stringify(reportJson(report))}\n`)
  else io.out(renderCheck(report, verbose ? 'all' : 'choices', io.outScreen))
  const diagnostics =
    report.kind === 'unreadable'
      ? report.diagnostics
      : report.kind === 'workflows' && report.types.kind === 'checked'
        ? report.types.diagnostics
        : []
  if (!json) io.err(renderPlaced(io, diagnostics, io.cwd))
}
