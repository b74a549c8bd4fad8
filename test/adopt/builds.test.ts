/** Whole ways: a build that there is, `tutti adopt`, `tutti run`, and what is run again after a change. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { folderWith, tutti } from '../cli/rig.ts'
import { hasProgram, noSight } from '../sight/suite.ts'

const canBuild = !noSight && hasProgram('make') && hasProgram('gcc')

const clean = (cwd: string, line: string): void => void execFileSync('/bin/sh', ['-c', line], { cwd, stdio: 'ignore' })

/** Content of every file, links as `-> target`. */
function contents(cwd: string, folder = ''): { [path: string]: string } {
  const found: { [path: string]: string } = {}
  for (const name of readdirSync(join(cwd, folder))) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (['.tutti', 'node_modules', 'tutti.ts', 'package.json'].includes(path)) continue
    if (lstatSync(join(cwd, path)).isDirectory()) Object.assign(found, contents(cwd, path))
    else found[path] = readFileSync(join(cwd, path), 'latin1')
  }
  return found
}

/** Steps that ran, not those that were known. */
async function ranSteps(cwd: string): Promise<string[]> {
  const ended = await tutti(['run'], { cwd })
  expect(ended.err).not.toContain('error')
  expect(ended.code).toBe(0)
  return [...ended.err.matchAll(/^ok\s+(\S+)/gm)].flatMap(([, name]) => name ?? []).sort()
}

async function adoptIn(
  cwd: string,
  words: readonly string[],
): Promise<{ readonly text: string; readonly err: string }> {
  const ended = await tutti(['adopt', ...words], { cwd, env: { NO_COLOR: '1' } })
  expect(ended.err).not.toMatch(/^error/m)
  expect(ended.code).toBe(0)
  return { text: readFileSync(join(cwd, 'tutti.ts'), 'utf8'), err: ended.err }
}

const C_PROJECT = {
  Makefile: `CFLAGS = -O1 -Iinclude
OBJS = obj/a.o obj/b.o
all: prog libab.so
\t@echo done
obj/%.o: src/%.c gen/version.h
\t@mkdir -p obj
\t$(CC) $(CFLAGS) -c $< -o $@
gen/version.h: VERSION
\tmkdir -p gen && echo "#define VERSION \\"$$(cat VERSION)\\"" > gen/version.tmp
\tmv gen/version.tmp $@
libab.a: $(OBJS)
\trm -f $@
\tar rcD $@ $(OBJS)
\tranlib -D $@
prog: libab.a
\t$(CC) -o $@ -Wl,--whole-archive libab.a -Wl,--no-whole-archive && strip $@
libab.so: libab.so.1
\tln -sf libab.so.1 $@
libab.so.1: libab.a
\tcp libab.a $@
clean:
\trm -rf obj gen prog libab.*
`,
  VERSION: '1\n',
  'include/ab.h': '#include "deep.h"\nint b(int x);\n',
  'include/deep.h': '#define DEEP 3\n',
  'src/a.c':
    '#include "ab.h"\n#include "../gen/version.h"\nint main(int n, char **v) { return b(n) + v[0][0] + DEEP + VERSION[0]; }\n',
  'src/b.c': 'int b(int x) { return x + 1; }\n',
}

