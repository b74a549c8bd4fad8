/** What combinators take, checked where they are called: BAD_ARGUMENT with an example. */
import { refuse } from '../util/diagnostic.ts'
import { currentSite } from './hooks.ts'

type Body = (...args: readonly unknown[]) => unknown

export function mustBeFunction(value: unknown, sentence: string, example: string): asserts value is Body {
  if (typeof value !== 'function') refuseArgument(sentence, example)
}

/** A record of functions that has at least one. */
export function mustBeArms(
  value: unknown,
  sentence: string,
  example: string,
): asserts value is { readonly [label: string]: Body } {
  mustBeRecord(value, sentence, example)
  const arms = Object.values(value)
  if (arms.length === 0 || arms.some(arm => typeof arm !== 'function')) refuseArgument(sentence, example)
}

export function mustBeRecord(
  value: unknown,
  sentence: string,
  example: string,
): asserts value is { readonly [label: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseArgument(sentence, example)
}

export const refuseArgument = (sentence: string, example: string): never =>
  refuse('BAD_ARGUMENT', sentence, { at: currentSite()?.at, hint: `For example ${example}.` })
