/** How the FILE of a run was read, told by the bundle that the run keeps: for who reads it again without saying it again. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Bundle, isMade } from '../../loader/index.ts'
import type { Reading } from '../io.ts'

/** `dir`: of the file. What is not there any more is looked for as it is in a new run. */
export function readingOfBundle({ entry, modules }: Bundle, dir: string): Reading {
  const module = modules[entry]
  if (module?.kind !== 'script' || !isMade(module)) return {}
  const fileOf = (specifier: string): string | undefined => {
    const target = module.targets[specifier]
    const path = target?.kind === 'local' ? resolve(dir, target.path) : undefined
    return path !== undefined && existsSync(path) ? path : undefined
  }
  const asked = /\bby: 'asked'/.test(module.source)
  const lang = asked
    ? (fileOf('tutti:language') ?? ('tutti/lang/asl' in module.targets ? 'asl' : undefined))
    : undefined
  const bind = fileOf('tutti:bindings')
  const mocked = fileOf('tutti:mocks')
  const testCase = /\btestCase: ("(?:[^"\\]|\\.)*")/.exec(module.source)?.[1]
  const switches = /\bswitches: (\[[^\]]*\])/.exec(module.source)?.[1]
  return {
    ...(lang === undefined ? {} : { lang }),
    ...(bind === undefined ? {} : { bind }),
    ...(mocked === undefined || testCase === undefined
      ? {}
      : { mocks: { file: mocked, testCase: JSON.parse(testCase) as string } }),
    ...(switches === undefined ? {} : { switches: JSON.parse(switches) as readonly string[] }),
  }
}
