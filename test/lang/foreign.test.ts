/** Files of another language where commands take a FILE: found, bound, refused, kept. Shown with state machines. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { graphCommand } from '../../src/cli/commands/graph.ts'
import { helpCommand } from '../../src/cli/commands/help.ts'
import { planCommand } from '../../src/cli/commands/plan.ts'
import { publishCommand } from '../../src/cli/commands/publish.ts'
import { redriveCommand } from '../../src/cli/commands/redrive.ts'
import { resumeCommand } from '../../src/cli/commands/resume.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import type { RunFlags } from '../../src/cli/commands/run-flags.ts'
import { signalCommand } from '../../src/cli/commands/signal.ts'
import { simulateCommand } from '../../src/cli/commands/simulate.ts'
import { loadFile } from '../../src/cli/file.ts'
import type { Io, Reading } from '../../src/cli/io.ts'
import { jsonOrText } from '../../src/cli/mock-words.ts'
import { type Inside, inside } from '../versions-cli/inside.ts'

const ECHO = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'
const LAMBDA = 'arn:aws:lambda:eu-west-1:123456789012:function'
const CHARGE = `{
  "StartAt": "Charge",
  "States": {
    "Charge": { "Type": "Task", "Resource": "${LAMBDA}:charge", "Next": "Ship" },
    "Ship": { "Type": "Task", "Resource": "${LAMBDA}:ship", "End": true }
  }
}`
const BOUND = `export const charge = async event => ({ ...event, charged: true })
export const ship = async event => ({ ...event, shipped: true })
`

const reading = (io: Io, given: Reading): Io => ({ ...io, reading: given })

/** What a run of the words gives on stdout, parsed; stderr where it fails. Texts are printed as they are. */
async function runs(
  { run }: Inside,
  words: readonly string[],
  flags: RunFlags = {},
  given: Reading = {},
): Promise<unknown> {
  const { code, out, err } = await run(io => runCommand(reading(io, given), words, { quiet: true, ...flags }))
  return code === 0 ? jsonOrText(out.trim()) : err
}

describe('a state machine is known by its name, or by what is in it', () => {
  const YAML = 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n'
  test.each([
    ['order.asl.json', ECHO],
    ['order.asl', ECHO],
    ['order.asl.json5', `// five\n{StartAt: 'A', States: {A: {Type: 'Pass', End: true}}}`],
    ['order.asl.yaml', YAML],
    ['order.asl.yml', YAML],
    ['order.json', ECHO],
    ['order.yaml', YAML],
  ])('%s', async (name, text) => {
    expect(await runs(inside({ [name]: text }), [name], { input: '{"id":1}' })).toEqual({ id: 1 })
  })

  test.each([
    ['data.json', '{"StartAt": 1}'],
    ['notes.txt', ECHO],
    ['Makefile', 'all:\n'],
  ])('%s is none', async (name, text) => {
    const { refusal } = inside({ [name]: text })
    expect(await refusal(io => runCommand(io, [name], {}))).toMatchObject({ code: 'NOT_TYPESCRIPT', exit: 3 })
  })

  test('by --lang whatever it is called', async () => {
    expect(await runs(inside({ 'notes.txt': ECHO }), ['notes.txt'], { input: '7' }, { lang: 'asl' })).toBe(7)
  })
})

test('its name is that of the file, as AWS takes names', async () => {
  const { ok } = inside({ 'my order #1?.asl.json': ECHO })
  expect(await ok(io => publishCommand(io, ['my order #1?.asl.json'], {}))).toBe('my-order-1@1.0.0\n')
})

test('a language in a package is part of the program: what its tasks gave is known again', async () => {
  const { folder, run } = inside({ 'a.shout': 'hello' })
  rmSync(join(folder, 'node_modules'))
  mkdirSync(join(folder, 'node_modules/shouting'), { recursive: true })
  writeFileSync(
    join(folder, 'node_modules/shouting/package.json'),
    '{"name":"shouting","version":"1.0.0","type":"module","exports":"./index.js"}',
  )
  writeFileSync(
    join(folder, 'node_modules/shouting/index.js'),
    `import { task } from 'tutti'
import { ok } from 'tutti/lang'
const shout = task(text => text.toUpperCase())
const node = text => ({ id: 'shout', name: 'shout', after: [], policy: {}, kind: 'task', task: 'shout', args: [{ kind: 'literal', value: text }], executor: 'inline' })
const graph = text => ({ version: 1, name: 'all', params: [], root: { params: [], nodes: [node(text)], result: { kind: 'node', node: 'shout', up: 0, path: [] } }, reads: [] })
export default { name: 'shouting', matches: () => false, parse: ({ text }) => ok(text), bind: text => ok([{ graph: graph(text), tasks: { shout } }]) }
`,
  )
  const once = () => run(io => runCommand(reading(io, { lang: 'shouting' }), ['a.shout'], {}))
  expect((await once()).out).toBe('HELLO\n')
  expect((await once()).err).toMatch(/known +shout/)
})

