/** A process that keeps a service and runs a command, until it is killed. `argv`: the folder, and what is to be run. */
import { sh } from '../../src/exec/index.ts'
import { guardGroups } from '../../src/services/index.ts'
import { keeper } from './keeper.ts'

const [, , cwd = '', daemon = ''] = process.argv
guardGroups(`${cwd}/.tutti`)
const { ask } = keeper(cwd)
void sh`sh -c ${`while :; do sleep 0.1; done # ${cwd} command`}`.run().catch(() => undefined)
await ask({ name: 'plain', fn: () => sh`sh -c ${`while :; do sleep 0.1; done # ${cwd} service`}` })
await ask({ name: 'daemon', fn: () => sh`node ${daemon} 2 daemon`, policy: { ready: { kind: 'exit' } } })
console.log('ready')
