/** A retry that waits when its run is cancelled is forgotten, not tried. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run, task, workflow } from 'tutti'
import { openStore } from 'tutti/store'

it('leaves with its scope when a sibling fails for good', async () => {
  let tries = 0
  const flaky = task(
    () => {
      tries += 1
      throw new Error('again')
    },
    { name: 'flaky', retry: { times: 5, delay: '300ms', backoff: 'fixed', jitter: 'none' } },
  )
  const broken = task(
    async () => {
      await new Promise(resolve => setTimeout(resolve, 50))
      throw new Error('for good')
    },
    { name: 'broken' },
  )
  const store = await openStore(mkdtempSync(join(tmpdir(), 'tutti-retry-')), { durability: 'normal' })
  const both = workflow(() => ({ a: flaky(), b: broken() }))
  expect(await run(both, { store })).toMatchObject({ status: 'failed', fault: { step: 'broken' } })
  await new Promise(resolve => setTimeout(resolve, 350))
  expect(tries).toBe(1)
  await store.close()
})
