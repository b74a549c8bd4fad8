/** The tokens of a query, one after the other: what is next, whether it is what was hoped for, and where it is not. */
import { refuseAt, type Token, tokensOf } from './tokens.ts'

/** Parentheses and negations inside one another. */
export const DEPTH_MAX = 100
/** More would be no question that somebody asks. */
export const CONDITIONS_MAX = 400

export class Cursor {
  readonly text: string
  /** What `-2d` and `today` count from. */
  readonly nowMs: number
  readonly tokens: readonly Token[]
  next = 0
  depth = 0
  conditions = 0

  constructor(text: string, nowMs: number) {
    this.text = text
    this.nowMs = nowMs
    this.tokens = tokensOf(text)
  }

  list<T>(item: () => T): readonly T[] {
    const list = [item()]
    while (this.takeSymbol(',')) list.push(item())
    return list
  }

  peek(): Token {
    return this.tokens[this.next] ?? this.tokens.at(-1)!
  }

  take(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.next += 1
    return token
  }

  takeWord(word: string): boolean {
    const { kind, text } = this.peek()
    if (kind !== 'word' || text !== word) return false
    this.next += 1
    return true
  }

  takeWords(first: string, second: string): boolean {
    if (!this.takeWord(first)) return false
    if (!this.takeWord(second)) this.expected(`'${second}' after '${first}'`, this.peek())
    return true
  }

  takeSymbol(symbol: string): boolean {
    const { kind, text } = this.peek()
    if (kind !== 'symbol' || text !== symbol) return false
    this.next += 1
    return true
  }

  need(symbol: string, expected: string): void {
    if (!this.takeSymbol(symbol)) this.expected(expected, this.peek())
  }

  expected(expected: string, { kind, text, at }: Token, fieldAt?: number): never {
    const found = kind === 'end' ? 'the query ends' : `there is ${JSON.stringify(text)}`
    const hint =
      fieldAt !== undefined && kind === 'word' ? `Only flags stand alone; compare others: … = ${text}.` : undefined
    return refuseAt(this.text, at, 'QUERY_SYNTAX', `Expected ${expected}, but ${found}`, hint)
  }
}
