/**
 * What stands behind the addresses of a bundle, as text: the piece of the module in which a function is written, and the
 * pieces that it reaches. For who wants to see what makes the code of a step another one; nothing of the user's runs.
 */
import { posix } from 'node:path'
import type { Hash } from '../util/hash.ts'
import type { Bundle } from './bundle.ts'
import { createCodes, type Codes } from './closure/code.ts'
import { createReach, type Reach, type Spot } from './closure/reach.ts'
import { lineStarts, placeOf } from './instrument/lines.ts'
import { parse } from './instrument/parse.ts'
import { boundNames } from './instrument/scopes.ts'
import type { Node } from './instrument/tree.ts'
import { dialectOf } from './script.ts'

/** A top-level declaration of a module; all of it where it is data. */
export interface Piece {
  readonly module: string
  /** What it declares; several names where one declaration gives them. Of data: the module. */
  readonly name: string
  /** Of its first line. */
  readonly line: number
  /** Whole lines. */
  readonly text: string
}

export interface Pieces {
  /** Undefined where no piece is known: the function was made by another function, or comes from a package. */
  reachedBy(address: string): Reached | undefined
  /** Undefined: it is no piece of a script. */
  pieceAt(key: PieceKey): Promise<Piece | undefined>
}

/** `module:names` */
export type PieceKey = string

export interface Reached {
  /** In which the function is written. */
  readonly own: PieceKey
  /** What the code of each piece is hashed to, as far as it belongs to the function; its own first. */
  readonly pieces: ReadonlyMap<PieceKey, Hash>
}

export function piecesOf(bundle: Bundle): Pieces {
  const reach = createReach(bundle)
  const codes = createCodes(bundle, () => [])
  const texts = new Map<string, Promise<ReadonlyMap<string, Piece>>>()
  return {
    reachedBy(address) {
      const spots = spotsAt(reach, address)
      const [first] = spots
      return first && { own: keyOf(first), pieces: new Map(spots.flatMap(spot => reachedFrom(spot, codes))) }
    },
    async pieceAt(key) {
      const [module, name] = splitKey(key)
      const known = texts.get(module) ?? cut(bundle, module)
      texts.set(module, known)
      return (await known).get(name)
    },
  }
}

const splitKey = (key: PieceKey): readonly [module: string, name: string] => {
  const colon = key.lastIndexOf(':')
  return [key.slice(0, colon), key.slice(colon + 1)]
}

/**
 * The functions that an address may mean. A definition goes by the name of its variable, with `~2` and so on where modules
 * share one, in the order in which they run; a pure function by the functions around its call (`billing/.to#0`).
 */
function spotsAt(reach: Reach, address: string): readonly Spot[] {
  const [, stem = '', count = '1'] = /^([^~/]*)(?:~(\d+))?/.exec(address) ?? []
  const pieces = reach.order.flatMap(path =>
    reach.pieces(path).filter(({ cell }) => cell.names?.includes(stem) === true),
  )
  const one = pieces[Number(count) - 1]
  const meant = one ? [one] : pieces
  return address.includes('/') ? meant : meant.map(functionIn)
}

/** What is given to `task(…)` in a declaration; the whole of it where nothing is. */
const functionIn = (piece: Spot): Spot =>
  piece.inner.find(({ cell }) => cell.role === 'deferred' || cell.role === 'value') ?? piece

function reachedFrom(spot: Spot, codes: Codes): readonly (readonly [PieceKey, Hash])[] {
  const code = codes.codeAt(spot.path, spot.index)
  const own = keyOf(spot)
  // What it hangs on is not known: that it is the same text is all that can be said.
  if (code.kind === 'open') return [[own, digestsOf(spot)]]
  return Object.entries(code.parts).flatMap(([part, hash]): readonly (readonly [PieceKey, Hash])[] => {
    if (part === 'own') return [[own, hash]]
    const key = keyOfPart(part, posix.dirname(spot.path))
    return key === undefined || key === own ? [] : [[key, hash]]
  })
}

/** A part of a code names modules as seen from the function's own. Undefined: nothing that has a text. */
function keyOfPart(part: string, folder: string): PieceKey | undefined {
  const colon = part.lastIndexOf(':')
  if (colon < 0) return SUMS.has(part) ? undefined : `${posix.join(folder, part)}:${WHOLE}`
  const [module, name] = splitKey(part.replace(/\.function$/, ''))
  return module === 'package' || SUMS.has(name) ? undefined : `${posix.join(folder, module)}:${name}`
}

/** Of a module that is data. */
const WHOLE = ''

/** Parts of a code that only sum up others, or what was read while the file was loaded. */
const SUMS = new Set(['imports', 'exports', 'statements', 'modules', 'reads'])

const digestsOf = ({ cell, inner }: Spot): string => `${cell.digest}[${inner.map(digestsOf).join()}]`

const keyOf = (spot: Spot): PieceKey =>
  spot.around ? keyOf(spot.around) : `${spot.path}:${spot.cell.names?.join() ?? ''}`

async function cut(bundle: Bundle, path: string): Promise<ReadonlyMap<string, Piece>> {
  const module = bundle.modules[path]
  if (module?.kind === 'json' || module?.kind === 'text')
    return new Map([[WHOLE, { module: path, name: path, line: 1, text: module.source }]])
  const dialect = dialectOf(path)
  if (module?.kind !== 'script' || !dialect) return new Map()
  const { source } = module
  const { program } = await parse(path, source, dialect)
  const starts = lineStarts(source)
  const pieces = program.body.flatMap(statement =>
    declarationsIn(statement).map(([name, { start, end }]): readonly [string, Piece] => {
      const line = placeOf(starts, start).line
      const last = placeOf(starts, Math.max(start, end - 1)).line
      const text = source.slice(starts[line - 1], starts[last] ?? source.length)
      return [name, { module: path, name, line, text }]
    }),
  )
  return new Map(pieces)
}

type Range = Pick<Node, 'start' | 'end'>

/** By their names as cells have them. A declaration alone in its statement takes all of that. */
function declarationsIn(statement: Node): readonly (readonly [name: string, range: Range])[] {
  const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
  const node = isExport ? statement.declaration : statement
  switch (node?.type) {
    case 'VariableDeclaration': {
      const isAlone = node.declarations.length === 1
      return node.declarations.map(each => [boundNames(each.id).join(), isAlone ? statement : each])
    }
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return [[node.id?.name ?? 'default', statement]]
    default:
      return statement.type === 'ExportDefaultDeclaration' ? [['default', statement]] : []
  }
}
