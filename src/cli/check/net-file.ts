/** A net from a file: PNML or JSON, read in pieces, since it may be larger than a string can be. */
import { closeSync, openSync, readSync } from 'node:fs'
import { TextDecoder } from 'node:util'
import {
  type Budget,
  checkSoundness,
  type Entry,
  finishInTurns,
  type PetriNet,
  type RawNet,
  readPnml,
  type Soundness,
  type Violation,
  workflowNet,
} from '../../analysis/index.ts'
import type { Checked, FoundViolation } from './report.ts'

const PIECE_BYTES = 1 << 20

function* piecesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const piece = Buffer.alloc(PIECE_BYTES)
  let decoder: TextDecoder | undefined
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      const bytes = piece.subarray(0, read)
      decoder ??= decoderFor(bytes)
      yield decoder.decode(bytes, { stream: true })
    }
    if (decoder) yield decoder.decode()
  } finally {
    closeSync(file)
  }
}

/** As XML has it: the mark at the beginning says it, else the declaration, else it is UTF-8. */
function decoderFor(bytes: Buffer): TextDecoder {
  const [first = 0, second = 0] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le')
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be')
  const declaration = bytes.toString('latin1', 0, DECLARATION_BYTES)
  const [, named = 'utf-8'] = /^<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration) ?? []
  try {
    return new TextDecoder(named)
  } catch {
    return new TextDecoder()
  }
}

const DECLARATION_BYTES = 256

/** `file`: as the user named it. */
export const readPnmlFile = (file: string, path: string): RawNet => readPnml(file, piecesOf(path))

export async function checkNet(raw: RawNet, budget: Budget): Promise<Checked> {
  const entry = workflowNet(raw)
  if (entry.kind === 'not-a-workflow-net') return noWorkflowNet(raw, entry)
  const soundness = await finishInTurns(checkSoundness(entry.net, budget))
  const finals = reachableOf(raw, soundness)
  if (finals.length < raw.finals.length) return checkNet({ ...raw, finals }, budget)
  const violations = soundness.kind === 'unsound' ? soundness.violations : []
  return { soundness, violations: violations.map(each => byNames(entry.net, raw, each)) }
}

/**
 * Of several final markings each has a transition of its own behind the others. One that is dead is no fault: a net need not
 * be able to end in every way that it may.
 */
function reachableOf(raw: RawNet, soundness: Soundness): RawNet['finals'] {
  if (soundness.kind !== 'unsound' || raw.finals.length < 2) return raw.finals
  const dead = new Set(soundness.violations.flatMap(each => (each.kind === 'dead-transition' ? each.transitions : [])))
  const reachable = raw.finals.filter((_, index) => !dead.has(raw.transitions.length + index))
  return reachable.length > 0 ? reachable : raw.finals
}

type NoWorkflowNet = Extract<Entry, { kind: 'not-a-workflow-net' }>

function noWorkflowNet(raw: RawNet, { why, places, transitions }: NoWorkflowNet): Checked {
  const kind = 'not-a-workflow-net'
  const where = [
    ...places.map(place => raw.places[place] ?? ''),
    ...transitions.map(each => raw.transitions[each] ?? ''),
  ]
  const violation = { kind, trace: [], length: 'shortest' } as const
  return {
    soundness: {
      kind: 'unsound',
      boundedness: 'unknown',
      violations: [{ ...violation, places, transitions }],
      states: 0,
      ms: 0,
    },
    violations: [{ ...violation, where, told: { text: why, json: {}, lines: () => [] } }],
  }
}

/** In the file's own names: what was added to complete it is left out. */
function byNames(net: PetriNet, raw: RawNet, { kind, trace, length, places, transitions }: Violation): FoundViolation {
  const isOwn = (transition: number): boolean => transition < raw.transitions.length
  return {
    kind,
    length,
    trace: trace.filter(isOwn).map(transition => net.transitions[transition] ?? ''),
    where: [
      ...places.filter(place => place < raw.places.length).map(place => net.places[place] ?? ''),
      ...transitions.filter(isOwn).map(transition => net.transitions[transition] ?? ''),
    ],
  }
}
