/** One state at work, for the tests of what states make of their input. */
import type { QueryLanguage } from '../../../src/lang/asl/machine.ts'
import type { Scope, Soon, Stage, Vars } from '../../../src/lang/asl/scope.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import type { Json } from '../../../src/util/json.ts'

export const NOW = Date.UTC(2026, 10, 23, 14, 38, 7)
export const PREFIX = "An error occurred while executing the state 'S' (entered at the event id #2). "

export interface Setting {
  readonly input?: Json
  readonly vars?: Vars
  readonly language?: QueryLanguage
  readonly inspect?: (stage: Stage, value: Json) => void
}

export const scopeOf = ({ input = {}, vars = {}, language = 'JSONPath', inspect }: Setting = {}): Scope => ({
  name: 'S',
  language,
  input,
  vars,
  context: { Execution: { Name: 'run' } },
  enteredId: 2,
  world: { now: () => NOW, random: () => 0.5, uuid: () => 'uuid' },
  ...(inspect ? { inspect } : {}),
})

/** The value, or `NAME: words` of the error that the state ends with. */
export async function outcome<T>(work: () => Soon<T>): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StateError) return error.message.replace(PREFIX, '')
    throw error
  }
}
