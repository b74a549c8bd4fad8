/** What holds for commands holds for those that a forker starts: the same tests again, from the first command on. */
import { setForkAfter } from '../../src/exec/sh/forker.ts'

setForkAfter(0)
await import('./sh.test.ts')
