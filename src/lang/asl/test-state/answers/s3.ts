/**
 * What s3 answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
abortMultipartUpload > AbortMultipartUploadOutput
completeMultipartUpload > CompleteMultipartUploadOutput
copyObject > CopyObjectOutput
createBucket > CreateBucketOutput
createMultipartUpload > CreateMultipartUploadOutput
createSession > CreateSessionOutput
deleteObject > DeleteObjectOutput
deleteObjectTagging > DeleteObjectTaggingOutput
deleteObjects > DeleteObjectsOutput
getBucketAccelerateConfiguration > GetBucketAccelerateConfigurationOutput
getBucketAcl > GetBucketAclOutput
getBucketAnalyticsConfiguration > GetBucketAnalyticsConfigurationOutput
getBucketCors > GetBucketCorsOutput
getBucketEncryption > GetBucketEncryptionOutput
getBucketIntelligentTieringConfiguration > GetBucketIntelligentTieringConfigurationOutput
getBucketInventoryConfiguration > GetBucketInventoryConfigurationOutput
getBucketLifecycle > GetBucketLifecycleOutput
getBucketLifecycleConfiguration > GetBucketLifecycleConfigurationOutput
getBucketLocation > GetBucketLocationOutput
getBucketLogging > GetBucketLoggingOutput
getBucketMetadataConfiguration > GetBucketMetadataConfigurationOutput
getBucketMetadataTableConfiguration > GetBucketMetadataTableConfigurationOutput
getBucketMetricsConfiguration > GetBucketMetricsConfigurationOutput
getBucketNotification > NotificationConfigurationDeprecated
getBucketNotificationConfiguration > NotificationConfiguration
getBucketOwnershipControls > GetBucketOwnershipControlsOutput
getBucketPolicy > GetBucketPolicyOutput
getBucketPolicyStatus > GetBucketPolicyStatusOutput
getBucketReplication > GetBucketReplicationOutput
getBucketRequestPayment > GetBucketRequestPaymentOutput
getBucketTagging > GetBucketTaggingOutput
getBucketVersioning > GetBucketVersioningOutput
getBucketWebsite > GetBucketWebsiteOutput
getObject > GetObjectOutput
getObjectAcl > GetObjectAclOutput
getObjectAttributes > GetObjectAttributesOutput
getObjectLegalHold > GetObjectLegalHoldOutput
getObjectLockConfiguration > GetObjectLockConfigurationOutput
getObjectRetention > GetObjectRetentionOutput
getObjectTagging > GetObjectTaggingOutput
getObjectTorrent > GetObjectTorrentOutput
getPublicAccessBlock > GetPublicAccessBlockOutput
headBucket > HeadBucketOutput
headObject > HeadObjectOutput
listBucketAnalyticsConfigurations > ListBucketAnalyticsConfigurationsOutput
listBucketIntelligentTieringConfigurations > ListBucketIntelligentTieringConfigurationsOutput
listBucketInventoryConfigurations > ListBucketInventoryConfigurationsOutput
listBucketMetricsConfigurations > ListBucketMetricsConfigurationsOutput
listBuckets > ListBucketsOutput
listDirectoryBuckets > ListDirectoryBucketsOutput
listMultipartUploads > ListMultipartUploadsOutput
listObjectVersions > ListObjectVersionsOutput
listObjects > ListObjectsOutput
listObjectsV2 > ListObjectsV2Output
listParts > ListPartsOutput
putBucketLifecycleConfiguration > PutBucketLifecycleConfigurationOutput
putObject > PutObjectOutput
putObjectAcl > PutObjectAclOutput
putObjectLegalHold > PutObjectLegalHoldOutput
putObjectLockConfiguration > PutObjectLockConfigurationOutput
putObjectRetention > PutObjectRetentionOutput
putObjectTagging > PutObjectTaggingOutput
renameObject > RenameObjectOutput
restoreObject > RestoreObjectOutput
selectObjectContent > SelectObjectContentOutput
uploadPart > UploadPartOutput
uploadPartCopy > UploadPartCopyOutput
AbortIncompleteMultipartUpload = DaysAfterInitiation:n
AbortMultipartUploadOutput = RequestCharged:RequestCharged
AccessControlTranslation = Owner!:OwnerOverride
AllowedHeaders = [s]
AllowedMethods = [s]
AllowedOrigins = [s]
AnalyticsAndOperator = Prefix:s Tags:TagSet
AnalyticsConfiguration = Id!:s Filter:AnalyticsFilter StorageClassAnalysis!:StorageClassAnalysis
AnalyticsConfigurationList = [AnalyticsConfiguration]
AnalyticsExportDestination = S3BucketDestination!:AnalyticsS3BucketDestination
AnalyticsFilter = Prefix:s Tag:Tag And:AnalyticsAndOperator
AnalyticsS3BucketDestination = Format!:AnalyticsS3ExportFileFormat BucketAccountId:s Bucket!:s Prefix:s
AnalyticsS3ExportFileFormat = CSV
ArchiveStatus = ARCHIVE_ACCESS|DEEP_ARCHIVE_ACCESS
Bucket = Name:s CreationDate:s BucketRegion:s BucketArn:s(1..128)
BucketAccelerateStatus = Enabled|Suspended
BucketLocationConstraint = af-south-1|ap-east-1|ap-northeast-1|ap-northeast-2|ap-northeast-3|ap-south-1|ap-south-2|ap-southeast-1|ap-southeast-2|ap-southeast-3|ap-southeast-4|ap-southeast-5|ca-central-1|cn-north-1|cn-northwest-1|EU|eu-central-1|eu-central-2|eu-north-1|eu-south-1|eu-south-2|eu-west-1|eu-west-2|eu-west-3|il-central-1|me-central-1|me-south-1|sa-east-1|us-east-2|us-gov-east-1|us-gov-west-1|us-west-1|us-west-2
BucketLogsPermission = FULL_CONTROL|READ|WRITE
BucketVersioningStatus = Enabled|Suspended
Buckets = [Bucket]
CORSRule = ID:s AllowedHeaders:AllowedHeaders AllowedMethods!:AllowedMethods AllowedOrigins!:AllowedOrigins ExposeHeaders:ExposeHeaders MaxAgeSeconds:n
CORSRules = [CORSRule]
Checksum = ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s ChecksumType:ChecksumType
ChecksumAlgorithm = CRC32|CRC32C|SHA1|SHA256|CRC64NVME
ChecksumAlgorithmList = [ChecksumAlgorithm]
ChecksumType = COMPOSITE|FULL_OBJECT
CloudFunctionConfiguration = Id:s Event:Event Events:EventList CloudFunction:s InvocationRole:s
CommonPrefix = Prefix:s
CommonPrefixList = [CommonPrefix]
CompleteMultipartUploadOutput = Location:s Bucket:s Key:s(1..) Expiration:s ETag:s ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s ChecksumType:ChecksumType ServerSideEncryption:ServerSideEncryption VersionId:s SSEKMSKeyId:s BucketKeyEnabled:b RequestCharged:RequestCharged
Condition = HttpErrorCodeReturnedEquals:s KeyPrefixEquals:s
ContinuationEvent =
CopyObjectOutput = CopyObjectResult:CopyObjectResult Expiration:s CopySourceVersionId:s VersionId:s ServerSideEncryption:ServerSideEncryption SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s SSEKMSEncryptionContext:s BucketKeyEnabled:b RequestCharged:RequestCharged
CopyObjectResult = ETag:s LastModified:s ChecksumType:ChecksumType ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s
CopyPartResult = ETag:s LastModified:s ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s
CreateBucketOutput = Location:s BucketArn:s(1..128)
CreateMultipartUploadOutput = AbortDate:s AbortRuleId:s Bucket:s Key:s(1..) UploadId:s ServerSideEncryption:ServerSideEncryption SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s SSEKMSEncryptionContext:s BucketKeyEnabled:b RequestCharged:RequestCharged ChecksumAlgorithm:ChecksumAlgorithm ChecksumType:ChecksumType
CreateSessionOutput = ServerSideEncryption:ServerSideEncryption SSEKMSKeyId:s SSEKMSEncryptionContext:s BucketKeyEnabled:b Credentials!:SessionCredentials
DefaultRetention = Mode:ObjectLockRetentionMode Days:n Years:n
DeleteMarkerEntry = Owner:Owner Key:s(1..) VersionId:s IsLatest:b LastModified:s
DeleteMarkerReplication = Status:DeleteMarkerReplicationStatus
DeleteMarkerReplicationStatus = Enabled|Disabled
DeleteMarkers = [DeleteMarkerEntry]
DeleteObjectOutput = DeleteMarker:b VersionId:s RequestCharged:RequestCharged
DeleteObjectTaggingOutput = VersionId:s
DeleteObjectsOutput = Deleted:DeletedObjects RequestCharged:RequestCharged Errors:Errors
DeletedObject = Key:s(1..) VersionId:s DeleteMarker:b DeleteMarkerVersionId:s
DeletedObjects = [DeletedObject]
Destination = Bucket!:s Account:s StorageClass:StorageClass AccessControlTranslation:AccessControlTranslation EncryptionConfiguration:EncryptionConfiguration ReplicationTime:ReplicationTime Metrics:Metrics
DestinationResult = TableBucketType:S3TablesBucketType TableBucketArn:s TableNamespace:s
EncodingType = url
EncryptionConfiguration = ReplicaKmsKeyID:s
EndEvent =
Error = Key:s(1..) VersionId:s Code:s Message:s
ErrorDetails = ErrorCode:s ErrorMessage:s
ErrorDocument = Key!:s(1..)
Errors = [Error]
Event = s3:ReducedRedundancyLostObject|s3:ObjectCreated:*|s3:ObjectCreated:Put|s3:ObjectCreated:Post|s3:ObjectCreated:Copy|s3:ObjectCreated:CompleteMultipartUpload|s3:ObjectRemoved:*|s3:ObjectRemoved:Delete|s3:ObjectRemoved:DeleteMarkerCreated|s3:ObjectRestore:*|s3:ObjectRestore:Post|s3:ObjectRestore:Completed|s3:Replication:*|s3:Replication:OperationFailedReplication|s3:Replication:OperationNotTracked|s3:Replication:OperationMissedThreshold|s3:Replication:OperationReplicatedAfterThreshold|s3:ObjectRestore:Delete|s3:LifecycleTransition|s3:IntelligentTiering|s3:ObjectAcl:Put|s3:LifecycleExpiration:*|s3:LifecycleExpiration:Delete|s3:LifecycleExpiration:DeleteMarkerCreated|s3:ObjectTagging:*|s3:ObjectTagging:Put|s3:ObjectTagging:Delete
EventBridgeConfiguration =
EventList = [Event]
ExistingObjectReplication = Status!:ExistingObjectReplicationStatus
ExistingObjectReplicationStatus = Enabled|Disabled
ExpirationState = ENABLED|DISABLED
ExpirationStatus = Enabled|Disabled
ExposeHeaders = [s]
FilterRule = Name:FilterRuleName Value:s
FilterRuleList = [FilterRule]
FilterRuleName = prefix|suffix
GetBucketAccelerateConfigurationOutput = Status:BucketAccelerateStatus RequestCharged:RequestCharged
GetBucketAclOutput = Owner:Owner Grants:Grants
GetBucketAnalyticsConfigurationOutput = AnalyticsConfiguration:AnalyticsConfiguration
GetBucketCorsOutput = CORSRules:CORSRules
GetBucketEncryptionOutput = ServerSideEncryptionConfiguration:ServerSideEncryptionConfiguration
GetBucketIntelligentTieringConfigurationOutput = IntelligentTieringConfiguration:IntelligentTieringConfiguration
GetBucketInventoryConfigurationOutput = InventoryConfiguration:InventoryConfiguration
GetBucketLifecycleConfigurationOutput = Rules:LifecycleRules TransitionDefaultMinimumObjectSize:TransitionDefaultMinimumObjectSize
GetBucketLifecycleOutput = Rules:Rules
GetBucketLocationOutput = LocationConstraint:BucketLocationConstraint
GetBucketLoggingOutput = LoggingEnabled:LoggingEnabled
GetBucketMetadataConfigurationOutput = GetBucketMetadataConfigurationResult:GetBucketMetadataConfigurationResult
GetBucketMetadataConfigurationResult = MetadataConfigurationResult!:MetadataConfigurationResult
GetBucketMetadataTableConfigurationOutput = GetBucketMetadataTableConfigurationResult:GetBucketMetadataTableConfigurationResult
GetBucketMetadataTableConfigurationResult = MetadataTableConfigurationResult!:MetadataTableConfigurationResult Status!:s Error:ErrorDetails
GetBucketMetricsConfigurationOutput = MetricsConfiguration:MetricsConfiguration
GetBucketOwnershipControlsOutput = OwnershipControls:OwnershipControls
GetBucketPolicyOutput = Policy:s
GetBucketPolicyStatusOutput = PolicyStatus:PolicyStatus
GetBucketReplicationOutput = ReplicationConfiguration:ReplicationConfiguration
GetBucketRequestPaymentOutput = Payer:Payer
GetBucketTaggingOutput = TagSet!:TagSet
GetBucketVersioningOutput = Status:BucketVersioningStatus MFADelete:MFADeleteStatus
GetBucketWebsiteOutput = RedirectAllRequestsTo:RedirectAllRequestsTo IndexDocument:IndexDocument ErrorDocument:ErrorDocument RoutingRules:RoutingRules
GetObjectAclOutput = Owner:Owner Grants:Grants RequestCharged:RequestCharged
GetObjectAttributesOutput = DeleteMarker:b LastModified:s VersionId:s RequestCharged:RequestCharged ETag:s Checksum:Checksum ObjectParts:GetObjectAttributesParts StorageClass:StorageClass ObjectSize:n
GetObjectAttributesParts = TotalPartsCount:n PartNumberMarker:n NextPartNumberMarker:n MaxParts:n IsTruncated:b Parts:PartsList
GetObjectLegalHoldOutput = LegalHold:ObjectLockLegalHold
GetObjectLockConfigurationOutput = ObjectLockConfiguration:ObjectLockConfiguration
GetObjectOutput = Body:s DeleteMarker:b AcceptRanges:s Expiration:s Restore:s LastModified:s ContentLength:n ETag:s ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s ChecksumType:ChecksumType MissingMeta:n VersionId:s CacheControl:s ContentDisposition:s ContentEncoding:s ContentLanguage:s ContentRange:s ContentType:s Expires:s WebsiteRedirectLocation:s ServerSideEncryption:ServerSideEncryption Metadata:Metadata SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s BucketKeyEnabled:b StorageClass:StorageClass RequestCharged:RequestCharged ReplicationStatus:ReplicationStatus PartsCount:n TagCount:n ObjectLockMode:ObjectLockMode ObjectLockRetainUntilDate:s ObjectLockLegalHoldStatus:ObjectLockLegalHoldStatus
GetObjectRetentionOutput = Retention:ObjectLockRetention
GetObjectTaggingOutput = VersionId:s TagSet!:TagSet
GetObjectTorrentOutput = Body:s RequestCharged:RequestCharged
GetPublicAccessBlockOutput = PublicAccessBlockConfiguration:PublicAccessBlockConfiguration
Grant = Grantee:Grantee Permission:Permission
Grantee = DisplayName:s EmailAddress:s ID:s Type!:Type URI:s
Grants = [Grant]
HeadBucketOutput = BucketArn:s(1..128) BucketLocationType:LocationType BucketLocationName:s BucketRegion:s(0..20) AccessPointAlias:b
HeadObjectOutput = DeleteMarker:b AcceptRanges:s Expiration:s Restore:s ArchiveStatus:ArchiveStatus LastModified:s ContentLength:n ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s ChecksumType:ChecksumType ETag:s MissingMeta:n VersionId:s CacheControl:s ContentDisposition:s ContentEncoding:s ContentLanguage:s ContentType:s ContentRange:s Expires:s WebsiteRedirectLocation:s ServerSideEncryption:ServerSideEncryption Metadata:Metadata SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s BucketKeyEnabled:b StorageClass:StorageClass RequestCharged:RequestCharged ReplicationStatus:ReplicationStatus PartsCount:n TagCount:n ObjectLockMode:ObjectLockMode ObjectLockRetainUntilDate:s ObjectLockLegalHoldStatus:ObjectLockLegalHoldStatus
IndexDocument = Suffix!:s
Initiator = ID:s DisplayName:s
IntelligentTieringAccessTier = ARCHIVE_ACCESS|DEEP_ARCHIVE_ACCESS
IntelligentTieringAndOperator = Prefix:s Tags:TagSet
IntelligentTieringConfiguration = Id!:s Filter:IntelligentTieringFilter Status!:IntelligentTieringStatus Tierings!:TieringList
IntelligentTieringConfigurationList = [IntelligentTieringConfiguration]
IntelligentTieringFilter = Prefix:s Tag:Tag And:IntelligentTieringAndOperator
IntelligentTieringStatus = Enabled|Disabled
InventoryConfiguration = Destination!:InventoryDestination IsEnabled!:b Filter:InventoryFilter Id!:s IncludedObjectVersions!:InventoryIncludedObjectVersions OptionalFields:InventoryOptionalFields Schedule!:InventorySchedule
InventoryConfigurationList = [InventoryConfiguration]
InventoryConfigurationState = ENABLED|DISABLED
InventoryDestination = S3BucketDestination!:InventoryS3BucketDestination
InventoryEncryption = SSES3:SSES3 SSEKMS:SSEKMS
InventoryFilter = Prefix!:s
InventoryFormat = CSV|ORC|Parquet
InventoryFrequency = Daily|Weekly
InventoryIncludedObjectVersions = All|Current
InventoryOptionalField = Size|LastModifiedDate|StorageClass|ETag|IsMultipartUploaded|ReplicationStatus|EncryptionStatus|ObjectLockRetainUntilDate|ObjectLockMode|ObjectLockLegalHoldStatus|IntelligentTieringAccessTier|BucketKeyStatus|ChecksumAlgorithm|ObjectAccessControlList|ObjectOwner
InventoryOptionalFields = [InventoryOptionalField]
InventoryS3BucketDestination = AccountId:s Bucket!:s Format!:InventoryFormat Prefix:s Encryption:InventoryEncryption
InventorySchedule = Frequency!:InventoryFrequency
InventoryTableConfigurationResult = ConfigurationState!:InventoryConfigurationState TableStatus:s Error:ErrorDetails TableName:s TableArn:s
JournalTableConfigurationResult = TableStatus!:s Error:ErrorDetails TableName!:s TableArn:s RecordExpiration!:RecordExpiration
LambdaFunctionConfiguration = Id:s LambdaFunctionArn!:s Events!:EventList Filter:NotificationConfigurationFilter
LambdaFunctionConfigurationList = [LambdaFunctionConfiguration]
LifecycleExpiration = Date:s Days:n ExpiredObjectDeleteMarker:b
LifecycleRule = Expiration:LifecycleExpiration ID:s Prefix:s Filter:LifecycleRuleFilter Status!:ExpirationStatus Transitions:TransitionList NoncurrentVersionTransitions:NoncurrentVersionTransitionList NoncurrentVersionExpiration:NoncurrentVersionExpiration AbortIncompleteMultipartUpload:AbortIncompleteMultipartUpload
LifecycleRuleAndOperator = Prefix:s Tags:TagSet ObjectSizeGreaterThan:n ObjectSizeLessThan:n
LifecycleRuleFilter = Prefix:s Tag:Tag ObjectSizeGreaterThan:n ObjectSizeLessThan:n And:LifecycleRuleAndOperator
LifecycleRules = [LifecycleRule]
ListBucketAnalyticsConfigurationsOutput = IsTruncated:b ContinuationToken:s NextContinuationToken:s AnalyticsConfigurationList:AnalyticsConfigurationList
ListBucketIntelligentTieringConfigurationsOutput = IsTruncated:b ContinuationToken:s NextContinuationToken:s IntelligentTieringConfigurationList:IntelligentTieringConfigurationList
ListBucketInventoryConfigurationsOutput = ContinuationToken:s InventoryConfigurationList:InventoryConfigurationList IsTruncated:b NextContinuationToken:s
ListBucketMetricsConfigurationsOutput = IsTruncated:b ContinuationToken:s NextContinuationToken:s MetricsConfigurationList:MetricsConfigurationList
ListBucketsOutput = Buckets:Buckets Owner:Owner ContinuationToken:s Prefix:s
ListDirectoryBucketsOutput = Buckets:Buckets ContinuationToken:s(0..1024)
ListMultipartUploadsOutput = Bucket:s KeyMarker:s UploadIdMarker:s NextKeyMarker:s Prefix:s Delimiter:s NextUploadIdMarker:s MaxUploads:n IsTruncated:b Uploads:MultipartUploadList CommonPrefixes:CommonPrefixList EncodingType:EncodingType RequestCharged:RequestCharged
ListObjectVersionsOutput = IsTruncated:b KeyMarker:s VersionIdMarker:s NextKeyMarker:s NextVersionIdMarker:s Versions:ObjectVersionList DeleteMarkers:DeleteMarkers Name:s Prefix:s Delimiter:s MaxKeys:n CommonPrefixes:CommonPrefixList EncodingType:EncodingType RequestCharged:RequestCharged
ListObjectsOutput = IsTruncated:b Marker:s NextMarker:s Contents:ObjectList Name:s Prefix:s Delimiter:s MaxKeys:n CommonPrefixes:CommonPrefixList EncodingType:EncodingType RequestCharged:RequestCharged
ListObjectsV2Output = IsTruncated:b Contents:ObjectList Name:s Prefix:s Delimiter:s MaxKeys:n CommonPrefixes:CommonPrefixList EncodingType:EncodingType KeyCount:n ContinuationToken:s NextContinuationToken:s StartAfter:s RequestCharged:RequestCharged
ListPartsOutput = AbortDate:s AbortRuleId:s Bucket:s Key:s(1..) UploadId:s PartNumberMarker:n NextPartNumberMarker:n MaxParts:n IsTruncated:b Parts:Parts Initiator:Initiator Owner:Owner StorageClass:StorageClass RequestCharged:RequestCharged ChecksumAlgorithm:ChecksumAlgorithm ChecksumType:ChecksumType
LocationType = AvailabilityZone|LocalZone
LoggingEnabled = TargetBucket!:s TargetGrants:TargetGrants TargetPrefix!:s TargetObjectKeyFormat:TargetObjectKeyFormat
MFADeleteStatus = Enabled|Disabled
Metadata = {s}
MetadataConfigurationResult = DestinationResult!:DestinationResult JournalTableConfigurationResult:JournalTableConfigurationResult InventoryTableConfigurationResult:InventoryTableConfigurationResult
MetadataTableConfigurationResult = S3TablesDestinationResult!:S3TablesDestinationResult
Metrics = Status!:MetricsStatus EventThreshold:ReplicationTimeValue
MetricsAndOperator = Prefix:s Tags:TagSet AccessPointArn:s
MetricsConfiguration = Id!:s Filter:MetricsFilter
MetricsConfigurationList = [MetricsConfiguration]
MetricsFilter = Prefix:s Tag:Tag AccessPointArn:s And:MetricsAndOperator
MetricsStatus = Enabled|Disabled
MultipartUpload = UploadId:s Key:s(1..) Initiated:s StorageClass:StorageClass Owner:Owner Initiator:Initiator ChecksumAlgorithm:ChecksumAlgorithm ChecksumType:ChecksumType
MultipartUploadList = [MultipartUpload]
NoncurrentVersionExpiration = NoncurrentDays:n NewerNoncurrentVersions:n
NoncurrentVersionTransition = NoncurrentDays:n StorageClass:TransitionStorageClass NewerNoncurrentVersions:n
NoncurrentVersionTransitionList = [NoncurrentVersionTransition]
NotificationConfiguration = TopicConfigurations:TopicConfigurationList QueueConfigurations:QueueConfigurationList LambdaFunctionConfigurations:LambdaFunctionConfigurationList EventBridgeConfiguration:EventBridgeConfiguration
NotificationConfigurationDeprecated = TopicConfiguration:TopicConfigurationDeprecated QueueConfiguration:QueueConfigurationDeprecated CloudFunctionConfiguration:CloudFunctionConfiguration
NotificationConfigurationFilter = Key:S3KeyFilter
Object = Key:s(1..) LastModified:s ETag:s ChecksumAlgorithm:ChecksumAlgorithmList ChecksumType:ChecksumType Size:n StorageClass:ObjectStorageClass Owner:Owner RestoreStatus:RestoreStatus
ObjectList = [Object]
ObjectLockConfiguration = ObjectLockEnabled:ObjectLockEnabled Rule:ObjectLockRule
ObjectLockEnabled = Enabled
ObjectLockLegalHold = Status:ObjectLockLegalHoldStatus
ObjectLockLegalHoldStatus = ON|OFF
ObjectLockMode = GOVERNANCE|COMPLIANCE
ObjectLockRetention = Mode:ObjectLockRetentionMode RetainUntilDate:s
ObjectLockRetentionMode = GOVERNANCE|COMPLIANCE
ObjectLockRule = DefaultRetention:DefaultRetention
ObjectOwnership = BucketOwnerPreferred|ObjectWriter|BucketOwnerEnforced
ObjectPart = PartNumber:n Size:n ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s
ObjectStorageClass = STANDARD|REDUCED_REDUNDANCY|GLACIER|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|DEEP_ARCHIVE|OUTPOSTS|GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS
ObjectVersion = ETag:s ChecksumAlgorithm:ChecksumAlgorithmList ChecksumType:ChecksumType Size:n StorageClass:ObjectVersionStorageClass Key:s(1..) VersionId:s IsLatest:b LastModified:s Owner:Owner RestoreStatus:RestoreStatus
ObjectVersionList = [ObjectVersion]
ObjectVersionStorageClass = STANDARD
Owner = DisplayName:s ID:s
OwnerOverride = Destination
OwnershipControls = Rules!:OwnershipControlsRules
OwnershipControlsRule = ObjectOwnership!:ObjectOwnership
OwnershipControlsRules = [OwnershipControlsRule]
Part = PartNumber:n LastModified:s ETag:s Size:n ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s
PartitionDateSource = EventTime|DeliveryTime
PartitionedPrefix = PartitionDateSource:PartitionDateSource
Parts = [Part]
PartsList = [ObjectPart]
Payer = Requester|BucketOwner
Permission = FULL_CONTROL|WRITE|WRITE_ACP|READ|READ_ACP
PolicyStatus = IsPublic:b
Progress = BytesScanned:n BytesProcessed:n BytesReturned:n
ProgressEvent = Details:Progress
Protocol = http|https
PublicAccessBlockConfiguration = BlockPublicAcls:b IgnorePublicAcls:b BlockPublicPolicy:b RestrictPublicBuckets:b
PutBucketLifecycleConfigurationOutput = TransitionDefaultMinimumObjectSize:TransitionDefaultMinimumObjectSize
PutObjectAclOutput = RequestCharged:RequestCharged
PutObjectLegalHoldOutput = RequestCharged:RequestCharged
PutObjectLockConfigurationOutput = RequestCharged:RequestCharged
PutObjectOutput = Expiration:s ETag:s ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s ChecksumType:ChecksumType ServerSideEncryption:ServerSideEncryption VersionId:s SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s SSEKMSEncryptionContext:s BucketKeyEnabled:b Size:n RequestCharged:RequestCharged
PutObjectRetentionOutput = RequestCharged:RequestCharged
PutObjectTaggingOutput = VersionId:s
QueueConfiguration = Id:s QueueArn!:s Events!:EventList Filter:NotificationConfigurationFilter
QueueConfigurationDeprecated = Id:s Event:Event Events:EventList Queue:s
QueueConfigurationList = [QueueConfiguration]
RecordExpiration = Expiration!:ExpirationState Days:n
RecordsEvent = Payload:s
Redirect = HostName:s HttpRedirectCode:s Protocol:Protocol ReplaceKeyPrefixWith:s ReplaceKeyWith:s
RedirectAllRequestsTo = HostName!:s Protocol:Protocol
RenameObjectOutput =
ReplicaModifications = Status!:ReplicaModificationsStatus
ReplicaModificationsStatus = Enabled|Disabled
ReplicationConfiguration = Role!:s Rules!:ReplicationRules
ReplicationRule = ID:s Priority:n Prefix:s Filter:ReplicationRuleFilter Status!:ReplicationRuleStatus SourceSelectionCriteria:SourceSelectionCriteria ExistingObjectReplication:ExistingObjectReplication Destination!:Destination DeleteMarkerReplication:DeleteMarkerReplication
ReplicationRuleAndOperator = Prefix:s Tags:TagSet
ReplicationRuleFilter = Prefix:s Tag:Tag And:ReplicationRuleAndOperator
ReplicationRuleStatus = Enabled|Disabled
ReplicationRules = [ReplicationRule]
ReplicationStatus = COMPLETE|PENDING|FAILED|REPLICA|COMPLETED
ReplicationTime = Status!:ReplicationTimeStatus Time!:ReplicationTimeValue
ReplicationTimeStatus = Enabled|Disabled
ReplicationTimeValue = Minutes:n
RequestCharged = requester
RestoreObjectOutput = RequestCharged:RequestCharged RestoreOutputPath:s
RestoreStatus = IsRestoreInProgress:b RestoreExpiryDate:s
RoutingRule = Condition:Condition Redirect!:Redirect
RoutingRules = [RoutingRule]
Rule = Expiration:LifecycleExpiration ID:s Prefix!:s Status!:ExpirationStatus Transition:Transition NoncurrentVersionTransition:NoncurrentVersionTransition NoncurrentVersionExpiration:NoncurrentVersionExpiration AbortIncompleteMultipartUpload:AbortIncompleteMultipartUpload
Rules = [Rule]
S3KeyFilter = FilterRules:FilterRuleList
S3TablesBucketType = aws|customer
S3TablesDestinationResult = TableBucketArn!:s TableName!:s TableArn!:s TableNamespace!:s
SSEKMS = KeyId!:s
SSES3 =
SelectObjectContentEventStream = Records:RecordsEvent Stats:StatsEvent Progress:ProgressEvent Cont:ContinuationEvent End:EndEvent
SelectObjectContentOutput = Payload:SelectObjectContentEventStream
ServerSideEncryption = AES256|aws:fsx|aws:kms|aws:kms:dsse
ServerSideEncryptionByDefault = SSEAlgorithm!:ServerSideEncryption KMSMasterKeyID:s
ServerSideEncryptionConfiguration = Rules!:ServerSideEncryptionRules
ServerSideEncryptionRule = ApplyServerSideEncryptionByDefault:ServerSideEncryptionByDefault BucketKeyEnabled:b
ServerSideEncryptionRules = [ServerSideEncryptionRule]
SessionCredentials = AccessKeyId!:s SecretAccessKey!:s SessionToken!:s Expiration!:s
SimplePrefix =
SourceSelectionCriteria = SseKmsEncryptedObjects:SseKmsEncryptedObjects ReplicaModifications:ReplicaModifications
SseKmsEncryptedObjects = Status!:SseKmsEncryptedObjectsStatus
SseKmsEncryptedObjectsStatus = Enabled|Disabled
Stats = BytesScanned:n BytesProcessed:n BytesReturned:n
StatsEvent = Details:Stats
StorageClass = STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|DEEP_ARCHIVE|OUTPOSTS|GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS
StorageClassAnalysis = DataExport:StorageClassAnalysisDataExport
StorageClassAnalysisDataExport = OutputSchemaVersion!:StorageClassAnalysisSchemaVersion Destination!:AnalyticsExportDestination
StorageClassAnalysisSchemaVersion = V_1
Tag = Key!:s(1..) Value!:s
TagSet = [Tag]
TargetGrant = Grantee:Grantee Permission:BucketLogsPermission
TargetGrants = [TargetGrant]
TargetObjectKeyFormat = SimplePrefix:SimplePrefix PartitionedPrefix:PartitionedPrefix
Tiering = Days!:n AccessTier!:IntelligentTieringAccessTier
TieringList = [Tiering]
TopicConfiguration = Id:s TopicArn!:s Events!:EventList Filter:NotificationConfigurationFilter
TopicConfigurationDeprecated = Id:s Events:EventList Event:Event Topic:s
TopicConfigurationList = [TopicConfiguration]
Transition = Date:s Days:n StorageClass:TransitionStorageClass
TransitionDefaultMinimumObjectSize = varies_by_storage_class|all_storage_classes_128K
TransitionList = [Transition]
TransitionStorageClass = GLACIER|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|DEEP_ARCHIVE|GLACIER_IR
Type = CanonicalUser|AmazonCustomerByEmail|Group
UploadPartCopyOutput = CopySourceVersionId:s CopyPartResult:CopyPartResult ServerSideEncryption:ServerSideEncryption SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s BucketKeyEnabled:b RequestCharged:RequestCharged
UploadPartOutput = ServerSideEncryption:ServerSideEncryption ETag:s ChecksumCRC32:s ChecksumCRC32C:s ChecksumCRC64NVME:s ChecksumSHA1:s ChecksumSHA256:s SSECustomerAlgorithm:s SSECustomerKeyMD5:s SSEKMSKeyId:s BucketKeyEnabled:b RequestCharged:RequestCharged
`
