/**
 * What athena answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
getQueryExecution > GetQueryExecutionOutput
getQueryResults > GetQueryResultsOutput
startQueryExecution > StartQueryExecutionOutput
stopQueryExecution > StopQueryExecutionOutput
AclConfiguration = S3AclOption!:S3AclOption
AthenaError = ErrorCategory:n(1..3) ErrorType:n(0..9999) Retryable:b ErrorMessage:s
AuthenticationType = DIRECTORY_IDENTITY
ColumnInfo = CatalogName:s SchemaName:s TableName:s Name!:s Label:s Type!:s Precision:n Scale:n Nullable:ColumnNullable CaseSensitive:b
ColumnInfoList = [ColumnInfo]
ColumnNullable = NOT_NULL|NULLABLE|UNKNOWN
Datum = VarCharValue:s
EncryptionConfiguration = EncryptionOption!:EncryptionOption KmsKey:s
EncryptionOption = SSE_S3|SSE_KMS|CSE_KMS
EngineVersion = SelectedEngineVersion:s(1..128) EffectiveEngineVersion:s(1..128)
ExecutionParameters = [s(1..1024)]
GetQueryExecutionOutput = QueryExecution:QueryExecution
GetQueryResultsOutput = UpdateCount:n ResultSet:ResultSet NextToken:s(1..1024)
ManagedQueryResultsConfiguration = Enabled!:b EncryptionConfiguration:ManagedQueryResultsEncryptionConfiguration
ManagedQueryResultsEncryptionConfiguration = KmsKey!:s(1..2048)
QueryExecution = QueryExecutionId:s(1..128) Query:s(1..262144) StatementType:StatementType ManagedQueryResultsConfiguration:ManagedQueryResultsConfiguration ResultConfiguration:ResultConfiguration ResultReuseConfiguration:ResultReuseConfiguration QueryExecutionContext:QueryExecutionContext Status:QueryExecutionStatus Statistics:QueryExecutionStatistics WorkGroup:s EngineVersion:EngineVersion ExecutionParameters:ExecutionParameters SubstatementType:s QueryResultsS3AccessGrantsConfiguration:QueryResultsS3AccessGrantsConfiguration
QueryExecutionContext = Database:s(1..255) Catalog:s(1..256)
QueryExecutionState = QUEUED|RUNNING|SUCCEEDED|FAILED|CANCELLED
QueryExecutionStatistics = EngineExecutionTimeInMillis:n DataScannedInBytes:n DataManifestLocation:s TotalExecutionTimeInMillis:n QueryQueueTimeInMillis:n ServicePreProcessingTimeInMillis:n QueryPlanningTimeInMillis:n ServiceProcessingTimeInMillis:n ResultReuseInformation:ResultReuseInformation
QueryExecutionStatus = State:QueryExecutionState StateChangeReason:s SubmissionDateTime:s CompletionDateTime:s AthenaError:AthenaError
QueryResultsS3AccessGrantsConfiguration = EnableS3AccessGrants!:b CreateUserLevelPrefix:b AuthenticationType!:AuthenticationType
ResultConfiguration = OutputLocation:s EncryptionConfiguration:EncryptionConfiguration ExpectedBucketOwner:s(12..12) AclConfiguration:AclConfiguration
ResultReuseByAgeConfiguration = Enabled!:b MaxAgeInMinutes:n(0..10080)
ResultReuseConfiguration = ResultReuseByAgeConfiguration:ResultReuseByAgeConfiguration
ResultReuseInformation = ReusedPreviousResult!:b
ResultSet = Rows:RowList ResultSetMetadata:ResultSetMetadata
ResultSetMetadata = ColumnInfo:ColumnInfoList
Row = Data:datumList
RowList = [Row]
S3AclOption = BUCKET_OWNER_FULL_CONTROL
StartQueryExecutionOutput = QueryExecutionId:s(1..128)
StatementType = DDL|DML|UTILITY
StopQueryExecutionOutput =
datumList = [Datum]
`
