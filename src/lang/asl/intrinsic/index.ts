/** Intrinsic functions: reading, checking and evaluating a field that calls one. */
export { checkIntrinsic, evaluateIntrinsic, type IntrinsicScope, looksIntrinsic } from './evaluate.ts'
