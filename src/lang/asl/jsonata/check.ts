/** What a validator asks of a JSONata text, without evaluating it. */
import { parseExpression, sourceOf } from './expression.ts'

export type StatesField = 'input' | 'context' | 'result' | 'errorOutput'

export interface JsonataProblem {
  /** jsonata's code (`S0201`), or absent. */
  readonly code?: string
  readonly message: string
  /** Where in the whole text, from 0. */
  readonly position: number
}

/** What is wrong with `text`, which is an expression; `allowed`: the fields of `$states` that the field it stands in has. */
export function checkJsonata(text: string, _allowed: readonly StatesField[]): readonly JsonataProblem[] {
  try {
    parseExpression(sourceOf(text))
    return []
  } catch (error) {
    const { code, message, position } = error as { code?: string; message?: string; position?: number }
    return [{ code, message: message ?? String(error), position: position ?? 0 }]
  }
}
