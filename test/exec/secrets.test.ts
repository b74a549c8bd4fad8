/** Redaction: the rules R1 to R3 of src/exec/secrets/stream.ts, on the stream itself and on what stands on it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardBlobs, inspect as refuseIn } from '../../src/exec/secrets/blobs.ts'
import { formsOf, withoutBreaks } from '../../src/exec/secrets/forms.ts'
import { openSecret } from '../../src/exec/secrets/open.ts'
import { feed, NOTHING_HELD, redactWhole, secretIn, type Form } from '../../src/exec/secrets/stream.ts'
import { addSecret, redact, redactJson } from '../../src/exec/secrets/vault.ts'
import { lineSink } from '../../src/exec/lines.ts'
import { LocalFile, valueStore } from '../../src/values/index.ts'
import { folderBlobs, freshFolder } from './fixture.ts'

const forms = (...secrets: readonly string[]): readonly Form[] =>
  secrets.flatMap((secret, index) => formsOf(secret).map(text => ({ text, name: `S${index}` })))

const cut = (text: string, at: readonly number[]): readonly string[] => {
  const points = [0, ...[...at].map(point => point % (text.length + 1)).sort((a, b) => a - b), text.length]
  return points.slice(1).map((point, index) => text.slice(points[index], point))
}

function through(chunks: readonly string[], known: readonly Form[]): string {
  let held = NOTHING_HELD
  let out = ''
  for (const chunk of [...chunks, undefined]) {
    const step = feed(held, chunk ?? '', known, chunk === undefined ? 'end' : 'more')
    held = step.held
    out += step.out
  }
  return out
}

/** Few letters, so that secrets overlap with themselves, with each other and with the text. */
const letters = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: min, maxLength: max })
const secret = fc.oneof(
  letters(4, 9),
  fc.string({ minLength: 4, maxLength: 40 }).filter(text => text.trim().length >= 4),
)
const encode = fc.constantFrom<(text: string) => string>(
  text => text,
  text => Buffer.from(text).toString('base64'),
  text => Buffer.from(`u:${text}`).toString('base64'),
  text => Buffer.from(`${text}:pw`).toString('base64url'),
  text => encodeURIComponent(Buffer.from(text).toString()),
  text => JSON.stringify(text),
  text => Buffer.from(text).toString('hex'),
  text => text.replace(/(..)/g, '$1\n'),
  text =>
    Buffer.from(text.repeat(1))
      .toString('base64')
      .replace(/(.{3})/g, '$1\r\n'),
)

describe('the stream', () => {
  test('R1: no cutting into chunks and no line break lets a form of a secret through', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(letters(0, 6), fc.nat(2), encode, fc.constantFrom('', ' ', '\n'))),
        fc.array(fc.nat()),
        (secrets, parts, points) => {
          const known = forms(...secrets)
          const text = parts
            .map(([before, index, how, after]) => before + how(secrets[index % secrets.length] ?? '') + after)
            .join('')
          const out = through(cut(text, points), known)
          // What we put in may itself spell a form when letters are few; it is no leak.
          expect(secretIn(out.replaceAll(/\[secret S\d\]/g, '\u0000'), known)).toBe(undefined)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('R2: text without secrets passes unchanged, whatever the chunks', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('x', 'y', '\n', '\r\n', 'a', 'b') }),
        fc.array(fc.nat()),
        (text, points) => {
          const known = forms('abcabd')
          fc.pre(secretIn(text, known) === undefined)
          expect(through(cut(text, points), known)).toBe(text)
        },
      ),
      { numRuns: 500 },
    )
  })

  const table: readonly (readonly [string, readonly string[], string])[] = [
    ['in one piece', ['x hunter22 y'], 'x [secret S0] y'],
    ['letter by letter', [...'x hunter22 y'], 'x [secret S0] y'],
    ['twice, touching', ['hunter22hunter22'], '[secret S0][secret S0]'],
    ['over a line border', ['x hunt\ner22 y'], 'x [secret S0] y'],
    ['a beginning that goes on otherwise', ['hunte', 'd\n'], 'hunted\n'],
    ['a beginning at the end', ['hunter2'], 'hunter2'],
  ]
  test.each(table)('R2: %s', (_, chunks, out) => expect(through(chunks, forms('hunter22'))).toBe(out))

  test('R3: a whole line goes out at once unless it ends with three characters of a secret', () => {
    expect(feed(NOTHING_HELD, 'is it a h\n', forms('hunter22'), 'more').out).toBe('is it a h\n')
    expect(feed(NOTHING_HELD, 'is it a hu\n', forms('hunter22'), 'more').out).toBe('is it a hu\n')
    expect(feed(NOTHING_HELD, 'is it a hun\n', forms('hunter22'), 'more').out).toBe('is it a ')
    expect(through(['is it a hu\n', 'nter22\n'], forms('hunter22'))).toBe('is it a hu\n[secret S0]\n')
  })

  test('a key of several lines is found whole, line by line, and as one line of JSON', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----'
    for (const text of [
      key,
      key.replaceAll('\n', '\r\n'),
      JSON.stringify(key),
      key
        .split('\n')
        .map(line => `> ${line}`)
        .join('\n'),
    ]) {
      expect(redactWhole(text, forms(key))).not.toMatch(/MIIE|hkiG/)
    }
  })
})

