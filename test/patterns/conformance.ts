/** The pattern sets as they are shared between implementations; absent in a checkout of its own. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../house/project.ts'

export interface Conformance {
  readonly number: number
  readonly name: string
  readonly traces: readonly (readonly string[])[]
  readonly forbidden: readonly (readonly string[])[]
}

const file = join(root, '../shared/conformance/patterns/patterns.json')

/** By number; undefined when it is not there. */
export const conformance: ReadonlyMap<number, Conformance> | undefined = existsSync(file)
  ? new Map(
      (JSON.parse(readFileSync(file, 'utf8')) as { patterns: readonly Conformance[] }).patterns.map(each => [
        each.number,
        each,
      ]),
    )
  : undefined
