/** `tutti adopt -- make all`: traces a build that there is, and writes a tutti.ts that makes the same files. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { adopt, type Adoption } from '../../adopt/adopt.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage, writeReport } from '../io.ts'
import { diagnosticsJson } from '../render/diagnostics.ts'
import { renderAdopted } from '../render/adopted.ts'

export interface AdoptFlags {
  readonly out?: string
  readonly clean?: string
  readonly inferred?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

export async function adoptCommand(io: Io, command: readonly string[], flags: AdoptFlags): Promise<number> {
  if (command.length === 0) throw usage('There is no command to adopt', 'tutti adopt -- make all')
  const out = flags.out ?? 'tutti.ts'
  if (existsSync(resolve(io.cwd, out)) && flags.force !== true)
    refuse('ADOPT_EXISTS', `${out} is there already`, {
      hint: 'Name another file with --out, or replace it with --force.',
    })
  const adoption = await adopt({
    cwd: io.cwd,
    command,
    ...(flags.clean === undefined ? {} : { clean: flags.clean }),
    inputs: flags.inferred ? 'inferred' : 'listed',
    env: io.env,
  })
  writeReport(io, out, adoption.text)
  if (flags.json) io.out(`${JSON.stringify(adoptedJson(adoption, out))}\n`)
  else io.err(renderAdopted(summaryOf(adoption, out), io.errScreen))
  return EXIT.succeeded
}

const summaryOf = ({ steps, units, dropped, findings }: Adoption, file: string) => ({
  file,
  commands: units.length - dropped.length,
  steps: steps.length,
  dropped: dropped.length,
  findings,
})

function adoptedJson({ root, steps, dropped, descriptions, findings }: Adoption, file: string) {
  const place = (path: string): string => relative(root, path)
  const lineOf = (unit: Adoption['units'][number]): string =>
    unit.act.kind === 'line' ? unit.act.line : `(text of ${place(unit.act.path)})`
  return {
    kind: 'adopted',
    file,
    descriptions,
    steps: steps.map(step => ({
      commands: step.units.map(lineOf),
      reads: [...step.sources, ...step.uses.map(each => each.path)].map(place),
      writes: step.outputs.map(place),
    })),
    dropped: dropped.map(lineOf),
    findings: diagnosticsJson(findings),
  }
}
