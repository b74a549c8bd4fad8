/** What `tutti adopt` found, for people: what was made of the build, and what to look at. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { renderDiagnostics } from './diagnostics.ts'
import type { Screen } from './screen.ts'
import { counted } from './text.ts'

export interface Adopted {
  /** As it was asked for. */
  readonly file: string
  readonly commands: number
  readonly steps: number
  readonly dropped: number
  readonly findings: readonly Diagnostic[]
}

/** Of one code: the rest is in `--json`. */
const SHOWN_MAX = 5

export function renderAdopted({ file, commands, steps, dropped, findings }: Adopted, screen: Screen): string {
  const left =
    dropped === 0 ? '' : `; ${counted(dropped, 'command')} left no file and ${dropped === 1 ? 'is' : 'are'} left out`
  const shown = findings.filter(
    (each, index) => placeAmongItsKind(findings, index) < SHOWN_MAX || each.severity === 'error',
  )
  const hidden = findings.length - shown.length
  return [
    ...shown.map(each => renderDiagnostics([each], screen)),
    ...(hidden > 0 ? [`${hidden} more of these: tutti adopt --json has all\n`] : []),
    `${screen.paint.bold(file)}: ${counted(steps, 'step')} from ${counted(commands, 'command')}${left}\n`,
    'try it: tutti run\n',
  ].join('\n')
}

const placeAmongItsKind = (findings: readonly Diagnostic[], index: number): number =>
  findings.slice(0, index).filter(each => each.code === findings[index]?.code).length
