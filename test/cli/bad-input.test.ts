/**
 * What a user can do wrong, from outside: each has its code, its exit code and, where there is one, its place; it ends (the
 * rig kills and fails what hangs); no stack of ours is shown; and the store is whole after it.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Ended, folderWith, tutti } from './rig.ts'

interface Case {
  readonly what: string
  readonly files?: Readonly<Record<string, string>>
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Done in the folder before the command. */
  readonly before?: (folder: string) => unknown
  readonly code?: string
  readonly exit: number
  /** `line:column` in the file that is named. */
  readonly at?: string
  readonly says?: string | RegExp
  readonly out?: string | RegExp
}

const TUTTI =
  "import { ctx, each, effect, flow, output, type Output, secret, type Secret, sh, task, when, workflow } from 'tutti'\n"
/** A file of one workflow with one task. */
const one = (body: string, options = ''): Readonly<Record<string, string>> => ({
  'tutti.ts': `${TUTTI}const job = task(${body}${options === '' ? '' : `, ${options}`})\nexport const main = workflow(() => job())\n`,
})
const two = one('() => 1')['tutti.ts'] + 'export const other = workflow(() => job())\n'
const typed = `${TUTTI}import { boolean, number, optional, string } from 'valibot'
const parameters = { count: number(), loud: optional(boolean(), false), name: optional(string(), 'x') }
export const main = workflow(parameters, ({ count, loud, name }) => ({ count, loud, name }))
`

/** Waits for a signal beside a step that has ended. */
const asking = `${TUTTI}import { signal } from 'tutti'
import { object, string } from 'valibot'
const approval = signal(object({ by: string() }))
const build = task(() => 1)
export const main = workflow(() => ({ built: build(), approved: approval.wait() }))
`
/** Such a run, which nobody runs any more. */
const asked: Pick<Case, 'files' | 'before'> = {
  files: { 'tutti.ts': asking },
  before: run(['run', '--id', 'mine', '--no-wait'], 6),
}
const ended: Pick<Case, 'files' | 'before'> = { files: one('() => 1'), before: run(['run', '--id', 'mine']) }

