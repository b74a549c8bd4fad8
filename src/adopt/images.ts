/**
 * Processes as a chain of programs: from each exec to the next one a process is an *image*, with what it touched and whom it
 * started meanwhile. A shell that forks and then runs `gcc` is two: what stands before the exec is still the shell's doing
 * (it opens what a command is redirected to).
 */
import type { Exec, Observed, SeenProcess, Touch } from '../sight/processes.ts'

export interface Image {
  readonly process: SeenProcess
  /** Undefined: the copy of its parent that a fork makes. */
  readonly exec: Exec | undefined
  readonly startSeq: number
  readonly endSeq: number
  readonly touches: readonly Touch[]
  /** The first images of the processes that it started, in that order. */
  readonly children: readonly Image[]
  /** What its process turned into. */
  readonly next: Image | undefined
}

/** The image of the first process; undefined when nothing was run. */
export function imagesOf({ processes }: Observed): Image | undefined {
  const [first] = processes
  if (first === undefined) return undefined
  const startedBy = new Map<number | undefined, SeenProcess[]>()
  for (const each of processes) {
    const known = startedBy.get(each.parent)
    if (known === undefined) startedBy.set(each.parent, [each])
    else known.push(each)
  }
  return firstImage(first, startedBy)
}

type StartedBy = ReadonlyMap<number | undefined, readonly SeenProcess[]>

function firstImage(process: SeenProcess, startedBy: StartedBy): Image {
  const execs: readonly (Exec | undefined)[] =
    process.parent === undefined ? process.execs : [undefined, ...process.execs]
  return imageAt(0, execs.length === 0 ? [undefined] : execs, process, startedBy)
}

function imageAt(index: number, execs: readonly (Exec | undefined)[], process: SeenProcess, by: StartedBy): Image {
  const startSeq = index === 0 ? process.startSeq : (execs[index]?.seq ?? process.startSeq)
  const endSeq = execs[index + 1]?.seq ?? process.endSeq ?? Number.POSITIVE_INFINITY
  const isMeanwhile = (seq: number): boolean => seq >= startSeq && seq < endSeq
  return {
    process,
    exec: execs[index],
    startSeq,
    endSeq,
    touches: process.touches.filter(touch => isMeanwhile(touch.seq)),
    children: (by.get(process.id) ?? [])
      .filter(child => isMeanwhile(child.startSeq))
      .map(child => firstImage(child, by)),
    next: index + 1 < execs.length ? imageAt(index + 1, execs, process, by) : undefined,
  }
}

/** An image, all that followed from it, in no particular order. */
export function* withDescendants(image: Image): Generator<Image> {
  yield image
  for (const child of image.children) yield* withDescendants(child)
  if (image.next !== undefined) yield* withDescendants(image.next)
}

/** What an image and all that followed from it touched, in order. */
export const touchesBelow = (image: Image): readonly Touch[] =>
  [...withDescendants(image)].flatMap(each => each.touches).sort((a, b) => a.seq - b.seq)

/** When all that followed from an image had ended. */
export const endBelow = (image: Image): number =>
  Math.max(...[...withDescendants(image)].map(each => each.endSeq).filter(Number.isFinite), image.startSeq)
