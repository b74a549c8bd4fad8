/**
 * The watcher against a process that makes a mess (./disorder.mjs). A believer looks only at what it is hinted at, and must
 * believe in the end what a look at everything finds.
 */
import { fork } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openWatch, type Watch, type WatchOptions } from '../../src/watch/watch.ts'

export interface Torture {
  readonly seed: number
  readonly rounds: number
  /** `tree`: all below one folder. `listed`: each file and folder is named, and the names are set again when they change. */
  readonly style: 'tree' | 'listed'
  /** Operations of a round. */
  readonly count?: number
  /** Files of a repository whose branches are checked out now and then. */
  readonly repository?: number
  readonly watch?: Partial<WatchOptions>
  /** Keeps the process busy while the mess is made, so that nobody reads what the kernel queues. */
  readonly busyMs?: number
  /** How long a pass over all that is polled may take, where the rest is not: nothing tells of its end. */
  readonly passMs?: number
}

export interface Tortured {
  readonly hints: number
  readonly looks: number
  /** What was believed and is not so, by round. */
  readonly wrong: readonly string[]
}

type Belief = Map<string, string>

const TRIES_MAX = 20
const REST_MS = 1_000

export async function torture(options: Torture): Promise<Tortured> {
  const { seed, rounds, style, count = 60, repository, busyMs = 0, passMs = 0 } = options
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-watch-')))
  const [root, outside] = [join(base, 'root'), join(base, 'outside')]
  mkdirSync(outside)
  for (const name of ['1.txt', '2.txt', '3.txt', 'a']) writeFileSync(join(outside, name), name)
  const child = fork(fileURLToPath(new URL('disorder.mjs', import.meta.url)), [root, outside])
  const belief: Belief = new Map()
  const wrong: string[] = []
  const seen = { hints: 0, looks: 0 }
  let waiting: ((paths: readonly string[]) => void) | undefined

  const look = (path: string): void => {
    const scope = path === '/' || root.startsWith(`${path}/`) ? root : path
    if (scope !== root && !scope.startsWith(`${root}/`)) return
    for (const known of below(belief, scope)) belief.delete(known)
    // A folder on the way has become a link since: a tree ends there.
    if (style === 'tree' && quietly(() => realpathSync(dirname(scope))) !== dirname(scope)) return
    seen.looks += lookInto(scope, belief, style)
  }
  const settle = (): void => {
    if (style === 'tree') return
    for (let fresh = watch.set(listed(belief, root)); fresh.length > 0; fresh = watch.set(listed(belief, root)))
      for (const path of fresh) look(path)
  }
  const watch: Watch = openWatch({
    ...options.watch,
    onHint: paths => {
      seen.hints += paths.length
      for (const path of paths) look(path)
      settle()
      waiting?.(paths)
    },
  })
  /** Until all that has happened must have been told: what is written now is told after it. Twice, since a poll has no order. */
  const quiet = async (): Promise<void> => {
    let exact = 0
    for (let tries = 0; exact < 2 && tries < TRIES_MAX; tries++) {
      const marker = join(root, `marker-${Math.random()}`)
      const hinted = new Promise<boolean>(resolve => {
        waiting = paths => {
          if (paths.includes(marker)) resolve(true)
          // Its folder was watched anew after it had been written.
          else if (paths.some(path => path === '/' || marker.startsWith(`${path}/`))) resolve(false)
        }
      })
      writeFileSync(marker, '')
      if (await hinted) exact++
    }
    // What is polled may tell of the marker's folder each time a marker is written: then time must do.
    if (exact < 2) await new Promise(resolve => setTimeout(resolve, REST_MS))
  }
  const round = async (message: object): Promise<void> => {
    const done = new Promise(resolve => child.once('message', resolve))
    child.send(message)
    const untilMs = performance.now() + busyMs
    while (performance.now() < untilMs);
    await done
    if (passMs > 0) await new Promise(resolve => setTimeout(resolve, passMs))
    await quiet()
    const truth: Belief = new Map()
    lookInto(root, truth, style)
    wrong.push(...differences(truth, belief).map(each => `seed ${seed}: ${each}`))
  }

  try {
    if (style === 'tree') watch.set({ trees: [root] })
    else settle()
    for (let index = 0; index < rounds; index++) {
      const checkout = repository && index % 4 === 3 ? (index % 8 === 3 ? 'one' : 'two') : undefined
      await round({ seed: seed * 1_000 + index, count: checkout ? 5 : count, repository, checkout })
      if (wrong.length > 0) break
    }
    return { ...seen, wrong }
  } finally {
    watch.close()
    child.disconnect()
    rmSync(base, { recursive: true, force: true })
  }
}

const listed = (belief: Belief, root: string) => ({
  files: [...belief.keys()].filter(path => !belief.get(path)?.startsWith('folder')),
  folders: [root, ...[...belief.keys()].filter(path => belief.get(path)?.startsWith('folder'))],
})

const below = (belief: Belief, scope: string): readonly string[] =>
  [...belief.keys()].filter(path => path === scope || path.startsWith(`${scope}/`))

/** Of links in a list what they lead to counts, too; a tree ends at them. */
function lookInto(path: string, belief: Belief, style: Torture['style']): number {
  const own = quietly(() => lstatSync(path, { throwIfNoEntry: false }))
  if (!own) return 1
  if (own.isDirectory()) {
    belief.set(path, `folder ${own.mode}`)
    const names = quietly(() => readdirSync(path)) ?? []
    return names.reduce((sum, name) => sum + lookInto(join(path, name), belief, style), 1)
  }
  const target = own.isSymbolicLink() && style === 'listed' ? quietly(() => statSync(path)) : undefined
  // Whoever names a file means no folder.
  const looks = [own, ...(target?.isFile() ? [target] : [])]
  belief.set(path, looks.map(each => `${each.mtimeMs} ${each.size} ${each.mode} ${each.ino}`).join(' > '))
  return 1
}

/** What goes while it is looked at is not there: somebody will hint at it. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function differences(truth: Belief, belief: Belief): readonly string[] {
  const paths = new Set([...truth.keys(), ...belief.keys()])
  return [...paths]
    .filter(path => truth.get(path) !== belief.get(path))
    .map(path => `${path} is ${truth.get(path) ?? 'gone'}, believed ${belief.get(path) ?? 'gone'}`)
}
