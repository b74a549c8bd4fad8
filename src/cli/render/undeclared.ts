/** What steps read and write without declaring it, for people. */
import { showPosition } from '../../util/diagnostic.ts'
import type { Undeclared } from '../undeclared.ts'
import type { Screen } from './screen.ts'

const PATHS_SHOWN = 8

export function renderUndeclared(all: readonly Undeclared[], { paint }: Screen): string {
  if (all.length === 0) return 'Every step declares what it reads and writes.\n'
  return all
    .map(each => [heading(each), ...facts(each), ...each.add.map(addition)].join('\n'))
    .join('\n\n')
    .concat('\n')

  function heading({ step, count, at }: Undeclared): string {
    const where = [at && showPosition(at), count > 1 && `${count} instances`].filter(Boolean).join(', ')
    return `${paint.bold(step)}${where === '' ? '' : paint.dim(` (${where})`)}`
  }

  function facts({ reads, readsOf, writes }: Undeclared): readonly string[] {
    return [
      ...(reads.length > 0 ? [`  reads, beside its arguments: ${list(reads)}`] : []),
      ...readsOf
        .slice(0, PATHS_SHOWN)
        .map(({ path, step, order }) =>
          order === 'after'
            ? `  reads what ${step} makes, beside its arguments: ${path}`
            : `  reads what ${step} makes, and may run before it: ${path}`,
        ),
      ...(writes.length > 0 ? [`  writes what is no output of it: ${list(writes)}`] : []),
    ]
  }

  function addition(text: string, index: number): string {
    return `    ${wayOf(text, index)} ${paint.cyan(text)}`
  }
}

function wayOf(addition: string, index: number): string {
  if (addition.startsWith('{')) return index === 0 ? 'give the task' : 'or give the task'
  return addition.startsWith('.') ? 'add the order' : 'add the argument'
}

const list = (paths: readonly string[]): string =>
  paths.length <= PATHS_SHOWN
    ? paths.join(', ')
    : `${paths.slice(0, PATHS_SHOWN).join(', ')} and ${paths.length - PATHS_SHOWN} more`
