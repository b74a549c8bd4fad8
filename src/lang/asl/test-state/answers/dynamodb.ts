/**
 * What dynamodb answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
batchExecuteStatement > BatchExecuteStatementOutput
batchGetItem > BatchGetItemOutput
batchWriteItem > BatchWriteItemOutput
createBackup > CreateBackupOutput
createGlobalTable > CreateGlobalTableOutput
createTable > CreateTableOutput
deleteBackup > DeleteBackupOutput
deleteItem > DeleteItemOutput
deleteResourcePolicy > DeleteResourcePolicyOutput
deleteTable > DeleteTableOutput
describeBackup > DescribeBackupOutput
describeContinuousBackups > DescribeContinuousBackupsOutput
describeContributorInsights > DescribeContributorInsightsOutput
describeEndpoints > DescribeEndpointsResponse
describeExport > DescribeExportOutput
describeGlobalTable > DescribeGlobalTableOutput
describeGlobalTableSettings > DescribeGlobalTableSettingsOutput
describeImport > DescribeImportOutput
describeKinesisStreamingDestination > DescribeKinesisStreamingDestinationOutput
describeLimits > DescribeLimitsOutput
describeTable > DescribeTableOutput
describeTableReplicaAutoScaling > DescribeTableReplicaAutoScalingOutput
describeTimeToLive > DescribeTimeToLiveOutput
disableKinesisStreamingDestination > KinesisStreamingDestinationOutput
enableKinesisStreamingDestination > KinesisStreamingDestinationOutput
executeStatement > ExecuteStatementOutput
executeTransaction > ExecuteTransactionOutput
exportTableToPointInTime > ExportTableToPointInTimeOutput
getItem > GetItemOutput
getResourcePolicy > GetResourcePolicyOutput
importTable > ImportTableOutput
listBackups > ListBackupsOutput
listContributorInsights > ListContributorInsightsOutput
listExports > ListExportsOutput
listGlobalTables > ListGlobalTablesOutput
listImports > ListImportsOutput
listTables > ListTablesOutput
listTagsOfResource > ListTagsOfResourceOutput
putItem > PutItemOutput
putResourcePolicy > PutResourcePolicyOutput
query > QueryOutput
restoreTableFromBackup > RestoreTableFromBackupOutput
restoreTableToPointInTime > RestoreTableToPointInTimeOutput
scan > ScanOutput
transactGetItems > TransactGetItemsOutput
transactWriteItems > TransactWriteItemsOutput
updateContinuousBackups > UpdateContinuousBackupsOutput
updateContributorInsights > UpdateContributorInsightsOutput
updateGlobalTable > UpdateGlobalTableOutput
updateGlobalTableSettings > UpdateGlobalTableSettingsOutput
updateItem > UpdateItemOutput
updateKinesisStreamingDestination > UpdateKinesisStreamingDestinationOutput
updateTable > UpdateTableOutput
updateTableReplicaAutoScaling > UpdateTableReplicaAutoScalingOutput
updateTimeToLive > UpdateTimeToLiveOutput
ApproximateCreationDateTimePrecision = MILLISECOND|MICROSECOND
ArchivalSummary = ArchivalDateTime:s ArchivalReason:s ArchivalBackupArn:s(37..1024)
AttributeDefinition = AttributeName!:s(1..255) AttributeType!:ScalarAttributeType
AttributeDefinitions = [AttributeDefinition]
AttributeMap = {AttributeValue}
AttributeNameList = [s(..65535)]
AttributeValue = S:s N:s B:s SS:StringSetAttributeValue NS:NumberSetAttributeValue BS:BinarySetAttributeValue M:MapAttributeValue L:ListAttributeValue NULL:b BOOL:b
AutoScalingPolicyDescription = PolicyName:s(1..256) TargetTrackingScalingPolicyConfiguration:AutoScalingTargetTrackingScalingPolicyConfigurationDescription
AutoScalingPolicyDescriptionList = [AutoScalingPolicyDescription]
AutoScalingSettingsDescription = MinimumUnits:n(1..) MaximumUnits:n(1..) AutoScalingDisabled:b AutoScalingRoleArn:s ScalingPolicies:AutoScalingPolicyDescriptionList
AutoScalingTargetTrackingScalingPolicyConfigurationDescription = DisableScaleIn:b ScaleInCooldown:n ScaleOutCooldown:n TargetValue!:n
BackupDescription = BackupDetails:BackupDetails SourceTableDetails:SourceTableDetails SourceTableFeatureDetails:SourceTableFeatureDetails
BackupDetails = BackupArn!:s(37..1024) BackupName!:s(3..255) BackupSizeBytes:n(0..) BackupStatus!:BackupStatus BackupType!:BackupType BackupCreationDateTime!:s BackupExpiryDateTime:s
BackupStatus = CREATING|DELETED|AVAILABLE
BackupSummaries = [BackupSummary]
BackupSummary = TableName:s(3..255) TableId:s TableArn:s(1..1024) BackupArn:s(37..1024) BackupName:s(3..255) BackupCreationDateTime:s BackupExpiryDateTime:s BackupStatus:BackupStatus BackupType:BackupType BackupSizeBytes:n(0..)
BackupType = USER|SYSTEM|AWS_BACKUP
BatchExecuteStatementOutput = Responses:PartiQLBatchResponse ConsumedCapacity:ConsumedCapacityMultiple
BatchGetItemOutput = Responses:BatchGetResponseMap UnprocessedKeys:BatchGetRequestMap ConsumedCapacity:ConsumedCapacityMultiple
BatchGetRequestMap = {KeysAndAttributes}
BatchGetResponseMap = {ItemList}
BatchStatementError = Code:BatchStatementErrorCodeEnum Message:s Item:AttributeMap
BatchStatementErrorCodeEnum = ConditionalCheckFailed|ItemCollectionSizeLimitExceeded|RequestLimitExceeded|ValidationError|ProvisionedThroughputExceeded|TransactionConflict|ThrottlingError|InternalServerError|ResourceNotFound|AccessDenied|DuplicateItem
BatchStatementResponse = Error:BatchStatementError TableName:s(3..255) Item:AttributeMap
BatchWriteItemOutput = UnprocessedItems:BatchWriteItemRequestMap ItemCollectionMetrics:ItemCollectionMetricsPerTable ConsumedCapacity:ConsumedCapacityMultiple
BatchWriteItemRequestMap = {WriteRequests}
BillingMode = PROVISIONED|PAY_PER_REQUEST
BillingModeSummary = BillingMode:BillingMode LastUpdateToPayPerRequestDateTime:s
BinarySetAttributeValue = [s]
Capacity = ReadCapacityUnits:n WriteCapacityUnits:n CapacityUnits:n
ConsumedCapacity = TableName:s(1..1024) CapacityUnits:n ReadCapacityUnits:n WriteCapacityUnits:n Table:Capacity LocalSecondaryIndexes:SecondaryIndexesCapacityMap GlobalSecondaryIndexes:SecondaryIndexesCapacityMap
ConsumedCapacityMultiple = [ConsumedCapacity]
ContinuousBackupsDescription = ContinuousBackupsStatus!:ContinuousBackupsStatus PointInTimeRecoveryDescription:PointInTimeRecoveryDescription
ContinuousBackupsStatus = ENABLED|DISABLED
ContributorInsightsMode = ACCESSED_AND_THROTTLED_KEYS|THROTTLED_KEYS
ContributorInsightsRuleList = [s]
ContributorInsightsStatus = ENABLING|ENABLED|DISABLING|DISABLED|FAILED
ContributorInsightsSummaries = [ContributorInsightsSummary]
ContributorInsightsSummary = TableName:s(3..255) IndexName:s(3..255) ContributorInsightsStatus:ContributorInsightsStatus ContributorInsightsMode:ContributorInsightsMode
CreateBackupOutput = BackupDetails:BackupDetails
CreateGlobalTableOutput = GlobalTableDescription:GlobalTableDescription
CreateTableOutput = TableDescription:TableDescription
CsvHeaderList = [s(1..65536)]
CsvOptions = Delimiter:s(1..1) HeaderList:CsvHeaderList
DeleteBackupOutput = BackupDescription:BackupDescription
DeleteItemOutput = Attributes:AttributeMap ConsumedCapacity:ConsumedCapacity ItemCollectionMetrics:ItemCollectionMetrics
DeleteRequest = Key!:Key
DeleteResourcePolicyOutput = RevisionId:s(1..255)
DeleteTableOutput = TableDescription:TableDescription
DescribeBackupOutput = BackupDescription:BackupDescription
DescribeContinuousBackupsOutput = ContinuousBackupsDescription:ContinuousBackupsDescription
DescribeContributorInsightsOutput = TableName:s(3..255) IndexName:s(3..255) ContributorInsightsRuleList:ContributorInsightsRuleList ContributorInsightsStatus:ContributorInsightsStatus LastUpdateDateTime:s FailureException:FailureException ContributorInsightsMode:ContributorInsightsMode
DescribeEndpointsResponse = Endpoints!:Endpoints
DescribeExportOutput = ExportDescription:ExportDescription
DescribeGlobalTableOutput = GlobalTableDescription:GlobalTableDescription
DescribeGlobalTableSettingsOutput = GlobalTableName:s(3..255) ReplicaSettings:ReplicaSettingsDescriptionList
DescribeImportOutput = ImportTableDescription!:ImportTableDescription
DescribeKinesisStreamingDestinationOutput = TableName:s(3..255) KinesisDataStreamDestinations:KinesisDataStreamDestinations
DescribeLimitsOutput = AccountMaxReadCapacityUnits:n(1..) AccountMaxWriteCapacityUnits:n(1..) TableMaxReadCapacityUnits:n(1..) TableMaxWriteCapacityUnits:n(1..)
DescribeTableOutput = Table:TableDescription
DescribeTableReplicaAutoScalingOutput = TableAutoScalingDescription:TableAutoScalingDescription
DescribeTimeToLiveOutput = TimeToLiveDescription:TimeToLiveDescription
DestinationStatus = ENABLING|ACTIVE|DISABLING|DISABLED|ENABLE_FAILED|UPDATING
EnableKinesisStreamingConfiguration = ApproximateCreationDateTimePrecision:ApproximateCreationDateTimePrecision
Endpoint = Address!:s CachePeriodInMinutes!:n
Endpoints = [Endpoint]
ExecuteStatementOutput = Items:ItemList NextToken:s(1..32768) ConsumedCapacity:ConsumedCapacity LastEvaluatedKey:Key
ExecuteTransactionOutput = Responses:ItemResponseList ConsumedCapacity:ConsumedCapacityMultiple
ExportDescription = ExportArn:s(37..1024) ExportStatus:ExportStatus StartTime:s EndTime:s ExportManifest:s TableArn:s(1..1024) TableId:s ExportTime:s ClientToken:s S3Bucket:s(..255) S3BucketOwner:s S3Prefix:s(..1024) S3SseAlgorithm:S3SseAlgorithm S3SseKmsKeyId:s(1..2048) FailureCode:s FailureMessage:s ExportFormat:ExportFormat BilledSizeBytes:n(0..) ItemCount:n(0..) ExportType:ExportType IncrementalExportSpecification:IncrementalExportSpecification
ExportFormat = DYNAMODB_JSON|ION
ExportStatus = IN_PROGRESS|COMPLETED|FAILED
ExportSummaries = [ExportSummary]
ExportSummary = ExportArn:s(37..1024) ExportStatus:ExportStatus ExportType:ExportType
ExportTableToPointInTimeOutput = ExportDescription:ExportDescription
ExportType = FULL_EXPORT|INCREMENTAL_EXPORT
ExportViewType = NEW_IMAGE|NEW_AND_OLD_IMAGES
ExpressionAttributeNameMap = {s(..65535)}
FailureException = ExceptionName:s ExceptionDescription:s
GetItemOutput = Item:AttributeMap ConsumedCapacity:ConsumedCapacity
GetResourcePolicyOutput = Policy:s RevisionId:s(1..255)
GlobalSecondaryIndex = IndexName!:s(3..255) KeySchema!:KeySchema Projection!:Projection ProvisionedThroughput:ProvisionedThroughput OnDemandThroughput:OnDemandThroughput WarmThroughput:WarmThroughput
GlobalSecondaryIndexDescription = IndexName:s(3..255) KeySchema:KeySchema Projection:Projection IndexStatus:IndexStatus Backfilling:b ProvisionedThroughput:ProvisionedThroughputDescription IndexSizeBytes:n ItemCount:n IndexArn:s OnDemandThroughput:OnDemandThroughput WarmThroughput:GlobalSecondaryIndexWarmThroughputDescription
GlobalSecondaryIndexDescriptionList = [GlobalSecondaryIndexDescription]
GlobalSecondaryIndexInfo = IndexName:s(3..255) KeySchema:KeySchema Projection:Projection ProvisionedThroughput:ProvisionedThroughput OnDemandThroughput:OnDemandThroughput
GlobalSecondaryIndexList = [GlobalSecondaryIndex]
GlobalSecondaryIndexWarmThroughputDescription = ReadUnitsPerSecond:n(1..) WriteUnitsPerSecond:n(1..) Status:IndexStatus
GlobalSecondaryIndexes = [GlobalSecondaryIndexInfo]
GlobalTable = GlobalTableName:s(3..255) ReplicationGroup:ReplicaList
GlobalTableDescription = ReplicationGroup:ReplicaDescriptionList GlobalTableArn:s CreationDateTime:s GlobalTableStatus:GlobalTableStatus GlobalTableName:s(3..255)
GlobalTableList = [GlobalTable]
GlobalTableStatus = CREATING|ACTIVE|DELETING|UPDATING
GlobalTableWitnessDescription = RegionName:s WitnessStatus:WitnessStatus
GlobalTableWitnessDescriptionList = [GlobalTableWitnessDescription]
ImportStatus = IN_PROGRESS|COMPLETED|CANCELLING|CANCELLED|FAILED
ImportSummary = ImportArn:s(37..1024) ImportStatus:ImportStatus TableArn:s(1..1024) S3BucketSource:S3BucketSource CloudWatchLogGroupArn:s(1..1024) InputFormat:InputFormat StartTime:s EndTime:s
ImportSummaryList = [ImportSummary]
ImportTableDescription = ImportArn:s(37..1024) ImportStatus:ImportStatus TableArn:s(1..1024) TableId:s ClientToken:s S3BucketSource:S3BucketSource ErrorCount:n(0..) CloudWatchLogGroupArn:s(1..1024) InputFormat:InputFormat InputFormatOptions:InputFormatOptions InputCompressionType:InputCompressionType TableCreationParameters:TableCreationParameters StartTime:s EndTime:s ProcessedSizeBytes:n ProcessedItemCount:n(0..) ImportedItemCount:n(0..) FailureCode:s FailureMessage:s
ImportTableOutput = ImportTableDescription!:ImportTableDescription
IncrementalExportSpecification = ExportFromTime:s ExportToTime:s ExportViewType:ExportViewType
IndexStatus = CREATING|UPDATING|DELETING|ACTIVE
InputCompressionType = GZIP|ZSTD|NONE
InputFormat = DYNAMODB_JSON|ION|CSV
InputFormatOptions = Csv:CsvOptions
ItemCollectionKeyAttributeMap = {AttributeValue}
ItemCollectionMetrics = ItemCollectionKey:ItemCollectionKeyAttributeMap SizeEstimateRangeGB:ItemCollectionSizeEstimateRange
ItemCollectionMetricsMultiple = [ItemCollectionMetrics]
ItemCollectionMetricsPerTable = {ItemCollectionMetricsMultiple}
ItemCollectionSizeEstimateRange = [n]
ItemList = [AttributeMap]
ItemResponse = Item:AttributeMap
ItemResponseList = [ItemResponse]
Key = {AttributeValue}
KeyList = [Key]
KeySchema = [KeySchemaElement]
KeySchemaElement = AttributeName!:s(1..255) KeyType!:KeyType
KeyType = HASH|RANGE
KeysAndAttributes = Keys!:KeyList AttributesToGet:AttributeNameList ConsistentRead:b ProjectionExpression:s ExpressionAttributeNames:ExpressionAttributeNameMap
KinesisDataStreamDestination = StreamArn:s(37..1024) DestinationStatus:DestinationStatus DestinationStatusDescription:s ApproximateCreationDateTimePrecision:ApproximateCreationDateTimePrecision
KinesisDataStreamDestinations = [KinesisDataStreamDestination]
KinesisStreamingDestinationOutput = TableName:s(3..255) StreamArn:s(37..1024) DestinationStatus:DestinationStatus EnableKinesisStreamingConfiguration:EnableKinesisStreamingConfiguration
ListAttributeValue = [AttributeValue]
ListBackupsOutput = BackupSummaries:BackupSummaries LastEvaluatedBackupArn:s(37..1024)
ListContributorInsightsOutput = ContributorInsightsSummaries:ContributorInsightsSummaries NextToken:s
ListExportsOutput = ExportSummaries:ExportSummaries NextToken:s
ListGlobalTablesOutput = GlobalTables:GlobalTableList LastEvaluatedGlobalTableName:s(3..255)
ListImportsOutput = ImportSummaryList:ImportSummaryList NextToken:s(112..1024)
ListTablesOutput = TableNames:TableNameList LastEvaluatedTableName:s(3..255)
ListTagsOfResourceOutput = Tags:TagList NextToken:s
LocalSecondaryIndexDescription = IndexName:s(3..255) KeySchema:KeySchema Projection:Projection IndexSizeBytes:n ItemCount:n IndexArn:s
LocalSecondaryIndexDescriptionList = [LocalSecondaryIndexDescription]
LocalSecondaryIndexInfo = IndexName:s(3..255) KeySchema:KeySchema Projection:Projection
LocalSecondaryIndexes = [LocalSecondaryIndexInfo]
MapAttributeValue = {AttributeValue}
MultiRegionConsistency = EVENTUAL|STRONG
NonKeyAttributeNameList = [s(1..255)]
NumberSetAttributeValue = [s]
OnDemandThroughput = MaxReadRequestUnits:n MaxWriteRequestUnits:n
OnDemandThroughputOverride = MaxReadRequestUnits:n
PartiQLBatchResponse = [BatchStatementResponse]
PointInTimeRecoveryDescription = PointInTimeRecoveryStatus:PointInTimeRecoveryStatus RecoveryPeriodInDays:n(1..35) EarliestRestorableDateTime:s LatestRestorableDateTime:s
PointInTimeRecoveryStatus = ENABLED|DISABLED
Projection = ProjectionType:ProjectionType NonKeyAttributes:NonKeyAttributeNameList
ProjectionType = ALL|KEYS_ONLY|INCLUDE
ProvisionedThroughput = ReadCapacityUnits!:n(1..) WriteCapacityUnits!:n(1..)
ProvisionedThroughputDescription = LastIncreaseDateTime:s LastDecreaseDateTime:s NumberOfDecreasesToday:n(1..) ReadCapacityUnits:n(0..) WriteCapacityUnits:n(0..)
ProvisionedThroughputOverride = ReadCapacityUnits:n(1..)
PutItemInputAttributeMap = {AttributeValue}
PutItemOutput = Attributes:AttributeMap ConsumedCapacity:ConsumedCapacity ItemCollectionMetrics:ItemCollectionMetrics
PutRequest = Item!:PutItemInputAttributeMap
PutResourcePolicyOutput = RevisionId:s(1..255)
QueryOutput = Items:ItemList Count:n ScannedCount:n LastEvaluatedKey:Key ConsumedCapacity:ConsumedCapacity
Replica = RegionName:s
ReplicaAutoScalingDescription = RegionName:s GlobalSecondaryIndexes:ReplicaGlobalSecondaryIndexAutoScalingDescriptionList ReplicaProvisionedReadCapacityAutoScalingSettings:AutoScalingSettingsDescription ReplicaProvisionedWriteCapacityAutoScalingSettings:AutoScalingSettingsDescription ReplicaStatus:ReplicaStatus
ReplicaAutoScalingDescriptionList = [ReplicaAutoScalingDescription]
ReplicaDescription = RegionName:s ReplicaStatus:ReplicaStatus ReplicaStatusDescription:s ReplicaStatusPercentProgress:s KMSMasterKeyId:s ProvisionedThroughputOverride:ProvisionedThroughputOverride OnDemandThroughputOverride:OnDemandThroughputOverride WarmThroughput:TableWarmThroughputDescription GlobalSecondaryIndexes:ReplicaGlobalSecondaryIndexDescriptionList ReplicaInaccessibleDateTime:s ReplicaTableClassSummary:TableClassSummary
ReplicaDescriptionList = [ReplicaDescription]
ReplicaGlobalSecondaryIndexAutoScalingDescription = IndexName:s(3..255) IndexStatus:IndexStatus ProvisionedReadCapacityAutoScalingSettings:AutoScalingSettingsDescription ProvisionedWriteCapacityAutoScalingSettings:AutoScalingSettingsDescription
ReplicaGlobalSecondaryIndexAutoScalingDescriptionList = [ReplicaGlobalSecondaryIndexAutoScalingDescription]
ReplicaGlobalSecondaryIndexDescription = IndexName:s(3..255) ProvisionedThroughputOverride:ProvisionedThroughputOverride OnDemandThroughputOverride:OnDemandThroughputOverride WarmThroughput:GlobalSecondaryIndexWarmThroughputDescription
ReplicaGlobalSecondaryIndexDescriptionList = [ReplicaGlobalSecondaryIndexDescription]
ReplicaGlobalSecondaryIndexSettingsDescription = IndexName!:s(3..255) IndexStatus:IndexStatus ProvisionedReadCapacityUnits:n(1..) ProvisionedReadCapacityAutoScalingSettings:AutoScalingSettingsDescription ProvisionedWriteCapacityUnits:n(1..) ProvisionedWriteCapacityAutoScalingSettings:AutoScalingSettingsDescription
ReplicaGlobalSecondaryIndexSettingsDescriptionList = [ReplicaGlobalSecondaryIndexSettingsDescription]
ReplicaList = [Replica]
ReplicaSettingsDescription = RegionName!:s ReplicaStatus:ReplicaStatus ReplicaBillingModeSummary:BillingModeSummary ReplicaProvisionedReadCapacityUnits:n(0..) ReplicaProvisionedReadCapacityAutoScalingSettings:AutoScalingSettingsDescription ReplicaProvisionedWriteCapacityUnits:n(0..) ReplicaProvisionedWriteCapacityAutoScalingSettings:AutoScalingSettingsDescription ReplicaGlobalSecondaryIndexSettings:ReplicaGlobalSecondaryIndexSettingsDescriptionList ReplicaTableClassSummary:TableClassSummary
ReplicaSettingsDescriptionList = [ReplicaSettingsDescription]
ReplicaStatus = CREATING|CREATION_FAILED|UPDATING|DELETING|ACTIVE|REGION_DISABLED|INACCESSIBLE_ENCRYPTION_CREDENTIALS|ARCHIVING|ARCHIVED|REPLICATION_NOT_AUTHORIZED
RestoreSummary = SourceBackupArn:s(37..1024) SourceTableArn:s(1..1024) RestoreDateTime!:s RestoreInProgress!:b
RestoreTableFromBackupOutput = TableDescription:TableDescription
RestoreTableToPointInTimeOutput = TableDescription:TableDescription
S3BucketSource = S3BucketOwner:s S3Bucket!:s(..255) S3KeyPrefix:s(..1024)
S3SseAlgorithm = AES256|KMS
SSEDescription = Status:SSEStatus SSEType:SSEType KMSMasterKeyArn:s InaccessibleEncryptionDateTime:s
SSESpecification = Enabled:b SSEType:SSEType KMSMasterKeyId:s
SSEStatus = ENABLING|ENABLED|DISABLING|DISABLED|UPDATING
SSEType = AES256|KMS
ScalarAttributeType = S|N|B
ScanOutput = Items:ItemList Count:n ScannedCount:n LastEvaluatedKey:Key ConsumedCapacity:ConsumedCapacity
SecondaryIndexesCapacityMap = {Capacity}
SourceTableDetails = TableName!:s(3..255) TableId!:s TableArn:s(1..1024) TableSizeBytes:n KeySchema!:KeySchema TableCreationDateTime!:s ProvisionedThroughput!:ProvisionedThroughput OnDemandThroughput:OnDemandThroughput ItemCount:n(0..) BillingMode:BillingMode
SourceTableFeatureDetails = LocalSecondaryIndexes:LocalSecondaryIndexes GlobalSecondaryIndexes:GlobalSecondaryIndexes StreamDescription:StreamSpecification TimeToLiveDescription:TimeToLiveDescription SSEDescription:SSEDescription
StreamSpecification = StreamEnabled!:b StreamViewType:StreamViewType
StreamViewType = NEW_IMAGE|OLD_IMAGE|NEW_AND_OLD_IMAGES|KEYS_ONLY
StringSetAttributeValue = [s]
TableAutoScalingDescription = TableName:s(3..255) TableStatus:TableStatus Replicas:ReplicaAutoScalingDescriptionList
TableClass = STANDARD|STANDARD_INFREQUENT_ACCESS
TableClassSummary = TableClass:TableClass LastUpdateDateTime:s
TableCreationParameters = TableName!:s(3..255) AttributeDefinitions!:AttributeDefinitions KeySchema!:KeySchema BillingMode:BillingMode ProvisionedThroughput:ProvisionedThroughput OnDemandThroughput:OnDemandThroughput SSESpecification:SSESpecification GlobalSecondaryIndexes:GlobalSecondaryIndexList
TableDescription = AttributeDefinitions:AttributeDefinitions TableName:s(3..255) KeySchema:KeySchema TableStatus:TableStatus CreationDateTime:s ProvisionedThroughput:ProvisionedThroughputDescription TableSizeBytes:n ItemCount:n TableArn:s TableId:s BillingModeSummary:BillingModeSummary LocalSecondaryIndexes:LocalSecondaryIndexDescriptionList GlobalSecondaryIndexes:GlobalSecondaryIndexDescriptionList StreamSpecification:StreamSpecification LatestStreamLabel:s LatestStreamArn:s(37..1024) GlobalTableVersion:s Replicas:ReplicaDescriptionList GlobalTableWitnesses:GlobalTableWitnessDescriptionList RestoreSummary:RestoreSummary SSEDescription:SSEDescription ArchivalSummary:ArchivalSummary TableClassSummary:TableClassSummary DeletionProtectionEnabled:b OnDemandThroughput:OnDemandThroughput WarmThroughput:TableWarmThroughputDescription MultiRegionConsistency:MultiRegionConsistency
TableNameList = [s(3..255)]
TableStatus = CREATING|UPDATING|DELETING|ACTIVE|INACCESSIBLE_ENCRYPTION_CREDENTIALS|ARCHIVING|ARCHIVED|REPLICATION_NOT_AUTHORIZED
TableWarmThroughputDescription = ReadUnitsPerSecond:n(1..) WriteUnitsPerSecond:n(1..) Status:TableStatus
Tag = Key!:s(1..128) Value!:s(0..256)
TagList = [Tag]
TimeToLiveDescription = TimeToLiveStatus:TimeToLiveStatus AttributeName:s(1..255)
TimeToLiveSpecification = Enabled!:b AttributeName!:s(1..255)
TimeToLiveStatus = ENABLING|DISABLING|ENABLED|DISABLED
TransactGetItemsOutput = ConsumedCapacity:ConsumedCapacityMultiple Responses:ItemResponseList
TransactWriteItemsOutput = ConsumedCapacity:ConsumedCapacityMultiple ItemCollectionMetrics:ItemCollectionMetricsPerTable
UpdateContinuousBackupsOutput = ContinuousBackupsDescription:ContinuousBackupsDescription
UpdateContributorInsightsOutput = TableName:s(3..255) IndexName:s(3..255) ContributorInsightsStatus:ContributorInsightsStatus ContributorInsightsMode:ContributorInsightsMode
UpdateGlobalTableOutput = GlobalTableDescription:GlobalTableDescription
UpdateGlobalTableSettingsOutput = GlobalTableName:s(3..255) ReplicaSettings:ReplicaSettingsDescriptionList
UpdateItemOutput = Attributes:AttributeMap ConsumedCapacity:ConsumedCapacity ItemCollectionMetrics:ItemCollectionMetrics
UpdateKinesisStreamingConfiguration = ApproximateCreationDateTimePrecision:ApproximateCreationDateTimePrecision
UpdateKinesisStreamingDestinationOutput = TableName:s(3..255) StreamArn:s(37..1024) DestinationStatus:DestinationStatus UpdateKinesisStreamingConfiguration:UpdateKinesisStreamingConfiguration
UpdateTableOutput = TableDescription:TableDescription
UpdateTableReplicaAutoScalingOutput = TableAutoScalingDescription:TableAutoScalingDescription
UpdateTimeToLiveOutput = TimeToLiveSpecification:TimeToLiveSpecification
WarmThroughput = ReadUnitsPerSecond:n WriteUnitsPerSecond:n
WitnessStatus = CREATING|DELETING|ACTIVE
WriteRequest = PutRequest:PutRequest DeleteRequest:DeleteRequest
WriteRequests = [WriteRequest]
`
