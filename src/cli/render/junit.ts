/**
 * A run as JUnit XML, for CI hosts that list tests: a test case a step that does work.
 * Schema as CI hosts read it (testsuites > testsuite > testcase > failure | skipped); there is no official one.
 */
import {
  durationOf,
  isWork,
  type RunView,
  type ScopeView,
  scopesOf,
  stepsOf,
  type StepView,
} from '../../observe/run-view.ts'
import { unreachable } from '../../util/unreachable.ts'
import { faultLines, stackOf, type Decoded } from './faults.ts'
import { awaitedText, faultLine } from './step-label.ts'
import { escapeAttribute, escapeText } from './xml.ts'

export interface JunitOptions {
  readonly decoded?: Decoded
  /** What a step printed, by its id. */
  readonly outputOf?: (step: string) => readonly string[]
}

export function renderJunit(view: RunView, options: JunitOptions = {}): string {
  const cases = [...casesIn(view, view.root, 'fails')]
  const failures = cases.filter(isFailure).length
  const skipped = cases.filter(each => !isFailure(each) && !hasPassed(each)).length
  const time = seconds((view.endedAtMs ?? view.lastAtMs) - (view.startedAtMs ?? view.lastAtMs))
  const counts = { tests: cases.length, failures, errors: 0, skipped, time }
  const suite = {
    name: view.workflow,
    ...counts,
    timestamp: view.startedAtMs === undefined ? undefined : new Date(view.startedAtMs).toISOString(),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'tutti', ...counts })}>`,
    `  <testsuite${attributes(suite)}>`,
    `    <properties><property${attributes({ name: 'run', value: view.run })}/></properties>`,
    ...cases.flatMap(each => caseLines(view, each, options)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

/** A step that does work. `mended`: should it have failed, then what it stands in has succeeded all the same. */
interface Case {
  readonly step: StepView
  readonly failing: 'fails' | 'mended'
}

function* casesIn(view: RunView, scope: ScopeView, failing: Case['failing']): Generator<Case> {
  for (const step of stepsOf(view, scope)) {
    if (isWork(step.kind)) yield { step, failing }
    const isMended = failing === 'mended' || (step.state.kind === 'succeeded' && !isWork(step.kind))
    for (const inner of scopesOf(step)) yield* casesIn(view, inner, isMended ? 'mended' : 'fails')
  }
}

const isFailure = ({ step, failing }: Case): boolean => step.state.kind === 'failed' && failing === 'fails'
const hasPassed = ({ step: { state } }: Case): boolean => state.kind === 'succeeded' || state.kind === 'known'

function caseLines(view: RunView, { step, failing }: Case, options: JunitOptions): readonly string[] {
  const head = `    <testcase${attributes({ classname: view.workflow, name: step.path, time: seconds(durationOf(step, view.lastAtMs) ?? 0), file: step.at?.file, line: step.at?.line })}`
  const body = [...stateLines(step, failing, options), ...outputLines(step, options)]
  return body.length === 0 ? [`${head}/>`] : [`${head}>`, ...body, '    </testcase>']
}

function stateLines({ state }: StepView, failing: Case['failing'], { decoded }: JunitOptions): readonly string[] {
  switch (state.kind) {
    case 'succeeded':
    case 'known':
      return []
    case 'failed': {
      if (failing === 'mended')
        return [`      <skipped${attributes({ message: `failed, and the run went on: ${faultLine(state.fault)}` })}/>`]
      const text = [...faultLines(state.fault, decoded), stackOf(state.fault, decoded) ?? ''].join('\n').trimEnd()
      return [
        `      <failure${attributes({ type: state.fault.code, message: state.fault.message })}>${escapeText(text)}</failure>`,
      ]
    }
    case 'waiting':
      return [`      <skipped${attributes({ message: 'not run' })}/>`]
    case 'awaiting':
      return [`      <skipped${attributes({ message: `awaits ${awaitedText(state.what)}` })}/>`]
    case 'parked':
      return [`      <skipped${attributes({ message: `parked: ${faultLine(state.fault)}` })}/>`]
    case 'running':
    case 'retrying':
    case 'skipped':
    case 'cancelled':
      return [`      <skipped${attributes({ message: state.kind })}/>`]
    default:
      return unreachable(state)
  }
}

function outputLines(step: StepView, { outputOf }: JunitOptions): readonly string[] {
  const lines = outputOf?.(step.id) ?? []
  return lines.length === 0
    ? []
    : [`      <system-out>${escapeText(lines.join('\n').replace(COLOUR_CODES, ''))}</system-out>`]
}

/** XML cannot hold them, and test reports do not show them. */
const COLOUR_CODES = /\x1b\[[\d;:]*m/g

const seconds = (ms: number): string => (Math.max(0, ms) / 1_000).toFixed(3)

const attributes = (fields: { readonly [name: string]: string | number | undefined }): string =>
  Object.entries(fields)
    .map(([name, field]) => (field === undefined ? '' : ` ${name}="${escapeAttribute(String(field))}"`))
    .join('')
