/** Which files are taken for state machines when nobody says what they are. */
import { expect, test } from 'vitest'
import { matchesAsl } from '../../../src/lang/asl/matches.ts'

const JSON_TEXT = '{"Comment": "StartAt", "StartAt": "A", "States": {}}'

test.each([
  ['x.asl.json', ''],
  ['x.ASL.JSON', 'anything'],
  ['x.asl', ''],
  ['dir/x.asl.yml', ''],
  ['x.json', JSON_TEXT],
  ['x.json', `${JSON_TEXT.slice(0, -1)},}`],
  ['x.json5', "// one\n{StartAt: 'A', 'States': {}}"],
  ['x.yaml', 'Comment: x\nStartAt: A\nStates:\n  A: {}\n'],
  ['x.yml', '"StartAt": A\n"States": {}\n'],
  ['x.yaml', JSON_TEXT],
])('%s is one: %s', (path, text) => expect(matchesAsl({ path, text })).toBe(true))

test.each([
  ['x.json', '{"StartAt": "A"}'],
  ['x.json', '{"Definition": {"StartAt": "A", "States": {}}}'],
  ['x.json', '[1, "StartAt", "States"]'],
  ['x.json', 'null'],
  ['x.json', 'StartAt States'],
  ['template.yaml', 'Resources:\n  Machine:\n    StartAt: A\n    States: {}\n'],
  ['x.txt', JSON_TEXT],
  ['x.aslx', JSON_TEXT],
  ['asl', JSON_TEXT],
])('%s is none: %s', (path, text) => expect(matchesAsl({ path, text })).toBe(false))
