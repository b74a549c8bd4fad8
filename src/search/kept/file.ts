/** Files of workflows, named as they lie beside the store: the same run from another folder is of the same file. */
import { dirname } from 'node:path'
import { inside } from '../../values/paths.ts'

/** As seen from the folder that holds the store, or its whole path when it lies elsewhere. */
export const fileBeside = (store: string, file: string): string => inside(dirname(store), file) ?? file
