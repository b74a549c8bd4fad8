/** Our own child process: makes stores, looks at damaged ones, lives a life that a power cut ends. `child.mjs PART …` */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { look, type Asked } from './answers.ts'
import { makeBase } from './base.ts'
import { live } from './life.ts'

const [, , part, folder = '', detail = ''] = process.argv

/** At once and whole: what was printed was acknowledged. */
const print = (line: string): void => {
  const bytes = Buffer.from(`${line}\n`)
  for (let at = 0; at < bytes.length; ) at += written(bytes, at)
}

/** A full pipe takes nothing for now. */
function written(bytes: Buffer, at: number): number {
  try {
    return writeSync(1, bytes, at)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}

const parts: { readonly [part: string]: () => Promise<void> } = {
  /** Makes the store of kind `detail`, and dies with it open where the kind says so. */
  base: () => makeBase(folder, detail),
  /** For each line of stdin, a store to look at, one line of answers. */
  look: async () => {
    for await (const line of createInterface({ input: process.stdin })) {
      // The parent wrote it.
      print(JSON.stringify(await look(JSON.parse(line) as Asked)))
    }
  },
  /** Lives by the plan in `detail`, and prints what was acknowledged. */
  live: () => live(folder, detail, print),
}

await parts[part ?? '']?.()