describe('the vault', () => {
  test('cleans text, JSON and lines', () => {
    addSecret('VAULT', 'open-sesame')
    expect(redact('say open-sesame!')).toBe('say [secret VAULT]!')
    expect(redactJson({ a: ['open-sesame', 1, null], 'open-sesame': true })).toEqual({
      a: ['[secret VAULT]', 1, null],
      '[secret VAULT]': true,
    })
    const lines: string[] = []
    const sink = lineSink(line => lines.push(line))
    for (const chunk of ['one open-', 'ses', 'ame\r\ntwo', '\nthree']) sink.write(chunk)
    sink.end()
    expect(lines).toEqual(['one [secret VAULT]', 'two', 'three'])
  })

  test('an open secret shows its name', async () => {
    const secret = await openSecret(
      { kind: 'secret', name: 'TOKEN', from: { kind: 'command', command: 'echo very-secret-1' } },
      '.',
    )
    expect(secret.reveal()).toBe('very-secret-1')
    for (const shown of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret, { depth: 9, showHidden: true }),
    ]) {
      expect(shown).toContain('[secret TOKEN]')
      expect(shown).not.toContain('very')
    }
  })

  test('blobs take no secret, from bytes or from a file, wherever it stands', async () => {
    addSecret('BLOB', 'blob-secret-value')
    const folder = await freshFolder()
    const blobs = guardBlobs(folderBlobs(join(folder, 'blobs')))
    const path = join(folder, 'large')
    for (const before of [0, 1, 65_530, 65_536, 200_000]) {
      const bytes = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from('blob-secret-value')])
      await writeFile(path, bytes)
      await expect(blobs.put(bytes)).rejects.toThrow('SECRET_LEAKED')
      await expect(blobs.putFile(path)).rejects.toThrow('SECRET_LEAKED')
      await expect(blobs.put(Buffer.from(bytes.toString('base64')))).rejects.toThrow('SECRET_LEAKED')
    }
    await writeFile(path, Buffer.alloc(300_000, 'x'))
    expect((await blobs.putFile(path)).sizeBytes).toBe(300_000)
  })

  test('small files that stand in a value take none either, whatever encodes them', async () => {
    addSecret('PEM', 'first "line" of it\nsecond line')
    const folder = await freshFolder()
    const values = valueStore(folderBlobs(join(folder, 'blobs')), { cwd: folder, inspect: refuseIn })
    const output = new LocalFile(join(folder, 'small'))
    await writeFile(output.path, 'x first "line" of it\nsecond line y')
    await expect(async () => values.encode(output, { task: 'leaky' })).rejects.toThrow('SECRET_LEAKED')
    await expect(async () => values.encode({ nested: [output] }, { task: 'leaky' })).rejects.toThrow('SECRET_LEAKED')
    await writeFile(output.path, 'nothing in it')
    expect((await values.encode(output, { task: 'fine' })).inline).toContain('nothing in it')
  })

  test('forms have no line breaks, and are not so short that they hit words', () => {
    fc.assert(
      fc.property(secret, text => {
        for (const form of formsOf(text)) {
          expect(form).toBe(withoutBreaks(form))
          expect(form.length).toBeGreaterThanOrEqual(Math.min(4, withoutBreaks(text).length))
        }
      }),
    )
  })
})