describe('mistakes of a language are told when its file is loaded', () => {
  const language = (bind: string): string => `import { task } from 'tutti'
import { ok } from 'tutti/lang'
const shout = task(text => text.toUpperCase())
const step = task => ({ id: 'a', name: 'a', after: [], policy: {}, kind: 'task', task, args: [], executor: 'inline' })
const graph = (task, result = { kind: 'literal', value: 1 }) => ({ version: 1, name: 'all', params: [], root: { params: [], nodes: [step(task)], result }, reads: [] })
export default { name: 'wrong', matches: () => true, parse: ({ text }) => ok(text), bind: () => ${bind} }
`
  test.each([
    [`ok([{ graph: graph('whisper'), tasks: { shout } }])`, 'LANGUAGE_WRONG', 'whisper'],
    [`ok([{ graph: graph('shout'), tasks: { shout: () => 1 } }])`, 'LANGUAGE_WRONG', 'shout'],
    [
      `ok([{ graph: graph('shout', { kind: 'apply', fn: 'f', args: [], path: [] }), tasks: { shout } }])`,
      'LANGUAGE_WRONG',
      'applies f',
    ],
    [
      `ok([{ graph: graph('shout', { kind: 'list', items: [{ ready: { kind: 'function', fn: 'up' } }] }), tasks: { shout } }])`,
      'LANGUAGE_WRONG',
      'applies up',
    ],
    [
      `ok([graph('shout'), graph('shout')].map(graph => ({ graph, tasks: { shout } })))`,
      'LANGUAGE_WRONG',
      'two workflows',
    ],
    [
      `ok([{ graph: graph('shout', { kind: 'node', node: 'b', up: 0, path: [] }), tasks: { shout } }])`,
      'DANGLING_REF',
      'b',
    ],
    [`ok([{ graph: { ...graph('shout'), name: 'a#b' }, tasks: { shout } }])`, 'LANGUAGE_WRONG', 'a#b'],
    ['ok([])', 'NO_WORKFLOW', 'a.x'],
    ['undefined.x', 'LANGUAGE_FAILED', 'TypeError'],
    ['Promise.reject(new Error("late"))', 'LANGUAGE_FAILED', 'late'],
  ])('%s', async (bind, code, text) => {
    const { refusal } = inside({ 'a.x': '', 'wrong.mjs': language(bind) })
    const refused = await refusal(io => runCommand(reading(io, { lang: './wrong.mjs' }), ['a.x'], {}))
    expect(refused).toMatchObject({ code, exit: 3 })
    expect(refused.err).toContain(text)
  })
})

describe('its input is the whole of --input', () => {
  test.each([
    ['{"id":1}', { id: 1 }],
    ['{"input":1}', { input: 1 }],
    ['[1,2]', [1, 2]],
    ['"text"', 'text'],
    ['null', null],
    ['0', 0],
    ['{}', {}],
  ])('%s', async (input, output) => {
    expect(await runs(inside({ 'a.asl': ECHO }), ['a.asl'], { input })).toEqual(output)
  })

  test('an empty object when there is none, and fields by -p', async () => {
    const project = inside({ 'a.asl': ECHO })
    expect(await runs(project, ['a.asl'])).toEqual({})
    expect(await runs(project, ['a.asl'], { param: ['id=1', 'by=me'] })).toEqual({ id: 1, by: 'me' })
    expect(await runs(project, ['a.asl'], { input: '{"a":0,"id":0}', param: ['id=1'] })).toEqual({ a: 0, id: 1 })
    expect(await project.refusal(io => runCommand(io, ['a.asl'], { input: '[]', param: ['id=1'] }))).toMatchObject({
      code: 'USAGE',
      exit: 2,
    })
  })

  test('what is no JSON is refused, and help says what it takes', async () => {
    const { refusal, ok } = inside({ 'a.asl': ECHO })
    expect(await refusal(io => runCommand(io, ['a.asl'], { input: '{id:1}' }))).toMatchObject({
      code: 'INPUT_INVALID',
      exit: 2,
    })
    expect(await ok(io => helpCommand(io, ['a.asl']))).toContain('--input JSON')
  })
})

