/** What firehose answers, from its public model (Apache-2.0). Written by scripts/aws-answers.mjs. */
export const answers = `
putRecord > PutRecordOutput
putRecordBatch > PutRecordBatchOutput
PutRecordBatchOutput = FailedPutCount!:n(0..) Encrypted:b RequestResponses!:PutRecordBatchResponseEntryList
PutRecordBatchResponseEntry = RecordId:s(1..) ErrorCode:s ErrorMessage:s
PutRecordBatchResponseEntryList = [PutRecordBatchResponseEntry]
PutRecordOutput = RecordId!:s(1..) Encrypted:b
`
