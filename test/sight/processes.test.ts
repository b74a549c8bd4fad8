import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf } from '../../src/sight/access.ts'
import { observed, shown } from './suite.ts'

const check = (log: string, expected: readonly string[]) => expect(shown(observed(log))).toEqual(expected)

describe('what a process did, by the notation of strace', () => {
  const one: readonly [name: string, calls: string, touches: readonly string[]][] = [
    ['opens to read', 'openat(AT_FDCWD</w>, "a.c", O_RDONLY) = 3</w/a.c>', ['read /w/a.c']],
    ['opens in an older notation', 'open("a.c", O_RDONLY|O_CLOEXEC) = 3', ['read /w/a.c']],
    [
      'opens in a newer notation',
      'openat2(AT_FDCWD</w>, "a.c", {flags=O_RDONLY, resolve=0}, 24) = 3</w/a.c>',
      ['read /w/a.c'],
    ],
    ['opens in a folder by its descriptor', 'openat(5</w/d>, "a.c", O_RDONLY) = 3</w/d/a.c>', ['read /w/d/a.c']],
    ['writes anew', 'openat(AT_FDCWD</w>, "o", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</w/o>', ['write /w/o']],
    ['writes what was not there', 'openat(AT_FDCWD, "o", O_RDWR|O_CREAT|O_EXCL, 0600) = 3', ['write /w/o']],
    ['appends', 'openat(AT_FDCWD</w>, "o", O_WRONLY|O_CREAT|O_APPEND, 0666) = 3</w/o>', ['update /w/o']],
    ['makes by creat', 'creat("o", 0666) = 3', ['write /w/o']],
    ['makes a file without a name', 'openat(AT_FDCWD</w>, "/w", O_RDWR|O_TMPFILE, 0600) = 3</w/#123>(deleted)', []],
    [
      'gives it a name',
      'linkat(AT_FDCWD</w>, "/proc/self/fd/3", AT_FDCWD</w>, "o", AT_SYMLINK_FOLLOW) = 0',
      ['write /w/o'],
    ],
    [
      'does not find',
      'openat(AT_FDCWD</w>, "a.h", O_RDONLY) = -1 ENOENT (No such file or directory)',
      ['absent /w/a.h'],
    ],
    ['finds a file for a folder', 'stat("a.c/b", 0x7ffe) = -1 ENOTDIR (Not a directory)', ['absent /w/a.c/b']],
    ['looks', 'stat("/w/a.c", {st_mode=S_IFREG|0644, st_size=39, ...}) = 0', ['look /w/a.c']],
    [
      'looks by statx',
      'statx(AT_FDCWD</w>, "g", AT_STATX_SYNC_AS_STAT, STATX_ALL, {stx_mask=STATX_ALL, stx_mode=S_IFREG|0644, ...}) = 0',
      ['look /w/g'],
    ],
    ['looks at a folder', 'stat("/w/d", {st_mode=S_IFDIR|0755, st_size=4096, ...}) = 0', []],
    ['asks about what is open', 'newfstatat(3</w/a.c>, "", {st_mode=S_IFREG|0644, ...}, AT_EMPTY_PATH) = 0', []],
    ['reads no link', 'readlink("/w/a", 0x7ffe, 4095) = -1 EINVAL (Invalid argument)', ['look /w/a']],
    ['lists', 'getdents64(3</w/d>, 0x55d2b9ced790 /* 3 entries */, 32768) = 72', ['list /w/d']],
    ['makes a folder', 'mkdir("d", 0777) = 0', ['mkdir /w/d']],
    ['makes one that is there', 'mkdir("d", 0777) = -1 EEXIST (File exists)', ['look /w/d']],
    ['renames', 'renameat2(AT_FDCWD</w>, "a", AT_FDCWD</w>, "b", RENAME_NOREPLACE) = 0', ['rename /w/b < /w/a']],
    [
      'exchanges',
      'renameat2(AT_FDCWD</w>, "a", AT_FDCWD</w>, "b", RENAME_EXCHANGE) = 0',
      ['update /w/a', 'update /w/b'],
    ],
    ['takes away', 'unlinkat(AT_FDCWD</w>, "a", 0) = 0', ['delete /w/a']],
    ['takes away what is not there', 'unlink("a") = -1 ENOENT (No such file or directory)', []],
    ['links', 'link("a", "b") = 0', ['read /w/a', 'write /w/b']],
    ['links by name', 'symlinkat("../a", AT_FDCWD</w>, "b") = 0', ['write /w/b']],
    ['follows a link', 'openat(AT_FDCWD</w>, "l/a.c", O_RDONLY) = 3</w/real/a.c>', ['read /w/real/a.c < /w/l/a.c']],
    ['changes rights', 'fchmodat(AT_FDCWD</w>, "a", 0755) = 0', ['update /w/a']],
    ['reads what the system makes up', 'open("/proc/self/maps", O_RDONLY) = 3\n1 open("/dev/null", O_RDWR) = 4', []],
    [
      'has a name full of signs',
      String.raw`openat(AT_FDCWD</w/d \303\251\74x\76\"q\">, "f>,) = 3\\\n", O_RDONLY) = 3</w/d \303\251\74x\76\"q\"/f\76,) = 3\\\n>`,
      ['read /w/d é<x>"q"/f>,) = 3\\\n'],
    ],
    ['has a name in hexadecimal', String.raw`open("\x61\x2e\x63", O_RDONLY) = 3`, ['read /w/a.c']],
    ['has a path with dots', 'open("./d/../x//a.c", O_RDONLY) = 3', ['read /w/x/a.c']],
    [
      'points nowhere',
      'open(NULL, O_RDONLY) = -1 EFAULT (Bad address)\n1 stat(0x10, 0x7ffe) = -1 EFAULT (Bad address)',
      [],
    ],
    [
      'does the same again',
      'stat("a", {}) = 0\n1 stat("a", {}) = 0\n1 open("a", O_RDONLY) = 3\n1 open("a", O_RDONLY) = 3',
      ['look /w/a', 'read /w/a'],
    ],
    ['calls what is of no interest', 'getrandom("\\x3c", 8, GRND_NONBLOCK) = 8', []],
  ]
  test.each(one)('%s', (_, calls, touches) => {
    check(`1 ${calls}`, ['>0 in /w', ...touches.map(each => `  ${each}`)])
  })

  test('S1: what is no line of a log is counted', () => {
    check('1 stat("a", {}) = 0\nnonsense\n1 open("a\n1 <... read resumed>) = 3\n1 +++ what +++', [
      '>0 in /w',
      '  look /w/a',
      '4 unknown',
    ])
  })
  test('S1: no text makes it throw', () => {
    const piece = fc.constantFrom(
      ...[
        '1 ',
        '2 ',
        'open(',
        'vfork(',
        'clone3({',
        '"a"',
        '"',
        '\\',
        ', ',
        'AT_FDCWD',
        '</w>',
        '<',
        '>',
        ') = 3',
        ') = 2',
      ],
      ...[
        ' <unfinished ...>',
        '<... open resumed>',
        '+++ exited with 0 +++',
        '-1 ENOENT',
        'O_RDONLY',
        '[',
        '}',
        '/*',
        '\n',
        '\n1 ',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => void accessOf(observed(pieces.join('')))),
      { numRuns: 2_000 },
    )
  })
})

