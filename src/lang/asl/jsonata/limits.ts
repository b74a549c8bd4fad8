/**
 * How far one evaluation may go. It shares its thread with all other runs, and its text may come from anywhere.
 *
 * Bounded are: how many nodes it evaluates (which is the same on each machine, however busy), for how long, how deep they nest, how
 * large a value it builds is once it is written out, and how much it builds in all. Each ends it with AWS's words for the like. AWS's
 * own bounds are tighter (values of 6,990,256 bytes, 100 levels): what runs there is within ours.
 *
 * Invariants
 *   JB1. An evaluation that goes on for longer than a slice lets others have the thread.
 *   JB2. What one call of a function of the language's own does is bounded by the sizes it is given, or watched (./watch.ts).
 *   JB3. A size is that of the value written out: a list that holds one list a million times counts as a million lists.
 */

export const LIMITS = {
  /** Nodes of the text, each time they are evaluated, and calls of functions, by what they are given: half a second to one. */
  steps: 600_000,
  /** Of computing, not of waiting for others: for steps that take long. Generous, since a busy machine must not fail what an idle one does. */
  milliseconds: 5000,
  /** After which others have the thread. */
  sliceMilliseconds: 20,
  /** Of one call that only the runtime can stop. */
  watchMilliseconds: 500,
  /** Evaluations within evaluations that are open at once; those of the fields of one object stand side by side, and count. */
  open: 50_000,
  /** Of one value, a number counted as eight bytes, a character as one. */
  valueBytes: 64 * 1024 * 1024,
  /** Characters of one text that is built. */
  textLength: 8 * 1024 * 1024,
  /** Of all lists, objects and long texts together. */
  builtBytes: 256 * 1024 * 1024,
  /** Texts whose parsed form is kept. */
  parsedTexts: 10_000,
} as const

export const WORDS = {
  slow: 'Expression evaluation timeout: Check for infinite loop',
  deep: 'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive',
  large: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
} as const

/** What one evaluation has used up. */
export interface Budget {
  steps: number
  open: number
  spentMs: number
  sliceStartMs: number
  builtBytes: number
  /** Of the lists and objects seen so far: their size written out. */
  readonly sizes: WeakMap<object, number>
  /** While others have the thread. */
  pause: Promise<void> | undefined
}

export const openBudget = (): Budget => ({
  steps: 0,
  open: 0,
  spentMs: 0,
  sliceStartMs: performance.now(),
  builtBytes: 0,
  sizes: new WeakMap(),
  pause: undefined,
})

/** Before a node is evaluated; to be waited for where it gives a promise. */
export function enter(budget: Budget): Promise<void> | undefined {
  budget.open += 1
  if (budget.open > LIMITS.open) throw new Error(WORDS.deep)
  return step(budget) > LIMITS.sliceMilliseconds ? pause(budget) : undefined
}

/** One step, or as many as it is worth: gives how long the present slice takes, or 0 where it has not looked, since looking takes longer than most steps. */
export function step(budget: Budget, weight = 1): number {
  budget.steps += weight
  if (budget.steps > LIMITS.steps) throw new Error(WORDS.slow)
  if (weight === 1 && budget.steps % 8 !== 0) return 0
  const sliceMs = performance.now() - budget.sliceStartMs
  if (budget.spentMs + sliceMs > LIMITS.milliseconds) throw new Error(WORDS.slow)
  return sliceMs
}

/** Until others have had the thread. */
export function pause(budget: Budget): Promise<void> {
  budget.pause ??= new Promise(resume => {
    budget.spentMs += performance.now() - budget.sliceStartMs
    setImmediate(() => {
      budget.sliceStartMs = performance.now()
      budget.pause = undefined
      resume()
    })
  })
  return budget.pause
}

/** After a value was built. */
export function built(budget: Budget, value: unknown): void {
  if (typeof value === 'string') {
    if (value.length >= 1024) spendBytes(budget, value.length > LIMITS.textLength ? Infinity : value.length)
  } else if (value !== null && typeof value === 'object') {
    if (Array.isArray(value)) within(8 * value.length)
    sizeOf(value, budget)
  }
}

function spendBytes(budget: Budget, bytes: number): void {
  budget.builtBytes += bytes
  if (budget.builtBytes > LIMITS.builtBytes) throw new Error(WORDS.large)
}

/** Of `value` written out. What was seen before is not looked into again. */
function sizeOf(value: unknown, budget: Budget): number {
  if (typeof value === 'string') return value.length
  if (value === null || typeof value !== 'object') return 8
  if (isFunction(value)) return 8
  const known = budget.sizes.get(value)
  if (known !== undefined) return known
  let size = 8
  if (Array.isArray(value)) for (const item of value) size = within(size + sizeOf(item, budget))
  else
    for (const key in value) size = within(size + key.length + sizeOf((value as Record<string, unknown>)[key], budget))
  spendBytes(budget, Array.isArray(value) ? 8 * value.length : 16)
  budget.sizes.set(value, size)
  return size
}

/** As jsonata marks them: those of a text, and its own. They lead back to all that they can see. */
export const isFunction = (value: object): boolean => '_jsonata_lambda' in value || '_jsonata_function' in value

function within(size: number): number {
  if (size > LIMITS.valueBytes) throw new Error(WORDS.large)
  return size
}
