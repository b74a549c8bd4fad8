/** What `tutti check` has found out about one file: the same for the terminal, for `--json` and for the exit code. */
import type { Boundedness, PropertyResult, Soundness, Spent, ViolationKind } from '../../analysis/index.ts'
import type { Diagnostic } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { diagnosticsJson } from '../render/diagnostics.ts'

/** What was checked: one net, or one workflow. */
export interface Checked {
  readonly soundness: Soundness
  readonly violations: readonly FoundViolation[]
}

/** A violation by names. What a workflow says of it in words is `told`. */
export interface FoundViolation {
  readonly kind: ViolationKind
  readonly trace: readonly string[]
  readonly where: readonly string[]
  readonly length: 'shortest' | 'found'
  readonly told?: Told
}

/** A counterexample as its workflow's author would tell it. */
export interface Told {
  /** One sentence. */
  readonly text: string
  /** What had to be chosen, what waits, what happened. */
  readonly json: object
  /** For the terminal, with positions; `all`: every step of the way. */
  readonly lines: (detail: Detail) => readonly string[]
}

export type FileReport =
  | { readonly kind: 'unreadable'; readonly file: string; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'net'; readonly file: string; readonly checked: Checked }
  | {
      readonly kind: 'workflows'
      readonly file: string
      readonly types: TypeCheck
      readonly workflows: readonly WorkflowReport[]
    }

export interface WorkflowReport {
  readonly name: string
  readonly checked: Checked
  /** Steps that are not seen into: a flow's calls are discovered while it runs. */
  readonly opaque: readonly string[]
  readonly properties: readonly PropertyReport[]
  /** The first counterexample on the graph, as SVG; undefined where there is none. */
  readonly drawn: (() => string) | undefined
}

/** A property of a workflow, with positions as the user sees them. */
export interface PropertyReport {
  readonly kind: PropertyResult['kind']
  readonly title: string
  /** `columns`: of the title. */
  readonly text: (detail: Detail, columns: number) => string
  readonly json: object
}

/** Of a counterexample: what had to be chosen, or every step of the way. */
export type Detail = 'choices' | 'all'

/** What the compiler says of the files that were loaded. */
export type TypeCheck =
  | { readonly kind: 'checked'; readonly diagnostics: readonly Diagnostic[] }
  /** Why not. */
  | { readonly kind: 'skipped'; readonly why: string }

/** The worst first: a file that cannot be read, one that is unsound, one of which it is not known. */
const RANKED = [EXIT.refused, EXIT.failed, EXIT.unknown, EXIT.succeeded] as const
export type CheckExit = (typeof RANKED)[number]

export const worst = (exits: readonly CheckExit[]): CheckExit => RANKED.find(each => exits.includes(each)) ?? 0

export function exitOf(report: FileReport): CheckExit {
  switch (report.kind) {
    case 'unreadable':
      return EXIT.refused
    case 'net':
      return exitOfSoundness(report.checked.soundness)
    case 'workflows':
      return worst([
        ...(report.types.kind === 'checked' && report.types.diagnostics.length > 0 ? ([EXIT.refused] as const) : []),
        ...report.workflows.flatMap(({ checked, properties }) => [
          exitOfSoundness(checked.soundness),
          ...properties.map(({ kind }) => EXIT_OF_PROPERTY[kind]),
        ]),
      ])
  }
}

const EXIT_OF_PROPERTY = { holds: EXIT.succeeded, violated: EXIT.failed, unknown: EXIT.unknown } as const

const EXIT_OF_SOUNDNESS = { sound: EXIT.succeeded, unsound: EXIT.failed, unknown: EXIT.unknown } as const
const exitOfSoundness = ({ kind }: Soundness): CheckExit => EXIT_OF_SOUNDNESS[kind]

/** One line of `--json`. */
export function reportJson(report: FileReport): object {
  const { file } = report
  switch (report.kind) {
    case 'unreadable':
      return { file, sound: null, bounded: null, violations: [], errors: diagnosticsJson(report.diagnostics) }
    case 'net':
      return { file, ...checkedJson(report.checked) }
    case 'workflows': {
      const { workflows, types } = report
      const all = workflows.map(({ checked }) => checked.soundness)
      return {
        file,
        sound: together(all.map(soundOf)),
        bounded: together(all.map(boundedOf)),
        violations: workflows.flatMap(({ name, checked }) =>
          checked.violations.map(each => ({ workflow: name, ...violationJson(each) })),
        ),
        states: all.reduce((sum, { states }) => sum + states, 0),
        ms: rounded(all.reduce((sum, { ms }) => sum + ms, 0)),
        ...(types.kind === 'checked' ? { typeErrors: diagnosticsJson(types.diagnostics) } : {}),
        workflows: workflows.map(({ name, checked, opaque, properties }) => ({
          workflow: name,
          ...checkedJson(checked),
          opaque,
          properties: properties.map(({ kind, json }) => ({ verdict: kind, ...json })),
        })),
      }
    }
  }
}

const checkedJson = ({ soundness, violations }: Checked): object => ({
  sound: soundOf(soundness),
  bounded: boundedOf(soundness),
  violations: violations.map(violationJson),
  states: soundness.states,
  ms: rounded(soundness.ms),
  ...(soundness.kind === 'unknown' ? { why: soundness.why, far: soundness.far } : {}),
})

const violationJson = ({ kind, trace, where, length, told }: FoundViolation): object => ({
  kind,
  trace,
  where,
  length,
  ...(told ? { text: told.text, ...told.json } : {}),
})

type Answer = boolean | null

const soundOf = ({ kind }: Soundness): Answer => (kind === 'unknown' ? null : kind === 'sound')

/** A sound net is bounded. */
const boundedOf = (soundness: Soundness): Answer => (soundness.kind === 'sound' ? true : BOUNDED[soundness.boundedness])

const BOUNDED: { readonly [boundedness in Boundedness]: Answer } = { bounded: true, unbounded: false, unknown: null }

/** One that says no decides; then one that is not known. */
const together = (answers: readonly Answer[]): Answer =>
  answers.includes(false) ? false : answers.includes(null) ? null : true

const rounded = (ms: number): number => Math.round(ms * 100) / 100

export const WHY: { readonly [why in Spent]: string } = {
  time: 'out of time',
  memory: 'out of memory',
  states: 'more states than were asked for',
  interrupted: 'interrupted: this is a partial result',
  coarse: 'not all of it is seen',
}
