/** Which attempt a user means, and where a debugger is waited for. */
import { expect, test } from 'vitest'
import { inspectorAddress } from '../../src/run/debug/inspector.ts'
import { chooseAttempt, type PastStep } from '../../src/run/debug/past-steps.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

const step = (id: string, path: string, kind: PastStep['kind'], ...attempts: readonly number[]): PastStep => ({
  id,
  path,
  name: path.slice(path.lastIndexOf('/') + 1),
  kind,
  attempts: attempts.map(attempt => ({ attempt, startedAtMs: 0 })),
})

const steps = new Map(
  [
    step('build', 'dist', 'task', 1, 4),
    step('build~2', 'build', 'task', 2),
    step('each', 'tests', 'each'),
    ...Array.from({ length: 12 }, (_, index) => step(`each[${index}]/triage`, `tests[${index}]/triage`, 'task', 5)),
    step('gate', 'gate', 'when'),
    step('gate.then/late', 'gate.then/late', 'task'),
    step('gate.undo/again', 'gate.undo/again', 'effect', 9),
    step('late', 'late', 'task'),
    step('pause', 'pause', 'wait'),
    step('when', 'when', 'when'),
    step('one', 'one', 'task', 1),
    step('x/one', 'x/one', 'task'),
  ].map(each => [each.id, each]),
)

const choice = (name: string, attempt?: number): string => {
  try {
    const chosen = chooseAttempt(steps, 'r', { step: name, ...(attempt === undefined ? {} : { attempt }) })
    return `${chosen.step.id} ${chosen.attempt.attempt}`
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.diagnostics.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`).join('\n')
  }
}

test.for([
  ['dist', undefined, 'build 4'],
  ['dist', 1, 'build 1'],
  ['dist', 2, 'ATTEMPT_UNKNOWN: Step dist of run r has no attempt 2; Its attempts: 1, 4.'],
  // An id goes before a path.
  ['build', undefined, 'build 4'],
  ['build~2', undefined, 'build~2 2'],
  ['tests[3]/triage', undefined, 'each[3]/triage 5'],
  ['again', undefined, 'gate.undo/again 9'],
  // Of several of one name the one that was tried.
  ['one', undefined, 'one 1'],
  [
    'tests',
    undefined,
    'STEP_HAS_NO_ATTEMPT: Step tests is nothing to run: an each only holds other steps; Name one of those: tests[0]/triage, tests[1]/triage, tests[2]/triage, tests[3]/triage, tests[4]/triage, tests[5]/triage, tests[6]/triage, tests[7]/triage, tests[8]/triage, tests[9]/triage and 2 more.',
  ],
  [
    'gate',
    undefined,
    'STEP_HAS_NO_ATTEMPT: Step gate is nothing to run: a when only holds other steps; Name one of those: gate.undo/again.',
  ],
  [
    'when',
    undefined,
    'STEP_HAS_NO_ATTEMPT: Step when has not been tried in run r; It is a when, which only holds other steps, and none of them has been tried.',
  ],
  [
    'late',
    undefined,
    'STEP_HAS_NO_ATTEMPT: Step late has not been tried in run r; It has not begun, or its result was known from elsewhere: tutti show r',
  ],
  [
    'pause',
    undefined,
    'STEP_HAS_NO_ATTEMPT: Step pause is nothing to run: it is a wait; Tasks, effects, flows and sources have attempts.',
  ],
  [
    'late',
    3,
    'STEP_HAS_NO_ATTEMPT: Step late has not been tried in run r; It has not begun, or its result was known from elsewhere: tutti show r',
  ],
  ['dits', undefined, 'STEP_UNKNOWN: Run r has no step dits; Did you mean dist?'],
  ['something else', undefined, 'STEP_UNKNOWN: Run r has no step something else; tutti show r lists its steps.'],
] as const)('%s, attempt %s', ([name, attempt, chosen]) => {
  expect(choice(name, attempt)).toBe(chosen)
})

test('several steps of one name are listed', () => {
  expect(choice('triage')).toContain('STEP_AMBIGUOUS: Run r has 12 steps triage; Name one of them: tests[0]/triage, ')
})

test.for([
  [undefined, '127.0.0.1', 9229],
  ['', '127.0.0.1', 9229],
  ['9230', '127.0.0.1', 9230],
  ['0', '127.0.0.1', 0],
  ['localhost', 'localhost', 9229],
  ['my-host.example:65535', 'my-host.example', 65_535],
  ['0.0.0.0:9229', '0.0.0.0', 9229],
  ['10.0.0.1', '10.0.0.1', 9229],
  ['[::1]:9230', '::1', 9230],
  ['[::1]', '::1', 9229],
] as const)('--inspect=%s', ([text, host, port]) => {
  expect(inspectorAddress(text)).toEqual({ host, port })
})

test.for(['65536', 'a b', 'host:', ':9229', 'host:port', '::1', '-1', 'http://x:1'])(
  '--inspect=%s is refused',
  text => {
    expect(() => inspectorAddress(text)).toThrow('USAGE')
  },
)
