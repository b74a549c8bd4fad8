/** `foreignWorkflow`: what another language has written becomes a workflow, called like one that was traced. */
import type { Param } from '../core/graph/graph.ts'
import type { Diagnostic, Position } from '../util/diagnostic.ts'
import { fromTagged } from '../util/tagged.ts'
import type { AnyFunction, ForeignBody, WorkflowParams } from './definition.ts'
import type { Schema } from './types.ts'
import { callableOf } from './workflow.ts'

export interface ForeignWorkflow extends ForeignBody {
  readonly name: string
  readonly params: readonly Param[]
  readonly deadlineMs?: number
  readonly at?: Position
  readonly missing?: readonly Diagnostic[]
  readonly warnings?: readonly Diagnostic[]
  readonly whole?: string
}

/** Called with its arguments in the order of `params` when all are required, else with one record of them. */
export function foreignWorkflow(given: ForeignWorkflow): AnyFunction {
  const { name, params, deadlineMs, at, missing, warnings, whole, ...foreign } = given
  return callableOf({
    kind: 'workflow',
    name,
    pinned: true,
    at,
    address: undefined,
    params: paramsOf(params),
    body: () => undefined,
    policy: deadlineMs === undefined ? {} : { deadlineMs },
    onFailure: foreign.region.onFailure,
    foreign,
    ...(missing ? { missing } : {}),
    ...(warnings ? { warnings } : {}),
    ...(whole === undefined ? {} : { whole }),
  })
}

const paramsOf = (params: readonly Param[]): WorkflowParams =>
  params.every(({ required }) => required)
    ? { kind: 'positional', names: params.map(({ name }) => name) }
    : { kind: 'schemas', schemas: Object.fromEntries(params.map(param => [param.name, schemaOf(param)])) }

/** Takes every value; tells the type that the language gave, and the default. */
const schemaOf = ({ name, type, required, default: standard }: Param): Schema =>
  ({
    '~standard': {
      version: 1,
      vendor: 'tutti',
      validate: (value: unknown) =>
        value !== undefined
          ? { value }
          : required
            ? { issues: [{ message: `${name} is missing` }] }
            : { value: standard === undefined ? undefined : fromTagged(standard) },
      jsonSchema: { input: () => type, output: () => type },
    },
  }) as unknown as Schema