const cases: Readonly<Record<string, readonly Case[]>> = {
  'the words': [
    { what: 'no command', words: [], exit: 2, out: 'Usage: tutti' },
    { what: 'an unknown command', words: ['rnu'], code: 'USAGE', exit: 2, says: 'Did you mean run?' },
    { what: 'an unknown option', words: ['run', '--jsn'], code: 'USAGE', exit: 2, says: 'Did you mean --json?' },
    { what: 'an option without its value', words: ['run', '--id'], code: 'USAGE', exit: 2 },
    { what: 'a number that is none', words: ['run', '--concurrency', 'many'], code: 'USAGE', exit: 2 },
    { what: 'a durability that is none', words: ['run', '--durability', 'half'], code: 'USAGE', exit: 2 },
    { what: 'too many words', words: ['run', 'tutti.ts', 'main', 'more'], code: 'USAGE', exit: 2 },
    {
      what: 'formats that exclude each other',
      files: one('() => 1'),
      words: ['graph', '--dot', '--svg'],
      code: 'USAGE',
      exit: 2,
    },
  ],
  'the file': [
    { what: 'nothing there', words: ['run'], code: 'FILE_NOT_FOUND', exit: 3, says: 'tutti init' },
    { what: 'not there', words: ['run', 'nope.ts'], code: 'FILE_NOT_FOUND', exit: 3 },
    {
      what: 'a folder',
      words: ['run', 'sub'],
      before: folder => mkdirSync(join(folder, 'sub')),
      code: 'NOT_A_FILE',
      exit: 3,
    },
    { what: 'not TypeScript', files: { 'a.txt': 'hello' }, words: ['run', 'a.txt'], code: 'NOT_TYPESCRIPT', exit: 3 },
    {
      what: 'bytes',
      files: { 'a.ts': '\u0000\u0001\ufffd\u0002ELF' },
      words: ['run', 'a.ts'],
      exit: 3,
      code: 'NOT_TYPESCRIPT',
    },
    { what: 'empty', files: { 'a.ts': '' }, words: ['run', 'a.ts'], code: 'NO_WORKFLOW', exit: 3, at: 'a.ts:1:1' },
    {
      what: 'no workflow in it',
      files: { 'a.ts': 'export const a = 1\n' },
      words: ['run', 'a.ts'],
      code: 'NO_WORKFLOW',
      exit: 3,
      at: 'a.ts:1:1',
    },
    {
      what: 'a syntax error',
      files: { 'a.ts': 'const a = 1\nconst b: = 2\n' },
      words: ['run', 'a.ts'],
      code: 'SYNTAX_ERROR',
      exit: 3,
      at: 'a.ts:2:10',
    },
    {
      what: 'a syntax error in a folder',
      files: { 'x/y/a.ts': 'const a = 1\nconst b: = 2\n' },
      words: ['run', 'x/y/a.ts'],
      code: 'SYNTAX_ERROR',
      exit: 3,
      at: 'x/y/a.ts:2:10',
      says: '> 2 | const b: = 2',
    },
    {
      what: 'an import that is not there',
      files: { 'a.ts': "import { b } from './b.ts'\nexport const c = b\n" },
      words: ['run', 'a.ts'],
      code: 'MODULE_NOT_FOUND',
      exit: 3,
      at: 'a.ts:1:19',
    },
    {
      what: 'a package that is not there',
      files: { 'a.ts': "import { b } from 'no-such-package'\nexport const c = b\n" },
      words: ['run', 'a.ts'],
      code: 'PACKAGE_NOT_FOUND',
      exit: 3,
      at: 'a.ts:1:19',
    },
    {
      what: 'a throw while it loads',
      files: { 'a.ts': "const a = 1\nthrow new Error('at load')\n" },
      words: ['run', 'a.ts'],
      code: 'LOAD_FAILED',
      exit: 3,
      at: 'a.ts:2:7',
    },
    {
      what: 'a throw while it is traced',
      files: { 'tutti.ts': `${TUTTI}export const main = workflow(() => {\n  throw new Error('at trace')\n})\n` },
      words: ['run'],
      exit: 3,
      says: /at trace[\s\S]*tutti\.ts:3:/,
    },
    {
      what: 'a trace that never ends',
      files: { 'tutti.ts': `${TUTTI}export const main = workflow(() => {\n  for (;;) ;\n})\n` },
      words: ['run'],
      env: { TUTTI_TRACE_TIMEOUT_MS: '200' },
      code: 'TRACE_ENDLESS',
      exit: 3,
      at: 'tutti.ts:2:',
    },
    {
      what: 'a trace that makes steps for ever',
      files: {
        'tutti.ts': `${TUTTI}const job = task((n: number) => n)\nexport const main = workflow(() => {\n  for (;;) job(1)\n})\n`,
      },
      words: ['run'],
      env: { TUTTI_TRACE_TIMEOUT_MS: '3000' },
      code: 'TRACE',
      exit: 3,
    },
    {
      what: 'a ref that is tested',
      files: {
        'tutti.ts': `${TUTTI}const job = task(() => true)\nexport const main = workflow(() => {\n  const done = job()\n  if (done) job()\n})\n`,
      },
      words: ['run'],
      code: 'REF_TESTED',
      exit: 3,
      at: 'tutti.ts:5:7',
    },
    {
      what: 'an output outside of the project',
      files: {
        'tutti.ts': `${TUTTI}const job = task((to: Output) => to)\nexport const main = workflow(() => job(output('../x')))\n`,
      },
      words: ['run'],
      code: 'OUTPUT_OUTSIDE',
      exit: 3,
      at: 'tutti.ts:3:36',
    },
    {
      what: 'one output of two tasks',
      files: {
        'tutti.ts': `${TUTTI}const job = task((to: Output) => to)\nexport const main = workflow(() => [job(output('x')), job(output('./x'))])\n`,
      },
      words: ['run'],
      code: 'OUTPUT_TWICE',
      exit: 3,
      at: 'tutti.ts:3:55',
      says: 'tutti.ts:3:37',
    },
    {
      what: 'an output in another',
      files: {
        'tutti.ts': `${TUTTI}const job = task((to: Output) => to)\nexport const main = workflow(() => [job(output('x')), job(output('x/y'))])\n`,
      },
      words: ['run'],
      code: 'OUTPUT',
      exit: 3,
    },
    {
      what: 'the same from graph',
      files: { 'a.ts': '' },
      words: ['graph', 'a.ts'],
      code: 'NO_WORKFLOW',
      exit: 3,
      at: 'a.ts:1:1',
    },
  ],
  'the workflow and its arguments': [
    {
      what: 'several workflows',
      files: { 'tutti.ts': two },
      words: ['run'],
      code: 'WORKFLOW_NEEDED',
      exit: 2,
      says: /main, other/,
    },
    {
      what: 'an unknown one',
      files: { 'tutti.ts': two },
      words: ['run', 'mian'],
      code: 'WORKFLOW_UNKNOWN',
      exit: 2,
      says: 'Did you mean main?',
    },
    {
      what: 'a missing argument',
      files: { 'tutti.ts': typed },
      words: ['run'],
      code: 'PARAMETER_MISSING',
      exit: 2,
      says: '-p count=',
    },
    {
      what: 'an argument too many',
      files: { 'tutti.ts': typed },
      words: ['run', '-p', 'count=1', '-p', 'lout=true'],
      code: 'PARAMETER_UNKNOWN',
      exit: 2,
      says: 'Did you mean loud?',
    },
    {
      what: 'an argument of another type',
      files: { 'tutti.ts': typed },
      words: ['run', '-p', 'count=many'],
      code: 'PARAMETER_INVALID',
      exit: 2,
      says: 'count',
    },
    {
      what: 'an argument that is no pair',
      files: { 'tutti.ts': typed },
      words: ['run', '-p', 'count'],
      code: 'USAGE',
      exit: 2,
    },
    {
      what: 'input that is not JSON',
      files: { 'tutti.ts': typed },
      words: ['run', '--input', '{count'],
      code: 'INPUT_INVALID',
      exit: 2,
    },
    {
      what: 'input that is a list',
      files: { 'tutti.ts': typed },
      words: ['run', '--input', '[1]'],
      code: 'INPUT_INVALID',
      exit: 2,
    },
    {
      what: 'an input file that is not there',
      files: { 'tutti.ts': typed },
      words: ['run', '--input', '@nope.json'],
      code: 'INPUT_INVALID',
      exit: 2,
    },
    {
      what: 'nothing on stdin',
      files: { 'tutti.ts': typed },
      words: ['run', '--input', '@-'],
      code: 'INPUT_INVALID',
      exit: 2,
    },
    {
      what: 'an unknown step for --only',
      files: one('() => 1'),
      words: ['run', '--only', 'jbo'],
      code: 'STEP_UNKNOWN',
      exit: 2,
      says: 'Did you mean job?',
    },
    {
      what: 'an id with a path in it',
      files: one('() => 1'),
      words: ['run', '--id', '../../x'],
      code: 'BAD_RUN_ID',
      exit: 2,
    },
    {
      what: 'an id with a newline and an emoji',
      files: one('() => 1'),
      words: ['run', '--id', 'a\n🎻'],
      code: 'BAD_RUN_ID',
      exit: 2,
    },
    {
      what: 'an id of 10,000 characters',
      files: one('() => 1'),
      words: ['run', '--id', 'x'.repeat(10_000)],
      code: 'BAD_RUN_ID',
      exit: 2,
    },
    { what: 'an empty id', files: one('() => 1'), words: ['run', '--id', ''], code: 'BAD_RUN_ID', exit: 2 },
  ],
  'what a task does': [
    {
      what: 'throws an error',
      files: one("() => {\n  throw new Error('no luck')\n}"),
      words: ['run'],
      code: 'TASK_FAILED',
      exit: 1,
      at: 'tutti.ts:3:9',
      says: 'no luck',
    },
    {
      what: 'throws a string',
      files: one("() => { throw 'a string' }"),
      words: ['run'],
      code: 'TASK_FAILED',
      exit: 1,
      says: 'a string',
      at: 'tutti.ts:',
    },
    {
      what: 'rejects with undefined',
      files: one('() => Promise.reject(undefined)'),
      words: ['run'],
      code: 'TASK_FAILED',
      exit: 1,
      says: 'undefined',
    },
    {
      what: 'throws null',
      files: one('() => { throw null }'),
      words: ['run'],
      code: 'TASK_FAILED',
      exit: 1,
      says: 'null',
    },
    {
      what: 'never resolves',
      files: one('() => new Promise(() => {})', "{ timeout: '100ms' }"),
      words: ['run'],
      code: 'TIMEOUT',
      exit: 1,
    },
    {
      what: 'calls process.exit',
      files: one('() => process.exit(0)'),
      words: ['run'],
      code: 'TASK_EXITED',
      exit: 1,
      at: 'tutti.ts:2:',
    },
    {
      what: 'calls process.exit in a worker thread',
      files: one('() => process.exit(0)', "{ executor: 'thread' }"),
      words: ['run'],
      code: 'TASK_EXITED',
      exit: 1,
    },
    {
      what: 'calls process.exit in a worker process',
      files: one('() => process.exit(0)', "{ executor: 'process' }"),
      words: ['run'],
      code: 'TASK_EXITED',
      exit: 1,
    },
    {
      what: 'calls process.abort in a worker process',
      files: one('() => process.abort()', "{ executor: 'process' }"),
      words: ['run'],
      exit: 1,
      code: 'WORKER_LOST|TASK_CRASHED',
    },
    {
      what: 'throws after it returned',
      files: {
        'tutti.ts': `${TUTTI}const late = task(() => {\n  setTimeout(() => { throw new Error('too late') }, 5)\n  return 1\n})\nconst wait = task((n: number) => new Promise(resolve => setTimeout(() => resolve(n), 100)))\nexport const main = workflow(() => wait(late()))\n`,
      },
      words: ['run'],
      exit: 0,
      out: '1\n',
      says: /TASK_FAILED_LATE: late failed after its end.*too late/,
    },
    {
      what: 'rejects after it returned',
      files: {
        'tutti.ts': `${TUTTI}const late = task(() => {\n  void Promise.reject(new Error('too late'))\n  return 1\n})\nconst wait = task((n: number) => new Promise(resolve => setTimeout(() => resolve(n), 100)))\nexport const main = workflow(() => wait(late()))\n`,
      },
      words: ['run'],
      exit: 0,
      out: '1\n',
      says: /TASK_FAILED_LATE: late failed.*too late/,
    },
    {
      what: 'returns 100 MB',
      files: {
        'tutti.ts': `${TUTTI}const big = task(() => 'x'.repeat(100_000_000))\nconst size = task((text: string) => text.length)\nexport const main = workflow(() => size(big()))\n`,
      },
      words: ['run'],
      exit: 0,
      out: '100000000\n',
    },
    {
      what: 'returns a function',
      files: one('() => ({ a: [{ f: () => 1 }] })'),
      words: ['run'],
      code: 'VALUE_UNKEEPABLE',
      exit: 1,
      says: /a\[?\.?0\]?\.f/,
    },
    {
      what: 'returns a socket',
      files: {
        'tutti.ts': `import { Socket } from 'node:net'\n${TUTTI}const job = task(() => ({ line: new Socket() }))\nexport const main = workflow(() => job())\n`,
      },
      words: ['run'],
      code: 'VALUE_UNKEEPABLE',
      exit: 1,
      says: 'line',
    },
    {
      what: 'returns a circle',
      files: one('() => { const a: Record<string, unknown> = {}; a.self = a; return a }'),
      words: ['run'],
      code: 'VALUE_',
      exit: 1,
    },
    {
      what: 'runs a command that fails',
      files: one('() => sh`node -e ${"console.error(\'broken\');process.exit(3)"}`'),
      words: ['run'],
      code: 'COMMAND_FAILED',
      exit: 1,
      says: 'broken',
    },
    {
      what: 'runs a command that is not there',
      files: one('() => sh`no-such-program`'),
      words: ['run'],
      code: 'COMMAND_NOT_FOUND',
      exit: 1,
    },
    {
      what: 'writes shell syntax',
      files: one('() => sh`ls | wc`'),
      words: ['run'],
      code: 'SH_SHELL_SYNTAX',
      exit: 1,
      at: 'tutti.ts:2:',
    },
    {
      what: 'wants a secret that is not there',
      files: {
        'tutti.ts': `${TUTTI}const job = task((token: Secret) => token.reveal().length)\nexport const main = workflow(() => job(secret('NOT_SET')))\n`,
      },
      words: ['run'],
      code: 'SECRET_MISSING',
      exit: 1,
      says: 'NOT_SET',
    },
    {
      what: 'wants an executor that does not exist',
      files: one('() => 1', "{ executor: 'moon' }"),
      words: ['run'],
      code: 'EXECUTOR_UNKNOWN',
      exit: 1,
    },
    {
      what: 'has two items of one key',
      files: {
        'tutti.ts': `${TUTTI}const job = task((n: number) => n)\nexport const main = workflow(() => each([1, 1], n => job(n), { key: n => n }))\n`,
      },
      words: ['run'],
      code: 'DUPLICATE_KEY',
      exit: 1,
    },
  ],
  'the store': [
    { what: 'none', words: ['runs'], code: 'STORE_MISSING', exit: 3 },
    { what: 'none to show from', words: ['show', 'x'], code: 'STORE_MISSING', exit: 3 },
    { what: 'none to check', words: ['doctor'], code: 'STORE_MISSING', exit: 3 },
    { what: 'none to clean', words: ['gc'], code: 'STORE_MISSING', exit: 3 },
    {
      what: 'a file in its place',
      files: { ...one('() => 1'), '.tutti': 'a file' },
      words: ['run'],
      exit: 3,
      code: 'STORE_UNOPENABLE',
    },
    {
      what: 'an import of something else',
      files: { 'a.ndjson': 'hello\n' },
      words: ['import', 'a.ndjson'],
      exit: 3,
      code: 'IMPORT_MALFORMED',
    },
    { what: 'an import that is not there', words: ['import', 'nope.ndjson'], code: 'FILE_NOT_FOUND', exit: 3 },
    {
      what: 'an export to nowhere',
      files: one('() => 1'),
      before: run(['run']),
      words: ['export', '-o', 'no/such/folder'],
      code: 'FILE_UNWRITABLE',
      exit: 3,
    },
    {
      what: 'a report to nowhere',
      files: one('() => 1'),
      words: ['run', '--junit', 'no/such/folder'],
      code: 'FILE_UNWRITABLE',
      exit: 3,
    },
    {
      what: 'an unknown run',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['show', 'mien'],
      code: 'RUN_UNKNOWN',
      exit: 2,
      says: 'Did you mean mine?',
    },
    {
      what: 'an unknown run to go on with',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['resume', 'mien'],
      code: 'RUN_UNKNOWN',
      exit: 2,
    },
    {
      what: 'an unknown run to cancel',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['cancel', 'mien'],
      code: 'RUN_UNKNOWN',
      exit: 2,
    },
    {
      what: 'an unknown run to export',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['export', 'mien'],
      code: 'RUN_UNKNOWN',
      exit: 2,
    },
    {
      what: 'an unknown step to redrive from',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['redrive', 'mine', '--from', 'jbo'],
      code: 'STEP_UNKNOWN',
      exit: 2,
      says: 'Did you mean job?',
    },
    {
      what: 'a succeeded run to redrive from nowhere',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['redrive', 'mine'],
      code: 'USAGE',
      exit: 2,
    },
    {
      what: 'an ended run to cancel',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['cancel', 'mine'],
      code: 'RUN_ENDED',
      exit: 2,
    },
    {
      what: 'a succeeded run to resume',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['resume', 'mine'],
      exit: 0,
      out: '1\n',
    },
    {
      what: 'a failed run to resume',
      files: one('() => { throw 1 }'),
      before: run(['run', '--id', 'mine'], 1),
      words: ['resume', 'mine'],
      code: 'RUN_ENDED',
      exit: 2,
      says: 'tutti redrive mine',
    },
    {
      what: 'an id that has other input',
      files: { 'tutti.ts': typed },
      before: run(['run', '--id', 'mine', '-p', 'count=1']),
      words: ['run', '--id', 'mine', '-p', 'count=2'],
      code: 'RUN_EXISTS',
      exit: 2,
    },
    ...(['-1h', '0s', 'soon', '5300w', '1e9h', ''] as const).map(
      (deadline): Case => ({
        what: `a deadline of ${JSON.stringify(deadline)}`,
        files: one('() => 1'),
        words: ['run', `--deadline=${deadline}`],
        code: 'USAGE',
        exit: 2,
        says: /It must be (a number and a unit|longer than 0)/,
      }),
    ),
    {
      what: 'a duration that is none',
      files: one('() => 1'),
      before: run(['run', '--id', 'mine']),
      words: ['gc', '--keep-for', 'long'],
      code: 'USAGE',
      exit: 2,
    },
  ],
}

