/** One net from a PNML file: reads it, checks it, says what that took. */
import { closeSync, openSync, readSync } from 'node:fs'
import { checkSoundness, finish, newBudget, readPnml, workflowNet } from '../../dist/analysis.js'

const [file, expected] = process.argv.slice(2)

function* pieces() {
  const open = openSync(file)
  const piece = Buffer.alloc(1 << 20)
  for (let read = readSync(open, piece); read > 0; read = readSync(open, piece)) yield piece.latin1Slice(0, read)
  closeSync(open)
}

const startMs = performance.now()
const entry = workflowNet(readPnml(file, pieces()))
const readMs = performance.now() - startMs
// Without an arc the net may be none.
const soundness =
  entry.kind === 'workflow-net'
    ? finish(checkSoundness(entry.net, newBudget({ ms: 60_000 })))
    : { kind: 'unsound', violations: [{ kind: entry.kind, trace: [] }] }
const checkMs = performance.now() - startMs - readMs
const verdict =
  soundness.kind === expected
    ? soundness.kind === 'unsound'
      ? soundness.violations.map(({ kind, trace }) => `${kind} ${trace.length}`).join(', ')
      : soundness.kind
    : `${soundness.kind}, NOT ${expected}`
console.log(JSON.stringify({ readMs, checkMs, verdict, bytes: process.resourceUsage().maxRSS * 1024 }))