describe('what binds its names', () => {
  test.each([
    ['order.bind.mjs', BOUND],
    ['order.bind.ts', BOUND.replaceAll('event =>', '(event: object) =>')],
    [
      'order.bind.js',
      `export default { charge: event => ({ ...event, charged: true }), '${LAMBDA}:ship': event => ({ ...event, shipped: true }) }`,
    ],
    [
      'order.bind.json',
      `{"charge": {"lambda": "./lambda.mjs", "handler": "charge"}, "ship": {"lambda": "./lambda.mjs", "handler": "ship"}}`,
    ],
    [
      'order.bind.yaml',
      'charge: &lambda { lambda: ./lambda.mjs, handler: charge }\nship: { lambda: ./lambda.mjs, handler: ship }\n',
    ],
  ])('%s beside it, and says so', async (name, text) => {
    const { run } = inside({ 'order.asl.json': CHARGE, [name]: text, 'lambda.mjs': BOUND })
    const { code, out, err } = await run(io => runCommand(io, ['order.asl.json'], { input: '{"id":1}' }))
    expect({ code, out: JSON.parse(out || 'null') as unknown }, err).toEqual({
      code: 0,
      out: { id: 1, charged: true, shipped: true },
    })
    expect(err).toContain(`bindings: ${name}\n`)
  })

  test('TypeScript goes before JSON; --bind before both', async () => {
    const project = inside({
      'order.asl.json': CHARGE,
      'order.bind.mjs': BOUND,
      'order.bind.json': '{}',
      'test/fake.mjs': `export default { charge: () => 1, ship: () => 'fake' }`,
    })
    expect(await runs(project, ['order.asl.json'])).toEqual({ charged: true, shipped: true })
    expect(await runs(project, ['order.asl.json'], {}, { bind: 'test/fake.mjs' })).toBe('fake')
  })

  test.each([
    [{ bind: 'none.ts' }, 'FILE_NOT_FOUND'],
    [{ bind: 'empty.mjs' }, 'BINDINGS_UNREADABLE'],
    [{ bind: 'list.json' }, 'BINDINGS_UNREADABLE'],
    [{ bind: 'broken.json' }, 'BINDINGS_UNREADABLE'],
    [{ bind: 'order.asl' }, 'BINDINGS_UNREADABLE'],
    [{ lang: './none.ts' }, 'FILE_NOT_FOUND'],
    [{ lang: './empty.mjs' }, 'LANGUAGE_MISSING'],
    [{ lang: 'not-installed-here' }, 'PACKAGE_NOT_FOUND'],
    [{ mocks: { file: 'none.json', testCase: 'x' } }, 'FILE_NOT_FOUND'],
  ] satisfies readonly (readonly [Reading, string])[])('%o is refused', async (given, code) => {
    const { refusal } = inside({
      'order.asl': ECHO,
      'empty.mjs': 'export {}',
      'list.json': '[1]',
      'broken.json': '{"a": \n  b: c: d',
    })
    expect((await refusal(io => runCommand(reading(io, given), ['order.asl'], {}))).code).toBe(code)
  })

  test('what is not bound is refused before anything runs, all of it, with the line to write', async () => {
    const { folder, refusal } = inside({ 'order.asl.json': CHARGE })
    const { err, exit } = await refusal(io => runCommand(io, ['order.asl.json'], { input: '{}' }))
    expect(exit).toBe(3)
    expect([...err.matchAll(/at order\.asl\.json:(\d+)/g)].map(([, line]) => line)).toEqual(['4', '5'])
    for (const text of ['bindings: none; write order.bind.mjs', '"Charge"', '"Ship"', `${LAMBDA}:ship`, `'charge': {`])
      expect(err).toContain(text)
    expect(existsSync(join(folder, '.tutti/store.db'))).toBe(false)
  })

  test('L3: it is drawn, checked, planned and published all the same', async () => {
    const { ok } = inside({ 'order.asl.json': CHARGE })
    expect(await ok(io => checkCommand(io, ['order.asl.json'], {}))).toContain('sound')
    expect(await ok(io => graphCommand(io, ['order.asl.json'], { format: 'svg' }))).toContain('Charge')
    expect(await ok(io => planCommand(io, ['order.asl.json'], {}))).toContain('start')
    expect(await ok(io => publishCommand(io, ['order.asl.json'], {}))).toContain('order@1.0.0')
  })
})

describe('a test case of mocks answers instead of services', () => {
  const MOCKS = JSON.stringify({
    StateMachines: { order: { TestCases: { Happy: { Charge: 'Paid', Ship: 'Sent' }, Broke: { Charge: 'Refused' } } } },
    MockedResponses: {
      Paid: { 0: { Return: { paid: 1 } } },
      Sent: { 0: { Return: 'sent' } },
      Refused: { 0: { Throw: { Error: 'NoMoney', Cause: 'none left' } } },
    },
  })
  const files = { 'order.asl.json': CHARGE, 'mocks.json': MOCKS }
  const mocked = (testCase: string): Reading => ({ mocks: { file: 'mocks.json', testCase } })

  test('in a run and in a simulation', async () => {
    const project = inside(files)
    expect(await runs(project, ['order.asl.json'], {}, mocked('Happy'))).toBe('sent')
    const out = await project.ok(io =>
      simulateCommand(reading(io, mocked('Happy')), ['order.asl.json'], { real: 'all', quiet: true }),
    )
    expect(out).toBe('sent\n')
    expect(await runs(project, ['order.asl.json'], { quiet: false }, mocked('Broke'))).toContain('NoMoney')
  })

  test('one that is not there is refused', async () => {
    expect(await runs(inside(files), ['order.asl.json'], {}, mocked('Hapy'))).toMatch(/Hapy/)
  })
})

