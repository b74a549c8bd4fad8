/** One HTML page that needs nothing else: plots inside, light and dark, readable on paper. */
import { writeFile } from 'node:fs/promises'
import type { Output } from 'tutti'
import { KINDS, type Rejected } from './days.ts'
import type { CityYear, Summary } from './statistics.ts'

export interface Report {
  readonly years: readonly { readonly summary: Summary; readonly temperatures: string; readonly kinds: string }[]
  readonly means: string
  readonly precipitation: string
  readonly week: string
  readonly rejected: readonly Rejected[]
}

export async function write(report: Report, to: Output): Promise<Output> {
  await writeFile(to.path, page(report))
  return to
}

/** Exported for the tests: the page is a function of the report alone. */
export function page({ years, means, precipitation, week, rejected }: Report): string {
  const summaries = years.map(each => each.summary)
  const span = summaries.length > 0 ? `${summaries[0]!.year}–${summaries.at(-1)!.year}` : 'no years'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weather ${span}</title>
<style>${STYLE}</style>
<main>
<header>
  <h1>Weather in ${escapeHtml(cityNames(summaries).join(' and '))}</h1>
  <p>${span}, ${summaries.length} years, ${count(dayCount(summaries))} days${rejected.length > 0 ? `, ${rejected.length} rows rejected` : ''}</p>
</header>
<section class="tiles">${cityNames(summaries)
    .map(city => tiles(city, summaries))
    .join('')}</section>
<section><h2>Mean temperature</h2><figure>${means}<figcaption>Mean of each month, °C</figcaption></figure></section>
<section><h2>Precipitation</h2><figure>${precipitation}<figcaption>Millimetres a month: the stronger the shade, the wetter</figcaption></figure></section>
${years.map(yearSection).join('\n')}
<section><h2>A week against the record</h2><figure>${week}<figcaption><i class="key" style="background:var(--faint)"></i>record <i class="key" style="background:var(--fog)"></i>normal <i class="key" style="background:var(--first)"></i>measured <i class="key" style="background:var(--warm)"></i>forecast, °F</figcaption></figure></section>
${rejectedSection(rejected)}
<footer>Data: vega-datasets (weather.csv, weekly-weather.json). Made by Tutti.</footer>
</main>
</html>
`
}

function yearSection({ summary, temperatures, kinds }: Report['years'][number]): string {
  const keys = KINDS.map(kind => `<i class="key" style="background:var(--${kind})"></i>${kind}`).join(' ')
  return `<section>
<h2>${summary.year}</h2>
<figure>${temperatures}<figcaption>Range of each day and mean of each month, °C</figcaption></figure>
<figure>${kinds}<figcaption>${keys}</figcaption></figure>
<div class="wide"><table>
<thead><tr><th>City</th><th>Mean</th><th>Warmest</th><th>Coldest</th><th>Wet days</th><th>Precipitation</th></tr></thead>
<tbody>${summary.cities.map(cityRow).join('')}</tbody>
</table></div>
</section>`
}

function cityRow(city: CityYear): string {
  const cells = [
    celsius(city.meanC),
    `${celsius(city.warmest.maxC)} <small>${day(city.warmest.date)}</small>`,
    `${celsius(city.coldest.minC)} <small>${day(city.coldest.date)}</small>`,
    String(city.wetDays),
    `${count(city.precipitationMm)} mm`,
  ]
  return `<tr><th scope="row">${escapeHtml(city.city)}</th>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
}

function tiles(city: string, summaries: readonly Summary[]): string {
  const years = summaries.flatMap(summary => summary.cities.filter(each => each.city === city))
  const mean = years.reduce((sum, year) => sum + year.meanC, 0) / years.length
  const rain = years.reduce((sum, year) => sum + year.precipitationMm, 0) / years.length
  const wet = years.reduce((sum, year) => sum + year.wetDays, 0) / years.length
  return `<div class="tile"><h3>${escapeHtml(city)}</h3><dl>
<div><dt>mean</dt><dd>${celsius(mean)}</dd></div>
<div><dt>mm a year</dt><dd>${count(rain)}</dd></div>
<div><dt>wet days a year</dt><dd>${count(wet)}</dd></div>
</dl></div>`
}

function rejectedSection(rejected: readonly Rejected[]): string {
  if (rejected.length === 0) return ''
  const rows = rejected
    .map(row => `<tr><th scope="row">${row.line}</th><td>${escapeHtml(row.problem)}</td></tr>`)
    .join('')
  return `<section><h2>Rejected rows</h2><div class="wide"><table class="text"><thead><tr><th>Line</th><th>Problem</th></tr></thead><tbody>${rows}</tbody></table></div></section>`
}

const cityNames = (summaries: readonly Summary[]): string[] =>
  [...new Set(summaries.flatMap(summary => summary.cities.map(city => city.city)))].sort()
const dayCount = (summaries: readonly Summary[]): number =>
  summaries.reduce(
    (sum, summary) =>
      sum + summary.cities.reduce((days, city) => days + city.months.reduce((all, month) => all + month.days, 0), 0),
    0,
  )

const celsius = (degrees: number): string => `${degrees.toFixed(1).replace('-', '−')} °C`
/** Thin spaces between thousands: no machine's locale has a say. */
const count = (number: number): string => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, '\u2009')
const day = (date: Date): string => date.toISOString().slice(5, 10)
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1f2933; --soft: #64707d; --line: #e4e1d9; --faint: #e9e6df;
  --first: #1f7a8c; --second: #c8553d; --warm: #d97b2b; --sun: #f0b429; --fog: #b3bcc5; --drizzle: #8ec5e8; --rain: #3274b5; --snow: #a393d6 }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --card: #1b2129; --ink: #e6e9ec; --soft: #97a3af; --line: #2b333d; --faint: #2c343e;
  --first: #4fb3c6; --second: #ee8a72; --warm: #f0a35e; --sun: #f5c858; --fog: #6d7883; --drizzle: #8fc4e6; --rain: #4b94dc; --snow: #b6a8e6 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 40px 20px 60px }
h1 { margin: 0; font-size: 30px; letter-spacing: -.02em } h2 { margin: 0 0 12px; font-size: 19px } h3 { margin: 0 0 8px; font-size: 15px; color: var(--soft); font-weight: 600 }
header p, footer, figcaption, dt, small { color: var(--soft) } header p { margin: 4px 0 24px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin: 16px 0 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 16px; background: none; border: 0; padding: 0 }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 20px }
dl { display: flex; gap: 28px; margin: 0 } dl div { display: flex; flex-direction: column-reverse } dd { margin: 0; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap } dt { font-size: 12px }
figure { margin: 0 0 16px; overflow-x: auto } figure:last-child { margin: 0 } figure svg { width: 100%; height: auto; min-width: 560px; color: var(--ink) } figcaption { font-size: 12.5px }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 10px } .key:first-child { margin-left: 0 }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap }
th, td { padding: 6px 10px; text-align: right; border-top: 1px solid var(--line) } thead th { border: 0; color: var(--soft); font-weight: 500; font-size: 12.5px } th:first-child, .text th, .text td { text-align: left } .text td { white-space: normal }
footer { font-size: 12.5px; margin-top: 24px }
@media print { body { background: none } section, .tile { break-inside: avoid } }
`