describe.skipIf(!canBuild)('a project with a makefile', () => {
  test('A1, A6: is built to the same bytes, and only what a change affects is run again', async () => {
    const cwd = folderWith(C_PROJECT)
    const { text, err } = await adoptIn(cwd, ['--', 'make'])
    const made = contents(cwd)
    expect(err).toContain('ADOPT_UNKNOWN_INPUTS make does not know all that these were made from: obj/a.o (include/')
    // What make itself says of its rules is not one of the commands.
    expect(err).toContain('tutti.ts: 7 steps from 9 commands')
    expect(text).toContain("run('cc -O1 -Iinclude -c src/b.c -o obj/b.o', [file('src/b.c')], output('obj/b.o'))")
    clean(cwd, 'make clean')
    expect(existsSync(join(cwd, 'prog'))).toBe(false)
    await ranSteps(cwd)
    expect(contents(cwd)).toEqual(made)
    expect(lstatSync(join(cwd, 'libab.so')).isSymbolicLink()).toBe(true)
    expect((await tutti(['run'], { cwd })).err).toContain('up to date')
    writeFileSync(join(cwd, 'include/deep.h'), '#define DEEP 4\n')
    // b.c does not include it; make would have run nothing at all.
    const ran = await ranSteps(cwd)
    expect(ran).toEqual(expect.arrayContaining(['a_o', 'libab_a', 'libab_so', 'libab_so_1', 'prog']))
    expect(ran).not.toContain('b_o')
  })

  test('an order that nothing declares is told, and kept', async () => {
    const cwd = folderWith({
      Makefile: 'all: one two\none: a\n\tcp a one\ntwo: b\n\tcat one b > two\n',
      a: 'a',
      b: 'b',
    })
    const { err, text } = await adoptIn(cwd, ['--', 'make'])
    expect(err).toContain(
      'ADOPT_UNDECLARED_ORDER cat one b > two reads one, and nothing tells make to have it made first',
    )
    expect(text).toContain("const two = run('cat one b > two', [file('b'), one], output('two'))")
  })

  test('A7: a failing build writes nothing', async () => {
    const cwd = folderWith({ Makefile: 'all:\n\techo x > x\n\texit 3\n' })
    const ended = await tutti(['adopt', '--', 'make'], { cwd })
    expect({ code: ended.code, wrote: existsSync(join(cwd, 'tutti.ts')) }).toEqual({ code: 3, wrote: false })
    expect(ended.err).toContain('ADOPT_BUILD_FAILED The build failed with exit code 2')
  })

  test('a build that is up to date is told how to clean', async () => {
    const cwd = folderWith({ Makefile: 'x: a\n\tcp a x\nclean:\n\trm -f x\n', a: 'a', x: 'a' })
    clean(cwd, 'touch x')
    const ended = await tutti(['adopt', '--', 'make'], { cwd })
    expect(ended.err).toContain('ADOPT_NOTHING make wrote no file of the project that remains')
    expect(ended.err).toContain("tutti adopt --clean 'make clean' -- make")
    await adoptIn(cwd, ['--clean', 'make clean', '--', 'make'])
  })

  test('commands that race for a file are told', async () => {
    const cwd = folderWith({
      // Each waits for the other, so that they run at the same time.
      Makefile: `all: a b
a:
\techo a > log; touch a; while [ ! -e b ]; do sleep 0.01; done
b:
\techo b >> log; touch b; while [ ! -e a ]; do sleep 0.01; done
`,
    })
    const { err } = await adoptIn(cwd, ['--', 'make', '-j2'])
    expect(err).toMatch(/ADOPT_TWO_WRITERS log is made by two commands, at the same time: /)
  })

  test('files outside of the project are refused, scratch files are not', async () => {
    const away = mkdtempSync(fileURLToPath(new URL('../../.adopt-', import.meta.url)))
    try {
      const cwd = folderWith({ Makefile: `all:\n\tcp Makefile ${away}/copy\n\tcp Makefile here\n` })
      const ended = await tutti(['adopt', '--', 'make'], { cwd, env: { TMPDIR: join(cwd, 'scratch') } })
      expect(ended.err).toContain(`writes outside of ${realpathSync(cwd)}: ${away}/copy`)
      expect({ code: ended.code, wrote: existsSync(join(cwd, 'tutti.ts')) }).toEqual({ code: 3, wrote: false })
    } finally {
      rmSync(away, { recursive: true })
    }
  })

  test('--inferred lists what commands name; a header that is not listed still runs what includes it', async () => {
    const cwd = folderWith({
      Makefile: 'a.o: a.c\n\tcc -c a.c -o a.o\nclean:\n\trm -f a.o\n',
      'a.c': '#include "a.h"\nint a = A;\n',
      'a.h': '#define A 1\n',
    })
    const { text } = await adoptIn(cwd, ['--inferred', '--', 'make'])
    expect(text).toContain("run('cc -c a.c -o a.o', [file('a.c')], output('a.o'))")
    expect(text).toContain("{ inputs: 'inferred' }")
    clean(cwd, 'make clean')
    await ranSteps(cwd)
    expect((await ranSteps(cwd)).includes('a_o')).toBe(false)
    writeFileSync(join(cwd, 'a.h'), '#define A 2\n')
    expect(await ranSteps(cwd)).toContain('a_o')
  })
})

