import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseHTML } from 'linkedom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as days from '../../examples/weather/days.ts'
import * as plots from '../../examples/weather/plots.ts'
import * as report from '../../examples/weather/report.ts'
import * as statistics from '../../examples/weather/statistics.ts'
import * as week from '../../examples/weather/week.ts'
import { LocalFile, LocalOutput } from '../../src/values/index.ts'

const DATA = resolve('node_modules/vega-datasets/data')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-weather-'))
})
afterAll(() => rm(folder, { recursive: true }))

const row = {
  location: 'Oslo',
  date: '2020-02-29',
  precipitation: '1.5',
  temp_max: '3',
  temp_min: '-1',
  wind: '2',
  weather: 'snow',
}

describe('checking rows', () => {
  test('a good row becomes a day', () => {
    expect(days.check([row])).toEqual({
      days: [
        {
          city: 'Oslo',
          date: new Date('2020-02-29T00:00:00Z'),
          precipitationMm: 1.5,
          maxC: 3,
          minC: -1,
          windMs: 2,
          kind: 'snow',
        },
      ],
      rejected: [],
    })
  })

  test.each([
    ['an empty field', { temp_max: '' }, 'temp_max'],
    ['not a number', { wind: 'strong' }, 'wind'],
    ['rain that falls up', { precipitation: '-1' }, 'precipitation'],
    ['a day that is none', { date: '2021-02-29' }, 'date'],
    ['an unknown kind', { weather: 'hail' }, 'weather'],
    ['a low above the high', { temp_min: '5' }, 'temp_min: is above temp_max'],
    ['no city', { location: ' ' }, 'location'],
  ])('%s is rejected with its line, and the rows after it are looked at', (_name, change, problem) => {
    const { days: good, rejected } = days.check([row, { ...row, ...change }, row])
    expect([good.length, rejected.map(each => each.line)]).toEqual([2, [3]])
    expect(rejected[0]?.problem).toContain(problem)
  })
})

test('statistics of a year by city and month', () => {
  const day = (date: string, minC: number, maxC: number, precipitationMm: number, kind: days.Kind): days.Day => ({
    city: 'Oslo',
    date: new Date(date),
    minC,
    maxC,
    precipitationMm,
    windMs: 1,
    kind,
  })
  const year = {
    year: 2020,
    days: [
      day('2020-01-01', -10, 0, 0, 'sun'),
      day('2020-01-02', -4, 2, 3, 'snow'),
      day('2020-07-01', 10, 20, 2, 'rain'),
    ],
  }
  expect(statistics.summarise(year)).toMatchObject({
    year: 2020,
    cities: [
      {
        city: 'Oslo',
        meanC: 3,
        precipitationMm: 5,
        wetDays: 2,
        warmest: { maxC: 20 },
        coldest: { minC: -10 },
        months: [
          { month: 1, days: 2, meanC: -3, precipitationMm: 3, kinds: { sun: 1, snow: 1, rain: 0 } },
          { month: 7, days: 1, meanC: 15, kinds: { rain: 1 } },
        ],
      },
    ],
  })
})

test('a week that is neither measured nor forecast is refused', async () => {
  const path = join(folder, 'week.json')
  await writeFile(path, JSON.stringify([{ id: 0, day: 'M', record: { low: 1, high: 2 }, normal: { low: 1, high: 2 } }]))
  await expect(week.read(new LocalFile(path))).rejects.toThrow('either measured or forecast')
})

describe('the real data', () => {
  test('has four whole years of two cities, and not a bad row', async () => {
    const { days: all, rejected } = days.check(await days.read(new LocalFile(join(DATA, 'weather.csv'))))
    const years = days.splitByYear(all)
    expect([rejected, years.map(year => [year.year, year.days.length])]).toEqual([
      [],
      [
        [2012, 732],
        [2013, 730],
        [2014, 730],
        [2015, 730],
      ],
    ])
    expect(statistics.summarise(years[0]!).cities.map(city => [city.city, city.months.length])).toEqual([
      ['New York', 12],
      ['Seattle', 12],
    ])
  })

  test('becomes one page with its plots, the same bytes each time', async () => {
    const make = async (): Promise<string> => {
      const { days: all } = days.check(await days.read(new LocalFile(join(DATA, 'weather.csv'))))
      const years = days.splitByYear(all).map(year => {
        const summary = statistics.summarise(year)
        return { summary, temperatures: plots.temperatures(year, summary), kinds: plots.kinds(summary) }
      })
      const summaries = years.map(year => year.summary)
      const measured = await week.read(new LocalFile(join(DATA, 'weekly-weather.json')))
      const rejected = [{ line: 7, problem: '<script>alert(1)</script>' }]
      const page = await report.write(
        {
          years,
          means: plots.means(summaries),
          precipitation: plots.precipitation(summaries),
          week: plots.week(measured),
          rejected,
        },
        new LocalOutput(join(folder, 'report.html')),
      )
      return readFile(page.path, 'utf8')
    }
    const html = await make()
    const { document } = parseHTML(html)
    expect(document.querySelectorAll('section svg').length).toBe(3 + 4 * 2)
    expect(document.querySelectorAll('svg path, svg rect').length).toBeGreaterThan(300)
    expect([document.querySelectorAll('script').length, html.includes('NaN'), html.includes('undefined')]).toEqual([
      0,
      false,
      false,
    ])
    expect(html.match(/(?:src|href)="/g)).toBeNull()
    expect(document.querySelector('h1')?.textContent).toBe('Weather in New York and Seattle')
    expect(await make()).toBe(html)
  })

  test('no days at all make a page, not a crash', () => {
    expect(
      report.page({
        years: [],
        means: plots.means([]),
        precipitation: plots.precipitation([]),
        week: plots.week([]),
        rejected: [],
      }),
    ).toContain('no years')
  })
})
