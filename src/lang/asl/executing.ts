/** How Amazon begins the cause of every error that a state itself raises. */
import type { Scope } from './scope.ts'

/** Who is at work. */
export type At = Pick<Scope, 'name' | 'enteredId'>

export const executing = ({ name, enteredId }: At): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${enteredId}).`
