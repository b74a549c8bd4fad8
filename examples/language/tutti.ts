/** What this exports as a language is tried on files that Tutti knows no language for: `tutti run Makefile`. */
export { make } from './make.ts'
