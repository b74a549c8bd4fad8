/** What a version is (V1, V2). */
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/store/memory.ts'
import { decodeContents, encodeContents, versionHash } from '../../src/versions/index.ts'
import { faceOfText } from './rig.ts'

const text = (body: string): string => `import { task, workflow } from 'tutti'
const lint = task((x: number) => x + 1)
export const w = workflow(() => { ${body} })
`

test('V1. the hash of a version is that of its face: text that means the same has the same', async () => {
  const hashOf = async (each: string) => versionHash(await faceOfText(each))
  const hash = await hashOf(text('lint(1)'))
  const commented = await hashOf(`// first\n\n${text('/* here */ lint( 1 ) // done\n')}`)
  const other = await hashOf(text('lint(2)'))
  expect(commented).toBe(hash)
  expect(other).not.toBe(hash)
})

test('V2. a number names one version, which stays what it was', async () => {
  const face = await faceOfText(text('lint(1)'))
  const other = await faceOfText(text('lint(2)'))
  const store = memoryStore()
  const publish = (each: typeof face, seen: number) =>
    store.versions.publish(
      { line: 'tutti.ts#w', number: '1.0.0', hash: versionHash(each), atMs: 0, facts: {} },
      encodeContents({ v: 1, face: each, code: null, sources: [] }),
      seen,
      'current',
    )
  expect(publish(face, 0)).toBe('published')
  expect([publish(other, 0), publish(other, 1)]).toEqual(['stale', 'stale'])
  const kept = decodeContents(store.versions.contents('tutti.ts#w', '1.0.0'))
  expect(versionHash(kept.face)).toBe(versionHash(face))
})
