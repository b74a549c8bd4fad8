/** A version as lists have it: its name for people, and its facts. */
import type { VersionRow } from '../../store/index.ts'
import type { Facts } from '../../versions/version.ts'
import { workflowOf } from './line.ts'

/** Written by nobody but `publish`. */
export const factsOf = (row: VersionRow): Facts => row.facts as unknown as Facts

/** `ci@1.2.0` */
export const nameOf = ({ line, number }: Pick<VersionRow, 'line' | 'number'>): string => `${workflowOf(line)}@${number}`
