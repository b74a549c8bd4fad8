/** `tutti check` of a file of another language: what its author may have meant otherwise is told beside the verdict. */
import { expect, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { inside } from '../versions-cli/inside.ts'

test('warnings of a state machine stand with their places, and change no exit code', async () => {
  const definition = { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { who: '$.name' }, End: true } } }
  const project = inside({ 'a.asl.json': JSON.stringify(definition, null, 2) })
  const { code, err } = await project.run(io => checkCommand(io, [`${project.folder}/a.asl.json`], { types: false }))
  expect(code).toBe(0)
  expect(err).toMatch(/warning NO_DOLLAR/)
  expect(err).toMatch(/a\.asl\.json:\d+:\d+/)
})