describe('mistakes of a definition', () => {
  const WRONG =
    '{\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Next": "B" },\n    "C": { "Type": "Pass" }\n  }\n}'

  test('L1: they are told at their places by run and by check, all at once', async () => {
    const { run } = inside({ 'a.asl.json': WRONG })
    const ran = await run(io => runCommand(io, ['a.asl.json'], {}))
    const checked = await run(io => checkCommand(io, ['a.asl.json'], {}))
    for (const { code, err } of [ran, checked]) {
      expect(code).toBe(3)
      expect(err).toContain('at a.asl.json:4:')
      expect(err).toContain('at a.asl.json:5:')
      expect(err).toMatch(/> 4 \|/)
    }
  })

  test.each([
    ['no JSON', '{"StartAt": '],
    ['nothing', ''],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
  ])('%s', async (_, text) => {
    const { folder, run } = inside({})
    writeFileSync(join(folder, 'a.asl.json'), text)
    expect((await run(io => runCommand(io, ['a.asl.json'], {}))).code).toBe(3)
  })
})

describe('a run hangs on no file any more', () => {
  const WAITS = JSON.stringify({
    StartAt: 'Child',
    States: {
      Child: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:child' },
        OutputPath: '$.Output',
        Next: 'Ask',
      },
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Parameters: { MessageBody: { 'token.$': '$$.Task.Token' }, QueueUrl: 'q' },
        ResultPath: '$.answer',
        Next: 'Tell',
      },
      Tell: { Type: 'Task', Resource: `${LAMBDA}:tell`, End: true },
    },
  })
  const FILES = {
    'order.asl.json': WAITS,
    'child.asl.json': '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"from":"child"},"End":true}}}',
    'order.bind.mjs': `import { sign } from './sign.mjs'
export default { child: { machine: './child.asl.json' }, Ask: () => undefined, tell: event => sign(event) }`,
    'sign.mjs': `export const sign = value => ({ ...value, signed: true })`,
  }

  test('L2: it goes on when its definition, its bindings and the machines that it starts are gone', async () => {
    const { folder, run, ok } = inside(FILES)
    const waiting = await run(io => runCommand(io, ['order.asl.json'], { id: 'r1', wait: false, quiet: true }))
    expect(waiting.code, waiting.err).toBe(6)
    for (const name of Object.keys(FILES)) rmSync(join(folder, name))
    await ok(io => signalCommand(io, { run: 'r1', name: 'Ask', json: '{"output":42}' }, {}))
    expect(JSON.parse(await ok(io => resumeCommand(io, 'r1', { quiet: true })))).toEqual({
      from: 'child',
      answer: 42,
      signed: true,
    })
  })

  test('resumed with --latest it is read as it was: bound by the same file, which may be mended meanwhile', async () => {
    const { folder, run, ok } = inside({
      'order.asl.json': CHARGE,
      'fake.mjs': BOUND.replace('({ ...event, shipped: true })', '{ throw new Error("no van") }'),
    })
    const named = (io: Io): Io => reading(io, { bind: 'fake.mjs' })
    expect((await run(io => runCommand(named(io), ['order.asl.json'], { id: 'r1' }))).code).toBe(1)
    writeFileSync(join(folder, 'fake.mjs'), BOUND)
    const out = await ok(io => redriveCommand(io, 'r1', { latest: true, quiet: true }))
    expect(JSON.parse(out)).toEqual({ charged: true, shipped: true })
  })

  test('what it hangs on before that is known: the text, what binds it, and what may come', async () => {
    const { folder } = inside(FILES)
    const { built, runnable } = await loadFile('order.asl.json', folder)
    const named = (paths: readonly string[]): readonly string[] =>
      paths.map(path => path.slice(folder.length + 1)).sort()
    expect(named(built.files)).toEqual(['order.asl.json', 'order.bind.mjs', 'sign.mjs'])
    expect(named(built.absent)).toEqual(['order.bind.js', 'order.bind.mts', 'order.bind.ts'])
    expect(runnable('order').graph.reads.map(read => ('path' in read ? read.path : read.name))).toEqual([
      'child.asl.json',
    ])
  })
})
