/** One module, from its text to the function body that the loader runs: types out, links, names, guards and sites in. */
import { analyse } from '../closure/analyse.ts'
import type { ModuleCells } from '../closure/cells.ts'
import { err, ok, type Result } from '../../util/result.ts'
import type { EditMap } from './edits.ts'
import { erasePass } from './erase.ts'
import { guardPass } from './guards.ts'
import { lineStarts, offsetOf } from './lines.ts'
import { createLinker, importedNames, SHADOWED, type Links } from './link.ts'
import { hoistedMarks, markPass } from './marks.ts'
import { namePass } from './names.ts'
import { hasSyntaxToLower, parse, type Dialect, type Parsed, type SyntaxProblem } from './parse.ts'
import { plainNames } from './plain.ts'
import { createRewriter, HOOKS } from './rewriter.ts'
import { analyseScopes } from './scopes.ts'
import { createSites, type CallSite } from './sites.ts'
import { walk } from './tree.ts'

export interface Instrumented {
  readonly kind: 'module'
  readonly code: string
  readonly map: EditMap
  readonly links: Links
  readonly sites: readonly CallSite[]
  readonly closures: ModuleCells
  /** Set when the syntax had to be lowered first: `[offset, line, column]`, flat, from the lowered text to the source. */
  readonly lowered?: readonly number[]
}

/** A file in the old module format: it is left to Node. */
export interface CommonJs {
  readonly kind: 'commonjs'
}

export async function instrument(
  fileName: string,
  source: string,
  dialect: Dialect,
): Promise<Result<Instrumented | CommonJs, readonly SyntaxProblem[]>> {
  const parsed = await parse(fileName, source, dialect)
  if (dialect === 'js' && !parsed.hasModuleSyntax && /\b(?:module\.exports|exports\.\w|require\s*\()/.test(source))
    return ok({ kind: 'commonjs' })
  if (parsed.problems.length > 0) return err(parsed.problems)
  if (!hasSyntaxToLower(parsed)) return ok(rewrite(source, parsed, dialect))
  const lowered = await lower(fileName, source)
  if (!lowered.ok) return lowered
  // Lowering has dropped the imports that no value uses: what is left stays.
  const again = await parse(fileName.replace(/\.\w+$/, '.js'), lowered.value.source, 'js')
  return again.problems.length > 0
    ? err(again.problems)
    : ok({ ...rewrite(lowered.value.source, again, 'js'), lowered: lowered.value.places })
}

async function lower(
  fileName: string,
  source: string,
): Promise<Result<{ readonly source: string; readonly places: readonly number[] }, readonly SyntaxProblem[]>> {
  const [{ transformSync }, { TraceMap, eachMapping }] = await Promise.all([
    import('oxc-transform'),
    import('@jridgewell/trace-mapping'),
  ])
  const { code, map, errors } = transformSync(fileName, source, {
    lang: 'ts',
    sourceType: 'module',
    sourcemap: true,
    target: 'es2023',
  })
  if (errors.length > 0 || !map)
    return err(errors.map(error => ({ message: error.message, offset: error.labels[0]?.start ?? 0 })))
  const starts = lineStarts(code)
  const places: number[] = []
  eachMapping(new TraceMap({ version: 3, mappings: map.mappings, names: map.names, sources: map.sources }), each => {
    if (each.originalLine !== null)
      places.push(
        offsetOf(starts, each.generatedLine, each.generatedColumn + 1),
        each.originalLine,
        each.originalColumn + 1,
      )
  })
  return ok({ source: code, places })
}

function rewrite(source: string, { program, keys }: Parsed, dialect: Dialect): Instrumented {
  const rewriter = createRewriter(source)
  const scopes = analyseScopes(program, keys, new Set([...importedNames(program), ...SHADOWED]))
  const linker = createLinker(program, rewriter, scopes, dialect === 'ts' ? 'dropped' : 'kept')
  const sites = createSites(source)
  const { table, marks } = analyse(program, source, keys)
  const passes = [
    rewriter.pass,
    scopes.pass,
    erasePass(rewriter),
    sites.pass,
    linker.pass,
    markPass(rewriter, marks),
    namePass(rewriter, linker.importOf),
    guardPass(rewriter, plainNames(program, keys), linker.textOf),
  ]
  if (program.hashbang) rewriter.edits.replace(program.hashbang.start, program.hashbang.end, '')
  walk(program, keys, passes)
  const links = linker.finish()
  rewriter.edits.insert(source.length, '\n})')
  const { code, map } = rewriter.edits.apply(source)
  const head = `(${links.isAsync ? 'async ' : ''}function* (${HOOKS.runtime}, ${HOOKS.guard}, ${HOOKS.name}) { 'use strict'; ${links.prologue} ${hoistedMarks(marks)}yield; `
  // The head stands before everything, on the first line: lines keep their numbers.
  return {
    kind: 'module',
    code: head + code,
    map: [0, 0, head.length, ...map],
    links,
    sites: sites.sites,
    closures: table,
  }
}