describe.skipIf(noSight)('a shell script', () => {
  test('A2: is taken apart: redirections, pipes, folders, files that the shell writes itself', async () => {
    const cwd = folderWith({
      'build.sh': `#!/bin/sh
set -e
mkdir -p out
name=$(cat name.txt)
echo "hello $name" > out/hello.txt
cat out/hello.txt part | tr a-z A-Z > out/loud.txt
( cd out && sort < loud.txt > sorted.txt 2> errors.txt )
{ cat part; cat name.txt; } > out/both.txt
cat part >> out/log.txt
cat out/sorted.txt >> out/log.txt
wc -c 'a file' > out/count.txt
`,
      'name.txt': 'world',
      part: 'b\na\n',
      'a file': 'x',
    })
    const { text, err } = await adoptIn(cwd, ['--', 'sh', 'build.sh'])
    const made = contents(cwd)
    expect(text).toContain("const hello_txt = write('hello world\\n', output('out/hello.txt'))")
    expect(text).toContain("'cat out/hello.txt part | tr a-z A-Z > out/loud.txt',\n    [part, hello_txt],")
    expect(text).toContain("'sort < loud.txt > sorted.txt 2> errors.txt'")
    // The second one appends, and so they are one step.
    expect(text).toContain("['cat part > out/both.txt', 'cat name.txt >> out/both.txt']")
    expect(text).toContain(`run("wc -c 'a file' > out/count.txt", [file('a file')], output('out/count.txt'))`)
    expect(text).toContain('Described until now by build.sh, name.txt')
    expect(err).not.toContain('ADOPT_WHOLE_SCRIPT')
    rmSync(join(cwd, 'out'), { recursive: true })
    await ranSteps(cwd)
    expect(contents(cwd)).toEqual(made)
    writeFileSync(join(cwd, 'a file'), 'xy')
    expect((await ranSteps(cwd)).filter(name => name.endsWith('_txt'))).toEqual(['count_txt'])
  })

  test('that cannot be taken apart is one step, and says why', async () => {
    const cwd = folderWith({
      'build.sh': '#!/bin/sh\n{ echo "# made"; cat part; } > out.txt\n',
      part: 'b\n',
    })
    const { text, err } = await adoptIn(cwd, ['--', 'sh', 'build.sh'])
    expect(err).toContain(
      'ADOPT_WHOLE_SCRIPT sh build.sh is one step as a whole: out.txt is written by the shell and by commands of one redirection',
    )
    expect(text).toContain("run('sh build.sh', ")
    rmSync(join(cwd, 'out.txt'))
    await ranSteps(cwd)
    expect(readFileSync(join(cwd, 'out.txt'), 'utf8')).toBe('# made\nb\n')
  })

  test('no secret is written down', async () => {
    const cwd = folderWith({ 'build.sh': 'export DEPLOY_TOKEN=hunter2hunter2\ncp part out\n', part: '' })
    const { text, err } = await adoptIn(cwd, ['--', 'sh', 'build.sh'])
    expect(text).not.toContain('hunter2')
    expect(text).toContain("env: { DEPLOY_TOKEN: secret('DEPLOY_TOKEN') }")
    expect(err).toContain('ADOPT_SECRET DEPLOY_TOKEN')
  })

  test('--json has everything, and an existing file is not replaced', async () => {
    const cwd = folderWith({ 'build.sh': 'cp part out\n', part: '' })
    const ended = await tutti(['adopt', '--json', '--out', 'ci.ts', '--', 'sh', 'build.sh'], { cwd })
    expect(JSON.parse(ended.out)).toEqual({
      kind: 'adopted',
      file: 'ci.ts',
      descriptions: ['build.sh'],
      steps: [{ commands: ['cp part out'], reads: ['part'], writes: ['out'] }],
      dropped: [],
      findings: [],
    })
    const again = await tutti(['adopt', '--out', 'ci.ts', '--', 'sh', 'build.sh'], { cwd })
    expect({ code: again.code, err: again.err }).toEqual({ code: 2, err: expect.stringContaining('ADOPT_EXISTS') })
    const none = await tutti(['adopt', '--out', 'x.ts', '--', 'no-such-program'], { cwd })
    expect({ code: none.code, err: none.err }).toEqual({ code: 2, err: expect.stringContaining('ADOPT_COMMAND') })
  })
})

test.skipIf(noSight || !hasProgram('npm'))('npm scripts: npm and what it starts are looked through', async () => {
  const cwd = folderWith({
    'package.json': JSON.stringify({
      name: 'app',
      version: '1.2.3',
      scripts: {
        build: 'npm run copy && npm run pack',
        copy: 'mkdir -p dist && cat src.js > dist/app.js',
        pack: 'node pack.mjs',
      },
    }),
    'src.js': 'export {}\n',
    'pack.mjs':
      "import { readFileSync, writeFileSync } from 'node:fs'\nwriteFileSync('dist/all.js', process.env.npm_package_version + readFileSync('dist/app.js'))\n",
  })
  const { text } = await adoptIn(cwd, ['--', 'npm', 'run', 'build'])
  expect(text).toContain("'mkdir -p dist && cat src.js > dist/app.js'")
  expect(text).toContain("'node pack.mjs'")
  const made = contents(cwd)
  rmSync(join(cwd, 'dist'), { recursive: true })
  await ranSteps(cwd)
  expect(contents(cwd)).toEqual(made)
})
