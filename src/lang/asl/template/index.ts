/** Payload templates: filling them, and what is wrong with one. */
export { checkDynamic, checkTemplate, type TemplateProblem } from './check.ts'
export { fillTemplate } from './fill.ts'