describe('S2: a call in two halves', () => {
  test('is whole at its second', () => {
    check(
      `1 openat(AT_FDCWD</w>, "a.c", O_RDONLY <unfinished ...>
       1 <... openat resumed>) = 3</w/a.c>
       1 newfstatat(AT_FDCWD</w>, "b", <unfinished ...>
       1 <... newfstatat resumed>{st_mode=S_IFREG|0644, ...}, 0) = 0`,
      ['>0 in /w', '  read /w/a.c', '  look /w/b'],
    )
  })
  test('counts when it is done', () => {
    check(
      `1 vfork() = 2
       1 openat(AT_FDCWD</w>, "o", O_RDONLY <unfinished ...>
       2 openat(AT_FDCWD</w>, "o", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</w/o>
       1 <... openat resumed>) = 3</w/o>`,
      ['>0 in /w', '  read /w/o', '0>1 in /w', '  write /w/o'],
    )
    expect(
      accessOf(
        observed(`1 vfork() = 2
                  1 open("o", O_RDONLY <unfinished ...>
                  2 open("o", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3
                  1 <... open resumed>) = 3`),
      ).reads,
    ).toEqual([])
  })
  test('of an exec in a thread goes on under the number of its leader', () => {
    check(
      `10 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11
       11 execve("/w/x", ["x", "1"], 0x7ffe /* 3 vars */ <pid changed to 10 ...>
       10 +++ superseded by execve in pid 11 +++
       10 <... execve resumed>) = 0
       10 open("a", O_RDONLY) = 3
       10 +++ exited with 0 +++`,
      ['>0 in /w exited 0', '  run x 1', '  read /w/x', '  read /w/a'],
    )
  })
})

