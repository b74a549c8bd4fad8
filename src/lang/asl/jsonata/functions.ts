/** What AWS adds to JSONata's functions: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
import type { World } from '../scope.ts'

export const functionsOf = (_world: World): Readonly<Record<string, unknown>> => ({})
