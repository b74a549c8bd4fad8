/** Says why a task's result is never taken from another run, for who asks. */
import type { Code } from '../../dsl/code.ts'
import type { Diagnostic } from '../../util/diagnostic.ts'

/** A warning about the task `name`, at the variable that makes its code unknown; undefined for a task whose code is known. */
export function openClosure(name: string, code: Code): Diagnostic | undefined {
  if (code.kind === 'closed') return undefined
  const { variable, at } = code
  return {
    code: 'CLOSURE_OPEN',
    severity: 'warning',
    message: `Results of ${name} are never used again: ${reasonOf(variable)}`,
    at,
    hint: hintOf(variable),
  }
}

const isUnwatched = (variable: string): boolean => variable === 'fetch' || variable.startsWith('node:')

function reasonOf(variable: string): string {
  if (isUnwatched(variable)) return `it hangs on what ${variable} gives while the file is loaded, which nobody sees`
  switch (variable) {
    case 'import()':
    case 'require':
    case 'createRequire':
    case 'eval':
      return `which code ${variable} brings in is known only when it runs`
    case 'this':
    case 'super':
    case 'arguments':
    case 'new.target':
      return `its function uses ${variable} of a function around it`
    default:
      return `its function hangs on '${variable}', which may be another each time that the code around it runs`
  }
}

function hintOf(variable: string): string {
  if (isUnwatched(variable)) return 'Ask for it in a task or a source(), and pass what it gives.'
  switch (variable) {
    case 'import()':
    case 'require':
    case 'createRequire':
    case 'eval':
      return 'Import it at the top of the module, or by a literal name.'
    default:
      return `Pass it to the task as an argument, or define both at the top of the module.`
  }
}
