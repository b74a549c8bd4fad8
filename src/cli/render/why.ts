/** Why a step ran, or did not: a sentence, and what decided it. */
import type { Screen } from './screen.ts'
import { instantText } from './step-label.ts'
import { plain } from './text.ts'

export interface WhyAnswer {
  readonly run: string
  readonly step: string
  readonly name: string
  readonly did: 'ran' | 'failed' | 'took' | 'did not begin'
  /** Whose result it took. */
  readonly from?: string
  readonly atMs?: number
  /** The first is what decided. */
  readonly reasons: readonly string[]
}

export function renderWhy(answer: WhyAnswer, { paint }: Screen): string {
  const { reasons } = answer
  const lines = reasons.map((reason, index) => `  ${paint.dim(index === 0 ? 'because' : 'also   ')}  ${plain(reason)}`)
  return `${[`${paint.bold(plain(answer.name))} ${deed(answer)}`, ...lines].join('\n')}\n`
}

function deed({ did, run, from, atMs }: WhyAnswer): string {
  const at = atMs === undefined ? '' : ` at ${instantText(atMs)}`
  switch (did) {
    case 'ran':
      return `ran in ${plain(run)}${at}`
    case 'failed':
      return `ran in ${plain(run)}${at}, and failed`
    case 'took':
      return `did not run in ${plain(run)}: it took the result of ${plain(from ?? '')}`
    case 'did not begin':
      return `did not run in ${plain(run)}`
  }
}
