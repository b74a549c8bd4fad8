/** Which links lead over a path, so that who is told of the path can tell of the links. */
import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export interface Links {
  /** Looks where the path leads now; gives what must be watched for that: nothing when it is no link. */
  follow(path: string): readonly string[]
  forget(path: string): void
  /** The links that lead over this path; `below`: or over anything below it. */
  over(path: string, below: 'below' | 'exactly'): readonly string[]
  all(): Iterable<string>
}

/** As the kernel follows (path_resolution(7)); a loop ends here. */
const LINKS_MAX = 40

export function newLinks(): Links {
  const steps = new Map<string, readonly string[]>()
  const leadingOver = new Map<string, Set<string>>()

  const forget = (path: string): void => {
    for (const step of steps.get(path) ?? []) {
      const links = leadingOver.get(step)
      links?.delete(path)
      if (links?.size === 0) leadingOver.delete(step)
    }
    steps.delete(path)
  }

  return {
    forget,
    follow(path) {
      forget(path)
      const chain = chainOf(path)
      if (chain.length > 0) steps.set(path, chain)
      for (const step of chain) leadingOver.set(step, (leadingOver.get(step) ?? new Set()).add(path))
      return chain
    },
    over(path, below) {
      if (below === 'exactly') return [...(leadingOver.get(path) ?? [])]
      const found = new Set<string>()
      for (const [step, links] of leadingOver)
        if (step === path || step.startsWith(`${path}/`)) for (const link of links) found.add(link)
      return [...found]
    },
    all: () => [...steps.keys()],
  }
}

function chainOf(path: string): readonly string[] {
  const chain: string[] = []
  for (let at = targetOf(path); at !== undefined && chain.length < LINKS_MAX; at = targetOf(at)) chain.push(at)
  return chain
}

function targetOf(path: string): string | undefined {
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    // Replaced in between: whoever watches its folder is told.
    return undefined
  }
}
