/** The variables that a command of the build had and `tutti` has not: what its tools exported for it. */
import type { Environment } from './drafts.ts'

export interface Surroundings {
  /** As they were, but for secrets. */
  readonly set: { readonly [name: string]: string }
  /** Names of variables that hold secrets: their values stand nowhere. */
  readonly secrets: readonly string[]
  /** Folders before ours on its PATH. */
  readonly path: readonly string[]
}

/** What tools tell one another, and what a shell says of itself. */
const TALK =
  /^(?:PWD|OLDPWD|SHLVL|_|MAKE(?:FLAGS|LEVEL|OVERRIDES|_TERMOUT|_TERMERR|_RESTARTS|FILES)|MFLAGS|GNUMAKEFLAGS|-\*-.*|COLUMNS|LINES|NODE|INIT_CWD|COLOR|EDITOR|npm_(?!package_(?:name|version)$).*|UV_USE_IO_URING|BASH_FUNC.*)$/
/** A shell keeps no others, and make exports some (`CPPFLAGS_busybox.lds`). */
const SHELL_NAME = /^[A-Za-z_]\w*$/
const SECRET = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH)/i
/** npm puts these there, and so does Tutti. */
const BIN = /\/node_modules\/\.bin$|node-gyp-bin$/

const isSecretName = (name: string): boolean => SECRET.test(name) || /(?:^|_)KEY$/.test(name)

export function surroundingsOf(env: Environment, ours: { readonly [name: string]: string | undefined }): Surroundings {
  const differing = Object.entries(env).filter(
    ([name, value]) => name !== 'PATH' && SHELL_NAME.test(name) && !TALK.test(name) && ours[name] !== value,
  )
  return {
    set: Object.fromEntries(
      differing.filter(([name]) => !isSecretName(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    ),
    secrets: differing.flatMap(([name]) => (isSecretName(name) ? [name] : [])).sort(),
    path: addedPath(env['PATH'], ours['PATH']),
  }
}

function addedPath(theirs: string | undefined, ours: string | undefined): readonly string[] {
  if (theirs === undefined || theirs === ours) return []
  const known = new Set((ours ?? '').split(':'))
  return theirs.split(':').filter(folder => !known.has(folder) && !BIN.test(folder))
}

/** A line without the secrets of our environment that a tool had put into it. */
export function withoutSecrets(
  line: string,
  ours: { readonly [name: string]: string | undefined },
): { readonly line: string; readonly secrets: readonly string[] } {
  const found = Object.entries(ours).filter(
    ([name, value]) =>
      value !== undefined && value.length >= SECRET_CHARS_MIN && isSecretName(name) && line.includes(value),
  )
  return {
    line: found.reduce((text, [name, value]) => text.replaceAll(value ?? '', `$${name}`), line),
    secrets: found.map(([name]) => name).sort(),
  }
}

/** Shorter ones stand everywhere by chance. */
const SECRET_CHARS_MIN = 8
