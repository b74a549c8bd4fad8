/**
 * The commands of a build: what its tools and scripts started, each as one line for a shell. A compiler is one command with
 * all that it starts; so is a recipe's line. A script whose own shell writes files in a way that cannot be said again is one
 * command as a whole, and a note says so.
 *
 *   A1. Every program that was run belongs to at most one unit; what belongs to none was looked through.
 *   A2. A unit's line does in a shell what its programs did: words, folder, redirections, pipes.
 */
import { basename } from 'node:path'
import type { Exec, Touch } from '../sight/processes.ts'
import { type Draft, type Environment, type Form, NO_STREAMS, type Note, type OwnText, type World } from './drafts.ts'
import { endBelow, type Image, touchesBelow } from './images.ts'
import { lineOf } from './lines.ts'
import { takenApart } from './script.ts'
import { hasToolBelow, roleOf, startsOnly } from './roles.ts'

export interface Unit {
  readonly id: number
  readonly act: Act
  readonly cwd: string
  readonly env: Environment
  readonly touches: readonly Touch[]
  readonly startSeq: number
  readonly endSeq: number
  /** Of its last program. */
  readonly exitCode: number
  /** Process of the tool that started it, in `tools`; undefined: none did, or a script. */
  readonly tool: number | undefined
}

export type Act =
  | { readonly kind: 'line'; readonly line: string; readonly form: Form }
  /** A file that a shell or a tool wrote by itself: its text as it was in the end. */
  | { readonly kind: 'text'; readonly path: string }

export interface Units {
  /** In the order in which they started. */
  readonly units: readonly Unit[]
  /** What the tools and scripts that were looked through did themselves. */
  readonly own: readonly Touch[]
  readonly notes: readonly Note[]
  readonly tools: readonly Tool[]
}

/** A run of make and its like. */
export interface Tool {
  /** Of its process. */
  readonly id: number
  readonly exec: Exec
}

type By = 'nobody' | 'tool' | 'script'

interface Taking {
  readonly tools: Tool[]
  readonly drafts: Draft[]
  readonly texts: OwnText[]
  readonly own: Touch[]
  readonly notes: Note[]
  /** Pipes into which tools write. */
  readonly toolPipes: Set<string>
}

export function unitsOf(root: Image, world: World): Units {
  const taking = newTaking()
  take(root, 'nobody', undefined, taking, world)
  const { drafts, own, notes } = taking
  const lines = drafts.map(draft => unitOf(draft))
  const texts = [...taking.texts, ...toolTexts(taking, lines, world)].map(textOf)
  const units = [...lines, ...texts].sort((a, b) => a.startSeq - b.startSeq)
  return { units: units.map((unit, id) => ({ ...unit, id })), own, notes, tools: taking.tools }
}

const newTaking = (): Taking => ({ tools: [], drafts: [], texts: [], own: [], notes: [], toolPipes: new Set() })

const unitOf = ({ images, line, form, cwd, env, touches, exit, tool }: Draft): Omit<Unit, 'id'> => ({
  tool,
  act: { kind: 'line', line, form },
  cwd,
  env,
  touches,
  startSeq: Math.min(...images.map(each => each.startSeq)),
  endSeq: Math.max(...images.map(endBelow)),
  exitCode: exit.process.exit?.kind === 'exited' ? exit.process.exit.code : 1,
})

const textOf = ({ path, seq }: OwnText): Omit<Unit, 'id'> => ({
  act: { kind: 'text', path },
  cwd: '',
  env: {},
  touches: [{ kind: 'write', path, seq }],
  startSeq: seq,
  endSeq: seq,
  exitCode: 0,
  tool: undefined,
})

/** `image`: a program; `prefix`: what its process was before, opening what it is redirected to. */
function take(image: Image, by: By, prefix: Image | undefined, taking: Taking, world: World): void {
  const role = roleOf(image)
  switch (role.kind) {
    case 'tool':
      return lookThrough(image, by, taking, world)
    case 'interpreted':
      if (startsOnly(image, world.isOutput)) return lookThrough(image, by, taking, world)
      break
    case 'line':
    case 'script':
      if (by === 'nobody' || hasToolBelow(image, world.isOutput)) return takeApart(image, prefix, taking, world)
      break
    case 'program':
      break
  }
  const isPlainLine = role.kind === 'line' && isSh(role.words) && image.exec?.argv.length === role.words.length + 1
  taking.drafts.push(draftOf(image, prefix, by, isPlainLine ? role.line : lineOf(image.exec?.argv ?? []), 'command'))
}

