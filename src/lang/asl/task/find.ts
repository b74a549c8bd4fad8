/** Which binding a call means: of the state, of the resource, or of the function, machine or activity that it names. */
import type { Json } from '../../../util/json.ts'
import type { Binding, Bindings } from './binding.ts'
import { isRecord } from './parameters.ts'
import { nameIn, requestArn, type Resource } from './resource.ts'

export interface Found {
  readonly key: string
  readonly binding: Exclude<Binding, string>
  /** What is bound: the whole call, or whom it calls. */
  readonly as: 'call' | 'target'
}

export interface Called {
  readonly state: string
  readonly resource: Resource
  readonly argument: Json
}

export function findBinding(bindings: Bindings, called: Called): Found | undefined {
  for (const { key, as } of keysOf(called)) {
    const binding = Object.hasOwn(bindings, key) ? bindings[key] : undefined
    if (binding !== undefined && typeof binding !== 'string') return { key, binding, as }
  }
  return undefined
}

interface Key {
  readonly key: string
  readonly as: Found['as']
}

function keysOf({ state, resource, argument }: Called): readonly Key[] {
  const target = targetOf(resource, argument)
  const targets: Key[] = target === undefined ? [] : spellings(target).map(key => ({ key, as: 'target' }))
  if (resource.kind !== 'service') return [{ key: state, as: 'target' }, ...targets]
  const calls = [state, resource.arn, requestArn(resource)].map(key => ({ key, as: 'call' as const }))
  return [...calls, ...targets]
}

/** Whom a call is for, as far as it names one that is bound by its own name. */
export function targetOf(resource: Resource, argument: Json): string | undefined {
  switch (resource.kind) {
    case 'lambda':
    case 'activity':
      return resource.arn
    case 'service':
      return textOf(argument, targetField(resource))
  }
}

/** The field of a call that names it. */
export function targetField({ service, action }: Extract<Resource, { kind: 'service' }>): string | undefined {
  if (service === 'lambda' && action === 'invoke') return 'FunctionName'
  if (service === 'states' && action === 'startExecution') return 'StateMachineArn'
  return undefined
}

function textOf(argument: Json, field: string | undefined): string | undefined {
  const value = field !== undefined && isRecord(argument) ? argument[field] : undefined
  return typeof value === 'string' ? value : undefined
}

/** `arn:…:function:charge:live`, the same without the alias, `charge:live`, `charge`. */
export function spellings(target: string): readonly string[] {
  const all = [target]
  if (target.startsWith('arn:')) {
    const parts = target.split(':')
    all.push(parts.slice(0, 7).join(':'), parts.slice(6).join(':'))
  }
  all.push(nameIn(target))
  return [...new Set(all)]
}
