/** How far one evaluation may go: it shares its thread with all other runs. */
export const LIMITS = {
  milliseconds: 500,
  depth: 500,
  /** Of a list that an expression builds. */
  items: 500_000,
  /** Texts whose parsed form is kept. */
  parsedTexts: 10_000,
} as const