/** What others ask of a run: each refusal with its code, and nothing is left in the store. */
const requests: readonly Case[] = [
  { what: 'a signal without its name', ...ended, words: ['signal', 'mine'], code: 'USAGE', exit: 2 },
  { what: 'a signal for no store', words: ['signal', 'mine', 'approval'], code: 'STORE_MISSING', exit: 3 },
  {
    what: 'a signal for an unknown run',
    ...asked,
    words: ['signal', 'mien', 'approval', '{}'],
    code: 'RUN_UNKNOWN',
    exit: 2,
    says: 'Did you mean mine?',
  },
  {
    what: 'a signal for an ended run',
    ...ended,
    words: ['signal', 'mine', 'approval', '{}'],
    code: 'RUN_ENDED',
    exit: 2,
  },
  {
    what: 'a signal of an unknown name',
    ...asked,
    words: ['signal', 'mine', 'aproval', '{"by":"me"}'],
    code: 'SIGNAL_UNKNOWN',
    exit: 2,
    says: 'Did you mean approval?',
  },
  {
    what: 'a signal of a wrong type',
    ...asked,
    words: ['signal', 'mine', 'approval', '{"by":7}'],
    code: 'SIGNAL_INVALID',
    exit: 2,
    says: /approval\.by.*\n.*tutti show mine/,
  },
  {
    what: 'a signal without a value',
    ...asked,
    words: ['signal', 'mine', 'approval'],
    code: 'SIGNAL_INVALID',
    exit: 2,
  },
  {
    what: 'a signal that is not JSON',
    ...asked,
    words: ['signal', 'mine', 'approval', '{by: me}'],
    code: 'INPUT_INVALID',
    exit: 2,
    says: 'The value of a signal is not JSON',
  },
  {
    what: 'a signal from a file that is not there',
    ...asked,
    words: ['signal', 'mine', 'approval', '@nope.json'],
    code: 'INPUT_INVALID',
    exit: 2,
  },
  {
    what: 'a signal for a step that does not wait for it',
    ...asked,
    words: ['signal', 'mine', 'approval', '{"by":"me"}', '--step', 'build'],
    code: 'STEP_UNKNOWN',
    exit: 2,
    says: 'does not name one step',
  },
  {
    what: 'another try for an ended run',
    ...ended,
    words: ['retry', 'mine'],
    code: 'RUN_ENDED',
    exit: 2,
    says: 'tutti redrive mine',
  },
  { what: 'another try for an unknown run', ...ended, words: ['retry', 'mien'], code: 'RUN_UNKNOWN', exit: 2 },
  {
    what: 'another try where nothing is parked',
    ...asked,
    words: ['retry', 'mine'],
    code: 'STEP_NOT_PARKED',
    exit: 2,
    says: 'no parked step',
  },
  {
    what: 'another try for a step that is not parked',
    ...asked,
    words: ['retry', 'mine', 'build'],
    code: 'STEP_NOT_PARKED',
    exit: 2,
  },
  {
    what: 'another try for an unknown step',
    ...asked,
    words: ['retry', 'mine', 'biuld'],
    code: 'STEP_UNKNOWN',
    exit: 2,
    says: 'Did you mean build?',
  },
  {
    what: 'an unknown step to cancel',
    ...asked,
    words: ['cancel', 'mine', '--step', 'biuld'],
    code: 'STEP_UNKNOWN',
    exit: 2,
    says: 'Did you mean build?',
  },
  {
    what: 'an ended step to cancel',
    ...asked,
    words: ['cancel', 'mine', '--step', 'build'],
    code: 'STEP_ENDED',
    exit: 2,
  },
  {
    what: 'a pattern that no step has',
    ...asked,
    words: ['cancel', 'mine', '--step', 'tests[*]/triage'],
    code: 'STEP_UNKNOWN',
    exit: 2,
  },
]

