/** node render.mjs MODULE PAGE: what the module's `products` gives, as a page. */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [, , module = '', page = ''] = process.argv
const { products } = await import(pathToFileURL(module).href)
const rows = products().map(({ name, price }) => `<li>${name}: ${price}</li>`)
writeFileSync(page, `<!doctype html>\n<ul>${rows.join('')}</ul>\n`)
