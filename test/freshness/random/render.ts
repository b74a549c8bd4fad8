/** A random project as the text of its two modules. */
import { type Definition, HELPERS, type Op, outputPath, type ProjectSpec, type Step, sourcePath } from './project.ts'

const OP_TEXTS: Readonly<Record<Op, (text: string) => string>> = {
  join: text => `('<' + ${text} + '>')`,
  head: text => `${text}.slice(0, 1)`,
  length: text => `String(${text}.length % 3)`,
  sort: text => `[...${text}].sort().join('')`,
}

export function renderProject(spec: ProjectSpec): { readonly [file: string]: string } {
  const usesLib = spec.definitions.some(({ helper }) => (helper ?? 0) >= 2)
  return {
    'tutti.ts': `import { each, env, file, files, output, task, when, workflow, type Dir, type FileHandle, type Files, type Output } from 'tutti'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
${usesLib ? `import { there0, there1 } from './lib.ts'\n` : ''}
const unused = ${spec.unused}
${helperText(spec, 0)}
${helperText(spec, 1)}
const checked = (text: string) => {
  if (text.includes('FAIL')) throw new Error('asked to fail')
  return text
}
${spec.definitions.map((definition, index) => definitionText(definition, kindOf(spec, index))).join('\n')}
export const main = workflow(() => {
${spec.steps.map((step, index) => `  ${callText(spec, step, index)}`).join('\n')}
  return { ${spec.steps.flatMap((step, index) => (step.kind === 'write' ? [] : [`v${index}`])).join(', ')} }
})
`,
    'lib.ts': `${helperText(spec, 2)}\n${helperText(spec, 3)}\n`,
  }
}

/** Every odd helper calls the one before it. */
function helperText({ helpers }: ProjectSpec, index: number): string {
  const inner = index % 2 === 1 ? `${HELPERS[index - 1]}(text)` : 'text'
  return `export const ${HELPERS[index]} = (text: string): string => ${inner} + '${HELPERS[index]}.${helpers[index]}'`
}

export const kindOf = ({ steps }: ProjectSpec, def: number): Step['kind'] =>
  steps.find(step => step.def === def || (step.kind === 'when' && step.other === def))?.kind ?? 'map'

/** The last 24 characters, so that texts stay short however long the graph is. */
function resultText({ op, salt, helper, name }: Definition, text: string): string {
  const made = `${OP_TEXTS[op](text)} + '${name}.${salt}'`
  return `(${helper === undefined ? made : `${HELPERS[helper]}(${made})`}).slice(-24)`
}

function definitionText(definition: Definition, kind: Step['kind']): string {
  const gap = ['', '\n  ', ' /* a comment */ ', '\n  // a line\n  '][definition.noise % 4] ?? ''
  const head = definition.noise % 2 === 1 ? `// noise ${definition.noise}\n` : ''
  const text = (expression: string) => `(${gap}checked(${resultText(definition, expression)}))`
  const { name } = definition
  switch (kind) {
    case 'read':
      return `${head}const ${name} = task(async (src: FileHandle) => {${gap} return ${text('checked(await src.text())')} })`
    case 'glob':
      return `${head}const ${name} = task((src: Files) => ${text(`src.paths.map(path => path + readFileSync(path, 'utf8')).join()`)})`
    case 'env':
      return `${head}const ${name} = task((a: string) => ${text(`(a + process.env['TUTTI_FUZZ'])`)}, { env: ['TUTTI_FUZZ'] })`
    case 'consume':
      return `${head}const ${name} = task((out: Dir) => ${text(`readFileSync(statSync(out.path).isDirectory() ? out.path + '/in' : out.path, 'utf8')`)})`
    case 'write':
      return `${head}const ${name} = task((a: string, out: Output, to: string, gives: string) => {${gap}
  if (to === 'folder') mkdirSync(out.path, { recursive: true })
  writeFileSync(to === 'folder' ? out.path + '/in' : out.path, ${text('a')})
  return gives === 'output' ? out : undefined
}) as unknown as (a: unknown, out: Output, to: string, gives: string) => import('tutti').Ref<Output>`
    default:
      return `${head}const ${name} = task((a: string, b: string) => ${text('(a + b)')})`
  }
}

function callText({ definitions }: ProjectSpec, step: Step, index: number): string {
  const name = definitions[step.def]?.name ?? ''
  switch (step.kind) {
    case 'read':
      return `const v${index} = ${name}(file('${sourcePath(step.source)}'))`
    case 'glob':
      return `const v${index} = ${name}(files('glob/*.txt'))`
    case 'map':
      return `const v${index} = ${name}(v${step.a}, v${step.b}${step.by === 'to' ? `.to(text => text.slice(0, 2))` : ''})`
    case 'env':
      return `const v${index} = ${name}(v${step.a})`
    case 'write':
      return `const v${index} = ${name}(v${step.a}, output('${outputPath(index, step.place)}'), '${step.to}', '${step.gives}')`
    case 'consume':
      return `const v${index} = ${name}(v${step.of})`
    case 'each':
      return `const v${index} = each(v${step.a}.to(text => [...new Set(text)]), item => ${name}(item, 'i'), { key: item => item }).to(all => all.join(''))`
    case 'when':
      return `const v${index} = when(v${step.a}.to(text => text.length % 2 === 0), () => ${name}(v${step.a}, 't'), () => ${definitions[step.other]?.name}(v${step.a}, 'e'))`
  }
}
