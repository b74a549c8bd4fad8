/**
 * A run as JUnit XML, for CI hosts that list tests: a test case a step that does work.
 * Schema as CI hosts read it (testsuites > testsuite > testcase > failure | skipped); there is no official one.
 */
import { durationOf, everyStep, isWork, type RunView, type StepView } from '../../observe/run-view.ts'
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
  const steps = [...everyStep(view, view.root)].filter(step => isWork(step.kind))
  const failures = steps.filter(step => step.state.kind === 'failed').length
  const skipped = steps.filter(isSkipped).length
  const time = seconds((view.endedAtMs ?? view.lastAtMs) - (view.startedAtMs ?? view.lastAtMs))
  const counts = { tests: steps.length, failures, errors: 0, skipped, time }
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
    ...steps.flatMap(step => caseLines(view, step, options)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const isSkipped = ({ state }: StepView): boolean =>
  state.kind !== 'succeeded' && state.kind !== 'known' && state.kind !== 'failed'

function caseLines(view: RunView, step: StepView, options: JunitOptions): readonly string[] {
  const head = `    <testcase${attributes({ classname: view.workflow, name: step.path, time: seconds(durationOf(step, view.lastAtMs) ?? 0), file: step.at?.file, line: step.at?.line })}`
  const body = [...stateLines(step, options), ...outputLines(step, options)]
  return body.length === 0 ? [`${head}/>`] : [`${head}>`, ...body, '    </testcase>']
}

function stateLines({ state }: StepView, { decoded }: JunitOptions): readonly string[] {
  switch (state.kind) {
    case 'succeeded':
    case 'known':
      return []
    case 'failed': {
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
