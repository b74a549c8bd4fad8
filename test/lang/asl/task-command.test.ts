/** `tutti task`: workers and callbacks in processes of their own, while the machine waits in another. */
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from '../../cli/rig.ts'

const state = (rest: object) => ({ Type: 'Task', End: true, ...rest })
const QUEUE = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'
const message = { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } }

const machine = (States: object) => JSON.stringify({ StartAt: Object.keys(States)[0], States })

const files = {
  'activity.asl.json': machine({ Approve: state({ Resource: 'arn:aws:states:us-east-1:1:activity:approve' }) }),
  'sent.asl.json': machine({
    Ask: state({
      Resource: QUEUE,
      Parameters: message,
      HeartbeatSeconds: 60,
      Catch: [{ ErrorEquals: ['Refused'], Next: 'No' }],
    }),
    No: { Type: 'Pass', Result: 'no', End: true },
  }),
  'sent.bind.json': JSON.stringify({ 'arn:aws:states:::sqs:sendMessage': { command: 'cat > sent.json; echo 1' } }),
  'every.asl.json': machine({
    Every: {
      Type: 'Map',
      End: true,
      ItemProcessor: {
        StartAt: 'One',
        States: { One: state({ Resource: 'arn:aws:states:us-east-1:1:activity:one' }) },
      },
    },
  }),
}

interface Listed {
  readonly taskToken: string
  readonly run: string
  readonly state: string
  readonly input: unknown
}

async function listed(cwd: string): Promise<readonly Listed[]> {
  const { out, err, code } = await tutti(['task', 'list', '--json'], { cwd })
  expect(code, err).toBe(0)
  return jsonLines(out) as unknown as readonly Listed[]
}

describe('tutti task', () => {
  test.concurrent('list shows what a worker is asked to do, and success is its answer', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', 'activity.asl.json', '--id', 'a', '--input', '{"order":1}'], { cwd })
    await live.says('signal Approve')
    const [task, ...others] = await listed(cwd)
    expect(others).toEqual([])
    expect(task).toEqual({ taskToken: expect.any(String), run: 'a', state: 'Approve', input: { order: 1 } })
    const sent = await tutti(['task', 'success', task?.taskToken ?? '', '{"by":"me"}', '--json'], { cwd })
    expect(JSON.parse(sent.out)).toEqual({ run: 'a', kind: 'task', state: 'Approve', delivery: 'done' })
    const ended = await live.ended
    expect(ended).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.out)).toEqual({ by: 'me' })
    expect(await listed(cwd)).toEqual([])
  })

  test.concurrent('a token that was sent by a command is that of the list; heartbeats and failures go by it', async () => {
    const cwd = folderWith(files)
    const live = startTutti(['run', 'sent.asl.json', '--id', 'a'], { cwd })
    await live.says('signal Ask heartbeat')
    const [task] = await listed(cwd)
    const token = task?.taskToken ?? ''
    expect(task?.input).toEqual({ QueueUrl: 'q', MessageBody: { token } })
    expect(await tutti(['task', 'heartbeat', token], { cwd })).toMatchObject({ code: 0 })
    const words = ['task', 'failure', token, '--error', 'Refused', '--cause', 'too dear']
    expect(await tutti(words, { cwd })).toMatchObject({ code: 0, err: 'run a took the answer to Ask\n' })
    expect(await live.ended).toMatchObject({ code: 0, out: 'no\n' })
    const late = await tutti(['task', 'success', token], { cwd })
    expect(late.err).toContain('RUN_ENDED')
  })

  test.concurrent('each item has its own token, and a run that nobody runs keeps the answers', async () => {
    const cwd = folderWith(files)
    const words = ['run', 'every.asl.json', '--id', 'a', '--input', '["x","y"]', '--no-wait']
    expect((await tutti(words, { cwd })).code).toBe(6)
    for (const { taskToken, input } of await listed(cwd))
      await tutti(['task', 'success', taskToken, JSON.stringify({ done: input })], { cwd })
    const resumed = await tutti(['resume', 'a'], { cwd })
    expect(resumed.code, resumed.err).toBe(0)
    expect(JSON.parse(resumed.out)).toEqual([{ done: 'x' }, { done: 'y' }])
  })

  test.concurrent('what is no token, and a state that asks for no heartbeat', async () => {
    const cwd = folderWith(files)
    await tutti(['run', 'activity.asl.json', '--id', 'a', '--no-wait'], { cwd })
    expect((await tutti(['task', 'success', 'AQB8AAAA'], { cwd })).err).toContain('TASK_TOKEN_INVALID')
    const [task] = await listed(cwd)
    const beat = await tutti(['task', 'heartbeat', task?.taskToken ?? ''], { cwd })
    expect(beat.err).toContain('TASK_UNWATCHED')
  })
})
