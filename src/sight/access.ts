/**
 * What all processes together hung on and what they left behind, from what each of them did.
 *
 *   S6. What they have made themselves is no input, however often they read it, and under whatever name it came to be.
 *   S7. What they have made and taken away again is no output.
 */
import type { Observed, Touch } from './processes.ts'

/** Absolute paths, each list in order and without doubles. */
export interface Access {
  /** Opened for reading, run, or looked at: its size or date may have counted. Links are in it beside what they lead to. */
  readonly reads: readonly string[]
  /** Folders whose names were listed. */
  readonly lists: readonly string[]
  readonly absent: readonly string[]
  /** Made, changed, or taken away though it was not theirs. Folders are in it only when they were made. */
  readonly writes: readonly string[]
}

export function accessOf({ processes }: Pick<Observed, 'processes'>): Access {
  const tally = newTally()
  const touches = processes.flatMap(each => each.touches).sort((a, b) => a.seq - b.seq)
  for (const touch of touches) tally.add(touch)
  return tally.sum()
}

function newTally(): { add(touch: Touch): void; sum(): Access } {
  const reads = new Set<string>()
  const lists = new Set<string>()
  const absent = new Set<string>()
  const writes = new Set<string>()
  /** What was made here, also if it is gone again. */
  const own = new Set<string>()
  const ownFolders = new Set<string>()
  /** Folders with something written in them: only those need a look when a folder gets another name. */
  const parents = new Set<string>()

  const made = (path: string) => {
    own.add(path)
    writes.add(path)
    for (let up = parentOf(path); up !== '' && !parents.has(up); up = parentOf(up)) parents.add(up)
  }
  const read = (path: string) => {
    if (!own.has(path)) reads.add(path)
  }
  const removed = (path: string) => {
    if (own.has(path)) writes.delete(path)
    else made(path)
  }
  const renamed = (from: string, to: string) => {
    if (!own.has(from) && !parents.has(from)) reads.add(from)
    if (parents.has(from)) {
      const inside = [...writes].filter(path => path.startsWith(`${from}/`))
      for (const path of inside) {
        writes.delete(path)
        made(to + path.slice(from.length))
      }
    }
    if (ownFolders.has(from)) ownFolders.add(to)
    removed(from)
    made(to)
  }

  return {
    add({ kind, path, from }) {
      switch (kind) {
        case 'read':
        case 'look':
          read(path)
          // The link itself hangs on nothing of ours when what it leads to is ours.
          if (from !== undefined && !own.has(path)) read(from)
          return
        case 'list':
          if (!ownFolders.has(path)) lists.add(path)
          return
        case 'absent':
          if (!own.has(path) && !ownFolders.has(parentOf(path))) absent.add(path)
          return
        case 'write':
        case 'update':
          return made(path)
        case 'mkdir':
          ownFolders.add(path)
          return made(path)
        case 'delete':
          return removed(path)
        case 'rename':
          return renamed(from ?? path, path)
      }
    },
    sum: () => ({
      reads: sorted(reads, own),
      lists: sorted(lists, ownFolders),
      absent: sorted(absent, own),
      writes: sorted(writes),
    }),
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** A file that was read and later made anew is not what it was: nothing can be told from it the next time. */
const sorted = (paths: ReadonlySet<string>, without?: ReadonlySet<string>): readonly string[] =>
  [...paths].filter(path => !without?.has(path)).sort()
