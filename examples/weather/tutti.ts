/** From two files to one page: each task is a plain function in a module beside this file, and knows of no other. */
import { each, file, output, task, workflow } from 'tutti'
import * as days from './days.ts'
import * as plots from './plots.ts'
import * as report from './report.ts'
import * as statistics from './statistics.ts'
import * as week from './week.ts'

const DATA = '../../node_modules/vega-datasets/data'

const readDays = task(days.read)
const checkDays = task(days.check)
const splitByYear = task(days.splitByYear)
const summarise = task(statistics.summarise)
const plotTemperatures = task(plots.temperatures)
const plotKinds = task(plots.kinds)
const plotMeans = task(plots.means)
const plotPrecipitation = task(plots.precipitation)
const readWeek = task(week.read)
const plotWeek = task(plots.week)
const writeReport = task(report.write)

export const weather = workflow(() => {
  const rows = readDays(file(`${DATA}/weather.csv`))
  const checked = checkDays(rows)
  const years = each(
    splitByYear(checked.days),
    year => {
      const summary = summarise(year)
      return { summary, temperatures: plotTemperatures(year, summary), kinds: plotKinds(summary) }
    },
    { key: year => year.year },
  )
  const summaries = years.to(all => all.map(each => each.summary))
  const measured = readWeek(file(`${DATA}/weekly-weather.json`))
  const page = writeReport(
    {
      years,
      means: plotMeans(summaries),
      precipitation: plotPrecipitation(summaries),
      week: plotWeek(measured),
      rejected: checked.rejected,
    },
    output('out/report.html'),
  )
  return { page, rejected: checked.rejected }
})
