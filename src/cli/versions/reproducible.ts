/**
 * What of a published version cannot be had again in this place, or may be different: said before anything of it runs.
 *
 * An error is what it cannot load without. All else is a warning: it may well run, but nobody can say that it is the same.
 */
import type { Facts, Package } from '../../versions/version.ts'
import { type Code, type Installed, installedFor, type Missing } from './packages.ts'

export interface Obstacle {
  readonly kind: 'node' | 'platform' | 'native' | 'package-missing' | 'package-differs'
  readonly severity: 'error' | 'warning'
  readonly text: string
  readonly hint: string
}

interface Here {
  readonly node: string
  readonly platform: string
}

/** `dir`: the folder of the workflow's file, from which its packages are looked for. */
export function obstacles(
  { node, platform }: Pick<Facts, 'node' | 'platform'>,
  { packages, code }: { readonly packages: readonly Package[]; readonly code: Code },
  dir: string,
  here: Here = { node: process.version, platform: `${process.platform}-${process.arch}` },
): readonly Obstacle[] {
  const installed = installedFor(code, dir)
  const missing = installed.missing.flatMap(each => missingObstacles(each, packages))
  const changed = changedObstacles(packages, installed.packages)
  return [
    ...missing,
    ...nativeObstacles(installed, here.platform),
    ...nodeObstacles(node, here.node),
    ...platformObstacles(platform, here.platform),
    // What a missing package needed is not there because of it.
    ...(missing.length > 0 ? changed.filter(({ kind }) => kind !== 'package-missing') : changed),
  ]
}

/** What it did without when it was published, as many do without peers, it can do without here. */
function missingObstacles({ name, was, by }: Missing, packages: readonly Package[]): readonly Obstacle[] {
  const had = was ?? packages.find(each => each.name === name)
  if (!had) return []
  const { name: real, version } = had
  return [
    {
      kind: 'package-missing',
      severity: 'error',
      text: `${by} needs the package ${name}, which is not installed`,
      hint: `npm install ${real === name ? name : `${name}@npm:${real}`}@${version}`,
    },
  ]
}

/** Packages that have a part for each platform, and none of them here. Some do with less then, so it may be well. */
function nativeObstacles({ packages, parts }: Installed, platform: string): readonly Obstacle[] {
  return packages.flatMap(({ name, manifest: { optionalDependencies = {} } }): readonly Obstacle[] => {
    const offered = Object.keys(optionalDependencies).filter(each => each.includes(platform))
    const [first] = offered
    if (first === undefined || offered.some(each => parts.has(each))) return []
    return [
      {
        kind: 'native',
        severity: 'warning',
        text: `${name} has no part for ${platform} here`,
        hint: `npm install --no-save ${first}@${optionalDependencies[first]}`,
      },
    ]
  })
}

function nodeObstacles(then: string, now: string): readonly Obstacle[] {
  const [before, after] = [majorOf(then), majorOf(now)]
  if (before === after) return []
  return [
    {
      kind: 'node',
      severity: 'warning',
      text: `it was published with Node.js ${before} (${then}), and this is Node.js ${after}`,
      hint: `Run it with Node.js ${before} to be sure.`,
    },
  ]
}

const majorOf = (version: string): string => /^v?(\d+)/.exec(version)?.[1] ?? version

function platformObstacles(then: string, now: string): readonly Obstacle[] {
  if (then === now) return []
  return [
    {
      kind: 'platform',
      severity: 'warning',
      text: `it was published on ${then}, and this is ${now}`,
      hint: `Commands and native packages may be others here; run it on ${then} to be sure.`,
    },
  ]
}

function changedObstacles(then: readonly Package[], now: readonly Package[]): readonly Obstacle[] {
  return then.flatMap((each): readonly Obstacle[] => {
    const found = now.filter(({ name }) => name === each.name)
    if (found.some(other => isSame(each, other))) return []
    return [
      {
        kind: found.length > 0 ? 'package-differs' : 'package-missing',
        severity: 'warning',
        text: differenceOf(each, found),
        hint: isByFiles(each)
          ? `Bring ${each.name} to the state that it had.`
          : `npm install ${each.name}@${each.version}`,
      },
    ]
  })
}

/** Where no lock tells, or another kind of lock, the version is all that is known. */
const isSame = (a: Package, b: Package): boolean =>
  a.version === b.version && (a.integrity === b.integrity || digestKind(a) !== digestKind(b))

const digestKind = ({ integrity }: Package): string | undefined => integrity?.split(/[-:/]/)[0]

const isByFiles = ({ integrity }: Package): boolean => integrity?.startsWith('files:') === true

function differenceOf({ name, version }: Package, found: readonly Package[]): string {
  const versions = [...new Set(found.map(each => each.version))]
  if (versions.length === 0) return `it had the package ${name} ${version}, which is not here`
  if (versions.includes(version)) return `${name} ${version} is not what it was: its content is another`
  return `it had the package ${name} ${version}, and here is ${versions.join(', ')}`
}
