/** Services and live rebuild, as a Tiltfile has them: `name: command`, a service with a port; `name < files: command`, a job. */
import { type Port, service, sh, task } from 'tutti'
import { type Expr, type Language, type Node, ok, servicePolicy, stepId, stepPolicy } from 'tutti/lang'

const process = service((command: string, port: Port, _watched: unknown) =>
  sh`/bin/sh -c ${command}`.env({ PORT: String(port.number) }),
)
const job = task(async (command: string, services: { readonly [name: string]: { readonly url: string } }) => {
  const env = Object.fromEntries(Object.entries(services).map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url]))
  return (await sh`/bin/sh -c ${command}`.env(env)).stdout.trim()
})

interface Line {
  readonly name: string
  readonly watched: string | undefined
  readonly command: string
  readonly line: number
}

const node = (name: string): Expr => ({ kind: 'node', node: stepId(name), up: 0, path: [] })
const literal = (value: string): Expr => ({ kind: 'literal', value })

export const processes: Language<readonly Line[]> = {
  name: 'processes',
  matches: ({ path }) => path.endsWith('.procs'),
  parse: ({ text }) =>
    ok(
      text.split('\n').flatMap((row, index) => {
        const [, name = '', watched, command = ''] = /^(\w+)(?:\s*<\s*(\S+))?:\s*(.*)$/.exec(row) ?? []
        return name === '' ? [] : [{ name, watched, command, line: index + 1 }]
      }),
    ),
  bind: lines => {
    const jobs = lines.filter(({ name }) => name.startsWith('job'))
    const services = lines.filter(each => !jobs.includes(each))
    const common = ({ name, line }: Line) => ({
      id: stepId(name),
      name,
      after: [],
      policy: stepPolicy({}),
      at: { file: 'x.procs', line, column: 1 },
    })
    const sources = services.flatMap(({ name, watched }): readonly Node[] =>
      watched === undefined
        ? []
        : [
            {
              id: `${name}-files`,
              name: watched,
              after: [],
              policy: {},
              kind: 'source',
              source: { kind: 'files', globs: [watched] },
            },
          ],
    )
    const nodes: readonly Node[] = [
      ...sources,
      ...services.map(
        (each): Node => ({
          ...common(each),
          kind: 'service',
          task: 'process',
          // What it watches is an argument: another content starts it again, or is told to it.
          args: [
            literal(each.command),
            { kind: 'resource', resource: { kind: 'port', name: each.name } },
            each.watched === undefined ? { kind: 'literal', value: null } : node(`${each.name}-files`),
          ],
          service: servicePolicy({ ready: 'tcp', stop: { grace: '1s' } }, 'listens'),
        }),
      ),
      ...jobs.map(
        (each): Node => ({
          ...common(each),
          kind: 'task',
          task: 'job',
          args: [
            literal(each.command),
            { kind: 'record', fields: Object.fromEntries(services.map(({ name }) => [name, node(name)])) },
          ],
          executor: 'inline',
        }),
      ),
    ]
    const result: Expr = { kind: 'record', fields: Object.fromEntries(jobs.map(({ name }) => [name, node(name)])) }
    return ok([
      {
        graph: { version: 1, name: 'all', params: [], root: { params: [], nodes, result }, reads: [] },
        tasks: { process, job },
      },
    ])
  },
}
