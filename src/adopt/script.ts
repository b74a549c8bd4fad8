/**
 * What a script's own shell did around its commands, said again: redirections, pipes, and files that it wrote itself
 * (`echo … > file`). Some of it cannot be said of single commands; then there is a reason.
 */
import { basename } from 'node:path'
import type { Stream } from '../sight/descriptors.ts'
import type { Touch } from '../sight/processes.ts'
import { type Draft, NO_STREAMS, type Note, type OwnText, type World } from './drafts.ts'
import { type Image, withDescendants } from './images.ts'
import { redirections } from './lines.ts'

export interface Script {
  /** The program that was given the script. */
  readonly image: Image
  /** Its images, copies for `( … )` included. */
  readonly shells: readonly Image[]
  readonly drafts: readonly Draft[]
  /** Pipes into which tools write. */
  readonly toolPipes: ReadonlySet<string>
}

export type Apart =
  | {
      readonly kind: 'apart'
      readonly drafts: readonly Draft[]
      readonly texts: readonly OwnText[]
      readonly notes: readonly Note[]
      /** What the shell itself touched. */
      readonly own: readonly Touch[]
    }
  | { readonly kind: 'refused'; readonly reason: string }

export function takenApart(script: Script, world: World): Apart {
  const { drafts, own } = redirectedDrafts(script)
  const joined = joinPipes(drafts, script.toolPipes)
  if (joined.kind === 'refused') return joined
  const texts = textsOf(script, world)
  if (texts.kind === 'refused') return texts
  return {
    kind: 'apart',
    // Their streams are said: who comes after this must not say them again.
    drafts: joined.drafts.map(draft => ({ ...draft, streams: NO_STREAMS })),
    texts: texts.texts,
    notes: joined.notes,
    own,
  }
}

/**
 * Lines with their redirections. What the shell itself opened for a command (before a `vfork`, or for all between braces) is
 * the command's doing; the second one to write there appends.
 */
function redirectedDrafts({ drafts, shells }: Script): {
  readonly drafts: readonly Draft[]
  readonly own: readonly Touch[]
} {
  const own = shells.flatMap(each => each.touches)
  const opened = new Map(own.map(touch => [touch.seq, touch]))
  const seen = new Set<number>()
  const done = drafts.map(draft => {
    const files = draft.streams.flatMap(stream => (stream?.kind === 'file' ? [stream] : []))
    const [input, output, errors] = draft.streams.map(stream =>
      stream?.kind === 'file' && stream.mode === 'write' && seen.has(stream.openedSeq)
        ? { ...stream, mode: 'append' as const }
        : stream,
    )
    const startSeq = Math.min(...draft.images.map(each => each.startSeq))
    const touches = [...new Set(files.map(each => each.openedSeq))].flatMap((openedSeq): readonly Touch[] => {
      const touch = opened.get(openedSeq)
      if (touch === undefined) return []
      return [seen.has(openedSeq) && touch.kind === 'write' ? { ...touch, kind: 'update', seq: startSeq } : touch]
    })
    for (const { openedSeq } of files) seen.add(openedSeq)
    const said = redirections([input, output, errors], draft.cwd)
    return {
      ...draft,
      line: said === '' ? draft.line : `${draft.line} ${said}`,
      touches: [...touches, ...draft.touches].sort((a, b) => a.seq - b.seq),
    }
  })
  return { drafts: done, own: own.filter(touch => !seen.has(touch.seq)) }
}

