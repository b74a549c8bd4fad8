/** `npm run faults`: many rounds of every fault, and what came of it. A failure prints the command that repeats its round. */
import { parseArgs } from 'node:util'
import { type Fault, type Report, type Rounds, runRounds } from './fault.ts'
import { FAULTS } from './faults.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    of: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log('npm run faults -- [--rounds N] [--of ALL] [--seed S] [--only NAME[,NAME]]\n')
  for (const { name, claim } of FAULTS) console.log(`  ${name.padEnd(8)} ${claim}`)
} else {
  const names = values.only?.split(',')
  const chosen = FAULTS.filter(({ name }) => !names || names.includes(name))
  // Asked to stop, it tells what it has done so far.
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  let failed = 0
  for (const fault of chosen)
    failed += await tryOut(fault, {
      count: Number(values.rounds),
      of: Number(values.of ?? values.rounds),
      seed: Number(values.seed),
      signal: stop.signal,
    })
  process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1
}

async function tryOut(fault: Fault, rounds: Rounds): Promise<number> {
  const reason = fault.unavailable?.()
  if (reason !== undefined) {
    console.log(`${fault.name}: not tried here, ${reason}`)
    return 0
  }
  const startMs = performance.now()
  const report = await runRounds(fault, {
    ...rounds,
    onRound: (done, failure) => {
      if (failure)
        console.log(
          `${fault.name}: round ${done} fails\n  again: npm run faults -- --only ${fault.name} --rounds 1 --of ${rounds.of} --seed ${failure.seed}\n  ${textOf(failure.error)}`,
        )
      if (process.stderr.isTTY) process.stderr.write(`\r${fault.name} ${done}/${rounds.count} `)
      else if (done % 20 === 0 && done < rounds.count) console.error(`${fault.name} ${done}/${rounds.count}`)
    },
  })
  console.log(lineOf(fault, report, performance.now() - startMs))
  return report.failures.length
}

function lineOf({ name }: Fault, { rounds, tally, failures }: Report, ms: number): string {
  const counts = Object.entries(tally).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  return `${name}: ${rounds - failures.length} of ${rounds} rounds hold in ${Math.round(ms / 1_000)} s: ${counts.join(', ')}`
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
