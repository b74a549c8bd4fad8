/** The trip, simulated as its README says: approved, not approved, cancelled; whatever dies. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tutti } from '../cli/rig.ts'

const cwd = fileURLToPath(new URL('../../examples/trip', import.meta.url))
const readme = readFileSync(`${cwd}/README.md`, 'utf8')
/** The words of each command line, without its comment. */
const commands = [...readme.matchAll(/^npx tutti (simulate .*?)\s*(?:#.*)?$/gm)].map(({ 1: words = '' }) =>
  words.split(' ').map(word => word.replaceAll("'", '')),
)

/** Exit code, output, and what the timeline ends with. */
const ENDS: readonly (readonly [number, RegExp, RegExp])[] = [
  [0, /^750 paid, approved by ada\n$/, /the run ended succeeded\n$/],
  [0, /^TIMEOUT\n$/, /cancelHotel succeeded\n.*give --signal 'approval=…'\n$/s],
  [5, /^$/, /t\+1d.*cancelHotel succeeded\n.*the run ended cancelled/s],
  [0, /^(\d+) of \1 {2}succeeded "750 paid, approved by ada"/, /^$/],
  [0, /^200 of 200 {2}succeeded "750 paid, approved by ada"/, /^$/],
]

test('every command of the README has its end here', () => expect(commands.length).toBe(ENDS.length))

test.each(ENDS.map((end, index) => [commands[index]?.join(' '), ...end] as const))(
  '%s',
  async (words = '', code, out, err) => {
    const ended = await tutti(words.split(' '), { cwd })
    expect(ended.err).toMatch(err)
    expect(ended.out).toMatch(out)
    expect(ended.code).toBe(code)
  },
)
