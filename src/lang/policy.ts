/** What Tutti's own words for policies come to in a graph: for languages, which have words of their own for the same. */
import type { ServicePolicy } from '../core/graph/graph.ts'
import { policyOf } from '../dsl/policy.ts'
import { type ServiceOptions, servicePolicyOf, tracedPolicy } from '../dsl/service-policy.ts'
import { refuse } from '../util/diagnostic.ts'

/** Of a step: `{ retry: 3, timeout: '5m' }` as `task()` takes it. */
export const stepPolicy = policyOf

/** Of a service: `{ ready: { http: '/health' } }` as `service()` takes it, with its defaults. `listens`: it is given a port. */
export const servicePolicy = (options: ServiceOptions, listens: 'listens' | 'silent'): ServicePolicy =>
  tracedPolicy(servicePolicyOf(options), listens === 'listens', role =>
    refuse('BAD_OPTION', `${role} of a service in a graph is no function`, {
      hint: `Name a function of the workflow's \`pure\` in the graph itself: { kind: 'function', fn: id }.`,
    }),
  )
