/**
 * What kinesis answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
describeStream > DescribeStreamOutput
getRecords > GetRecordsOutput
putRecord > PutRecordOutput
putRecords > PutRecordsOutput
ChildShard = ShardId!:s(1..128) ParentShards!:ShardIdList HashKeyRange!:HashKeyRange
ChildShardList = [ChildShard]
DescribeStreamOutput = StreamDescription!:StreamDescription
EncryptionType = NONE|KMS
EnhancedMetrics = ShardLevelMetrics:MetricsNameList
EnhancedMonitoringList = [EnhancedMetrics]
GetRecordsOutput = Records!:RecordList NextShardIterator:s(1..512) MillisBehindLatest:n(0..) ChildShards:ChildShardList
HashKeyRange = StartingHashKey!:s EndingHashKey!:s
MetricsName = IncomingBytes|IncomingRecords|OutgoingBytes|OutgoingRecords|WriteProvisionedThroughputExceeded|ReadProvisionedThroughputExceeded|IteratorAgeMilliseconds|ALL
MetricsNameList = [MetricsName]
PutRecordOutput = ShardId!:s(1..128) SequenceNumber!:s EncryptionType:EncryptionType
PutRecordsOutput = FailedRecordCount:n(1..) Records!:PutRecordsResultEntryList EncryptionType:EncryptionType
PutRecordsResultEntry = SequenceNumber:s ShardId:s(1..128) ErrorCode:s ErrorMessage:s
PutRecordsResultEntryList = [PutRecordsResultEntry]
Record = SequenceNumber!:s ApproximateArrivalTimestamp:s Data!:s(0..10485760) PartitionKey!:s(1..256) EncryptionType:EncryptionType
RecordList = [Record]
SequenceNumberRange = StartingSequenceNumber!:s EndingSequenceNumber:s
Shard = ShardId!:s(1..128) ParentShardId:s(1..128) AdjacentParentShardId:s(1..128) HashKeyRange!:HashKeyRange SequenceNumberRange!:SequenceNumberRange
ShardIdList = [s(1..128)]
ShardList = [Shard]
StreamDescription = StreamName!:s(1..128) StreamARN!:s(1..2048) StreamStatus!:StreamStatus StreamModeDetails:StreamModeDetails Shards!:ShardList HasMoreShards!:b RetentionPeriodHours!:n StreamCreationTimestamp!:s EnhancedMonitoring!:EnhancedMonitoringList EncryptionType:EncryptionType KeyId:s(1..2048)
StreamMode = PROVISIONED|ON_DEMAND
StreamModeDetails = StreamMode!:StreamMode
StreamStatus = CREATING|DELETING|ACTIVE|UPDATING
`
