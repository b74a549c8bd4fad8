/** The command line's first file: answers what needs nothing at once, and loads the rest only when it is asked for. */
import { nullRun } from './null-run.ts'

declare const TUTTI_VERSION: string

async function main(): Promise<void> {
  const [first] = process.argv.slice(2)
  // A thread is given no words, so what begins with `run` is none.
  if (first === 'run' && process.platform !== 'win32' && (await nullRun(TUTTI_VERSION))) return
  const { isMainThread } = await import('node:worker_threads')
  if (!isMainThread) return (await import('./worker.ts')).serveThread()
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${TUTTI_VERSION}\n`)
    return
  }
  if (process.platform === 'win32') {
    process.stderr.write('error PLATFORM  Tutti runs on Linux and macOS; on Windows use it inside WSL.\n')
    process.exitCode = 3
    return
  }
  // Should all handles close before the command has ended, that is a defect of ours and must not look like success.
  process.exitCode = 3
  const exit = await (await import('./program.ts')).runProgram(process.argv.slice(2), TUTTI_VERSION)
  await Promise.all([process.stdout, process.stderr].map(flushed))
  // Timers and sockets that a task has left behind must not hold the terminal.
  process.exit(exit)
}

/** Resolves when all that was written is out, or nobody reads it any more. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => (stream.writable ? stream.write('', () => resolve()) : resolve()))

void main()
