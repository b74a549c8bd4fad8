/** The workflows of a file of the language, or a graph as JSON: soundness, properties, types. */
import { join, resolve } from 'node:path'
import {
  checkGraph,
  checkProperties,
  type Counterexample,
  finishInTurns,
  type GraphCheck,
} from '../../analysis/index.ts'
import type { Graph } from '../../core/index.ts'
import { type Position, showPosition } from '../../util/diagnostic.ts'
import { readWords } from '../commands/words.ts'
import { counterexampleSvg } from '../draw/counterexample.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import { moduleCache } from '../module-cache.ts'
import { renderPlaced } from '../io.ts'
import { placeIn } from '../place.ts'
import { counterexampleJson, linesOf, sentenceOf } from '../render/counterexample.ts'
import { propertyJson, renderProperty, titleOf } from '../render/properties.ts'
import { storeFolder } from '../store.ts'
import type { CheckJob } from './job.ts'
import type { FileReport, FoundViolation, WorkflowReport } from './report.ts'
import { askCompiler } from './types.ts'

/** `word`: a file, or a folder with a tutti.ts in it, as the user named it. */
export async function checkWorkflowFile(job: CheckJob, word: string): Promise<FileReport> {
  const { io, flags } = job
  const { file, workflow = flags.workflow } = readWords(io, [word])
  const asked = flags.types === false ? undefined : askCompiler(resolve(io.cwd, file))
  const loaded = await loadFile(file, io.cwd, {
    cache: moduleCache(join(storeFolder(io, {}, file), 'cache')),
    reading: io.reading,
  })
  const warnings = [...loaded.workflows.values()].flatMap(each => each.warnings ?? [])
  io.err(renderPlaced(io, warnings, loaded.dir))
  const names = workflow === undefined ? [...loaded.workflows.keys()] : [chooseWorkflow(loaded, workflow)]
  const workflows: WorkflowReport[] = []
  for (const name of names) workflows.push(await reportOn(job, name, loaded.runnable(name).graph, loaded.dir))
  const types = asked
    ? (await asked).only(loaded.built.files, io.cwd)
    : ({ kind: 'skipped', why: '--no-types' } as const)
  return { kind: 'workflows', file: word, types, workflows }
}

/** `dir`: what positions in the graph are relative to. */
export async function reportOn(
  { io, newBudget }: CheckJob,
  name: string,
  graph: Graph,
  dir: string,
): Promise<WorkflowReport> {
  const place = placeIn(dir, io.cwd)
  const showPlace = (at: Position): string => showPosition(place(at))
  const check = await finishInTurns(checkGraph(graph, newBudget()))
  const properties = await finishInTurns(checkProperties(graph, newBudget()))
  const [first] = check.counterexamples
  return {
    name,
    checked: {
      soundness: check.soundness,
      violations: check.counterexamples.map(each => foundOf(each, check, place)),
    },
    opaque: check.flows.map(({ shown }) => shown),
    properties: properties.map(result => ({
      kind: result.kind,
      title: titleOf(result),
      text: (detail, columns) => renderProperty(result, { detail, showPlace, columns }),
      json: placedJson(propertyJson(result), place),
    })),
    drawn: first && (() => counterexampleSvg(graph, first)),
  }
}

function foundOf(
  counterexample: Counterexample,
  { soundness, counterexamples }: GraphCheck,
  place: (at: Position) => Position,
): FoundViolation {
  const violation =
    soundness.kind === 'unsound' ? soundness.violations[counterexamples.indexOf(counterexample)] : undefined
  const { kind, way, waits, dead, calls, tokens } = counterexample
  const steps = [...waits.map(({ step }) => step), ...dead.map(({ step }) => step), ...calls]
  return {
    kind,
    trace: way.map(({ step, deed }) => `${step?.path ?? ''} ${deed.kind}`.trim()),
    where: [...new Set([...steps.map(({ path }) => path), ...tokens.map(({ place }) => place)])],
    length: violation?.length ?? 'found',
    told: {
      text: sentenceOf(counterexample),
      json: placedJson(counterexampleJson(counterexample), place),
      lines: detail => linesOf(counterexample, detail, at => showPosition(place(at))),
    },
  }
}

/** With its positions as the user sees them. */
function placedJson(value: object, place: (at: Position) => Position): object {
  const isPosition = (of: object): of is Position => 'file' in of && 'line' in of
  const placed = (of: unknown): unknown => {
    if (Array.isArray(of)) return of.map(placed)
    if (typeof of !== 'object' || of === null) return of
    if (isPosition(of)) return place(of)
    return Object.fromEntries(Object.entries(of).map(([key, each]) => [key, placed(each)]))
  }
  return placed(value) as object
}
