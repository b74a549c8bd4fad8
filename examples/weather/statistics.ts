/** What can be said about a year, by city and month. */
import { KINDS, type Day, type Kind, type Year } from './days.ts'

export interface Summary {
  readonly year: number
  readonly cities: readonly CityYear[]
}

export interface CityYear {
  readonly city: string
  readonly meanC: number
  readonly precipitationMm: number
  readonly wetDays: number
  readonly warmest: Day
  readonly coldest: Day
  readonly months: readonly Month[]
}

export interface Month {
  readonly city: string
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly days: number
  readonly meanC: number
  readonly precipitationMm: number
  readonly kinds: Readonly<Record<Kind, number>>
}

export function summarise({ year, days }: Year): Summary {
  const cities = [...new Set(days.map(day => day.city))].sort()
  return {
    year,
    cities: cities.map(city =>
      cityYear(
        year,
        city,
        days.filter(day => day.city === city),
      ),
    ),
  }
}

function cityYear(year: number, city: string, days: readonly Day[]): CityYear {
  const months = [...new Set(days.map(monthOf))].sort((a, b) => a - b)
  return {
    city,
    meanC: mean(days.map(meanOfDay)),
    precipitationMm: sum(days.map(day => day.precipitationMm)),
    wetDays: days.filter(day => day.precipitationMm > 0).length,
    warmest: days.reduce((a, b) => (b.maxC > a.maxC ? b : a)),
    coldest: days.reduce((a, b) => (b.minC < a.minC ? b : a)),
    months: months.map(month =>
      cityMonth(
        city,
        year,
        month,
        days.filter(day => monthOf(day) === month),
      ),
    ),
  }
}

function cityMonth(city: string, year: number, month: number, days: readonly Day[]): Month {
  const kinds = Object.fromEntries(KINDS.map(kind => [kind, days.filter(day => day.kind === kind).length])) as Record<
    Kind,
    number
  >
  return {
    city,
    year,
    month,
    days: days.length,
    meanC: mean(days.map(meanOfDay)),
    precipitationMm: sum(days.map(day => day.precipitationMm)),
    kinds,
  }
}

const monthOf = (day: Day): number => day.date.getUTCMonth() + 1
/** The middle of the day's range, as meteorologists do without hourly readings. */
const meanOfDay = (day: Day): number => (day.maxC + day.minC) / 2
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length
