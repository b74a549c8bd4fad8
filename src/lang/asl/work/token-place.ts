/** Where the answer to a task is waited for, as seen from the step that asked: the regions that ../compile/task.ts puts round it. */

export function answerStep(step: string): string {
  const end = step.lastIndexOf('/') + 1
  const id = step.slice(end)
  return `${step.slice(0, end)}${id}#answer.then/${id}#race.answer/${id}`
}
