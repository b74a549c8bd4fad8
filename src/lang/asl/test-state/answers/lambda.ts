/**
 * What lambda answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
addLayerVersionPermission > AddLayerVersionPermissionResponse
addPermission > AddPermissionResponse
createAlias > AliasConfiguration
createCodeSigningConfig > CreateCodeSigningConfigResponse
createEventSourceMapping > EventSourceMappingConfiguration
createFunction > FunctionConfiguration
createFunctionUrlConfig > CreateFunctionUrlConfigResponse
deleteCodeSigningConfig > DeleteCodeSigningConfigResponse
deleteEventSourceMapping > EventSourceMappingConfiguration
getAccountSettings > GetAccountSettingsResponse
getAlias > AliasConfiguration
getCodeSigningConfig > GetCodeSigningConfigResponse
getEventSourceMapping > EventSourceMappingConfiguration
getFunction > GetFunctionResponse
getFunctionCodeSigningConfig > GetFunctionCodeSigningConfigResponse
getFunctionConcurrency > GetFunctionConcurrencyResponse
getFunctionConfiguration > FunctionConfiguration
getFunctionEventInvokeConfig > FunctionEventInvokeConfig
getFunctionRecursionConfig > GetFunctionRecursionConfigResponse
getFunctionUrlConfig > GetFunctionUrlConfigResponse
getLayerVersion > GetLayerVersionResponse
getLayerVersionByArn > GetLayerVersionResponse
getLayerVersionPolicy > GetLayerVersionPolicyResponse
getPolicy > GetPolicyResponse
getProvisionedConcurrencyConfig > GetProvisionedConcurrencyConfigResponse
getRuntimeManagementConfig > GetRuntimeManagementConfigResponse
invoke > InvocationResponse
invokeAsync > InvokeAsyncResponse
invokeWithResponseStream > InvokeWithResponseStreamResponse
listAliases > ListAliasesResponse
listCodeSigningConfigs > ListCodeSigningConfigsResponse
listEventSourceMappings > ListEventSourceMappingsResponse
listFunctionEventInvokeConfigs > ListFunctionEventInvokeConfigsResponse
listFunctionUrlConfigs > ListFunctionUrlConfigsResponse
listFunctions > ListFunctionsResponse
listFunctionsByCodeSigningConfig > ListFunctionsByCodeSigningConfigResponse
listLayerVersions > ListLayerVersionsResponse
listLayers > ListLayersResponse
listProvisionedConcurrencyConfigs > ListProvisionedConcurrencyConfigsResponse
listTags > ListTagsResponse
listVersionsByFunction > ListVersionsByFunctionResponse
publishLayerVersion > PublishLayerVersionResponse
publishVersion > FunctionConfiguration
putFunctionCodeSigningConfig > PutFunctionCodeSigningConfigResponse
putFunctionConcurrency > Concurrency
putFunctionEventInvokeConfig > FunctionEventInvokeConfig
putFunctionRecursionConfig > PutFunctionRecursionConfigResponse
putProvisionedConcurrencyConfig > PutProvisionedConcurrencyConfigResponse
putRuntimeManagementConfig > PutRuntimeManagementConfigResponse
updateAlias > AliasConfiguration
updateCodeSigningConfig > UpdateCodeSigningConfigResponse
updateEventSourceMapping > EventSourceMappingConfiguration
updateFunctionCode > FunctionConfiguration
updateFunctionConfiguration > FunctionConfiguration
updateFunctionEventInvokeConfig > FunctionEventInvokeConfig
updateFunctionUrlConfig > UpdateFunctionUrlConfigResponse
AccountLimit = TotalCodeSize:n CodeSizeUnzipped:n CodeSizeZipped:n ConcurrentExecutions:n UnreservedConcurrentExecutions:n(0..)
AccountUsage = TotalCodeSize:n FunctionCount:n
AddLayerVersionPermissionResponse = Statement:s RevisionId:s
AddPermissionResponse = Statement:s
AdditionalVersionWeights = {n(0..1)}
AliasConfiguration = AliasArn:s Name:s(1..128) FunctionVersion:s(1..1024) Description:s(0..256) RoutingConfig:AliasRoutingConfiguration RevisionId:s
AliasList = [AliasConfiguration]
AliasRoutingConfiguration = AdditionalVersionWeights:AdditionalVersionWeights
AllowMethodsList = [s(0..6)]
AllowOriginsList = [s(1..253)]
AllowedPublishers = SigningProfileVersionArns!:SigningProfileVersionArns
AmazonManagedKafkaEventSourceConfig = ConsumerGroupId:s(1..200) SchemaRegistryConfig:KafkaSchemaRegistryConfig
ApplicationLogLevel = TRACE|DEBUG|INFO|WARN|ERROR|FATAL
Architecture = x86_64|arm64
ArchitecturesList = [Architecture]
CodeSigningConfig = CodeSigningConfigId!:s CodeSigningConfigArn!:s(0..200) Description:s(0..256) AllowedPublishers!:AllowedPublishers CodeSigningPolicies!:CodeSigningPolicies LastModified!:s
CodeSigningConfigList = [CodeSigningConfig]
CodeSigningPolicies = UntrustedArtifactOnDeployment:CodeSigningPolicy
CodeSigningPolicy = Warn|Enforce
CompatibleArchitectures = [Architecture]
CompatibleRuntimes = [Runtime]
Concurrency = ReservedConcurrentExecutions:n(0..)
Cors = AllowCredentials:b AllowHeaders:HeadersList AllowMethods:AllowMethodsList AllowOrigins:AllowOriginsList ExposeHeaders:HeadersList MaxAge:n(0..86400)
CreateCodeSigningConfigResponse = CodeSigningConfig!:CodeSigningConfig
CreateFunctionUrlConfigResponse = FunctionUrl!:s(40..100) FunctionArn!:s AuthType!:FunctionUrlAuthType Cors:Cors CreationTime!:s InvokeMode:InvokeMode
DeadLetterConfig = TargetArn:s
DeleteCodeSigningConfigResponse =
DestinationConfig = OnSuccess:OnSuccess OnFailure:OnFailure
DocumentDBEventSourceConfig = DatabaseName:s(1..63) CollectionName:s(1..57) FullDocument:FullDocument
EndpointLists = [s(1..300)]
Endpoints = {EndpointLists}
EnvironmentError = ErrorCode:s Message:s
EnvironmentResponse = Variables:EnvironmentVariables Error:EnvironmentError
EnvironmentVariables = {s}
EphemeralStorage = Size!:n(512..10240)
EventSourceMappingConfiguration = UUID:s StartingPosition:EventSourcePosition StartingPositionTimestamp:s BatchSize:n(1..10000) MaximumBatchingWindowInSeconds:n(0..300) ParallelizationFactor:n(1..10) EventSourceArn:s FilterCriteria:FilterCriteria FunctionArn:s LastModified:s LastProcessingResult:s State:s StateTransitionReason:s DestinationConfig:DestinationConfig Topics:Topics Queues:Queues SourceAccessConfigurations:SourceAccessConfigurations SelfManagedEventSource:SelfManagedEventSource MaximumRecordAgeInSeconds:n(-1..604800) BisectBatchOnFunctionError:b MaximumRetryAttempts:n(-1..10000) TumblingWindowInSeconds:n(0..900) FunctionResponseTypes:FunctionResponseTypeList AmazonManagedKafkaEventSourceConfig:AmazonManagedKafkaEventSourceConfig SelfManagedKafkaEventSourceConfig:SelfManagedKafkaEventSourceConfig ScalingConfig:ScalingConfig DocumentDBEventSourceConfig:DocumentDBEventSourceConfig KMSKeyArn:s FilterCriteriaError:FilterCriteriaError EventSourceMappingArn:s(85..120) MetricsConfig:EventSourceMappingMetricsConfig ProvisionedPollerConfig:ProvisionedPollerConfig
EventSourceMappingMetric = EventCount
EventSourceMappingMetricList = [EventSourceMappingMetric]
EventSourceMappingMetricsConfig = Metrics:EventSourceMappingMetricList
EventSourceMappingsList = [EventSourceMappingConfiguration]
EventSourcePosition = TRIM_HORIZON|LATEST|AT_TIMESTAMP
FileSystemConfig = Arn!:s(0..200) LocalMountPath!:s(0..160)
FileSystemConfigList = [FileSystemConfig]
Filter = Pattern:s(0..4096)
FilterCriteria = Filters:FilterList
FilterCriteriaError = ErrorCode:s(10..50) Message:s(10..2048)
FilterList = [Filter]
FullDocument = UpdateLookup|Default
FunctionArnList = [s]
FunctionCodeLocation = RepositoryType:s Location:s ImageUri:s ResolvedImageUri:s SourceKMSKeyArn:s
FunctionConfiguration = FunctionName:s(1..170) FunctionArn:s Runtime:Runtime Role:s Handler:s(0..128) CodeSize:n Description:s(0..256) Timeout:n(1..) MemorySize:n(128..10240) LastModified:s CodeSha256:s Version:s(1..1024) VpcConfig:VpcConfigResponse DeadLetterConfig:DeadLetterConfig Environment:EnvironmentResponse KMSKeyArn:s TracingConfig:TracingConfigResponse MasterArn:s RevisionId:s Layers:LayersReferenceList State:State StateReason:s StateReasonCode:StateReasonCode LastUpdateStatus:LastUpdateStatus LastUpdateStatusReason:s LastUpdateStatusReasonCode:LastUpdateStatusReasonCode FileSystemConfigs:FileSystemConfigList PackageType:PackageType ImageConfigResponse:ImageConfigResponse SigningProfileVersionArn:s SigningJobArn:s Architectures:ArchitecturesList EphemeralStorage:EphemeralStorage SnapStart:SnapStartResponse RuntimeVersionConfig:RuntimeVersionConfig LoggingConfig:LoggingConfig
FunctionEventInvokeConfig = LastModified:s FunctionArn:s MaximumRetryAttempts:n(0..2) MaximumEventAgeInSeconds:n(60..21600) DestinationConfig:DestinationConfig
FunctionEventInvokeConfigList = [FunctionEventInvokeConfig]
FunctionList = [FunctionConfiguration]
FunctionResponseType = ReportBatchItemFailures
FunctionResponseTypeList = [FunctionResponseType]
FunctionUrlAuthType = NONE|AWS_IAM
FunctionUrlConfig = FunctionUrl!:s(40..100) FunctionArn!:s CreationTime!:s LastModifiedTime!:s Cors:Cors AuthType!:FunctionUrlAuthType InvokeMode:InvokeMode
FunctionUrlConfigList = [FunctionUrlConfig]
GetAccountSettingsResponse = AccountLimit:AccountLimit AccountUsage:AccountUsage
GetCodeSigningConfigResponse = CodeSigningConfig!:CodeSigningConfig
GetFunctionCodeSigningConfigResponse = CodeSigningConfigArn!:s(0..200) FunctionName!:s(1..140)
GetFunctionConcurrencyResponse = ReservedConcurrentExecutions:n(0..)
GetFunctionRecursionConfigResponse = RecursiveLoop:RecursiveLoop
GetFunctionResponse = Configuration:FunctionConfiguration Code:FunctionCodeLocation Tags:Tags TagsError:TagsError Concurrency:Concurrency
GetFunctionUrlConfigResponse = FunctionUrl!:s(40..100) FunctionArn!:s AuthType!:FunctionUrlAuthType Cors:Cors CreationTime!:s LastModifiedTime!:s InvokeMode:InvokeMode
GetLayerVersionPolicyResponse = Policy:s RevisionId:s
GetLayerVersionResponse = Content:LayerVersionContentOutput LayerArn:s(1..140) LayerVersionArn:s(1..140) Description:s(0..256) CreatedDate:s Version:n CompatibleRuntimes:CompatibleRuntimes LicenseInfo:s(0..512) CompatibleArchitectures:CompatibleArchitectures
GetPolicyResponse = Policy:s RevisionId:s
GetProvisionedConcurrencyConfigResponse = RequestedProvisionedConcurrentExecutions:n(1..) AvailableProvisionedConcurrentExecutions:n(0..) AllocatedProvisionedConcurrentExecutions:n(0..) Status:ProvisionedConcurrencyStatusEnum StatusReason:s LastModified:s
GetRuntimeManagementConfigResponse = UpdateRuntimeOn:UpdateRuntimeOn RuntimeVersionArn:s(26..2048) FunctionArn:s
HeadersList = [s(0..1024)]
ImageConfig = EntryPoint:StringList Command:StringList WorkingDirectory:s(0..1000)
ImageConfigError = ErrorCode:s Message:s
ImageConfigResponse = ImageConfig:ImageConfig Error:ImageConfigError
InvocationResponse = StatusCode:n FunctionError:s LogResult:s Payload:s ExecutedVersion:s(1..1024)
InvokeAsyncResponse = Status:n
InvokeMode = BUFFERED|RESPONSE_STREAM
InvokeResponseStreamUpdate = Payload:s
InvokeWithResponseStreamCompleteEvent = ErrorCode:s ErrorDetails:s LogResult:s
InvokeWithResponseStreamResponse = StatusCode:n ExecutedVersion:s(1..1024) EventStream:InvokeWithResponseStreamResponseEvent ResponseStreamContentType:s
InvokeWithResponseStreamResponseEvent = PayloadChunk:InvokeResponseStreamUpdate InvokeComplete:InvokeWithResponseStreamCompleteEvent
KafkaSchemaRegistryAccessConfig = Type:KafkaSchemaRegistryAuthType URI:s
KafkaSchemaRegistryAccessConfigList = [KafkaSchemaRegistryAccessConfig]
KafkaSchemaRegistryAuthType = BASIC_AUTH|CLIENT_CERTIFICATE_TLS_AUTH|SERVER_ROOT_CA_CERTIFICATE
KafkaSchemaRegistryConfig = SchemaRegistryURI:s(1..10000) EventRecordFormat:SchemaRegistryEventRecordFormat AccessConfigs:KafkaSchemaRegistryAccessConfigList SchemaValidationConfigs:KafkaSchemaValidationConfigList
KafkaSchemaValidationAttribute = KEY|VALUE
KafkaSchemaValidationConfig = Attribute:KafkaSchemaValidationAttribute
KafkaSchemaValidationConfigList = [KafkaSchemaValidationConfig]
LastUpdateStatus = Successful|Failed|InProgress
LastUpdateStatusReasonCode = EniLimitExceeded|InsufficientRolePermissions|InvalidConfiguration|InternalError|SubnetOutOfIPAddresses|InvalidSubnet|InvalidSecurityGroup|ImageDeleted|ImageAccessDenied|InvalidImage|KMSKeyAccessDenied|KMSKeyNotFound|InvalidStateKMSKey|DisabledKMSKey|EFSIOError|EFSMountConnectivityError|EFSMountFailure|EFSMountTimeout|InvalidRuntime|InvalidZipFileException|FunctionError
Layer = Arn:s(1..140) CodeSize:n SigningProfileVersionArn:s SigningJobArn:s
LayerVersionContentOutput = Location:s CodeSha256:s CodeSize:n SigningProfileVersionArn:s SigningJobArn:s
LayerVersionsList = [LayerVersionsListItem]
LayerVersionsListItem = LayerVersionArn:s(1..140) Version:n Description:s(0..256) CreatedDate:s CompatibleRuntimes:CompatibleRuntimes LicenseInfo:s(0..512) CompatibleArchitectures:CompatibleArchitectures
LayersList = [LayersListItem]
LayersListItem = LayerName:s(1..140) LayerArn:s(1..140) LatestMatchingVersion:LayerVersionsListItem
LayersReferenceList = [Layer]
ListAliasesResponse = NextMarker:s Aliases:AliasList
ListCodeSigningConfigsResponse = NextMarker:s CodeSigningConfigs:CodeSigningConfigList
ListEventSourceMappingsResponse = NextMarker:s EventSourceMappings:EventSourceMappingsList
ListFunctionEventInvokeConfigsResponse = FunctionEventInvokeConfigs:FunctionEventInvokeConfigList NextMarker:s
ListFunctionUrlConfigsResponse = FunctionUrlConfigs!:FunctionUrlConfigList NextMarker:s
ListFunctionsByCodeSigningConfigResponse = NextMarker:s FunctionArns:FunctionArnList
ListFunctionsResponse = NextMarker:s Functions:FunctionList
ListLayerVersionsResponse = NextMarker:s LayerVersions:LayerVersionsList
ListLayersResponse = NextMarker:s Layers:LayersList
ListProvisionedConcurrencyConfigsResponse = ProvisionedConcurrencyConfigs:ProvisionedConcurrencyConfigList NextMarker:s
ListTagsResponse = Tags:Tags
ListVersionsByFunctionResponse = NextMarker:s Versions:FunctionList
LogFormat = JSON|Text
LoggingConfig = LogFormat:LogFormat ApplicationLogLevel:ApplicationLogLevel SystemLogLevel:SystemLogLevel LogGroup:s(1..512)
OnFailure = Destination:s(0..350)
OnSuccess = Destination:s(0..350)
PackageType = Zip|Image
ProvisionedConcurrencyConfigList = [ProvisionedConcurrencyConfigListItem]
ProvisionedConcurrencyConfigListItem = FunctionArn:s RequestedProvisionedConcurrentExecutions:n(1..) AvailableProvisionedConcurrentExecutions:n(0..) AllocatedProvisionedConcurrentExecutions:n(0..) Status:ProvisionedConcurrencyStatusEnum StatusReason:s LastModified:s
ProvisionedConcurrencyStatusEnum = IN_PROGRESS|READY|FAILED
ProvisionedPollerConfig = MinimumPollers:n(1..200) MaximumPollers:n(1..2000)
PublishLayerVersionResponse = Content:LayerVersionContentOutput LayerArn:s(1..140) LayerVersionArn:s(1..140) Description:s(0..256) CreatedDate:s Version:n CompatibleRuntimes:CompatibleRuntimes LicenseInfo:s(0..512) CompatibleArchitectures:CompatibleArchitectures
PutFunctionCodeSigningConfigResponse = CodeSigningConfigArn!:s(0..200) FunctionName!:s(1..140)
PutFunctionRecursionConfigResponse = RecursiveLoop:RecursiveLoop
PutProvisionedConcurrencyConfigResponse = RequestedProvisionedConcurrentExecutions:n(1..) AvailableProvisionedConcurrentExecutions:n(0..) AllocatedProvisionedConcurrentExecutions:n(0..) Status:ProvisionedConcurrencyStatusEnum StatusReason:s LastModified:s
PutRuntimeManagementConfigResponse = UpdateRuntimeOn!:UpdateRuntimeOn FunctionArn!:s RuntimeVersionArn:s(26..2048)
Queues = [s(1..1000)]
RecursiveLoop = Allow|Terminate
Runtime = nodejs|nodejs4.3|nodejs6.10|nodejs8.10|nodejs10.x|nodejs12.x|nodejs14.x|nodejs16.x|java8|java8.al2|java11|python2.7|python3.6|python3.7|python3.8|python3.9|dotnetcore1.0|dotnetcore2.0|dotnetcore2.1|dotnetcore3.1|dotnet6|dotnet8|nodejs4.3-edge|go1.x|ruby2.5|ruby2.7|provided|provided.al2|nodejs18.x|python3.10|java17|ruby3.2|ruby3.3|ruby3.4|python3.11|nodejs20.x|provided.al2023|python3.12|java21|python3.13|nodejs22.x|java25|nodejs24.x|python3.14
RuntimeVersionConfig = RuntimeVersionArn:s(26..2048) Error:RuntimeVersionError
RuntimeVersionError = ErrorCode:s Message:s
ScalingConfig = MaximumConcurrency:n(2..1000)
SchemaRegistryEventRecordFormat = JSON|SOURCE
SecurityGroupIds = [s]
SelfManagedEventSource = Endpoints:Endpoints
SelfManagedKafkaEventSourceConfig = ConsumerGroupId:s(1..200) SchemaRegistryConfig:KafkaSchemaRegistryConfig
SigningProfileVersionArns = [s]
SnapStartApplyOn = PublishedVersions|None
SnapStartOptimizationStatus = On|Off
SnapStartResponse = ApplyOn:SnapStartApplyOn OptimizationStatus:SnapStartOptimizationStatus
SourceAccessConfiguration = Type:SourceAccessType URI:s(1..200)
SourceAccessConfigurations = [SourceAccessConfiguration]
SourceAccessType = BASIC_AUTH|VPC_SUBNET|VPC_SECURITY_GROUP|SASL_SCRAM_512_AUTH|SASL_SCRAM_256_AUTH|VIRTUAL_HOST|CLIENT_CERTIFICATE_TLS_AUTH|SERVER_ROOT_CA_CERTIFICATE
State = Pending|Active|Inactive|Failed
StateReasonCode = Idle|Creating|Restoring|EniLimitExceeded|InsufficientRolePermissions|InvalidConfiguration|InternalError|SubnetOutOfIPAddresses|InvalidSubnet|InvalidSecurityGroup|ImageDeleted|ImageAccessDenied|InvalidImage|KMSKeyAccessDenied|KMSKeyNotFound|InvalidStateKMSKey|DisabledKMSKey|EFSIOError|EFSMountConnectivityError|EFSMountFailure|EFSMountTimeout|InvalidRuntime|InvalidZipFileException|FunctionError
StringList = [s]
SubnetIds = [s]
SystemLogLevel = DEBUG|INFO|WARN
Tags = {s}
TagsError = ErrorCode!:s(10..21) Message!:s(84..1000)
Topics = [s(1..249)]
TracingConfigResponse = Mode:TracingMode
TracingMode = Active|PassThrough
UpdateCodeSigningConfigResponse = CodeSigningConfig!:CodeSigningConfig
UpdateFunctionUrlConfigResponse = FunctionUrl!:s(40..100) FunctionArn!:s AuthType!:FunctionUrlAuthType Cors:Cors CreationTime!:s LastModifiedTime!:s InvokeMode:InvokeMode
UpdateRuntimeOn = Auto|Manual|FunctionUpdate
VpcConfigResponse = SubnetIds:SubnetIds SecurityGroupIds:SecurityGroupIds VpcId:s Ipv6AllowedForDualStack:b
`