describe('S3: each process has a folder of its own', () => {
  test('which it takes from its parent, and leaves alone', () => {
    check(
      `1 chdir("d") = 0
       1 fork() = 2
       2 open("a", O_RDONLY) = 3
       2 chdir("../e") = 0
       2 open("b", O_RDONLY) = 3
       2 chdir("nowhere") = -1 ENOENT (No such file or directory)
       1 open("c", O_RDONLY) = 3
       2 +++ exited with 7 +++
       1 +++ killed by SIGSEGV (core dumped) +++`,
      [
        '>0 in /w killed SIGSEGV',
        '  read /w/d/c',
        '0>1 in /w/d exited 7',
        '  read /w/d/a',
        '  read /w/e/b',
        '  absent /w/e/nowhere',
      ],
    )
  })
  test('but for threads, who have one folder', () => {
    check(
      `1 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD) = 2
       2 chdir("/x") = 0
       2 +++ exited with 0 +++
       1 open("a", O_RDONLY) = 3`,
      ['>0 in /w', '  read /x/a'],
    )
  })
  test('which it may enter by a descriptor', () => {
    check('1 fchdir(4</x>) = 0\n1 open("a", O_RDONLY) = 3', ['>0 in /w', '  read /x/a'])
  })
  test('and of which the system tells the real name', () => {
    check('1 getcwd("/real/w", 4096) = 8\n1 open("a", O_RDONLY) = 3', ['>0 in /w', '  read /real/w/a'])
  })
  test('S4: a number that is used again is another process', () => {
    check(
      `1 vfork() = 2
       2 open("a", O_RDONLY) = 3
       2 +++ exited with 0 +++
       1 vfork() = 2
       2 open("b", O_RDONLY) = 3`,
      ['>0 in /w', '0>1 in /w exited 0', '  read /w/a', '0>2 in /w', '  read /w/b'],
    )
  })
})

describe('S5: a process that speaks before its parent', () => {
  test('belongs to the only one that is starting any', () => {
    check(
      `1 chdir("/x") = 0
       1 vfork( <unfinished ...>
       2 execve("/bin/true", ["true"], 0x7ffe /* 3 vars */ <unfinished ...>
       1 <... vfork resumed>) = 2
       2 <... execve resumed>) = 0
       2 open("a", O_RDONLY) = 3`,
      ['>0 in /w', '0>1 in /x', '  run true', '  read /bin/true', '  read /x/a'],
    )
  })
  test('may be over when its parent hears of it', () => {
    check(
      `1 vfork( <unfinished ...>
       2 +++ exited with 1 +++
       1 <... vfork resumed>) = 2
       1 open("a", O_RDONLY) = 3`,
      ['>0 in /w', '  read /w/a', '0>1 in /w exited 1'],
    )
  })
  test('waits when there are several', () => {
    check(
      `1 fork() = 2
       2 chdir("/x") = 0
       1 vfork( <unfinished ...>
       2 vfork( <unfinished ...>
       4 open("of2", O_RDONLY) = 3
       3 open("of1", O_RDONLY) = 3
       4 +++ exited with 0 +++
       1 <... vfork resumed>) = 3
       2 <... vfork resumed>) = 4`,
      ['>0 in /w', '0>1 in /w', '0>2 in /w', '  read /w/of1', '1>3 in /x exited 0', '  read /x/of2'],
    )
  })
  test('is told of by its number in our namespace', () => {
    check(
      `100 clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 101 in strace's PID NS */
       101 open("a", O_RDONLY) = 3`,
      ['>0 in /w', '0>1 in /w', '  read /w/a'],
    )
  })
  test('S1: is kept when its parent is never told', () => {
    check('1 stat("x", {}) = 0\n2 open("a", O_RDONLY) = 3', ['>0 in /w', '  look /w/x', '>1 in /w', '  read /w/a'])
  })
})

