/** What a person should know of an adopted build: hazards of the old one, and what the new one does differently. */
import { basename, relative } from 'node:path'
import type { Diagnostic } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Declared } from './declared.ts'
import type { Flow, Hazard } from './flow.ts'
import type { Steps } from './steps.ts'
import type { Note } from './drafts.ts'
import type { Unit } from './units.ts'

export interface Found {
  readonly root: string
  readonly units: readonly Unit[]
  readonly flow: Flow
  readonly steps: Steps
  readonly notes: readonly Note[]
  readonly declared: Declared
  readonly secrets: readonly string[]
}

export function findingsOf(found: Found): readonly Diagnostic[] {
  const { flow, declared, notes, secrets, root } = found
  return [
    ...[...flow.hazards, ...declared.hazards].filter(matters(found)).map(hazard => hazardText(hazard, found)),
    ...unknownInputs(found),
    ...notes.map(noteText),
    ...listings(found),
    ...leftFiles(found),
    ...absolutePaths(found),
    ...secrets.map(name => ({
      code: 'ADOPT_SECRET',
      severity: 'warning' as const,
      message: `${name} looks like a secret, so its value was not written down`,
      hint: `Have it in the environment when the build in ${basename(root)} runs.`,
    })),
  ]
}

/** Who left nothing did no harm. */
function matters({ steps: { steps } }: Found): (hazard: Hazard) => boolean {
  const kept = new Set(steps.flatMap(step => step.units.map(unit => unit.id)))
  return hazard => {
    switch (hazard.kind) {
      case 'two-writers':
        return hazard.units.every(id => kept.has(id))
      case 'read-before-write':
      case 'undeclared-order':
        return kept.has(hazard.reader) && kept.has(hazard.writer)
      case 'changes-source':
      case 'deletes-source':
        return true
      default:
        return unreachable(hazard)
    }
  }
}

const LINE_CHARS_MAX = 80

function hazardText(hazard: Hazard, { root, units }: Found): Diagnostic {
  const path = relative(root, hazard.path)
  const by = (id: number): string => shown(units[id])
  const warning = (code: string, message: string, hint: string): Diagnostic => ({
    code,
    severity: 'warning',
    message,
    hint,
  })
  switch (hazard.kind) {
    case 'two-writers':
      return warning(
        'ADOPT_TWO_WRITERS',
        `${path} is made by two commands${hazard.together ? ', at the same time' : ''}: ${hazard.units.map(by).join(' and ')}`,
        hazard.together
          ? 'Which of them was last may be another one next time: let one command make it.'
          : 'They are one step, in the order in which they ran.',
      )
    case 'read-before-write':
      return warning(
        'ADOPT_READ_BEFORE_WRITE',
        `${by(hazard.reader)} reads ${path}, which ${by(hazard.writer)} writes after it`,
        hazard.together
          ? 'They ran at the same time: what is read is luck.'
          : 'A second build reads something else than the first. The step reads what is there; write another file.',
      )
    case 'changes-source':
      return warning(
        'ADOPT_CHANGES_SOURCE',
        `${by(hazard.unit)} changes ${path}, which was there before the build`,
        "If it is left from an earlier build, clean first: --clean 'make clean'. Else the step works on what is there, and is not run again when you edit it.",
      )
    case 'deletes-source':
      return warning(
        'ADOPT_DELETES_SOURCE',
        `${by(hazard.unit)} deletes ${path}, which was there before the build`,
        'A second build cannot read it. Let the build write another file.',
      )
    case 'undeclared-order':
      return warning(
        'ADOPT_UNDECLARED_ORDER',
        `${by(hazard.reader)} reads ${path}, and nothing tells make to have it made first`,
        'With make -j it may run too early. The step waits for it; in the makefile, name it as a prerequisite.',
      )
    default:
      return unreachable(hazard)
  }
}

/** A command as one short line. */
function shown(unit: Unit | undefined): string {
  if (unit === undefined) return '?'
  const text =
    unit.act.kind === 'line'
      ? unit.act.line.replaceAll(/\s*\\?\s+/g, ' ').trim()
      : `the text of ${basename(unit.act.path)}`
  return text.length > LINE_CHARS_MAX ? `${text.slice(0, LINE_CHARS_MAX)}…` : text
}

const EXAMPLES_MAX = 3
const some = (items: readonly string[]): string =>
  items.length > EXAMPLES_MAX
    ? `${items.slice(0, EXAMPLES_MAX).join(', ')} and ${items.length - EXAMPLES_MAX} more`
    : items.join(', ')

function unknownInputs({ declared: { unknown }, root }: Found): readonly Diagnostic[] {
  if (unknown.length === 0) return []
  const examples = unknown.map(({ output, source }) => `${relative(root, output)} (${relative(root, source)})`)
  return [
    {
      code: 'ADOPT_UNKNOWN_INPUTS',
      severity: 'warning',
      message: `make does not know all that these were made from: ${some(examples)}`,
      hint: 'It leaves them as they are when that changes. The steps are run again.',
    },
  ]
}

function noteText(note: Note): Diagnostic {
  switch (note.kind) {
    case 'whole':
      return {
        code: 'ADOPT_WHOLE_SCRIPT',
        severity: 'warning',
        message: `${note.line} is one step as a whole: ${note.reason}`,
        hint: 'It is run whenever anything that it reads has changed. Split it, or have programs write the files.',
      }
    case 'left-out':
      return {
        code: 'ADOPT_LEFT_OUT',
        severity: 'info',
        message: `${note.line} is left out: ${note.reason}`,
        hint: 'tutti logs has what steps print.',
      }
    default:
      return unreachable(note)
  }
}

/** Commands that hang on which files there are. */
function listings({ steps: { steps }, root, units }: Found): readonly Diagnostic[] {
  return steps.flatMap(step =>
    step.lists.length === 0
      ? []
      : [
          {
            code: 'ADOPT_LISTS_FOLDER',
            severity: 'info' as const,
            message: `${shown(units[step.units[0]?.id ?? -1])} looks through ${some(step.lists.map(path => relative(root, path) || '.'))}: files that come later are not noticed`,
            hint: "Pass files('FOLDER/*') to the step where that matters.",
          },
        ],
  )
}

/** Files that a command of the old build took away and that stay now. */
function leftFiles({ flow, steps: { steps, dropped }, root }: Found): readonly Diagnostic[] {
  const made = new Set(steps.flatMap(step => step.outputs))
  const stay = dropped
    .flatMap(unit => [...(flow.doings[unit.id]?.deleted ?? [])])
    .filter(path => made.has(path))
    .map(path => relative(root, path))
  if (stay.length === 0) return []
  return [
    {
      code: 'ADOPT_STAYS',
      severity: 'info',
      message: `The build took away what others of its commands read, and it stays now: ${some(stay)}`,
      hint: 'It is an output like others, so that what made it need not run again.',
    },
  ]
}

/** The same file in another folder would build this one. */
function absolutePaths({ steps: { steps }, root }: Found): readonly Diagnostic[] {
  const names = steps
    .flatMap(step => step.units)
    .filter(unit => unit.act.kind === 'line' && unit.act.line.includes(root))
  if (names.length === 0) return []
  return [
    {
      code: 'ADOPT_ABSOLUTE_PATHS',
      severity: 'warning',
      message: `${names.length === 1 ? 'A command names' : `${names.length} commands name`} the folder ${root} itself: ${shown(names[0])}`,
      hint: 'The file works in this folder only. Have the build use relative paths ($(CURDIR) is an absolute one).',
    },
  ]
}
