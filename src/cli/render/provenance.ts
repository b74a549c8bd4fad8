/** What a value hangs on, as a small tree: each stands below what it was found through. */
import type { Found, RanStep } from '../../analysis/index.ts'
import type { Path, Source } from '../../core/index.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Screen } from './screen.ts'
import { clip, counted, plain } from './text.ts'
import { treeRows } from './tree-rows.ts'

export interface ValueAsked {
  readonly run: string
  /** Absent: the run's result. */
  readonly step?: RanStep
  readonly path: Path
}

export function renderProvenance(asked: ValueAsked, found: readonly Found[], { columns, paint }: Screen): string {
  const head = paint.bold(valueText(asked))
  if (found.length === 0) return `${head}\nhangs on nothing: it is written in the file, or not there\n`
  const rows = treeRows(found, ({ from }) => (from === undefined ? undefined : found[from]))
  const lines = rows.map(({ lead, entry }) => {
    const text = clip(`${lead}${nameOf(entry)}${noteOf(entry)}`, columns)
    return entry.how === 'data' ? text : paint.dim(text)
  })
  return `${[head, ...lines, paint.dim(endOf(found))].join('\n')}\n`
}

export const provenanceJson = ({ run, step, path }: ValueAsked, found: readonly Found[]) => ({
  run,
  value: { ...(step ? { step: step.id, name: step.shown } : {}), ...(path.length > 0 ? { path } : {}) },
  found: found.map(each => ({
    ...sourceJson(each),
    how: each.how,
    ...(each.from === undefined ? {} : { from: each.from }),
  })),
})

function sourceJson({ source }: Found) {
  switch (source.kind) {
    case 'step': {
      const { id, shown, node, origin } = source.step
      return {
        kind: 'step',
        step: id,
        name: shown,
        is: node.kind,
        ...(node.kind === 'source' ? { source: node.source } : {}),
        ...(origin ? { origin } : {}),
      }
    }
    case 'param':
      return { kind: 'param', param: source.param, ...(source.path.length > 0 ? { path: source.path } : {}) }
    case 'env':
    case 'signal':
      return source
    default:
      return unreachable(source)
  }
}

/** In the language of Graphviz, from what is used to what uses it. `before`: by place in `found`. */
export function provenanceDot(
  asked: ValueAsked,
  found: readonly Found[],
  before: readonly (readonly number[])[],
): string {
  const nodes = found.map((each, index) => {
    const shape = each.source.kind === 'step' && each.source.step.node.kind !== 'source' ? 'box' : 'note'
    return `  ${index} [label=${quoted(nameOf(each))}, shape=${shape}${each.how === 'data' ? '' : ', style=dashed'}]`
  })
  const edges = before.flatMap((each, to) => each.map(from => `  ${from} -> ${to}`))
  return `${[`digraph ${quoted(valueText(asked))} {`, '  rankdir=LR', ...nodes, ...edges, '}'].join('\n')}\n`
}

const quoted = (text: string): string => `"${plain(text).replace(/[\\"]/g, '\\$&')}"`

const valueText = ({ run, step, path }: ValueAsked): string =>
  plain([step ? step.shown : `the result of ${run}`, ...path].join('.'))

function nameOf({ source }: Found): string {
  switch (source.kind) {
    case 'step':
      return plain(source.step.shown)
    case 'param':
      return plain(['parameter', [source.param, ...source.path].join('.')].join(' '))
    case 'env':
      return `$${plain(source.name)}`
    case 'signal':
      return `signal ${plain(source.signal)}`
    default:
      return unreachable(source)
  }
}

function noteOf({ source, how }: Found): string {
  const notes = [
    ...(source.kind === 'step' ? stepNotes(source.step) : []),
    ...(how === 'control' ? ['decided'] : how === 'order' ? ['acted before'] : []),
  ]
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`
}

function stepNotes({ node, origin }: RanStep): readonly string[] {
  const kind = node.kind === 'source' ? [sourceText(node.source)] : node.kind === 'task' ? [] : [node.kind]
  return [...kind, ...(origin?.kind === 'run' ? [`taken from run ${plain(origin.run)}`] : origin ? ['kept'] : [])]
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'files':
      return `files ${source.globs.map(plain).join(' ')}`
    case 'file':
    case 'dir':
      return `${source.kind} ${plain(source.path)}`
    case 'env':
      return `$${plain(source.name)}`
    case 'http':
      return plain(source.url)
    case 'time':
      return 'the time'
    case 'result':
      return `result of ${plain(source.workflow)}`
    case 'function':
      return `function ${plain(source.task)}`
    default:
      return unreachable(source)
  }
}

function endOf(found: readonly Found[]): string {
  const made = found.filter(({ how }) => how === 'data')
  const inputs = made.filter(({ source }) => source.kind !== 'step' || isInput(source.step))
  const decided = found.filter(({ how }) => how === 'control').length
  const acted = found.filter(({ how }) => how === 'order').length
  return [
    `made of ${counted(made.length - inputs.length, 'step')} and ${counted(inputs.length, 'input')}`,
    ...(decided > 0 ? [`${decided} more decided that it came about`] : []),
    ...(acted > 0 ? [`${acted} more acted on the world before`] : []),
  ].join('; ')
}

const isInput = ({ node }: RanStep): boolean =>
  node.kind === 'source' || (node.kind === 'wait' && node.on.kind === 'signal')
