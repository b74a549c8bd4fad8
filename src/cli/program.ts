/** The table of commands: words, options and help texts in one place. What they do is in ./commands, loaded when asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { Refusal } from '../util/diagnostic.ts'
import { durationMs } from '../util/duration.ts'
import { nearestName } from '../util/nearest.ts'
import { EXIT } from './exit.ts'
import { type Io, processIo, type Reading, reportError, usage } from './io.ts'

/** Runs the words of a command line; the exit code. */
export async function runProgram(words: readonly string[], version: string): Promise<number> {
  let reading: Reading = {}
  const io: Io = Object.defineProperty(processIo(version), 'reading', { get: () => reading, enumerable: true })
  let exit: number = EXIT.succeeded
  const act = (action: () => Promise<number>) => async (): Promise<void> => {
    exit = await action()
  }
  const program = buildProgram(io, act).hook('preAction', (_, command) => {
    reading = readingOf(command)
  })
  const flags = { verbose: words.includes('--verbose'), json: words.includes('--json') && !words.includes('graph') }
  try {
    await program.parseAsync(withFreshSteps(withInspectAddress(words)), { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return commanderExit(io, error, program, words)
    return reportError(io, error, flags)
  }
}

type Act = (action: () => Promise<number>) => () => Promise<void>

function buildProgram(io: Io, act: Act): Command {
  const program = new Command('tutti')
    .description('One file describes builds, releases, data pipelines and processes; one small engine runs it durably.')
    .version(io.version, '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError(false)
    .enablePositionalOptions()
    .addHelpText(
      'after',
      "\nStart with: tutti init, then tutti run. A workflow's parameters: tutti run FILE WORKFLOW --help",
    )
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).allowExcessArguments(false)

  followOptions(
    storeOptions(
      command('run [words...]', 'run a workflow; FILE is tutti.ts unless named, WORKFLOW its only or default one'),
    ),
  )
    .usage('[FILE] [WORKFLOW][@VERSION] [options]')
    .helpOption(false)
    .option('-h, --help', 'help; with a file, the parameters of its workflows')
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .addOption(langOption())
    .addOption(bindOption())
    .addOption(mockOption())
    .addOption(testCaseOption())
    .addOption(awsLimitsOption())
    .option('--id <id>', 'the id of the run; the same id and input give the same run')
    .option('--only <step>', "only this step and what it needs (repeatable); 'api/**', '*/test'", collect)
    .option('--since <ref>', 'only what hangs on files that differ from this commit of git, and what that needs')
    .option('--fresh', 'take no result from other runs; --fresh=STEP: not for this step (repeatable)')
    .addOption(new Option(`${FRESH_STEP} <step>`).argParser(collect).hideHelp())
    .option('--deadline <duration>', 'the run fails with TIMEOUT when it takes longer', positiveDuration)
    .option('--detach', 'run in the background and print the id')
    .option('--concurrency <n>', 'attempts in flight at a time', count)
    .addOption(scheduleOption())
    .addOption(
      new Option(
        '--sources <which>',
        'of a version: its own inputs in a folder of their own, or those of today',
      ).choices(['then', 'now']),
    )
    .option('--publish', 'publish the file first, as tutti publish does')
    .option('-m, --message <text>', 'with --publish: kept with the version')
    .action(async (words: string[], options, self: Command) => {
      if (words.length > 2)
        throw usage(`unexpected ${words.slice(2).join(' ')}`, 'tutti run [FILE] [WORKFLOW][@VERSION]')
      if (options.help) return act(() => runHelp(io, self, words))()
      await act(async () => (await import('./commands/run.ts')).runCommand(io, words, options))()
    })

  storeOptions(
    command('up [words...]', 'keep a workflow live: run again what a change has made stale, until it is stopped'),
  )
    .usage('[FILE] [WORKFLOW][@VERSION] [options]')
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .addOption(langOption())
    .addOption(bindOption())
    .addOption(mockOption())
    .addOption(testCaseOption())
    .addOption(awsLimitsOption())
    .addOption(
      new Option(
        '--on-change <policy>',
        'what becomes of a run when its inputs change again (default restart)',
      ).choices(['restart', 'finish']),
    )
    .option('--poll <duration>', 'how often sources are asked of which nobody tells (default 30s)', positiveDuration)
    .option('--concurrency <n>', 'attempts in flight at a time', count)
    .addOption(scheduleOption())
    .option('--publish', 'publish the file at the start, and whenever it has changed')
    .option('-m, --message <text>', 'with --publish: kept with the version')
    .option('--json', 'every event as NDJSON on stdout')
    .option('--quiet', 'no progress')
    .action(async (words: string[], options) => {
      if (words.length > 2) throw usage(`unexpected ${words.slice(2).join(' ')}`, 'tutti up [FILE] [WORKFLOW]')
      await act(async () => (await import('./commands/up.ts')).upCommand(io, words, options))()
    })

  storeOptions(command('publish [words...]', 'keep the workflow as it is now, as a version that can be had again'))
    .usage('[FILE] [WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('-m, --message <text>', 'kept with the version')
    .addOption(new Option('--bump <how>', 'raise the number by at least so much').choices(['major', 'minor', 'patch']))
    .option('--pre <name>', 'a pre-release: 1.3.0-NAME.0')
    .option('--channel <name>', 'for those who ask for it by name (default: stable; of pre-releases: next)')
    .option('--rename <before=after>', 'this step is that one under another id (repeatable)', collect)
    .option('--keep-sources', 'keep the files that it takes in, too, not only their hashes')
    .option('--all', 'every workflow of the file')
    .option('--dry-run', 'say which number it would get, and why')
    .option('--json', 'one JSON object a version')
    .action(async (words: string[], options) => {
      if (words.length > 2) throw usage(`unexpected ${words.slice(2).join(' ')}`, 'tutti publish [FILE] [WORKFLOW]')
      await act(async () => (await import('./commands/versioning.ts')).publishCommand(io, words, options))()
    })

  storeOptions(command('versions [words...]', 'what has been published, what changed, and how its runs went'))
    .usage('[FILE] [WORKFLOW] [options]')
    .option('--limit <n>', 'at most so many', count)
    .option('--json', 'one JSON object a version')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/versioning.ts')).versionsCommand(io, words, options))(),
    )

  storeOptions(command('rewind <words...>', 'make a version current: for new runs, up and services'))
    .usage('[FILE] WORKFLOW@VERSION [options]')
    .option('--json', 'one JSON object')
    .action(async (words: string[], options) => {
      if (words.length > 2) throw usage(`unexpected ${words.slice(2).join(' ')}`, 'tutti rewind WORKFLOW@VERSION')
      await act(async () => (await import('./commands/versioning.ts')).rewindCommand(io, words, options))()
    })

  storeOptions(command('diff [words...]', 'what is different between two versions, two files, or a version and a file'))
    .usage('[A] [B] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('-w, --workflow <name>', 'of this workflow, where A and B do not say')
    .option('--rename <before=after>', 'this step is that one under another id (repeatable)', collect)
    .option('--stat', 'how much, not what')
    .option('--all', 'everything, however long')
    .option('--check', 'exit with 1 when anything is different')
    .addOption(new Option('--svg', 'as a drawing of both').conflicts(['json', 'stat']))
    .option('--json', 'one JSON object')
    .addHelpText('after', DIFF_WORDS)
    .action((words: string[], options) =>
      act(async () => (await import('./commands/versioning.ts')).diffCommand(io, words, options))(),
    )

  storeOptions(command('blame [words...]', 'which version last changed a step, and how it did before and since'))
    .usage('[STEP] [FILE] [WORKFLOW][@VERSION] [options]')
    .option('--json', 'one JSON object a step')
    .action(async (words: string[], options) => {
      if (words.length > 3)
        throw usage(`unexpected ${words.slice(3).join(' ')}`, 'tutti blame [STEP] [FILE] [WORKFLOW]')
      await act(async () => (await import('./commands/versioning.ts')).blameCommand(io, words, options))()
    })

  storeOptions(command('bisect [words...]', 'run versions to find the first one from which something is bad'))
    .usage('[FILE] [WORKFLOW] --good VERSION [--bad VERSION] [options]')
    .option('--good <version>', 'one that is good')
    .option('--bad <version>', 'a later one that is bad (default: the current one)')
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .addOption(
      new Option('--fails', 'bad: the run does not succeed (default)').conflicts(['check', 'step', 'outputDiffers']),
    )
    .option('--step <step>', 'bad: this step fails')
    .option('--output-differs', 'bad: it gives something else than the good version')
    .option('--check <line>', 'a line for the shell says: 0 good, 125 cannot tell, else bad; the output is its stdin')
    .option('--concurrency <n>', 'attempts in flight at a time', count)
    .option('--json', 'one JSON object a probe, and one for the first bad version')
    .action(async (words: string[], options) => {
      if (words.length > 2) throw usage(`unexpected ${words.slice(2).join(' ')}`, 'tutti bisect [FILE] [WORKFLOW]')
      await act(async () => (await import('./commands/versioning.ts')).bisectCommand(io, words, options))()
    })

  storeOptions(command('migrate [run]', 'move a run that has not ended to another version of its workflow'))
    .usage(
      'RUN --to VERSION [options]\n       tutti migrate RUN --undo\n       tutti migrate [WORKFLOW] --all|--from RANGE --to VERSION',
    )
    .option('--to <version>', 'number, range or channel')
    .option('--rename <before=after>', 'this step of the run is that one of the version (repeatable)', collect)
    .addOption(
      new Option('--undo', 'back, while nothing has happened since').conflicts(['to', 'all', 'from', 'rename']),
    )
    .option('--all', 'every live run of the workflow')
    .option('--from <range>', 'every live run of these versions')
    .option('--dry-run', 'say whether it can, and change nothing')
    .option(
      '--timeout <duration>',
      'how long a process that drives it may take to let go of it (default 30s)',
      duration,
    )
    .option('--json', 'one JSON object a run')
    .action((run: string | undefined, options) =>
      act(async () => (await import('./commands/versioning.ts')).migrateCommand(io, run, options))(),
    )

  storeOptions(command('down [file]', 'stop what tutti up keeps running, or what it has left when it was killed'))
    .option('--json', 'one JSON object')
    .action((file: string | undefined, options) =>
      act(async () => (await import('./commands/down.ts')).downCommand(io, file, options))(),
    )

  command('simulate [words...]', 'run a workflow on a virtual clock, with mocks in place of the world')
    .usage('[FILE] [WORKFLOW] [options]')
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .option('--mock <name=json>', 'what a task or an effect gives (repeatable)', collect)
    .addOption(testCaseOption())
    .addOption(awsLimitsOption())
    .addOption(langOption())
    .addOption(bindOption())
    .option('--mock-file <file>', 'a module that exports `mocks`')
    .option(
      '--signal <name=json@time>',
      'a signal, and when it comes: \'approval={"by":"me"}@2d\' (repeatable)',
      collect,
    )
    .option('--cancel <time>', 'somebody cancels the run then, or one step: STEP@2d (repeatable)', collect)
    .option('--retry <step@time>', 'somebody asks for another try of a parked step (repeatable)', collect)
    .addOption(
      new Option('--real <what>', 'what runs for real where nothing is mocked').choices(['tasks', 'all', 'nothing']),
    )
    .option('--seed <n>', 'what decides everything that may come in several orders', count)
    .option('--seeds <n>', 'try so many seeds, and print the outcomes that there are', count)
    .option('--faults', 'deaths of the process, and what comes late or twice')
    .option('--crash-everywhere', 'the process dies at each commit once; print the outcomes that there are')
    .option('--max-time <duration>', 'virtual time after which it is given up (default 3650d)', duration)
    .option('--json', 'every event as NDJSON on stdout, the end of the run last')
    .option('--quiet', 'no timeline')
    .option('--verbose', "steps' output, and stacks of errors")
    .action((words: string[], options) =>
      act(async () => (await import('./commands/simulate.ts')).simulateCommand(io, words, options))(),
    )

  storeOptions(
    command('backtest [words...]', 'replay past runs through another version: which would have ended differently'),
  )
    .usage('[FILE] [WORKFLOW | WORKFLOW@VERSION] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('--runs <which>', 'last:100 (default), from:DATE, status:failed, all, or a run (repeatable)', collect)
    .option('--rename <before=after>', 'a step that has another name now (repeatable)', collect)
    .option('--mock <name=json>', 'what a step without a record gives (repeatable)', collect)
    .option('--mock-file <file>', 'a module that exports `mocks`')
    .option('--all', 'name every run')
    .option('--check', 'exit code 1 when any run would have been different')
    .option('--json', 'one JSON object a run, a summary last')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/versioning.ts')).backtestCommand(io, words, options))(),
    )

  storeOptions(command('runs', 'list the runs of a store'))
    .option('--json', 'one JSON object a run')
    .option('--limit <n>', 'at most so many (default 50)', count)
    .action(options => act(async () => (await import('./commands/inspect.ts')).runsCommand(io, options))())

  storeOptions(command('show [run]', 'show a run: its steps, attempts, failures, values (default: the newest)'))
    .option('--json', 'its events as NDJSON')
    .action((run: string | undefined, options) =>
      act(async () => (await import('./commands/inspect.ts')).showCommand(io, run, options))(),
    )

  storeOptions(command('logs [run] [step]', 'what the steps of a run printed'))
    .option('-f, --follow', 'go on until the run has ended')
    .option('--json', 'one JSON object a line')
    .action((run: string | undefined, step: string | undefined, options) =>
      act(async () => (await import('./commands/inspect.ts')).logsCommand(io, run, step, options))(),
    )

  storeOptions(command('find <query> [file]', 'search runs, steps, values, logs and graphs'))
    .usage("'QUERY' [FILE] [options]")
    .addOption(langOption())
    .addOption(bindOption())
    .option('--json', 'one JSON object a row')
    .addHelpText('after', FIND_WORDS)
    .action((query: string, file: string | undefined, options) =>
      act(async () => (await import('./commands/find.ts')).findCommand(io, { query, file }, options))(),
    )

  storeOptions(command('checkout <run> [steps...]', 'what a run has given, in a folder: values, files, errors, lines'))
    .option('--into <folder>', 'a new or empty folder')
    .option('--at <moment>', 'as it was then: after this event of the store (57), or at an instant (ISO 8601)')
    .option('--print <step>', 'instead, the value of one step on stdout')
    .option('--force', 'into a folder that is not empty: files of the same name are replaced')
    .option('--json', 'one JSON object for what was given')
    .action((run: string, steps: string[], options) =>
      act(async () => (await import('./commands/versioning.ts')).checkoutCommand(io, run, steps, options))(),
    )

  followOptions(storeOptions(command('resume [run]', 'go on with an interrupted run (default: the newest)')))
    .option('--latest', "use today's file instead of the one that the run began with")
    .option('--accept <step>', 'of a diverged run: a recorded call that need not be made again (repeatable)', collect)
    .addOption(langOption())
    .addOption(bindOption())
    .option('--concurrency <n>', 'attempts in flight at a time', count)
    .addOption(scheduleOption())
    .action((run: string | undefined, options) =>
      act(async () => (await import('./commands/resume.ts')).resumeCommand(io, run, options))(),
    )

  followOptions(storeOptions(command('redrive [run]', 'run an ended run again, keeping what succeeded')))
    .option('--from <step>', 'run this step again, and all that follows from it (repeatable)', collect)
    .option('--latest', "use today's file")
    .addOption(langOption())
    .addOption(bindOption())
    .action((run: string | undefined, options) =>
      act(async () => (await import('./commands/redrive.ts')).redriveCommand(io, run, options))(),
    )

  storeOptions(command('signal <run> <name> [json]', 'send a signal to a run that waits for it, or will'))
    .option('--id <id>', 'sent twice under one id it is taken once')
    .option('--step <step>', 'only for this wait')
    .option('--json', 'one JSON object')
    .action((run: string, name: string, json: string | undefined, options) =>
      act(async () => (await import('./commands/signal.ts')).signalCommand(io, { run, name, json }, options))(),
    )

  const task = program
    .command('task')
    .description('answer a task of a state machine by its token, or list those that wait')
  const ofTask = (name: string, description: string): Command =>
    storeOptions(task.command(name).description(description).allowExcessArguments(false)).option(
      '--json',
      'one JSON object',
    )
  ofTask('list [run]', 'what waits for an answer, with token and input (default: in all runs)').action(
    (run: string | undefined, options) =>
      act(async () => (await import('./commands/task.ts')).taskList(io, run, options))(),
  )
  ofTask('success <token> [json]', 'the output of a task').action((token: string, json: string | undefined, options) =>
    act(async () => (await import('./commands/task.ts')).taskSuccess(io, token, json, options))(),
  )
  ofTask('failure <token>', 'the error of a task')
    .option('--error <name>', 'what Retry and Catch compare')
    .option('--cause <text>', 'what happened')
    .action((token: string, options) =>
      act(async () => (await import('./commands/task.ts')).taskFailure(io, token, options))(),
    )
  ofTask('heartbeat <token>', 'the task is still worked on').action((token: string, options) =>
    act(async () => (await import('./commands/task.ts')).taskHeartbeat(io, token, options))(),
  )

  storeOptions(command('retry <run> [step]', 'another try for a parked step (default: for all of the run)'))
    .option('--json', 'one JSON object a step')
    .action((run: string, step: string | undefined, options) =>
      act(async () => (await import('./commands/retry.ts')).retryCommand(io, run, step, options))(),
    )

  storeOptions(command('cancel <run>', 'stop a run for good, or a step of it'))
    .option('--step <step>', "only this step or item; 'tests[*]/triage' is that step of every item")
    .option('--reason <text>', 'kept with the run')
    .option('--json', 'one JSON object for what was stopped')
    .action((run: string, options) =>
      act(async () => (await import('./commands/cancel.ts')).cancelCommand(io, run, options))(),
    )

  storeOptions(command('debug <run> <step>', 'run a past attempt of a step again, alone; nothing is added to its run'))
    .option('--attempt <n>', 'this attempt (default: the last one)', count)
    .option('--inspect', 'wait for a debugger; --inspect=HOST:PORT if not at 127.0.0.1:9229')
    .option('--inspect-brk', "the same, and pause at the task's first line")
    .addOption(new Option(INSPECT_AT).hideHelp())
    .option('--allow-effects', 'run an effect, too')
    .option('--in-place', "in the project's own folder, instead of in a copy of it")
    .option('--shell', 'do not run it: open a shell where it would run')
    .option('--json', 'what happens as NDJSON on stdout')
    .action((run: string, step: string, options) =>
      act(async () => (await import('./commands/debug.ts')).debugCommand(io, run, step, options))(),
    )

  command('graph [words...]', 'the steps of a workflow, drawn or as data')
    .usage('[FILE] [WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .addOption(new Option('--json', 'as JSON (default)').conflicts(['dot', 'svg', 'pnml']))
    .addOption(new Option('--dot', 'as Graphviz DOT').conflicts(['json', 'svg', 'pnml']))
    .addOption(new Option('--svg', 'as a drawing').conflicts(['json', 'dot', 'pnml']))
    .addOption(new Option('--pnml', 'the net that is checked, as PNML').conflicts(['json', 'dot', 'svg']))
    .option('--verbose', 'stacks of errors')
    .action((words: string[], options) =>
      act(async () =>
        (await import('./commands/graph.ts')).graphCommand(io, words, {
          format: options.svg ? 'svg' : options.dot ? 'dot' : options.pnml ? 'pnml' : 'json',
        }),
      )(),
    )

  storeOptions(command('history [run]', 'what happened in a run of a state machine, in the events that AWS has for it'))
    .addOption(new Option('--aws', 'as GetExecutionHistory answers').conflicts('json'))
    .option('--json', 'one JSON object an event')
    .option('--step <step>', 'of this machine, where the run has several')
    .action((run: string | undefined, options) =>
      act(async () => (await import('./commands/history.ts')).historyCommand(io, run, options))(),
    )

  command('export-asl [words...]', 'a workflow as a state machine in the Amazon States Language')
    .usage('[FILE] [WORKFLOW] [options]')
    .option('--resources', 'which task each resource of the machine stands for, instead')
    .addOption(langOption())
    .addOption(bindOption())
    .option('--verbose', 'stacks of errors')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/export-asl.ts')).exportAslCommand(io, words, options))(),
    )

  command('test-state <file>', 'run one state of a state machine by itself, as the TestState API of AWS does')
    .option('--state <name>', 'which state of FILE (default: FILE is one state)')
    .option('--input <json|@file>', "the state's input (default: {})")
    .addOption(
      new Option('--inspection-level <level>', 'what is shown of the way of the data').choices([
        'INFO',
        'DEBUG',
        'TRACE',
      ]),
    )
    .option(
      '--mock <json|@file>',
      `what its work gives: '{"result": …}' or '{"errorOutput": {"error": …, "cause": …}}'`,
    )
    .option(
      '--config <json|@file>',
      'retrierRetryCount, mapIterationFailureCount, errorCausedByState, mapItemReaderData',
    )
    .option('--context <json|@file>', 'the context object')
    .option('--variables <json|@file>', 'variables by name')
    .addOption(bindOption())
    .option('--verbose', 'stacks of errors')
    .action((file: string, options) =>
      act(async () => (await import('./commands/test-state.ts')).testStateCommand(io, file, options))(),
    )

  command(
    'check [files...]',
    'whether workflows and nets are sound, their properties hold, and their types fit; runs nothing',
  )
    .usage('[FILE…] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('-w, --workflow <name>', 'of a file with several workflows, only this one')
    .option('--json', 'one JSON line a file')
    .option('--svg <file>', 'draw the first counterexample of a workflow on its graph')
    .option('--verbose', 'of a counterexample every step, instead of what had to be chosen')
    .option('--no-types', 'do not ask the compiler about types')
    .option('--time <duration>', 'give up on a net or workflow after so long (default 10s)', positiveDuration)
    .option('--memory <mb>', 'and with so many megabytes of states (default 2000, at most 3500)', count)
    .addHelpText('after', CHECK_EXITS)
    .action((files: string[], options) =>
      act(async () => (await import('./commands/check.ts')).checkCommand(io, files, options))(),
    )

  storeOptions(
    command('trace-reads [words...]', 'run a workflow under strace; say what its steps read and write undeclared'),
  )
    .usage('[FILE] [WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .option('--only <step>', 'only this step and what it needs (repeatable)', collect)
    .option('--check', 'exit code 1 when something is undeclared')
    .option('--concurrency <n>', 'attempts in flight at a time', count)
    .option('--json', 'one JSON object a step')
    .option('--quiet', 'no progress')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/trace-reads.ts')).traceReadsCommand(io, words, options))(),
    )

  storeOptions(command('plan [words...]', 'what would run, and why; runs nothing'))
    .usage('[FILE] [WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('-p, --param <name=value>', 'an argument (repeatable)', collect)
    .option('--input <json|@file>', 'all arguments as a JSON object; of a state machine, its input')
    .option('--only <step>', 'only this step and what it needs (repeatable)', collect)
    .option('--fresh', 'take no result from other runs; --fresh=STEP: not for this step (repeatable)')
    .addOption(new Option(`${FRESH_STEP} <step>`).argParser(collect).hideHelp())
    .option('--check', 'exit with 1 when anything would run')
    .option('--json', 'one JSON object')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/plan.ts')).planCommand(io, words, options))(),
    )

  storeOptions(command('why <step> [run]', 'why a step ran, or did not (default: in the newest run)'))
    .option('--json', 'one JSON object a step')
    .action((step: string, run: string | undefined, options) =>
      act(async () => (await import('./commands/why.ts')).whyCommand(io, step, run, options))(),
    )

  storeOptions(command('impact <what> [words...]', 'all that follows from a file, a variable or a step; runs nothing'))
    .usage('SOURCE|STEP [FILE] [WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('--json', 'one JSON object')
    .action((what: string, words: string[], options) =>
      act(async () => (await import('./commands/impact.ts')).impactCommand(io, [what, ...words], options))(),
    )

  storeOptions(
    command(
      'provenance <run> [value]',
      'the steps and inputs that a value hangs on; STEP, STEP.field or .field of the result',
    ),
  )
    .usage('RUN [STEP[.field]] [options]')
    .addOption(new Option('--dot', 'as Graphviz DOT').conflicts('json'))
    .option('--json', 'one JSON object')
    .action((run: string, value: string | undefined, options) =>
      act(async () => (await import('./commands/provenance.ts')).provenanceCommand(io, run, value, options))(),
    )

  storeOptions(command('critical [words...]', 'what the time hangs on: of a run, or of a workflow by its past'))
    .usage('[RUN | FILE WORKFLOW] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('--slots <n>', 'so many attempts at a time (default: as it was, or as tutti run has it)', count)
    .option('--all', 'every step')
    .option('--json', 'one JSON object')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/critical.ts')).criticalCommand(io, words, options))(),
    )

  storeOptions(
    command('what-if [words...]', 'how long it would take with other durations, slots or pools; runs nothing'),
  )
    .usage('[RUN | FILE WORKFLOW] [--step STEP --duration TIME]… [--slots N] [options]')
    .addOption(langOption())
    .addOption(bindOption())
    .option('--step <step>', "of this step ('tests[*]/triage': of all items; repeatable) …", collect)
    .option('--duration <time>', '… it takes so long (repeatable)', collect)
    .option('--slots <n>', 'so many attempts at a time', count)
    .option('--pool <name=n>', 'so many slots of this pool (repeatable)', collect)
    .option('--json', 'one JSON object')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/what-if.ts')).whatIfCommand(io, words, options))(),
    )

  command('adopt [command...]', 'trace a build that there is (make, a script, npm run), and write a tutti.ts from it')
    .usage('[options] -- COMMAND [words...]')
    .option('--out <file>', 'the file to write (default tutti.ts)')
    .option('--clean <line>', "a line for the shell, run first: 'make clean'")
    .option('--inferred', 'list what a command names; the rest of what it reads is seen when it runs')
    .option('--force', 'replace the file when it is there')
    .option('--json', 'steps, and what was found, as one JSON object')
    .action((words: string[], options) =>
      act(async () => (await import('./commands/adopt.ts')).adoptCommand(io, words, options))(),
    )

  command('init [folder]', 'write a starter: tutti.ts, tsconfig.json, package.json').action(
    (folder: string | undefined) => act(async () => (await import('./commands/init.ts')).initCommand(io, folder))(),
  )

  storeOptions(command('doctor', 'check a store: every event, blob and lease'))
    .option('--recover <folder>', 'copy what is intact into a new store')
    .option('--accept-loss', 'take what is there for the truth')
    .action(options => act(async () => (await import('./commands/upkeep.ts')).doctorCommand(io, options))())

  storeOptions(command('gc', 'remove old runs, old versions, and blobs that nothing names'))
    .option('--keep-runs <n>', 'ended runs to keep, newest first (default 100)', count)
    .option('--keep-for <duration>', 'and those that ended within this time (default 30d)', duration)
    .option(
      '--keep-versions <n>',
      'published versions to keep of each workflow, newest first, beside those in use (default all)',
      count,
    )
    .action(options => act(async () => (await import('./commands/upkeep.ts')).gcCommand(io, options))())

  storeOptions(command('export [runs...]', 'runs and versions as NDJSON with their blobs (default: all)'))
    .option('-o, --output <file>', 'write there instead of to stdout')
    .action((runs: string[], options) =>
      act(async () => (await import('./commands/upkeep.ts')).exportCommand(io, runs, options))(),
    )

  storeOptions(command('import [file]', 'add what tutti export wrote (default: from stdin)')).action(
    (file: string | undefined, options) =>
      act(async () => (await import('./commands/upkeep.ts')).importCommand(io, file, options))(),
  )

  program
    .command('debuggee', { hidden: true })
    .description('run the attempt that comes by message (started by tutti debug)')
    .action(() =>
      act(async () => {
        await (await import('./debug/debuggee.ts')).serveDebuggee()
        return EXIT.succeeded
      })(),
    )

  program
    .command('worker <plan>', { hidden: true })
    .description('serve attempts over stdin and stdout (started by tutti itself)')
    .action((plan: string) =>
      act(async () => {
        await (await import('./worker.ts')).serveProcess(plan)
        return EXIT.succeeded
      })(),
    )

  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput({ writeOut: text => io.out(text), writeErr: () => undefined })
  }
  return program
}

const FIND_WORDS = `
Queries begin with what they ask for: run, step, value, log, or node (a step of a graph).
  step where duration > p95 and retried
  step where failed and run.started > -2d group by name
  step[name = compile] -> * -> step where failed       failed steps that come after compile
  value where name = price and value.items[0].total > 100 limit 5
  log where text contains 'ECONNRESET' and step = deploy
  count run where status = failed and started = yesterday
Exit code: 0 when something was found, 1 when nothing was, 2 when the query is wrong. FILE: a file whose workflows are searched, too.
All fields and operators: docs/find.md`

const DIFF_WORDS = `
A and B are each a version (1.2.0, ci@1.2.0, ^1.2, @stable), a file (tutti.ts), a workflow of one (tutti.ts#ci), or what
a run began with (run:ID).
Of one alone, the other is the file as it is now; of none, the current version is the first.`

const CHECK_EXITS = `
A FILE is a tutti.ts, a graph as JSON (tutti graph --json), or a net: PNML, or JSON with places, transitions and arcs.
Exit code: 3 a file cannot be read or its types do not fit, 1 unsound or a property is violated, 4 not known within the
limits, 0 all is well; the worst of all files in this order.`

const INSPECT_AT = '--inspect-at <host:port>'

/** An option with a value that may be left out would take the next word for it: `--inspect RUN`. */
const withInspectAddress = (words: readonly string[]): readonly string[] =>
  words[0] === 'debug'
    ? words.flatMap(word => {
        const [, option, address] = /^(--inspect(?:-brk)?)=(.*)$/.exec(word) ?? []
        return option === undefined || address === undefined ? [word] : [option, '--inspect-at', address]
      })
    : words

const FRESH_STEP = '--fresh-step'

/** For the same reason: `--fresh ci` is a workflow, not a step. */
const withFreshSteps = (words: readonly string[]): readonly string[] =>
  words.flatMap(word => (word.startsWith('--fresh=') ? [FRESH_STEP, word.slice('--fresh='.length)] : [word]))

const storeOptions = (command: Command): Command =>
  command
    .option('--store <folder>', 'the store (default: TUTTI_STORE, else .tutti beside the file)')
    .addOption(
      new Option(
        '--durability <level>',
        'full: survives power loss; normal: survives the death of any process',
      ).choices(['full', 'normal']),
    )
    .option('--verbose', "steps' output while they run, and stacks of errors")

const followOptions = (command: Command): Command =>
  command
    .option('--json', 'every event as NDJSON on stdout, the end of the run last')
    .option('--quiet', 'no progress')
    .option(
      '--no-wait',
      'when only signals, timers and parked steps are left: stop, and say what it waits for (exit code 6)',
    )
    .option('--junit <file>', 'write a JUnit report')

const scheduleOption = (): Option =>
  new Option(
    '--schedule <policy>',
    'who goes first of steps that wait: the longest way to the end, as past runs tell (default), or who came first',
  ).choices(['critical-path', 'fifo'])

const langOption = (): Option =>
  new Option('--lang <package|file>', 'the language of FILE, when it is none of those that Tutti knows by its name')

const bindOption = (): Option =>
  new Option('--bind <file>', 'what the names in FILE are bound to (default: order.bind.* beside order.asl.json)')

const mockOption = (): Option => new Option('--mock <file>', 'answers of services, instead of the services')
const awsLimitsOption = (): Option =>
  new Option('--aws-limits', 'a state machine fails where it passes 256 KiB from state to state, as on AWS')

const testCaseOption = (): Option => new Option('--test-case <name>', 'which of the test cases in the file of mocks')

/** What is said of a FILE in another language. Of several words of `--mock`, the one that gives no step a value. */
function readingOf(command: Command): Reading {
  if (!command.options.some(each => each.long === '--lang')) return {}
  const { lang, bind, mock, testCase, awsLimits } = command.opts() as {
    readonly lang?: string
    readonly bind?: string
    readonly mock?: string | readonly string[]
    readonly testCase?: string
    readonly awsLimits?: boolean
  }
  const file = typeof mock === 'string' ? mock : mock?.find(word => testCase !== undefined && !word.includes('='))
  if (testCase !== undefined && file === undefined)
    throw usage('--test-case names a test case of a file of mocks', 'For example --mock mocks.json --test-case Happy')
  if (typeof mock === 'string' && testCase === undefined)
    throw usage(
      '--mock takes a file of mocks, and --test-case which of its test cases is meant',
      `--mock ${mock} --test-case NAME`,
    )
  return {
    ...(lang === undefined ? {} : { lang }),
    ...(bind === undefined ? {} : { bind }),
    ...(file === undefined || testCase === undefined ? {} : { mocks: { file, testCase } }),
    ...(awsLimits ? { switches: ['--aws-limits'] } : {}),
  }
}

const collect = (value: string, list: readonly string[] = []): readonly string[] => [...list, value]

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

function duration(text: string): string {
  try {
    durationMs(text)
    return text
  } catch {
    throw new InvalidArgumentError("It must be a number and a unit, such as '12h' or '30d'.")
  }
}

function positiveDuration(text: string): string {
  if (durationMs(duration(text)) > 0) return text
  throw new InvalidArgumentError('It must be longer than 0.')
}

async function runHelp(io: Io, command: Command, words: readonly string[]): Promise<number> {
  if (words.length > 0) return (await import('./commands/help.ts')).helpCommand(io, words)
  io.out(command.helpInformation())
  return EXIT.succeeded
}

/** Commander's own complaints, in the words of all our errors. */
function commanderExit(io: Io, error: CommanderError, program: Command, words: readonly string[]): number {
  if (error.exitCode === 0) return EXIT.succeeded
  if (error.code === 'commander.help') {
    io.out(program.helpInformation())
    return words.length === 0 ? EXIT.usage : EXIT.succeeded
  }
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean .*\)$/s, '')
  return reportError(io, new Refusal({ code: 'USAGE', severity: 'error', message, hint: hintFor(error, program) }), {
    verbose: false,
    json: false,
  })
}

function hintFor(error: CommanderError, program: Command): string {
  const unknown = /unknown (?:command|option) '([^' ]+)/.exec(error.message)?.[1]
  const names = [
    ...program.commands.map(each => each.name()),
    ...program.commands.flatMap(each => each.options.map(option => option.long ?? '')),
  ]
  const near = unknown === undefined ? undefined : nearestName(unknown, names)
  return near ? `Did you mean ${near}?` : 'tutti --help lists the commands; tutti COMMAND --help its options.'
}