type Joined =
  | { readonly kind: 'joined'; readonly drafts: readonly Draft[]; readonly notes: readonly Note[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** `a | b` is one unit. */
function joinPipes(drafts: readonly Draft[], toolPipes: ReadonlySet<string>): Joined {
  const notes: Note[] = []
  const readerOf = new Map(drafts.flatMap(draft => pipeOf(draft.streams[0]).map(pipe => [pipe, draft] as const)))
  const writers = new Set(drafts.flatMap(draft => pipeOf(draft.streams[1])))
  const done: Draft[] = []
  for (const draft of drafts) {
    const [from] = pipeOf(draft.streams[0])
    if (from !== undefined && writers.has(from)) continue // comes with the one before it
    if (from !== undefined) {
      if (!toolPipes.has(from))
        return { kind: 'refused', reason: `${draft.line} reads what the shell itself writes into a pipe` }
      notes.push({ kind: 'left-out', line: draft.line, reason: 'it reads what the build prints' })
      continue
    }
    const chain = chainFrom(draft, readerOf)
    const [first] = chain
    if (chain.some(each => each.cwd !== first?.cwd))
      return { kind: 'refused', reason: `the commands of a pipe run in several folders: ${draft.line}` }
    done.push(chain.length === 1 ? withFate(draft, readerOf) : joinedChain(chain))
  }
  return { kind: 'joined', drafts: done, notes }
}

const pipeOf = (stream: Stream | undefined): readonly string[] => (stream?.kind === 'pipe' ? [stream.pipe] : [])

function chainFrom(first: Draft, readerOf: ReadonlyMap<string, Draft>): readonly Draft[] {
  const chain = [first]
  for (;;) {
    const [pipe] = pipeOf(chain.at(-1)?.streams[1])
    const next = pipe === undefined ? undefined : readerOf.get(pipe)
    if (next === undefined || chain.includes(next)) return chain
    chain.push(next)
  }
}

/** A command whose output nobody but its shell reads. */
const withFate = (draft: Draft, readerOf: ReadonlyMap<string, Draft>): Draft =>
  pipeOf(draft.streams[1]).some(pipe => !readerOf.has(pipe)) ? { ...draft, form: 'query' } : draft

function joinedChain(chain: readonly Draft[]): Draft {
  const last = chain.at(-1)!
  return {
    ...last,
    images: chain.flatMap(each => each.images),
    line: chain.map(each => each.line).join(' | '),
    touches: chain.flatMap(each => each.touches).sort((a, b) => a.seq - b.seq),
    form: 'command',
  }
}

type Texts =
  | { readonly kind: 'texts'; readonly texts: readonly OwnText[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** Files that the shell wrote itself (`echo … > file`): their text is kept, when nobody else has a hand in them. */
function textsOf({ image, shells }: Script, world: World): Texts {
  const own = shells
    .flatMap(each => each.touches)
    .filter(touch => (touch.kind === 'write' || touch.kind === 'update') && world.isOutput(touch.path))
  if (own.length === 0) return { kind: 'texts', texts: [] }
  const mine = new Set(own)
  const below = [...withDescendants(image)]
  const shared = new Set(
    below.flatMap(each =>
      (each.exec?.streams ?? []).flatMap(stream => (stream?.kind === 'file' ? [stream.openedSeq] : [])),
    ),
  )
  const fed = new Set(
    shells.flatMap(({ process, startSeq, endSeq }) =>
      process.fed.filter(each => each.seq >= startSeq && each.seq < endSeq).map(each => each.openedSeq),
    ),
  )
  const last = new Map<string, number>()
  for (const touch of own) {
    if (shared.has(touch.seq) && !fed.has(touch.seq)) continue
    if (shared.has(touch.seq))
      return {
        kind: 'refused',
        reason: `${basename(touch.path)} is written by the shell and by commands of one redirection`,
      }
    last.set(touch.path, Math.max(touch.seq, last.get(touch.path) ?? 0))
  }
  for (const touch of below.flatMap(each => each.touches)) {
    if (
      mine.has(touch) ||
      !last.has(touch.path) ||
      touch.kind === 'read' ||
      touch.kind === 'look' ||
      touch.kind === 'absent'
    )
      continue
    return { kind: 'refused', reason: `${basename(touch.path)} is written by the shell itself and changed by commands` }
  }
  const odd = [...last.keys()].find(path => !world.isText(path))
  if (odd !== undefined)
    return { kind: 'refused', reason: `${basename(odd)}, which the shell itself writes, is no short text` }
  return { kind: 'texts', texts: [...last].map(([path, seq]) => ({ path, seq })) }
}
