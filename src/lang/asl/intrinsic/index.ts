/** Intrinsic functions: reading, checking and evaluating a field that calls one. */
export { checkIntrinsic } from './check.ts'
export { evaluateIntrinsic, type IntrinsicScope, looksIntrinsic } from './evaluate.ts'
