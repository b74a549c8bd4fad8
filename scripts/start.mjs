/** `npm start`: sets up and runs the weather example; more arguments go to `tutti run`. */
import { run, setup } from './setup.mjs'

setup()
process.exitCode = run(process.execPath, ['dist/cli.js', 'run', 'examples/weather/tutti.ts', ...process.argv.slice(2)])
