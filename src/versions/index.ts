/** What is different between two versions of a workflow, and which number that makes. */
export { type Inferred, type NumberOptions, type Reason, bumpOf, nextNumber } from './bump.ts'
export type { Change, StepName, TypeChange } from './change.ts'
export { difference, type DifferenceOptions, matchedPaths } from './difference.ts'
export { resultOf, type Signatures } from './result.ts'
export { type Rule, RULES } from './rules.ts'
export { changeText, valueText } from './text.ts'
export { compareTypes } from './types.ts'
export {
  type Bump,
  type Contents,
  decodeContents,
  encodeContents,
  type Face,
  type Facts,
  type Package,
  type Signature,
  type SourceFact,
  versionHash,
} from './version.ts'
