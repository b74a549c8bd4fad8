/**
 * Many rows as one value: each row that crosses the library's border costs more than making it. As bytes, since a text that a
 * flipped bit has made no UTF-8 would end the process.
 */
import { asText, type Database, type SqlValue } from '../../store/database.ts'
import type { Json } from '../../util/json.ts'

/** The rows of `select`, whose columns have these names. */
export function jsonRows(
  database: Database,
  columns: readonly string[],
  select: string,
  parameters: readonly SqlValue[],
): readonly (readonly Json[])[] {
  const row = `json_array(${columns.join(', ')})`
  return read(
    database,
    `SELECT CAST(json_group_array(${row}) AS BLOB) AS rows FROM (${select})`,
    parameters,
  ) as Json[][]
}

/** Of `select`, which has the one column `id`. */
export function idList(database: Database, select: string, parameters: readonly SqlValue[]): readonly number[] {
  return read(database, `SELECT CAST(json_group_array(id) AS BLOB) AS ids FROM (${select})`, parameters) as number[]
}

const read = (database: Database, sql: string, parameters: readonly SqlValue[]): unknown =>
  JSON.parse(asText(database.prepare(sql).all(parameters)[0]?.[0]))
