/**
 * What the executors know of services: that somebody above (services/) keeps them. An attempt of a service ends when the
 * service is ready; what it has started goes on, so it has a context of its own, which outlives the attempt.
 */
import type { StepId } from '../core/engine/protocol.ts'
import { HANDLE, type Port } from '../dsl/resources.ts'
import type { Resource } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Attempt, Executor } from './attempt.ts'
import type { Bindings } from './inline.ts'

export type PortResource = Extract<Resource, { kind: 'port' }>

export interface ServiceHost {
  /** Answers once the service is ready. Needs `io` around it. */
  executor(bindings: Bindings): Executor
  /** The number of a port of the attempt's service. Refuses PORT_TAKEN. */
  port(attempt: Attempt, port: PortResource): Promise<number>
  /** `listener` is told of each service that was ready and has failed for good, until the returned function is called. */
  onFailed?(listener: (failure: ServiceFailure) => void): () => void
}

export interface ServiceFailure {
  /** Of the newest attempt that asked for it. */
  readonly run: string
  readonly step: StepId
  readonly message: string
}

/** Of all processes of a service, whatever group they move to: by it they are found. */
export const SERVICE_VARIABLE = 'TUTTI_SERVICE'

/** The handle that a service's function gets. */
export const openPort = (name: string, number: number): Port => ({ [HANDLE]: 'port', name, number })

/** Where no services are kept: in a worker, in a simulation. */
export const noPort = (_attempt: Attempt, { name }: PortResource): Promise<number> =>
  refuse('PORT_OUTSIDE_SERVICE', `The port ${name} can only be used by a service`, { hint: 'Pass it to a service().' })
