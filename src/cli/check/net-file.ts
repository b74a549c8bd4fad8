/** A net from a file: PNML or JSON, read in pieces, since it may be larger than a string can be. */
import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import {
  type Budget,
  checkSoundness,
  type Entry,
  finishInTurns,
  type PetriNet,
  type RawNet,
  readPnml,
  type Violation,
  workflowNet,
} from '../../analysis/index.ts'
import type { Checked, FoundViolation } from './report.ts'

const PIECE_BYTES = 1 << 20

function* piecesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const decoder = new StringDecoder('utf8')
  const piece = Buffer.alloc(PIECE_BYTES)
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
      yield decoder.write(piece.subarray(0, read))
    yield decoder.end()
  } finally {
    closeSync(file)
  }
}

/** `file`: as the user named it. */
export const readPnmlFile = (file: string, path: string): RawNet => readPnml(file, piecesOf(path))

export async function checkNet(raw: RawNet, budget: Budget): Promise<Checked> {
  const entry = workflowNet(raw)
  if (entry.kind === 'not-a-workflow-net') return noWorkflowNet(raw, entry)
  const soundness = await finishInTurns(checkSoundness(entry.net, budget))
  const violations = soundness.kind === 'unsound' ? soundness.violations : []
  return { soundness, violations: violations.map(each => byNames(entry.net, raw, each)) }
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
