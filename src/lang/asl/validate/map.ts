/** What only a Map state has. */
import { atMostOne, either, exactlyOne, fieldTable, jsonata, jsonPath, objectOf, require } from './fields.ts'
import { type Place, refuse, refuseAs, refuseField } from './place.ts'
import { numberPath, orJsonata, template, templateIn, jsonataIn } from './query.ts'
import { type Check, type Fields, fieldOf, filledListOf, has, integer, oneOf, text } from './values.ts'

const ITEMS_MAX = 100_000_000
const BATCH_BYTES_MAX = 262_144
const LABEL_MAX = 40

const count = (least: number, most?: number): Check =>
  orJsonata(integer({ least, ...(most ? { most } : {}) }), 'input', 'context')

/** RFC 6901. */
const pointer: Check = (value, place) => {
  if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
  else if (value !== '' && !value.startsWith('/')) {
    refuse(place, `Invalid input: JSON Pointer expression must start with '/': ${JSON.stringify(value)}`)
  }
}

const READER_CONFIG = fieldTable({
  InputType: either(oneOf('CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST')),
  CSVHeaderLocation: either(oneOf('FIRST_ROW', 'GIVEN')),
  CSVHeaders: either(filledListOf(text)),
  CSVDelimiter: either(oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB')),
  ManifestType: either(oneOf('S3_INVENTORY', 'ATHENA_DATA')),
  Transformation: either(oneOf('NONE', 'LOAD_AND_FLATTEN')),
  ItemsPointer: either(orJsonata(pointer, 'input', 'context')),
  MaxItems: either(count(0, ITEMS_MAX)),
  MaxItemsPath: jsonPath(numberPath),
})

/** Each kind of file has fields of its own. */
const readerConfig = objectOf(READER_CONFIG, (config, place) => {
  atMostOne(config, ['MaxItems', 'MaxItemsPath'], place)
  if (fieldOf(config, 'CSVHeaderLocation') === 'GIVEN') require(config, ['CSVHeaders'], place)
  if (fieldOf(config, 'Transformation') === 'LOAD_AND_FLATTEN') required(config, 'InputType', place)
  const type = fieldOf(config, 'InputType')
  if (type === 'CSV') required(config, 'CSVHeaderLocation', place)
  const foreign = typeof type === 'string' && Object.hasOwn(FOREIGN, type) ? FOREIGN[type]! : []
  for (const name of foreign) notSupported(config, name, place)
})

const CSV_FIELDS = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter']

const FOREIGN: { readonly [inputType: string]: readonly string[] } = {
  JSON: [...CSV_FIELDS, 'ManifestType'],
  JSONL: [...CSV_FIELDS, 'ItemsPointer'],
  PARQUET: [...CSV_FIELDS, 'ItemsPointer'],
  CSV: ['ItemsPointer'],
}

function required(object: Fields, name: string, place: Place): void {
  if (!has(object, name)) refuse(place, `The field '${name}' is required`)
}

function notSupported(object: Fields, name: string, place: Place): void {
  if (has(object, name)) refuseField(place, name, `Field '${name}' is not supported`)
}

const s3 = (...actions: readonly string[]): Check => {
  const allowed = new RegExp(`^arn:[\\w-]+:states:[^:]*:[^:]*:s3:(?:${actions.join('|')})$`)
  return (value, place) => {
    if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
    else if (!allowed.test(value)) {
      refuse(
        place,
        "The field 'Resource' does not match any of the allowed values",
        `Use ${actions.map(action => `arn:aws:states:::s3:${action}`).join(' or ')}.`,
      )
    }
  }
}

export const itemReader = objectOf(
  fieldTable({
    Resource: either(s3('getObject', 'listObjectsV2')),
    Parameters: jsonPath(template),
    Arguments: jsonata(jsonataIn('input', 'context')),
    ReaderConfig: either(readerConfig),
  }),
  (reader, place) => require(reader, ['Resource'], place),
)

export const itemBatcher = objectOf(
  fieldTable({
    BatchInput: either(templateIn('input', 'context')),
    MaxItemsPerBatch: either(count(0)),
    MaxItemsPerBatchPath: jsonPath(numberPath),
    MaxInputBytesPerBatch: either(count(0, BATCH_BYTES_MAX)),
    MaxInputBytesPerBatchPath: jsonPath(numberPath),
  }),
  (batcher, place) => {
    atMostOne(batcher, ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'], place)
    atMostOne(batcher, ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'], place)
  },
)

const writerConfig = objectOf(
  fieldTable({
    Transformation: either(oneOf('NONE', 'COMPACT', 'FLATTEN')),
    OutputType: either(oneOf('JSON', 'JSONL')),
  }),
  (config, place) => require(config, ['OutputType'], place),
)

export const resultWriter = objectOf(
  fieldTable({
    Resource: either(s3('putObject')),
    Parameters: jsonPath(template),
    Arguments: jsonata(jsonataIn('input', 'context')),
    WriterConfig: either(writerConfig),
  }),
  (writer, place) => {
    if (!has(writer, 'Resource') && !has(writer, 'WriterConfig'))
      exactlyOne(writer, ['Resource', 'WriterConfig'], place)
  },
)

/** Names the child executions, so what a name of an execution may not have is refused. */
export const label: Check = (value, place) => {
  if (typeof value !== 'string') return refuse(place, 'Expected value of type [STRING]')
  const foreign = [...value].find(each => LABEL_FOREIGN.test(each))
  if (foreign !== undefined) {
    refuseAs(place, 'INVALID_LABEL_NAME', `Label contains invalid character: ${JSON.stringify(foreign)}`)
  } else if (value.length > LABEL_MAX) {
    refuseAs(
      place,
      'INVALID_LABEL_NAME',
      `Label '${value}' exceeds the ${LABEL_MAX}-character limit allowed by the service`,
    )
  }
  if (place.whole.labels.has(value)) refuseAs(place, 'DUPLICATE_LABEL_NAME', `Duplicate Label name: ${value}`)
  place.whole.labels.add(value)
}

/** Blanks, brackets, wildcards, special and control characters (AWS: state-map-distributed, Label). */
const LABEL_FOREIGN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\uFFFE\uFFFF]/u

const PROCESSOR_CONFIG = fieldTable({
  Mode: either(oneOf('INLINE', 'DISTRIBUTED')),
  ExecutionType: either(oneOf('STANDARD', 'EXPRESS')),
})

export const processorConfig = objectOf(PROCESSOR_CONFIG, (config, place) => {
  const mode = fieldOf(config, 'Mode')
  if (mode === 'INLINE') notSupported(config, 'ExecutionType', place)
  if (mode !== 'DISTRIBUTED') return
  require(config, ['ExecutionType'], place)
  if (place.type === 'EXPRESS')
    refuse(place, "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines")
})
