/** Payload templates: filling them, and what is wrong with a field of one. */
export { checkDynamic } from './check.ts'
export { fillTemplate } from './fill.ts'
