/** Where a step instance stands in the graph: `tests[a]/triage` is one of `tests[*]/triage`. */

const TURN = /(\.[^./[\]]+)\[\d+\]/g
const KEY = /\[[^\]]*\]/g

export const placeOf = (step: string): string => step.replace(TURN, '$1').replace(KEY, '[*]')

/** In their brackets, outermost first. */
export const keysOf = (step: string): readonly string[] => step.match(KEY) ?? []
