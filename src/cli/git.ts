/** What git says has changed. Its program is asked: repositories have more forms than a library would know. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { refuse } from '../util/diagnostic.ts'

export interface Changes {
  /** The commit that was compared with: the last one that HEAD and the ref have in common. */
  readonly base: string
  /** Absolute, sorted; files that are gone, too. */
  readonly paths: readonly string[]
}

const run = promisify(execFile)
/** A listing of a million files. */
const OUTPUT_BYTES_MAX = 256 * 2 ** 20

/**
 * The files that differ between the working tree and what HEAD and `ref` have in common, those that git does not know yet
 * included, in the whole repository around `cwd`. Refuses with GIT_MISSING, NOT_A_REPOSITORY and REF_UNKNOWN.
 */
export async function changedSince(ref: string, cwd: string): Promise<Changes> {
  const top = (await git(['rev-parse', '--show-toplevel'], cwd)).replace(/\n$/, '')
  // A ref that looks like an option is none.
  const commit = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], cwd).catch(
    error => refuseRef(ref, error),
  )
  const base = await git(['merge-base', commit.trim(), 'HEAD'], cwd).then(
    text => text.trim(),
    // Histories without a common commit, or no commit here yet: compared with the ref itself.
    () => commit.trim(),
  )
  const [tracked, unknown] = await Promise.all([
    git(['diff', '--name-only', '--no-renames', '--no-ext-diff', '-z', base, '--'], top),
    git(['ls-files', '--others', '--exclude-standard', '-z'], top),
  ])
  const names = new Set([...tracked.split('\0'), ...unknown.split('\0')].filter(name => name !== ''))
  // git tells the real path, which may not be how the user came here.
  const here = await realpath(cwd)
  return { base, paths: [...names].map(name => join(cwd, relative(here, resolve(top, name)))).sort() }
}

async function git(words: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await run('git', [...words], { cwd, maxBuffer: OUTPUT_BYTES_MAX })
    return stdout
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string }
    if (code === 'ENOENT')
      refuse('GIT_MISSING', 'There is no program git on the PATH, which says what has changed', {
        hint: 'Install git, or name the steps with --only.',
      })
    if (stderr?.includes('not a git repository'))
      refuse('NOT_A_REPOSITORY', `${cwd} is in no git repository, so nothing says what has changed`, {
        hint: 'Name the steps with --only; what has not changed is not run anyway.',
      })
    throw error
  }
}

function refuseRef(ref: string, error: unknown): never {
  if (error instanceof Error && 'diagnostics' in error) throw error
  refuse('REF_UNKNOWN', `git knows no commit ${ref} here`, {
    hint: 'Name a branch, a tag or a commit; in a shallow clone fetch it first: git fetch origin main.',
  })
}

/** The commit that a folder's files are of, and whether they are as in it; undefined where git cannot tell. */
export async function commitOf(cwd: string): Promise<{ readonly id: string; readonly clean: boolean } | undefined> {
  try {
    const { stdout: id } = await run('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd })
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--', '.'], {
      cwd,
      maxBuffer: OUTPUT_BYTES_MAX,
    })
    return { id: id.trim(), clean: changes === '' }
  } catch {
    // No git, no repository, no commit yet, or no such folder: a version needs none.
    return undefined
  }
}

/** What a commit has under an absolute path; undefined where it has nothing there. `filtered`: as a checkout would write it. */
export async function contentAt(
  { commit, path }: { readonly commit: string; readonly path: string },
  how: 'raw' | 'filtered',
): Promise<Uint8Array | undefined> {
  const folder = nearestFolder(dirname(path))
  const name = `${commit}:./${relative(folder, path)}`
  const words = how === 'raw' ? ['cat-file', 'blob', name] : ['cat-file', '--filters', name]
  try {
    return (await run('git', words, { cwd: folder, encoding: 'buffer', maxBuffer: OUTPUT_BYTES_MAX })).stdout
  } catch {
    // No git, no repository, no such commit or file: whoever asks looks elsewhere.
    return undefined
  }
}

/** The folder itself, or the first around it that is still there. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}
