/** Containers, parameters and artifacts, as Kubeflow and Argo have them; what stands in for a container is a clean shell. */
import { type Output, sh, task } from 'tutti'
import { type Expr, type Language, type Node, ok, stepId, stepPolicy } from 'tutti/lang'

interface Component {
  readonly name: string
  readonly image: string
  readonly command: string
  readonly retries?: number
  /** `param.NAME`, or `STEP.NAME`. */
  readonly inputs: { readonly [name: string]: string }
  readonly outputs: readonly string[]
}

interface Pipeline {
  readonly params: { readonly [name: string]: number | string }
  readonly components: readonly Component[]
}

type Artifacts = { readonly [name: string]: Output }

const container = task(
  async (
    what: { readonly image: string; readonly command: string },
    inputs: { readonly [name: string]: unknown },
    outputs: Artifacts,
  ) => {
    const env = { ...texts(inputs), ...texts(outputs), IMAGE: what.image }
    await sh`/bin/sh -c ${what.command}`.env(env)
    return outputs
  },
)

const texts = (values: { readonly [name: string]: unknown }): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))

export const pipelines: Language<Pipeline> = {
  name: 'pipelines',
  matches: ({ path }) => path.endsWith('.pipe.json'),
  parse: ({ text }) => ok(JSON.parse(text) as Pipeline),
  bind: ({ params, components }) => {
    const nodes = components.map(
      (each): Node => ({
        id: stepId(each.name),
        name: each.name,
        after: [],
        policy: stepPolicy(each.retries === undefined ? {} : { retry: each.retries }),
        kind: 'task',
        task: 'container',
        args: [
          { kind: 'literal', value: { image: each.image, command: each.command } },
          {
            kind: 'record',
            fields: Object.fromEntries(Object.entries(each.inputs).map(([name, from]) => [name, valueFrom(from)])),
          },
          {
            kind: 'record',
            fields: Object.fromEntries(
              each.outputs.map(name => [
                name,
                {
                  kind: 'resource',
                  resource: { kind: 'output', path: `artifacts/${each.name}/${name}` },
                } satisfies Expr,
              ]),
            ),
          },
        ],
        executor: 'inline',
      }),
    )
    const last = components.at(-1)?.name ?? ''
    const graph = {
      version: 1 as const,
      name: 'pipeline',
      params: Object.entries(params).map(([name, value]) => ({
        name,
        type: { type: typeof value },
        required: false,
        default: value,
      })),
      root: { params: Object.keys(params), nodes, result: valueFrom(`${last}.`) },
      reads: [],
    }
    return ok([{ graph, tasks: { container } }])
  },
}

function valueFrom(from: string): Expr {
  const [step = '', name = ''] = from.split('.')
  return step === 'param'
    ? { kind: 'param', param: name, up: 0, path: [] }
    : { kind: 'node', node: stepId(step), up: 0, path: name === '' ? [] : [name] }
}
