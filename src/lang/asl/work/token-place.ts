/** Where the answer to a task is waited for, as seen from the step that asked: the regions that ../compile/task.ts puts round it. */

export function answerStep(step: string): string {
  const end = step.lastIndexOf('/') + 1
  const id = step.slice(end)
  return `${step.slice(0, end)}${id}#answer.then/${id}#race.answer/${id}`
}

const ANSWER = /^(.*\/)?([^/]+)#answer\.then\/\2#race\.answer\/\2$/s

/** The step that asked for what is waited for at `step`; undefined: nobody who gave a token. */
export function askerOf(step: string): string | undefined {
  const [, before = '', id] = ANSWER.exec(step) ?? []
  return id === undefined ? undefined : before + id
}

/** What waits for the heartbeats of the task whose answer is waited for at `step` stands below this. */
export const silenceOf = (step: string): string | undefined =>
  askerOf(step) && step.replace(/#race\.answer\/[^/]+$/, '#race.silence/')
