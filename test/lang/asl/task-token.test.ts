/** K1, K2: task tokens. */
import { expect, test } from 'vitest'
import { placeOf, tokenOf } from '../../../src/lang/asl/task/token.ts'

test.each([
  { run: 'run-1', signal: 'Approve' },
  { run: 'run-1', signal: 'Warte auf „Ja“ / 日本', step: 'order/Approve@3,0' },
])('K1: the same place gives the same token, and the token its place: %j', place => {
  const token = tokenOf(place)
  expect(tokenOf({ ...place })).toBe(token)
  expect(placeOf(token)).toEqual(place)
  expect(token).toMatch(/^[\w-]+$/)
})

test.each(['', 'AAAAKgAAAAIAAAAAAAAAA', 'TUTTI', 'TUTTIe30', `TUTTI${Buffer.from('["a"]').toString('base64url')}`])(
  'none of ours: %j',
  token => {
    expect(placeOf(token)).toBeUndefined()
  },
)
