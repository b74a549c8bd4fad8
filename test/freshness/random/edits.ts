/** What may happen to a project between two runs. An edit is numbers alone, so that it means something whatever came before. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { outputPath, type ProjectSpec, type Random, SALTS, sourcePath, TEXTS, textsBefore } from './project.ts'

export const EDITS = [
  'nothing',
  'source',
  'touch',
  'recreate',
  'glob add',
  'glob remove',
  'glob touch',
  'code',
  'helper',
  'noise',
  'unused',
  'env',
  'rewire',
  'move output',
  'output edit',
  'output delete',
  'output folder',
  'output mode',
  'output link',
  'foreign file',
  'break off',
  'gc',
  'new process',
] as const
export type EditKind = (typeof EDITS)[number]

export interface Edit {
  readonly kind: EditKind
  readonly a: number
  readonly b: number
}

export const randomEdit = (random: Random): Edit => ({
  kind: EDITS[random.next(EDITS.length)] ?? 'nothing',
  a: random.next(1000),
  b: random.next(1000),
})

const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]

/** Changes what the project means (the spec) or only what is on disk. Sources and modules are written by the caller. */
export function applyEdit(spec: ProjectSpec, { kind, a, b }: Edit, dir: string): void {
  const writes = spec.steps.flatMap((step, index) => (step.kind === 'write' ? [{ step, index }] : []))
  const written = pick(writes, a)
  const output = written && join(dir, outputPath(written.index, written.step.place))
  switch (kind) {
    case 'source':
      spec.sources[a % spec.sources.length] = pick(TEXTS, b) ?? ''
      return
    case 'touch':
      return touch(join(dir, sourcePath(a % spec.sources.length)), b)
    case 'recreate': {
      const path = join(dir, sourcePath(a % spec.sources.length))
      const text = readFileSync(path, 'utf8')
      rmSync(path)
      writeFileSync(path, text)
      return
    }
    case 'glob add':
      return void spec.globbed.set(`g${a % 4}.txt`, pick(TEXTS, b) ?? '')
    case 'glob remove':
      return void spec.globbed.delete(`g${a % 4}.txt`)
    case 'glob touch': {
      const name = pick([...spec.globbed.keys()], a)
      return name === undefined ? undefined : touch(join(dir, 'glob', name), b)
    }
    case 'code': {
      const definition = pick(spec.definitions, a)
      if (definition) definition.salt = b % SALTS
      return
    }
    case 'helper':
      spec.helpers[a % spec.helpers.length] = b % SALTS
      return
    case 'noise': {
      const definition = pick(spec.definitions, a)
      if (definition) definition.noise = b % 8
      return
    }
    case 'unused':
      spec.unused = b
      return
    case 'env':
      spec.env = `e${b % 3}`
      return
    case 'rewire': {
      const index = a % spec.steps.length
      const step = spec.steps[index]
      if (step && 'a' in step) step.a = pick(textsBefore(spec.steps, index), b) ?? step.a
      return
    }
    case 'move output':
      if (written) written.step.place = b % 3
      return
    case 'output edit':
      if (output && existsSync(output))
        writeFileSync(lstatSync(output).isDirectory() ? join(output, 'in') : output, `by hand ${b % 3}`)
      return
    case 'output delete':
      if (output) rmSync(b % 2 === 0 ? output : dirname(output), { recursive: true, force: true })
      return
    case 'output folder':
      if (!output) return
      rmSync(output, { recursive: true, force: true })
      return void mkdirSync(join(output, 'sub'), { recursive: true })
    case 'output mode':
      if (output && existsSync(output)) chmodSync(output, 0o755)
      return
    case 'output link':
      if (!output || !existsSync(dirname(output))) return
      rmSync(output, { recursive: true, force: true })
      return symlinkSync(join(dir, sourcePath(0)), output)
    case 'foreign file':
      if (output && existsSync(output) && lstatSync(output).isDirectory()) writeFileSync(join(output, 'foreign'), 'x')
      return
    case 'nothing':
    case 'break off':
    case 'gc':
    case 'new process':
      return
  }
}

function touch(path: string, seed: number): void {
  const seconds = 1_600_000_000 + seed
  utimesSync(path, seconds, seconds)
}