/** Our own stack: users have no use for it. */
const OUR_STACK = /^\s+at .*(?:dist\/|src\/cli|node:internal)/m

for (const [about, list] of Object.entries({ ...cases, 'what others ask of a run': requests })) {
  describe(about, () => {
    test.concurrent.each(list)('$what', async ({ files, words, env, input, before, code, exit, at, says, out }) => {
      const cwd = folderWith(files)
      await before?.(cwd)
      const ended = await tutti(words, { cwd, ...(env ? { env } : {}), ...(input === undefined ? {} : { input }) })
      const told = `exit ${ended.code}\n${ended.out.slice(0, 2_000)}\n${ended.err.slice(0, 4_000)}`
      expect(ended.code, told).toBe(exit)
      if (code !== undefined) expect(ended.err, told).toMatch(new RegExp(`^error (${code})`, 'm'))
      if (at !== undefined)
        expect(ended.err, told).toContain(`at ${at.includes(':') && /^\d/.test(at) ? `tutti.ts:${at}` : at}`)
      if (says !== undefined) expect(ended.err, told).toMatch(says)
      if (out !== undefined) expect(ended.out, told).toMatch(out)
      expect(ended.err).not.toMatch(OUR_STACK)
      await expectWhole(cwd)
    })
  })
}

function run(words: readonly string[], exit = 0): (folder: string) => Promise<void> {
  return async cwd => {
    const ended: Ended = await tutti(words, { cwd })
    expect(ended.code, ended.err).toBe(exit)
  }
}

/** No half state: whatever happened, the doctor finds nothing. */
async function expectWhole(cwd: string): Promise<void> {
  if (!existsSync(join(cwd, '.tutti', 'tutti.db')) && !existsSync(join(cwd, '.tutti', 'store.db'))) return
  const doctor = await tutti(['doctor'], { cwd })
  expect(doctor.code, doctor.err).toBe(0)
}
