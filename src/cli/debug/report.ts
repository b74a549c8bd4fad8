/** What `tutti debug` prints while an attempt runs again: for people on stderr with the result on stdout, or as NDJSON. */
import type { Fault, Outcome } from '../../core/index.ts'
import type { Comparison } from '../../run/debug/compare.ts'
import type { Diagnostic } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { DebuggeeNews } from './debuggee.ts'
import type { Io } from '../io.ts'
import { type DebugHead, renderDebugArguments, renderDebugEnd, renderDebugHead } from '../render/debug.ts'
import { renderDiagnostics, type SourceOf } from '../render/diagnostics.ts'
import { renderLogLine } from '../render/log-lines.ts'
import { plain } from '../render/text.ts'

export interface DebugEnd {
  readonly outcome: Outcome
  /** What it gave, as JSON; absent when that is nothing. */
  readonly shown?: Json
  /** Why it failed, at the user's line. */
  readonly failure?: Diagnostic
  readonly comparison: Comparison
  readonly tookMs: number
}

export interface DebugReport {
  tell(news: DebuggeeNews): void
  end(end: DebugEnd): void
}

type Head = Omit<DebugHead, 'at'>

/** `sourceOf`: the text of the user's files as it was then. */
export function textReport(io: Io, head: Head, sourceOf: SourceOf): DebugReport {
  return {
    tell(news) {
      switch (news.kind) {
        case 'opened':
          return io.err(renderDebugHead({ ...head, ...(news.at ? { at: news.at } : {}) }, io.errScreen))
        case 'called':
          return io.err(renderDebugArguments(news.args, io.errScreen))
        case 'listening':
          // Node has told the address itself, in the words that editors look for.
          return io.err(`waiting for a debugger: chrome://inspect, or node inspect ${new URL(news.url).host}\n`)
        case 'line':
          return io.err(
            `${renderLogLine({ step: head.step, stream: news.stream, text: news.text }, 0, io.errScreen)}\n`,
          )
        case 'raw':
          return io.err(`${plain(news.text)}\n`)
        case 'recorded':
          return io.err(`${io.errScreen.paint.dim(`${plain(news.name)} =`)} ${plain(JSON.stringify(news.value))}\n`)
        default:
          return unreachable(news)
      }
    },
    end({ outcome, shown, failure, comparison, tookMs }) {
      if (failure) io.err(renderDiagnostics([failure], io.errScreen, sourceOf))
      io.err(renderDebugEnd(outcome, comparison, { tookMs, screen: io.errScreen }))
      if (shown !== undefined) io.out(`${typeof shown === 'string' ? shown : JSON.stringify(shown, undefined, 2)}\n`)
    },
  }
}

export function jsonReport(io: Io, head: Head): DebugReport {
  const out = (line: object): void => io.out(`${JSON.stringify(line)}\n`)
  return {
    tell(news) {
      switch (news.kind) {
        case 'opened':
          return out({ kind: 'debug.started', ...head, ...(news.at ? { at: news.at } : {}) })
        case 'called':
          return out({ kind: 'debug.called', args: Object.fromEntries(news.args) })
        case 'listening':
          return out({ kind: 'debug.listening', url: news.url })
        case 'raw':
          return out({ ...news, kind: 'line' })
        case 'line':
        case 'recorded':
          return out(news)
        default:
          return unreachable(news)
      }
    },
    end({ outcome, shown, failure, comparison }) {
      out({
        kind: 'debug.ended',
        outcome: outcome.kind,
        ...(shown === undefined ? {} : { output: shown }),
        ...(outcome.kind === 'failed' ? { error: errorJson(outcome.fault, failure) } : {}),
        comparison: comparison.kind,
        ...('then' in comparison ? { then: thenJson(comparison.then) } : {}),
        ...(comparison.kind === 'differs' ? { differences: comparison.differences } : {}),
      })
    },
  }
}

const errorJson = ({ code, message }: Fault, failure?: Diagnostic): Json => ({
  code,
  message,
  ...(failure?.at ? { at: { ...failure.at } } : {}),
})

const thenJson = (then: Outcome | Fault): Json => {
  if ('code' in then) return { outcome: 'failed', error: errorJson(then) }
  return { outcome: then.kind, ...(then.kind === 'failed' ? { error: errorJson(then.fault) } : {}) }
}
