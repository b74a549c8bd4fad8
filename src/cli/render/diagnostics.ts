/**
 * Diagnostics as text and as JSON: the one place where a refusal becomes something to read.
 *
 *     error REF_TESTED  A ref has no value while …
 *       at tutti.ts:12:7
 *
 *       11 | const tested = test(dist)
 *     > 12 |   if (tested) publish(dist)
 *          |       ^
 *
 *       hint: Branch with when() …
 */
import { Refusal, showPosition, type Diagnostic, type Position } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { codeFrame } from './code-frame.ts'
import type { Screen } from './screen.ts'
import { counted, plain, plainLines } from './text.ts'

/** The text of a user's file, or `undefined` when it cannot be read any more: then there is no code frame. */
export type SourceOf = (file: string) => string | undefined

/** Longest message that is printed whole: a message may quote a value of the user's. */
const MESSAGE_LENGTH_MAX = 4_000

/** All diagnostics in order of place, a blank line between them, a count at the end when there are several. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  screen: Screen,
  sourceOf: SourceOf = () => undefined,
): string {
  const sorted = inOrderOfPlace(diagnostics)
  const blocks = sorted.map(diagnostic => renderDiagnostic(diagnostic, screen, sourceOf))
  return [...blocks, ...(sorted.length > 1 ? [`${summary(sorted)}\n`] : [])].join('\n')
}

/** As plain data, in the same order: what `--json` prints and an editor reads. */
export const diagnosticsJson = (diagnostics: readonly Diagnostic[]): Json =>
  inOrderOfPlace(diagnostics).map(({ code, severity, message, at, hint, related }) => ({
    code,
    severity,
    message,
    at: at && positionJson(at),
    hint,
    related: related?.map(each => ({ message: each.message, at: each.at && positionJson(each.at) })),
  }))

/** What was thrown, as diagnostics: a refusal's own, or a defect of ours. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof Refusal) return error.diagnostics
  const message = error instanceof Error ? error.message : String(error)
  return [
    {
      code: 'DEFECT',
      severity: 'error',
      message: `Tutti itself failed: ${message}`,
      hint: 'Run again with --verbose and report what it prints.',
    },
  ]
}

/** The stack of what was thrown and of its causes: for `--verbose` only. */
export function renderStack(error: unknown, screen: Screen): string {
  const seen = new Set<unknown>()
  const stacks: string[] = []
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each)
    stacks.push(`${stacks.length > 0 ? 'caused by ' : ''}${each.stack ?? each.message}`)
  }
  return stacks.map(stack => `${screen.paint.dim(plainLines(stack).join('\n'))}\n`).join('')
}

function renderDiagnostic(diagnostic: Diagnostic, screen: Screen, sourceOf: SourceOf): string {
  const { paint } = screen
  const [first = '', ...more] = plainLines(shorten(diagnostic.message))
  const source = diagnostic.at && sourceOf(diagnostic.at.file)
  const frame = diagnostic.at && source !== undefined ? codeFrame(source, diagnostic.at, screen) : []
  return [
    `${label(diagnostic, screen)} ${paint.bold(first)}`,
    ...more.map(line => `  ${line}`),
    ...(diagnostic.at ? [`  ${paint.dim('at')} ${paint.cyan(plain(showPosition(diagnostic.at)))}`] : []),
    ...(frame.length > 0 ? ['', ...frame, ''] : []),
    ...(diagnostic.related ?? []).map(
      each =>
        `  ${paint.dim('note:')} ${plain(each.message)}${each.at ? ` ${paint.dim(`(${plain(showPosition(each.at))})`)}` : ''}`,
    ),
    ...(diagnostic.hint ? [`  ${paint.green('hint:')} ${plain(diagnostic.hint)}`] : []),
    '',
  ].join('\n')
}

function label({ severity, code }: Diagnostic, { paint }: Screen): string {
  switch (severity) {
    case 'error':
      return `${paint.red('error')} ${paint.red(code)}`
    case 'warning':
      return `${paint.yellow('warning')} ${paint.yellow(code)}`
    case 'info':
      return `${paint.blue('info')} ${paint.blue(code)}`
  }
}

const shorten = (message: string): string =>
  message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX)}…` : message

const positionJson = ({ file, line, column }: Position): Json => ({ file, line, column })

function inOrderOfPlace(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  // What has no place belongs to the whole and comes last, in the order given.
  const placed = diagnostics.filter(each => each.at)
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
  placed.sort(
    (a, b) =>
      compare(a.at?.file ?? '', b.at?.file ?? '') ||
      compare(a.at?.line ?? 0, b.at?.line ?? 0) ||
      compare(a.at?.column ?? 0, b.at?.column ?? 0),
  )
  return [...placed, ...diagnostics.filter(each => !each.at)]
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const counts = (['error', 'warning', 'info'] as const).map(
    severity => [severity, diagnostics.filter(each => each.severity === severity).length] as const,
  )
  return counts
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => (severity === 'info' ? `${count} info` : counted(count, severity)))
    .join(', ')
}
