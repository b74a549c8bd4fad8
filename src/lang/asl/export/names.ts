/** Names that a machine may have: of states (80 characters, each once), of variables (not those of JSONata), of functions. */

export interface Names {
  readonly state: (wanted: string) => string
  /** Of one machine, its branches and iterations included: an inner variable must not have an outer one's name. */
  readonly variable: (wanted: string) => string
  /** The ARN that stands for a task, the same for the same task. */
  readonly resource: (task: string) => string
  readonly resources: () => readonly Resource[]
}

/** What the machine calls by this ARN is the user's task of this name. */
export interface Resource {
  readonly arn: string
  readonly task: string
}

export function newNames(): Names {
  const states = new Set<string>()
  const variables = new Set(RESERVED)
  const functions = new Map<string, string>()
  const taken = new Set<string>()
  return {
    state: wanted => unique(states, wanted.slice(0, STATE_NAME_MAX), ' ', STATE_NAME_MAX),
    variable: wanted => unique(variables, identifier(wanted), '_', STATE_NAME_MAX),
    resource(task) {
      const known = functions.get(task)
      if (known !== undefined) return known
      const name = unique(
        taken,
        task.replace(/[^\w-]+/g, '-').slice(0, FUNCTION_NAME_MAX) || 'task',
        '-',
        FUNCTION_NAME_MAX,
      )
      const arn = `${FUNCTIONS}${name}`
      functions.set(task, arn)
      return arn
    },
    resources: () => [...functions].map(([task, arn]) => ({ arn, task })),
  }
}

/** AWS's own example account: nobody's. */
const FUNCTIONS = 'arn:aws:lambda:us-east-1:123456789012:function:'
const STATE_NAME_MAX = 80
const FUNCTION_NAME_MAX = 64

function unique(taken: Set<string>, wanted: string, mark: string, longest: number): string {
  let name = wanted
  for (let count = 2; taken.has(name); count += 1) {
    const end = `${mark}${count}`
    name = `${wanted.slice(0, longest - end.length)}${end}`
  }
  taken.add(name)
  return name
}

function identifier(wanted: string): string {
  const name = wanted.replace(/\W+/g, '_').slice(0, STATE_NAME_MAX)
  return /^[A-Za-z]/.test(name) ? name : `v${name}`
}

/** JSONata's and AWS's functions, which share their space of names with variables. */
const RESERVED = (
  'states abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl ' +
  'decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase ' +
  'formatInteger formatNumber fromMillis hash join keys length lookup lowercase map match max merge millis min not now ' +
  'number pad parse parseInteger partition power random range reduce replace reverse round shuffle sift single sort ' +
  'split spread sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip'
).split(' ')
