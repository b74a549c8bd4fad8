import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { depfileInputs } from '../../src/sight/depfile.ts'

describe('the prerequisites of a dependency file', () => {
  const cases: readonly [name: string, text: string, inputs: readonly string[]][] = [
    ['of one rule', 'build/a.o: a.c a.h ../b.h\n', ['a.c', 'a.h', '../b.h']],
    ['on several lines', 'a.o: \\\n  a.c a.h \\\n  b.h\n', ['a.c', 'a.h', 'b.h']],
    ['with line ends of DOS', 'a.o: \\\r\n  a.c b.h\r\n', ['a.c', 'b.h']],
    ['after empty lines', ' \\\n  a.o: a.c\n', ['a.c']],
    ['without an end of line', 'a.o: a.c b.h', ['a.c', 'b.h']],
    ['of several targets', 'a.o a.d: x y\n', ['x', 'y']],
    ['of several rules', 'a.o: a.c a.h\nb.o: b.c a.h\n', ['a.c', 'a.h', 'b.c']],
    ['with rules of headers alone (-MP)', 'a.o: a.c a.h\n\na.h:\n', ['a.c', 'a.h']],
    ['with a colon that stands alone', 'a.o : a.c\n', ['a.c']],
    ['with blanks in names', 'a\\ b.o: c\\ d.h e\n', ['c d.h', 'e']],
    ['with tabs in names', 'a.o: c\\\td.h\n', ['c\td.h']],
    ['with backslashes before a blank', 'a.o: b\\\\\\ c d\\\\ e\n', ['b\\ c', 'd\\\\', 'e']],
    ['with dollars', 'a.o: $$HOME/b$$.h\n', ['$HOME/b$.h']],
    [
      'with signs that make would take as its own',
      'a.o: \\#b.h \\%c \\[d\\] \\*e \\!f @g\n',
      ['#b.h', '%c', '[d]', '*e', '\\!f', '@g'],
    ],
    [
      'with backslashes as Windows has them',
      'Dir\\a.res : \\\n Dir\\b.rc Dir\\Sub\\c.h\n',
      ['Dir\\b.rc', 'Dir\\Sub\\c.h'],
    ],
    ['with drives', 'c:\\a.o: c:\\a.c d:/b.h\n', ['c:\\a.c', 'd:/b.h']],
    ['with a quoted colon', 'foo1\\: x\nfoo1\\:: y\n', ['x', 'y']],
    [
      'with letters of all kinds',
      'a.o: Fußball.h cn={0}core.ldif t+t-x!=1\n',
      ['Fußball.h', 'cn={0}core.ldif', 't+t-x!=1'],
    ],
    ['a backslash at the end of a line is none of a name', 'a.o: b\\\n c\\\\\n d\n', ['b', 'c\\', 'd']],
    ['none at all', '', []],
    ['none of a target alone', 'a.o:', []],
    ['none before a colon', 'a b c\n', []],
  ]
  test.each(cases)('%s', (_, text, inputs) => {
    expect(depfileInputs(text)).toEqual(inputs)
  })

  test('S8: any text has an answer, soon', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '\\', '\n', '\r', ':', '$', '#', '\t', 'ü'),
      maxLength: 200,
    })
    fc.assert(fc.property(text, each => void depfileInputs(each)))
    const startedMs = performance.now()
    depfileInputs(`a: ${'\\'.repeat(20_000)}`)
    depfileInputs(`a: ${'\\ '.repeat(20_000)}`)
    depfileInputs(`a: ${'b\\'.repeat(20_000)}`)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })
})