describe('what all of them hung on and left', () => {
  const access: readonly [name: string, calls: readonly string[], expected: Partial<ReturnType<typeof accessOf>>][] = [
    ['S6: what was written first is no input', ['W o', 'R o'], { reads: [], writes: ['/w/o'] }],
    ['S6: nor what was looked for before', ['A o', 'W o'], { absent: [], writes: ['/w/o'] }],
    ['S6: nor what is read and then made anew', ['R o', 'W o'], { reads: [], writes: ['/w/o'] }],
    ['S6: nor what came by another name', ['W t', 'M t o', 'R o', 'A t'], { reads: [], absent: [], writes: ['/w/o'] }],
    [
      'S6: nor what was in a folder that got another name',
      ['F t', 'W t/a', 'M t d', 'R d/a'],
      { reads: [], writes: ['/w/d', '/w/d/a'] },
    ],
    ['S7: what is gone again is no output', ['W t', 'R t', 'D t', 'A t'], { reads: [], absent: [], writes: [] }],
    ['what was not theirs and is gone has changed', ['D x'], { writes: ['/w/x'] }],
    ['what was not theirs and has moved was read', ['M x y'], { reads: [], writes: ['/w/x', '/w/y'] }],
    [
      'a folder that they made is no input',
      ['F d', 'L d', 'A d/x', 'L e'],
      { lists: ['/w/e'], absent: [], writes: ['/w/d'] },
    ],
    ['inputs are told once, in order', ['R b', 'R a', 'R b', 'S c'], { reads: ['/w/a', '/w/b', '/w/c'] }],
  ]
  const CALLS: Readonly<Record<string, (a: string, b: string) => string>> = {
    R: a => `open("${a}", O_RDONLY) = 3`,
    S: a => `stat("${a}", {}) = 0`,
    W: a => `open("${a}", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3`,
    A: a => `access("${a}", F_OK) = -1 ENOENT (No such file or directory)`,
    D: a => `unlink("${a}") = 0`,
    M: (a, b) => `rename("${a}", "${b}") = 0`,
    F: a => `mkdir("${a}", 0777) = 0`,
    L: a => `getdents64(3</w/${a}>, 0x55 /* 3 entries */, 32768) = 72`,
  }
  test.each(access)('%s', (_, calls, expected) => {
    const lines = calls.map(each => {
      const [kind = '', a = '', b = ''] = each.split(' ')
      return `1 ${CALLS[kind]?.(a, b)}`
    })
    expect(accessOf(observed(lines.join('\n')))).toMatchObject(expected)
  })
})

test('a log of a thousand processes is read in seconds', () => {
  const lines = ['1 execve("/usr/bin/make", ["make"], 0x7ffe /* 35 vars */) = 0']
  for (let pid = 2; pid <= 1_001; pid++) {
    lines.push(
      '1 vfork( <unfinished ...>',
      `${pid} execve("/usr/bin/cc", ["cc", "-c", "f${pid}.c"], 0x7ffe /* 35 vars */ <unfinished ...>`,
    )
    lines.push(`1 <... vfork resumed>)              = ${pid}`, `${pid} <... execve resumed>)             = 0`)
    for (let file = 0; file < 400; file++)
      lines.push(
        `${pid} openat(AT_FDCWD</w>, "include/part/header${file}.h", O_RDONLY|O_NOCTTY) = 4</w/include/part/header${file}.h>`,
      )
    lines.push(`${pid} +++ exited with 0 +++`)
  }
  const startedMs = performance.now()
  const { processes, unknownLines } = observed(lines.join('\n'))
  expect(processes.length).toBe(1_001)
  expect(unknownLines).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
})
