/**
 * The forms in which a secret shows up in text: as it is, and as encoders commonly write it. Line breaks are left out of
 * all of them, since the search skips line breaks (stream.ts): `base64` wraps its output, PEM keys are printed line by line.
 */

/** Shorter secrets cannot be told from ordinary text: `ab` is everywhere. They are refused with SECRET_SHORT. */
export const SECRET_CHARS_MIN = 4
/** Shorter derived forms would hit ordinary words. */
const FORM_CHARS_MIN = 6
/** A line of a secret with several lines counts alone from this length on. */
const LINE_CHARS_MIN = 8

export const withoutBreaks = (text: string): string => text.replace(/[\r\n]/g, '')

/** All forms of `secret`, longest first, without line breaks. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const lines = secret.split(/\r?\n/).map(line => line.trim())
  const derived = [
    ...(lines.length > 1 ? lines.filter(line => line.length >= LINE_CHARS_MIN) : []),
    ...[0, 1, 2].flatMap(offset => base64At(bytes, offset)),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...urlForms(bytes.toString()),
    JSON.stringify(secret).slice(1, -1),
  ]
  const forms = [secret, ...derived.filter(form => form.length >= FORM_CHARS_MIN)].map(withoutBreaks)
  return [...new Set(forms)].filter(form => form.length > 0).sort((a, b) => b.length - a.length)
}

/** What base64 surely shows of `bytes` when `offset` bytes (mod 3) stand before them and anything after. */
function base64At(bytes: Buffer, offset: number): readonly string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  const first = Math.ceil((offset * 8) / 6)
  const last = Math.floor(((offset + bytes.length) * 8) / 6)
  const sure = text.slice(first, last)
  return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')]
}

function urlForms(secret: string): readonly string[] {
  const upper = encodeURIComponent(secret)
  const lower = upper.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase())
  const strict = upper.replace(/[!'()*~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return [upper, lower, strict, new URLSearchParams({ s: secret }).toString().slice(2)]
}
