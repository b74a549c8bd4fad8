/**
 * Writes src/lang/asl/test-state/answers/*.ts: what AWS's services answer, from their public models, as botocore carries them
 * (Apache-2.0: NOTICE says so, and what is changed). Only the shapes of answers are taken; documentation is not.
 *
 *   pip download botocore==1.40.76 --no-deps && unzip botocore-*.whl 'botocore/data/*' && node scripts/aws-answers.mjs botocore/data
 *
 * One line each: `operation > Shape`, and `Shape = …` for what has a name: fields (`Name:type`, `Name!:type` where it is always there),
 * a list `[type]`, a map `{type}`, or the texts that it may be, `A|B`. Other types: `s(least..most)` text, `n(least..most)` number, `b`, `*`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** What state machines mostly call; of the largest services, these operations only. */
const SERVICES = {
  athena: ['startQueryExecution', 'getQueryExecution', 'getQueryResults', 'stopQueryExecution'],
  batch: ['submitJob', 'describeJobs'],
  dynamodb: undefined,
  ecs: ['runTask', 'describeTasks', 'stopTask'],
  events: undefined,
  firehose: ['putRecord', 'putRecordBatch'],
  kinesis: ['putRecord', 'putRecords', 'getRecords', 'describeStream'],
  kms: undefined,
  lambda: undefined,
  s3: undefined,
  scheduler: undefined,
  secretsmanager: undefined,
  sns: undefined,
  sqs: undefined,
  ssm: [
    'getParameter',
    'getParameters',
    'getParametersByPath',
    'putParameter',
    'sendCommand',
    'startAutomationExecution',
  ],
  stepfunctions: undefined,
  sts: undefined,
}
const [data] = process.argv.slice(2)
if (!data) {
  console.error('usage: node scripts/aws-answers.mjs FOLDER (botocore/data)')
  process.exit(64)
}
const target = fileURLToPath(new URL('../src/lang/asl/test-state/answers/', import.meta.url))
mkdirSync(target, { recursive: true })
for (const [service, wanted] of Object.entries(SERVICES)) {
  const lines = linesOf(modelOf(service), wanted).map(line =>
    line.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${'),
  )
  const header = `/**
 * What ${service} answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */`
  writeFileSync(join(target, `${service}.ts`), `${header}\nexport const answers = \`\n${lines.join('\n')}\n\`\n`)
}

function lowered(name) {
  return `${name[0].toLowerCase()}${name.slice(1)}`
}

function modelOf(service) {
  const versions = readdirSync(join(data, service)).filter(name => /^\d/.test(name))
  const newest = versions.sort().at(-1)
  return JSON.parse(gunzipSync(readFileSync(join(data, service, newest, 'service-2.json.gz'))).toString('utf8'))
}

function linesOf({ operations, shapes }, wanted) {
  const named = new Map()
  const capital = name => name[0].toUpperCase() + name.slice(1)
  const typeOf = name => {
    const shape = shapes[name]
    const most = shape.max ?? ''
    const least = shape.min ?? ''
    const range = least === '' && most === '' ? '' : `(${least}..${most})`
    switch (shape.type) {
      case 'structure':
        if (shape.document) return '*'
        return nameOf(name, () => {
          const required = new Set(shape.required ?? [])
          const fields = Object.entries(shape.members ?? {})
          return fields
            .map(([key, { shape: of }]) => `${capital(key)}${required.has(key) ? '!' : ''}:${typeOf(of)}`)
            .join(' ')
        })
      case 'list':
        return nameOf(name, () => `[${typeOf(shape.member.shape)}]`)
      case 'map':
        return nameOf(name, () => `{${typeOf(shape.value.shape)}}`)
      case 'string':
      case 'blob':
        return shape.enum?.every(each => !/[|\s]/.test(each)) ? nameOf(name, () => shape.enum.join('|')) : `s${range}`
      case 'timestamp':
        return 's'
      case 'boolean':
        return 'b'
      default:
        return `n${range}`
    }
  }
  /** Noted before its inside is, which may name it again. */
  const nameOf = (name, inside) => {
    if (!named.has(name)) {
      named.set(name, '')
      named.set(name, inside())
    }
    return name
  }
  const starts = Object.entries(operations)
    .filter(([name, { output }]) => output && (wanted?.includes(lowered(name)) ?? true))
    .map(([name, { output }]) => `${lowered(name)} > ${typeOf(output.shape)}`)
  return [
    ...starts.sort(),
    ...[...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => `${name} = ${of}`.trimEnd()),
  ]
}