const isSh = (words: readonly string[]): boolean =>
  words.length === 2 && basename(words[0] ?? '') === 'sh' && words[1] === '-c'

function draftOf(image: Image, prefix: Image | undefined, by: By, line: string, form: Form): Draft {
  const cwd = image.exec?.cwd ?? image.process.cwd
  // A tool gives what it starts the streams that it has itself, or a pipe to itself.
  const streams = by === 'script' ? (image.exec?.streams ?? NO_STREAMS) : NO_STREAMS
  const isAsked = by === 'tool' && image.exec?.streams[1]?.kind === 'pipe'
  return {
    images: [image],
    line,
    form: isAsked ? 'query' : form,
    streams,
    cwd,
    env: image.exec?.env ?? {},
    touches: [...(prefix?.touches ?? []), ...touchesBelow(image)],
    exit: image,
    tool: undefined,
  }
}

function lookThrough(image: Image, by: By, taking: Taking, world: World): void {
  taking.own.push(...image.touches)
  const output = image.exec?.streams[1]
  if (output?.kind === 'pipe') taking.toolPipes.add(output.pipe)
  const { length } = taking.drafts
  for (const child of image.children) takeStarted(child, taking, world)
  if (image.exec !== undefined) {
    taking.tools.push({ id: image.process.id, exec: image.exec })
    for (const draft of taking.drafts.slice(length)) draft.tool ??= image.process.id
  }
  if (image.next !== undefined) take(image.next, by, undefined, taking, world)
}

function takeStarted(child: Image, taking: Taking, world: World): void {
  if (child.exec !== undefined) return take(child, 'tool', undefined, taking, world)
  taking.own.push(...child.touches)
  for (const each of child.children) takeStarted(each, taking, world)
  if (child.next !== undefined) take(child.next, 'tool', undefined, taking, world)
}

/** A script's commands, each a unit; or the script as one, when that cannot be. */
function takeApart(image: Image, prefix: Image | undefined, taking: Taking, world: World): void {
  const inner = newTaking()
  const shells: Image[] = []
  collect(image, inner, shells, world)
  const apart = takenApart({ image, shells, drafts: inner.drafts, toolPipes: inner.toolPipes }, world)
  if (apart.kind === 'refused') {
    const line = lineOf(image.exec?.argv ?? [])
    taking.notes.push({ kind: 'whole', line, reason: apart.reason })
    taking.drafts.push({ ...draftOf(image, prefix, 'tool', line, 'script'), form: 'script' })
    return
  }
  taking.drafts.push(...apart.drafts)
  taking.texts.push(...apart.texts, ...inner.texts)
  taking.own.push(...inner.own, ...apart.own, ...(prefix?.touches ?? []))
  taking.notes.push(...inner.notes, ...apart.notes)
  taking.tools.push(...inner.tools)
  for (const pipe of inner.toolPipes) taking.toolPipes.add(pipe)
}

/** `shells`: the images that are the script's own shell, copies for `( … )` included. */
function collect(shell: Image, taking: Taking, shells: Image[], world: World): void {
  shells.push(shell)
  for (const child of shell.children) {
    if (child.next === undefined) collect(child, taking, shells, world)
    else {
      for (const each of child.children) collect(each, taking, shells, world)
      take(child.next, 'script', child, taking, world)
    }
  }
  if (shell.exec !== undefined && shell.next !== undefined) take(shell.next, 'script', undefined, taking, world)
}

/** Files that a tool itself wrote and a command read: make's `$(file …)`. */
function toolTexts({ own, texts }: Taking, units: readonly Omit<Unit, 'id'>[], world: World): readonly OwnText[] {
  const read = new Set(
    units.flatMap(unit => unit.touches.flatMap(touch => (touch.kind === 'read' ? [touch.path] : []))),
  )
  const wrote = new Set(
    units.flatMap(unit =>
      unit.touches.flatMap(touch => (touch.kind === 'write' || touch.kind === 'update' ? [touch.path] : [])),
    ),
  )
  const known = new Set(texts.map(each => each.path))
  const last = new Map<string, number>()
  for (const touch of own) if (touch.kind === 'write' || touch.kind === 'update') last.set(touch.path, touch.seq)
  return [...last]
    .filter(
      ([path]) => !known.has(path) && read.has(path) && !wrote.has(path) && world.isOutput(path) && world.isText(path),
    )
    .map(([path, seq]) => ({ path, seq }))
}
