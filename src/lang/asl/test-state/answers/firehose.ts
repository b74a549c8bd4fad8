/**
 * What firehose answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
putRecord > PutRecordOutput
putRecordBatch > PutRecordBatchOutput
PutRecordBatchOutput = FailedPutCount!:n(0..) Encrypted:b RequestResponses!:PutRecordBatchResponseEntryList
PutRecordBatchResponseEntry = RecordId:s(1..) ErrorCode:s ErrorMessage:s
PutRecordBatchResponseEntryList = [PutRecordBatchResponseEntry]
PutRecordOutput = RecordId!:s(1..) Encrypted:b
`
