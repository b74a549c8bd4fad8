/** Where steps write: inside the project that names the path, and no two of them to one path. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { joinPaths } from '../../util/join-paths.ts'
import type { Node, Region } from './graph.ts'
import { problem } from './problem.ts'
import { resourcesOf } from './resources.ts'

/** Who writes where: a path has one writer, and what lies below it is part of it. */
interface Writers {
  readonly paths: Map<string, Writer[]>
  /** Folders that a path lies in, with those paths. */
  readonly folders: Map<string, Writer[]>
}
interface Writer {
  readonly node: Node
  readonly path: string
  readonly choices: ReadonlyMap<Node, string>
}

/** Two ways of one choice may write the same path: only one of them is gone. */
export function checkOutputs(root: Region, found: Diagnostic[]): void {
  const writers: Writers = { paths: new Map(), folders: new Map() }
  for (const { resource, node, choices, phase } of resourcesOf({ root })) {
    if (resource.kind !== 'output') continue
    const writer = { node, path: joinPaths(resource.path), choices }
    checkInside(writer, joinPaths(resource.dir ?? ''), found)
    // What undoes a step comes after all that was done, to the same paths if need be.
    if (phase === 'doing') checkOutput(writer, writers, found)
  }
}

/** `folder`: of the project. */
function checkInside({ node, path }: Writer, folder: string, found: Diagnostic[]): void {
  const rest = folder === '' ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : '..'
  // Of `../..` everything in `..` is inside, but what is above it is not.
  if (rest === '..' || rest.startsWith('../') || rest.startsWith('/')) {
    found.push(
      problem(
        'OUTPUT_OUTSIDE',
        node,
        `${node.name} would write ${path}, which is outside of the project`,
        'Outputs lie inside the folder of the file that names them.',
      ),
    )
  }
}

function checkOutput(writer: Writer, { paths, folders }: Writers, found: Diagnostic[]): void {
  const { node, path } = writer
  const around = foldersOf(path)
  const clashes = (others: readonly Writer[] | undefined): Writer | undefined =>
    others?.find(other => other.node !== node && !areExclusive(other, writer))
  const other =
    clashes(paths.get(path)) ??
    clashes(folders.get(path)) ??
    around.map(folder => clashes(paths.get(folder))).find(each => each !== undefined)
  if (other) found.push(outputTwice(writer, other))
  note(paths, path, writer)
  for (const folder of around) note(folders, folder, writer)
}

function note(writers: Map<string, Writer[]>, path: string, writer: Writer): void {
  const known = writers.get(path)
  if (known) known.push(writer)
  else writers.set(path, [writer])
}

const areExclusive = (a: Writer, b: Writer): boolean =>
  [...a.choices].some(([node, label]) => (b.choices.get(node) ?? label) !== label)

const outputTwice = ({ node, path }: Writer, other: Writer): Diagnostic => ({
  ...problem(
    'OUTPUT_TWICE',
    node,
    `${other.node.name} and ${node.name} both write ${path}`,
    isSameTask(node, other.node)
      ? 'Give each its own path; if one workflow is called twice, make it { once: true }.'
      : 'Give each its own path.',
  ),
  related: [
    { message: `${other.node.name} writes ${other.path} here`, ...(other.node.at ? { at: other.node.at } : {}) },
  ],
})

const isSameTask = (a: Node, b: Node): boolean => 'task' in a && 'task' in b && a.task === b.task

/** All folders around a path; `''` is the project's own. */
function foldersOf(path: string): readonly string[] {
  const found: string[] = path === '' ? [] : ['']
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) found.push(path.slice(0, end))
  return found
}
