/** Plots as SVG text, drawn without a browser. Colours are CSS variables of the report, so that they follow light and dark. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { KINDS, type Year } from './days.ts'
import type { Summary } from './statistics.ts'
import type { WeekDay } from './week.ts'

const MONTHS = ['J', 'F', 'M', 'A', 'M', 'J', 'J', 'A', 'S', 'O', 'N', 'D']
const WIDTH = 920

/** Each day's range as a band, with the mean of each month as a line; one panel a city. */
export function temperatures(year: Year, summary: Summary): string {
  const days = [...year.days]
  const months = summary.cities.flatMap(city =>
    city.months.map(month => ({ ...month, middle: new Date(Date.UTC(month.year, month.month - 1, 15)) })),
  )
  return draw({
    height: 240,
    x: { type: 'utc', label: null, tickFormat: (date: Date) => MONTHS[date.getUTCMonth()]!, ticks: 'month' },
    y: { label: '°C', domain: [-20, 40], grid: true },
    fx: { label: null },
    marks: [
      Plot.ruleY([0], { strokeOpacity: 0.5 }),
      Plot.areaY(days, {
        fx: 'city',
        x: 'date',
        y1: 'minC',
        y2: 'maxC',
        fill: 'var(--warm)',
        fillOpacity: 0.35,
        z: null,
      }),
      Plot.line(months, {
        fx: 'city',
        x: 'middle',
        y: 'meanC',
        stroke: 'var(--warm)',
        strokeWidth: 2,
        curve: 'monotone-x',
        z: null,
      }),
    ],
  })
}

/** How many days of a month were sunny, foggy, wet; one panel a city. */
export function kinds(summary: Summary): string {
  const counts = summary.cities.flatMap(city =>
    city.months.flatMap(month =>
      KINDS.map(kind => ({ city: city.city, month: month.month, kind, days: month.kinds[kind] })),
    ),
  )
  return draw({
    height: 220,
    x: { label: null, tickFormat: showMonth, padding: 0.15 },
    y: { label: 'days', grid: true },
    fx: { label: null },
    color: { domain: [...KINDS], range: KINDS.map(kind => `var(--${kind})`) },
    marks: [Plot.barY(counts, { fx: 'city', x: 'month', y: 'days', fill: 'kind', order: [...KINDS] }), Plot.ruleY([0])],
  })
}

/** Precipitation of every month of every year, as shades. */
export function precipitation(summaries: readonly Summary[]): string {
  const months = summaries.flatMap(summary => summary.cities.flatMap(city => city.months))
  return draw({
    height: 60 + 34 * summaries.length,
    x: { label: null, tickFormat: showMonth, padding: 0.06 },
    y: { label: null, padding: 0.08, tickFormat: String },
    fx: { label: null },
    opacity: {
      type: 'linear',
      domain: [0, Math.max(...months.map(month => month.precipitationMm))],
      range: [0.05, 0.75],
    },
    marks: [
      Plot.cell(months, {
        fx: 'city',
        x: 'month',
        y: 'year',
        fill: 'var(--rain)',
        fillOpacity: 'precipitationMm',
        rx: 3,
      }),
      Plot.text(months, {
        fx: 'city',
        x: 'month',
        y: 'year',
        text: month => Math.round(month.precipitationMm),
        fontSize: 9,
        fill: 'var(--ink)',
      }),
    ],
  })
}

/** The mean of every month, both cities on one axis: where they differ is what the eye should find. */
export function means(summaries: readonly Summary[]): string {
  const months = summaries.flatMap(summary =>
    summary.cities.flatMap(city =>
      city.months.map(month => ({ ...month, date: new Date(Date.UTC(month.year, month.month - 1, 15)) })),
    ),
  )
  const cities = [...new Set(months.map(month => month.city))]
  const ends = cities.map(city => months.filter(month => month.city === city).at(-1)!)
  return draw({
    height: 240,
    marginRight: 70,
    x: { type: 'utc', label: null },
    y: { label: '°C', grid: true },
    color: { domain: cities, range: ['var(--first)', 'var(--second)', 'var(--snow)', 'var(--warm)'] },
    marks: [
      Plot.ruleY([0], { strokeOpacity: 0.5 }),
      Plot.line(months, { x: 'date', y: 'meanC', stroke: 'city', strokeWidth: 2, curve: 'monotone-x' }),
      Plot.text(ends, {
        x: 'date',
        y: 'meanC',
        text: 'city',
        fill: 'city',
        textAnchor: 'start',
        dx: 8,
        fontWeight: 600,
      }),
    ],
  })
}

/** Bars inside bars: on record, normal, measured; a forecast is a range at both ends. */
export function week(days: readonly WeekDay[]): string {
  const measured = days.flatMap(({ id, actual }) => (actual ? [{ id, ...actual }] : []))
  const forecast = days.flatMap(({ id, forecast: both }) =>
    both ? [both.low, both.high].map(range => ({ id, ...range })) : [],
  )
  const between = days.flatMap(({ id, forecast: both }) =>
    both ? [{ id, low: both.low.low, high: both.high.high }] : [],
  )
  const bar = (inset: number, fill: string): Plot.BarYOptions => ({
    x: 'id',
    y1: 'low',
    y2: 'high',
    fill,
    insetLeft: inset,
    insetRight: inset,
  })
  return draw({
    height: 260,
    x: {
      label: null,
      padding: 0.25,
      domain: days.map(day => day.id),
      tickFormat: (id: number) => days.find(day => day.id === id)?.day ?? '',
    },
    y: { label: '°F', grid: true, domain: [0, 80] },
    marks: [
      Plot.barY(
        days.map(({ id, record }) => ({ id, ...record })),
        bar(0, 'var(--faint)'),
      ),
      Plot.barY(
        days.map(({ id, normal }) => ({ id, ...normal })),
        bar(0, 'var(--fog)'),
      ),
      Plot.barY(between, bar(22, 'var(--warm)')),
      Plot.barY(forecast, bar(14, 'var(--warm)')),
      Plot.barY(measured, bar(14, 'var(--first)')),
    ],
  })
}

const showMonth = (month: number): string => MONTHS[month - 1] ?? ''

/** The document is made anew: drawing leaves nothing behind for the next plot. */
function draw(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html></html>')
  const svg = Plot.plot({ width: WIDTH, style: { background: 'none', fontSize: '11px' }, ...options, document })
  return svg.outerHTML
}
