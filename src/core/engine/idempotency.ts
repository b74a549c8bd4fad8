/** One key for all attempts of a step instance, for the world's side to recognise a repetition by. */
export const idempotencyKey = (run: string, step: string): string => `${run}/${step}`
