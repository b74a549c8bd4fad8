/** How often a state that is tried again as a whole (../compile/errors.ts) has been before: its steps' ids say so. */
import { idOf } from '../compile/build.ts'

/** `step`: one inside of the state called `name`. Of a state whose step is tried again itself, none. */
export function turnsBefore(step: string, name: string): number {
  const mark = `/${idOf(name)}#try.body`
  const at = `/${step}`.lastIndexOf(mark)
  if (at === -1) return 0
  const turn = /^\[(\d+)\]/.exec(`/${step}`.slice(at + mark.length))
  return Number(turn?.[1] ?? 0)
}
