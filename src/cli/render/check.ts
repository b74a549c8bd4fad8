/** What `tutti check` has found out, for people: a line for each net or workflow, its violations below it. */
import type { Soundness, ViolationKind } from '../../analysis/index.ts'
import {
  type Checked,
  type Detail,
  type FileReport,
  type FoundViolation,
  WHY,
  type WorkflowReport,
} from '../check/report.ts'
import { COLUMNS_MAX } from './properties.ts'
import type { Screen } from './screen.ts'
import { counted, padEnd, plain, showDuration, widthOf } from './text.ts'

/** What is readable only; refusals and type errors are diagnostics, and are printed as such. */
export function renderCheck(report: FileReport, detail: Detail, screen: Screen): string {
  switch (report.kind) {
    case 'unreadable':
      return ''
    case 'net':
      return block(headOf(report.file, report.checked, screen), violationRows(report.checked, detail, screen))
    case 'workflows':
      return report.workflows.map(each => workflowBlock(report.file, each, detail, screen)).join('')
  }
}

const INDENT = '  '
const KIND_COLUMNS = 'violated'.length

const block = (head: string, rows: readonly string[]): string => [head, ...rows, ''].join('\n')

function workflowBlock(file: string, workflow: WorkflowReport, detail: Detail, screen: Screen): string {
  const { paint } = screen
  const { checked, opaque, properties } = workflow
  const notSeen =
    opaque.length > 0 && checked.soundness.kind === 'sound'
      ? [
          paint.dim(
            `${INDENT}not seen into: ${opaque.map(plain).join(', ')} (the graph of a flow is found while it runs)`,
          ),
        ]
      : []
  const colour = { holds: paint.green, violated: paint.red, unknown: paint.yellow }
  const columns = Math.min(COLUMNS_MAX, Math.max(0, ...properties.map(({ title }) => widthOf(title))))
  const rows = properties.flatMap(({ kind, text }) => {
    const [first = '', ...more] = text(detail, columns).split('\n')
    return [`${INDENT}${colour[kind](padEnd(kind, KIND_COLUMNS))}  ${first}`, ...more.map(line => `${INDENT}${line}`)]
  })
  return block(headOf(`${file} ${workflow.name}`, checked, screen), [
    ...violationRows(checked, detail, screen),
    ...notSeen,
    ...rows,
  ])
}

function headOf(name: string, { soundness }: Checked, { paint }: Screen): string {
  const effort = paint.dim(effortOf(soundness))
  switch (soundness.kind) {
    case 'sound':
      return `${paint.green('sound')}    ${plain(name)} ${effort}`
    case 'unsound':
      return `${paint.red('unsound')}  ${plain(name)} ${effort}`
    case 'unknown':
      return `${paint.yellow('unknown')}  ${plain(name)}: ${WHY[soundness.why]}; ${soundness.far} ${effort}`
  }
}

const effortOf = ({ states, ms }: Soundness): string =>
  `(${states > 0 ? `${counted(states, 'state')}, ` : ''}${showDuration(ms)})`

function violationRows({ violations }: Checked, detail: Detail, screen: Screen): readonly string[] {
  return violations.flatMap(each => [
    `${INDENT}${screen.paint.red(each.kind)}: ${plain(sentenceOf(each))}`,
    ...(each.told?.lines(detail) ?? traceRows(each, detail)).map(line => `${INDENT}${INDENT}${line}`),
  ])
}

/** What a net without an author's words has to say. */
function sentenceOf({ kind, told, where }: FoundViolation): string {
  if (told) return told.text
  return `${SENTENCES[kind]}${where.length > 0 ? `: ${listed(where)}` : ''}`
}

const SENTENCES: { readonly [kind in ViolationKind]: string } = {
  deadlock: 'nothing can happen any more, short of the end, with tokens on',
  'improper-completion': 'the end is reached with tokens left on',
  'no-completion': 'the end cannot be reached any more from',
  'dead-transition': 'it can never fire',
  unbounded: 'tokens pile up without end on',
  'not-a-workflow-net': 'it is no workflow net',
}

const SHOWN = 8

const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '')

function traceRows({ trace, length }: FoundViolation, detail: Detail): readonly string[] {
  if (trace.length === 0) return []
  const found = length === 'shortest' ? 'the shortest way there' : 'a way there, perhaps not the shortest'
  const shown = detail === 'all' || trace.length <= TRACE_SHOWN ? trace : [...trace.slice(0, TRACE_SHOWN), '…']
  return [`after ${counted(trace.length, 'firing')} (${found}): ${shown.map(plain).join(' ')}`]
}

const TRACE_SHOWN = 20
