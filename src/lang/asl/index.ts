/** The Amazon States Language, as a language of Tutti's and as a function for tutti.ts. */
export { asl, type AslOptions } from './asl.ts'
export { type BindOptions, bindMachine, type MachineSource } from './bind.ts'
export type { Machine, State } from './machine.ts'
export type { World } from './scope.ts'
export type { Binding, Bindings } from './task/index.ts'
export { type AwsAnswer, type AwsDiagnostic, type AwsRequest, awsAnswer } from './validate/answer.ts'
export type { Account } from './work/host.ts'
