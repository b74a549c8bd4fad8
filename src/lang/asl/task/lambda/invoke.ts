/** Invocations of functions, whatever stands for the function: a handler's file, a function of the user's, a command, an address. */
import { dirname, resolve } from 'node:path'
import type { Json } from '../../../../util/json.ts'
import type { StateError } from '../../state-error.ts'
import type { Binding, LambdaBinding } from '../binding.ts'
import { callCommand } from '../call/command.ts'
import { functionIn } from '../call/function.ts'
import { callAddress } from '../call/http.ts'
import type { TaskRequest } from '../request.ts'
import { nameIn } from '../resource.ts'
import type { Invocation, Invoked } from './invoked.ts'
import { invokeFile, invokeHandler } from './javascript.ts'
import { invokePython } from './python.ts'

/** What can stand for a function. */
export type FunctionBinding = Exclude<
  Binding,
  string | { readonly machine: unknown } | { readonly callback: unknown } | { readonly mock: unknown }
>

export interface FunctionCall {
  readonly binding: FunctionBinding
  /** As the state names it. */
  readonly name: string
  /** JSON. */
  readonly payload: string
  readonly folder: string
  readonly env: { readonly [name: string]: string }
  readonly request: TaskRequest
}

/** AWS's own limit of a function's time. */
const TIMEOUT_SECONDS_MAX = 900
const MEMORY_MB = 128

export async function invoke(call: FunctionCall): Promise<Invoked> {
  const { binding, payload, folder, env, request } = call
  if (typeof binding === 'function') {
    const event = JSON.parse(payload) as Json
    return invokeHandler(async () => functionIn(binding)(event, request), invocationOf(call, {}))
  }
  if ('lambda' in binding) return invokeLambda(binding, call)
  if ('command' in binding) {
    const { timeoutSeconds } = request
    return returned(
      await callCommand({
        binding,
        input: payload,
        folder,
        env,
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      }),
    )
  }
  return returned(await callAddress(binding, payload, request.signal))
}

const returned = (body: string): Invoked => ({ kind: 'returned', body })

function invokeLambda(binding: LambdaBinding, call: FunctionCall): Promise<Invoked> {
  const file = resolve(call.folder, binding.lambda)
  const invocation = { ...invocationOf(call, binding), folder: dirname(file) }
  return file.endsWith('.py') ? invokePython(binding, file, invocation) : invokeFile(binding, file, invocation)
}

function invocationOf({ name, payload, request }: FunctionCall, binding: Partial<LambdaBinding>): Invocation {
  const functionName = nameIn(name)
  const { timeoutSeconds = TIMEOUT_SECONDS_MAX, memoryMb = MEMORY_MB } = binding
  return {
    functionName,
    arn: name.startsWith('arn:') ? name : `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    payload,
    requestId: request.world.uuid(),
    timeoutSeconds,
    memoryMb,
    nowMs: request.world.now(),
  }
}

/** A payload that is a text is JSON already. */
export function payloadOf(given: Json | undefined, refused: (message: string) => StateError): string {
  if (typeof given !== 'string') return JSON.stringify(given ?? null)
  try {
    JSON.parse(given)
    return given
  } catch (error) {
    throw refused(`Could not parse request body into json: ${error instanceof Error ? error.message : String(error)}`)
  }
}
