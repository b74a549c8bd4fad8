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
import { chooseWorkflow, loadFile } from '../file.ts'
import { moduleCache } from '../module-cache.ts'
import { placeIn } from '../place.ts'
import { counterexampleJson, linesOf, sentenceOf } from '../render/counterexample.ts'
import { propertyJson, renderProperty } from '../render/properties.ts'
import { storeFolder } from '../store.ts'
import type { CheckJob } from './job.ts'
import type { FileReport, FoundViolation, Told, WorkflowReport } from './report.ts'
import { askCompiler } from './types.ts'

/** `word`: a file, or a folder with a tutti.ts in it, as the user named it. */
export async function checkWorkflowFile(job: CheckJob, word: string): Promise<FileReport> {
  const { io, flags } = job
  const { file, workflow = flags.workflow } = readWords(io, [word])
  const asked = flags.types === false ? undefined : askCompiler(resolve(io.cwd, file))
  const loaded = await loadFile(file, io.cwd, moduleCache(join(storeFolder(io, {}, file), 'cache')))
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
  return {
    name,
    checked: { soundness: check.soundness, violations: foundBy(check, showPlace) },
    opaque: check.flows.map(({ shown }) => shown),
    properties: properties.map(result => ({
      kind: result.kind,
      text: detail => renderProperty(result, { detail, showPlace }),
      json: propertyJson(result),
    })),
  }
}

function foundBy(
  { soundness, composed, counterexamples }: GraphCheck,
  showPlace: (at: Position) => string,
): readonly FoundViolation[] {
  if (soundness.kind !== 'unsound') return []
  return soundness.violations.map(({ kind, trace, places, transitions, length }, index) => {
    const counterexample = counterexamples[index]
    return {
      kind,
      length,
      trace: trace.map(transition => composed?.net.transitions[transition] ?? ''),
      where: whereOf(composed, places, transitions),
      ...(counterexample ? { told: toldBy(counterexample, showPlace) } : {}),
    }
  })
}

const whereOf = (
  composed: GraphCheck['composed'],
  places: readonly number[],
  transitions: readonly number[],
): readonly string[] => [
  ...places.map(place => composed?.net.places[place] ?? ''),
  ...transitions.map(each => composed?.net.transitions[each] ?? ''),
]

const toldBy = (counterexample: Counterexample, showPlace: (at: Position) => string): Told => ({
  text: sentenceOf(counterexample),
  json: counterexampleJson(counterexample),
  lines: detail => linesOf(counterexample, detail, showPlace),
})
