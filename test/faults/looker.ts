/** Asks stores in child processes, so that one that ends its reader, or keeps it busy for ever, is told and not suffered. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Answers, Asked } from './answers.ts'
import { type Live, root, startNode } from './processes.ts'

/** Far more than the slowest store takes. */
const HANG_MS = 60_000

let bundling: Promise<string> | undefined

/** child.ts, bundled to where packages are found. Once. */
export function childScript(): Promise<string> {
  bundling ??= bundle()
  return bundling
}

async function bundle(): Promise<string> {
  const { build } = await import('esbuild')
  const folder = join(root, 'node_modules', '.tutti-test')
  const outfile = join(folder, `faults-child-${process.pid}.mjs`)
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [join(root, 'test/faults/child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['libsql'],
  })
  process.once('exit', () => rmSync(outfile, { force: true }))
  return outfile
}

export interface Looker {
  /** The answers; text when the reader died of it or hung. */
  look(asked: Asked): Promise<Answers | string>
  close(): Promise<void>
}

export function newLooker(): Looker {
  let child: { readonly live: Live; readonly lines: AsyncIterator<string> } | undefined
  const begin = async () => {
    const live = startNode(['--expose-gc', await childScript(), 'look'], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      lasting: true,
    })
    return { live, lines: createInterface({ input: live.child.stdout })[Symbol.asyncIterator]() }
  }
  return {
    look: async asked => {
      child ??= await begin()
      child.live.child.stdin.write(`${JSON.stringify(asked)}\n`)
      const answered = await within(child.lines.next())
      if (answered !== 'hangs' && !answered.done) return JSON.parse(answered.value) as Answers // our child's
      const { live } = child
      child = undefined
      if (answered === 'hangs') live.kill('SIGKILL')
      const { code, err } = await live.ended
      return answered === 'hangs' ? 'the reader hangs' : `the reader ended with ${code}: ${err.slice(0, 2_000)}`
    },
    close: async () => {
      child?.live.child.stdin.end()
      await child?.live.ended
      child = undefined
    },
  }
}

async function within<T>(work: Promise<T>): Promise<T | 'hangs'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'hangs'>(resolve => {
    timer = setTimeout(() => resolve('hangs'), HANG_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
