/**
 * What events answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
cancelReplay > CancelReplayResponse
createApiDestination > CreateApiDestinationResponse
createArchive > CreateArchiveResponse
createConnection > CreateConnectionResponse
createEndpoint > CreateEndpointResponse
createEventBus > CreateEventBusResponse
createPartnerEventSource > CreatePartnerEventSourceResponse
deauthorizeConnection > DeauthorizeConnectionResponse
deleteApiDestination > DeleteApiDestinationResponse
deleteArchive > DeleteArchiveResponse
deleteConnection > DeleteConnectionResponse
deleteEndpoint > DeleteEndpointResponse
describeApiDestination > DescribeApiDestinationResponse
describeArchive > DescribeArchiveResponse
describeConnection > DescribeConnectionResponse
describeEndpoint > DescribeEndpointResponse
describeEventBus > DescribeEventBusResponse
describeEventSource > DescribeEventSourceResponse
describePartnerEventSource > DescribePartnerEventSourceResponse
describeReplay > DescribeReplayResponse
describeRule > DescribeRuleResponse
listApiDestinations > ListApiDestinationsResponse
listArchives > ListArchivesResponse
listConnections > ListConnectionsResponse
listEndpoints > ListEndpointsResponse
listEventBuses > ListEventBusesResponse
listEventSources > ListEventSourcesResponse
listPartnerEventSourceAccounts > ListPartnerEventSourceAccountsResponse
listPartnerEventSources > ListPartnerEventSourcesResponse
listReplays > ListReplaysResponse
listRuleNamesByTarget > ListRuleNamesByTargetResponse
listRules > ListRulesResponse
listTagsForResource > ListTagsForResourceResponse
listTargetsByRule > ListTargetsByRuleResponse
putEvents > PutEventsResponse
putPartnerEvents > PutPartnerEventsResponse
putRule > PutRuleResponse
putTargets > PutTargetsResponse
removeTargets > RemoveTargetsResponse
startReplay > StartReplayResponse
tagResource > TagResourceResponse
testEventPattern > TestEventPatternResponse
untagResource > UntagResourceResponse
updateApiDestination > UpdateApiDestinationResponse
updateArchive > UpdateArchiveResponse
updateConnection > UpdateConnectionResponse
updateEndpoint > UpdateEndpointResponse
updateEventBus > UpdateEventBusResponse
ApiDestination = ApiDestinationArn:s(1..1600) Name:s(1..64) ApiDestinationState:ApiDestinationState ConnectionArn:s(1..1600) InvocationEndpoint:s(1..2048) HttpMethod:ApiDestinationHttpMethod InvocationRateLimitPerSecond:n(1..) CreationTime:s LastModifiedTime:s
ApiDestinationHttpMethod = POST|GET|HEAD|OPTIONS|PUT|PATCH|DELETE
ApiDestinationResponseList = [ApiDestination]
ApiDestinationState = ACTIVE|INACTIVE
AppSyncParameters = GraphQLOperation:s(1..1048576)
Archive = ArchiveName:s(1..48) EventSourceArn:s(1..1600) State:ArchiveState StateReason:s(..512) RetentionDays:n(0..) SizeBytes:n EventCount:n CreationTime:s
ArchiveResponseList = [Archive]
ArchiveState = ENABLED|DISABLED|CREATING|UPDATING|CREATE_FAILED|UPDATE_FAILED
AssignPublicIp = ENABLED|DISABLED
AwsVpcConfiguration = Subnets!:StringList SecurityGroups:StringList AssignPublicIp:AssignPublicIp
BatchArrayProperties = Size:n
BatchParameters = JobDefinition!:s JobName!:s ArrayProperties:BatchArrayProperties RetryStrategy:BatchRetryStrategy
BatchRetryStrategy = Attempts:n
CancelReplayResponse = ReplayArn:s(1..1600) State:ReplayState StateReason:s(..512)
CapacityProviderStrategy = [CapacityProviderStrategyItem]
CapacityProviderStrategyItem = CapacityProvider!:s(1..255) Weight:n(0..1000) Base:n(0..100000)
Connection = ConnectionArn:s(1..1600) Name:s(1..64) ConnectionState:ConnectionState StateReason:s(..512) AuthorizationType:ConnectionAuthorizationType CreationTime:s LastModifiedTime:s LastAuthorizedTime:s
ConnectionApiKeyAuthResponseParameters = ApiKeyName:s(1..512)
ConnectionAuthResponseParameters = BasicAuthParameters:ConnectionBasicAuthResponseParameters OAuthParameters:ConnectionOAuthResponseParameters ApiKeyAuthParameters:ConnectionApiKeyAuthResponseParameters InvocationHttpParameters:ConnectionHttpParameters ConnectivityParameters:DescribeConnectionConnectivityParameters
ConnectionAuthorizationType = BASIC|OAUTH_CLIENT_CREDENTIALS|API_KEY
ConnectionBasicAuthResponseParameters = Username:s(1..512)
ConnectionBodyParameter = Key:s Value:s IsValueSecret:b
ConnectionBodyParametersList = [ConnectionBodyParameter]
ConnectionHeaderParameter = Key:s(..512) Value:s(..512) IsValueSecret:b
ConnectionHeaderParametersList = [ConnectionHeaderParameter]
ConnectionHttpParameters = HeaderParameters:ConnectionHeaderParametersList QueryStringParameters:ConnectionQueryStringParametersList BodyParameters:ConnectionBodyParametersList
ConnectionOAuthClientResponseParameters = ClientID:s(1..512)
ConnectionOAuthHttpMethod = GET|POST|PUT
ConnectionOAuthResponseParameters = ClientParameters:ConnectionOAuthClientResponseParameters AuthorizationEndpoint:s(1..2048) HttpMethod:ConnectionOAuthHttpMethod OAuthHttpParameters:ConnectionHttpParameters
ConnectionQueryStringParameter = Key:s(..512) Value:s(..512) IsValueSecret:b
ConnectionQueryStringParametersList = [ConnectionQueryStringParameter]
ConnectionResponseList = [Connection]
ConnectionState = CREATING|UPDATING|DELETING|AUTHORIZED|DEAUTHORIZED|AUTHORIZING|DEAUTHORIZING|ACTIVE|FAILED_CONNECTIVITY
CreateApiDestinationResponse = ApiDestinationArn:s(1..1600) ApiDestinationState:ApiDestinationState CreationTime:s LastModifiedTime:s
CreateArchiveResponse = ArchiveArn:s(1..1600) State:ArchiveState StateReason:s(..512) CreationTime:s
CreateConnectionResponse = ConnectionArn:s(1..1600) ConnectionState:ConnectionState CreationTime:s LastModifiedTime:s
CreateEndpointResponse = Name:s(1..64) Arn:s(1..1600) RoutingConfig:RoutingConfig ReplicationConfig:ReplicationConfig EventBuses:EndpointEventBusList RoleArn:s(1..256) State:EndpointState
CreateEventBusResponse = EventBusArn:s Description:s(..512) KmsKeyIdentifier:s(..2048) DeadLetterConfig:DeadLetterConfig LogConfig:LogConfig
CreatePartnerEventSourceResponse = EventSourceArn:s
DeadLetterConfig = Arn:s(1..1600)
DeauthorizeConnectionResponse = ConnectionArn:s(1..1600) ConnectionState:ConnectionState CreationTime:s LastModifiedTime:s LastAuthorizedTime:s
DeleteApiDestinationResponse =
DeleteArchiveResponse =
DeleteConnectionResponse = ConnectionArn:s(1..1600) ConnectionState:ConnectionState CreationTime:s LastModifiedTime:s LastAuthorizedTime:s
DeleteEndpointResponse =
DescribeApiDestinationResponse = ApiDestinationArn:s(1..1600) Name:s(1..64) Description:s(..512) ApiDestinationState:ApiDestinationState ConnectionArn:s(1..1600) InvocationEndpoint:s(1..2048) HttpMethod:ApiDestinationHttpMethod InvocationRateLimitPerSecond:n(1..) CreationTime:s LastModifiedTime:s
DescribeArchiveResponse = ArchiveArn:s(1..1600) ArchiveName:s(1..48) EventSourceArn:s(1..1600) Description:s(..512) EventPattern:s(..4096) State:ArchiveState StateReason:s(..512) KmsKeyIdentifier:s(..2048) RetentionDays:n(0..) SizeBytes:n EventCount:n CreationTime:s
DescribeConnectionConnectivityParameters = ResourceParameters!:DescribeConnectionResourceParameters
DescribeConnectionResourceParameters = ResourceConfigurationArn!:s(0..2048) ResourceAssociationArn!:s(17..2048)
DescribeConnectionResponse = ConnectionArn:s(1..1600) Name:s(1..64) Description:s(..512) InvocationConnectivityParameters:DescribeConnectionConnectivityParameters ConnectionState:ConnectionState StateReason:s(..512) AuthorizationType:ConnectionAuthorizationType SecretArn:s(20..2048) KmsKeyIdentifier:s(..2048) AuthParameters:ConnectionAuthResponseParameters CreationTime:s LastModifiedTime:s LastAuthorizedTime:s
DescribeEndpointResponse = Name:s(1..64) Description:s(..512) Arn:s(1..1600) RoutingConfig:RoutingConfig ReplicationConfig:ReplicationConfig EventBuses:EndpointEventBusList RoleArn:s(1..256) EndpointId:s(1..50) EndpointUrl:s(1..256) State:EndpointState StateReason:s(1..512) CreationTime:s LastModifiedTime:s
DescribeEventBusResponse = Name:s Arn:s Description:s(..512) KmsKeyIdentifier:s(..2048) DeadLetterConfig:DeadLetterConfig Policy:s LogConfig:LogConfig CreationTime:s LastModifiedTime:s
DescribeEventSourceResponse = Arn:s CreatedBy:s CreationTime:s ExpirationTime:s Name:s State:EventSourceState
DescribePartnerEventSourceResponse = Arn:s Name:s
DescribeReplayResponse = ReplayName:s(1..64) ReplayArn:s(1..1600) Description:s(..512) State:ReplayState StateReason:s(..512) EventSourceArn:s(1..1600) Destination:ReplayDestination EventStartTime:s EventEndTime:s EventLastReplayedTime:s ReplayStartTime:s ReplayEndTime:s
DescribeRuleResponse = Name:s(1..64) Arn:s(1..1600) EventPattern:s(..4096) ScheduleExpression:s(..256) State:RuleState Description:s(..512) RoleArn:s(1..1600) ManagedBy:s(1..128) EventBusName:s(1..256) CreatedBy:s(1..128)
EcsParameters = TaskDefinitionArn!:s(1..1600) TaskCount:n(1..) LaunchType:LaunchType NetworkConfiguration:NetworkConfiguration PlatformVersion:s Group:s CapacityProviderStrategy:CapacityProviderStrategy EnableECSManagedTags:b EnableExecuteCommand:b PlacementConstraints:PlacementConstraints PlacementStrategy:PlacementStrategies PropagateTags:PropagateTags ReferenceId:s(..1024) Tags:TagList
Endpoint = Name:s(1..64) Description:s(..512) Arn:s(1..1600) RoutingConfig:RoutingConfig ReplicationConfig:ReplicationConfig EventBuses:EndpointEventBusList RoleArn:s(1..256) EndpointId:s(1..50) EndpointUrl:s(1..256) State:EndpointState StateReason:s(1..512) CreationTime:s LastModifiedTime:s
EndpointEventBus = EventBusArn!:s(1..512)
EndpointEventBusList = [EndpointEventBus]
EndpointList = [Endpoint]
EndpointState = ACTIVE|CREATING|UPDATING|DELETING|CREATE_FAILED|UPDATE_FAILED|DELETE_FAILED
EventBus = Name:s Arn:s Description:s(..512) Policy:s CreationTime:s LastModifiedTime:s
EventBusList = [EventBus]
EventSource = Arn:s CreatedBy:s CreationTime:s ExpirationTime:s Name:s State:EventSourceState
EventSourceList = [EventSource]
EventSourceState = PENDING|ACTIVE|DELETED
FailoverConfig = Primary!:Primary Secondary!:Secondary
HeaderParametersMap = {s(..512)}
HttpParameters = PathParameterValues:PathParameterList HeaderParameters:HeaderParametersMap QueryStringParameters:QueryStringParametersMap
IncludeDetail = NONE|FULL
InputTransformer = InputPathsMap:TransformerPaths InputTemplate!:s(1..8192)
KinesisParameters = PartitionKeyPath!:s(..256)
LaunchType = EC2|FARGATE|EXTERNAL
Level = OFF|ERROR|INFO|TRACE
ListApiDestinationsResponse = ApiDestinations:ApiDestinationResponseList NextToken:s(1..2048)
ListArchivesResponse = Archives:ArchiveResponseList NextToken:s(1..2048)
ListConnectionsResponse = Connections:ConnectionResponseList NextToken:s(1..2048)
ListEndpointsResponse = Endpoints:EndpointList NextToken:s(1..2048)
ListEventBusesResponse = EventBuses:EventBusList NextToken:s(1..2048)
ListEventSourcesResponse = EventSources:EventSourceList NextToken:s(1..2048)
ListPartnerEventSourceAccountsResponse = PartnerEventSourceAccounts:PartnerEventSourceAccountList NextToken:s(1..2048)
ListPartnerEventSourcesResponse = PartnerEventSources:PartnerEventSourceList NextToken:s(1..2048)
ListReplaysResponse = Replays:ReplayList NextToken:s(1..2048)
ListRuleNamesByTargetResponse = RuleNames:RuleNameList NextToken:s(1..2048)
ListRulesResponse = Rules:RuleResponseList NextToken:s(1..2048)
ListTagsForResourceResponse = Tags:TagList
ListTargetsByRuleResponse = Targets:TargetList NextToken:s(1..2048)
LogConfig = IncludeDetail:IncludeDetail Level:Level
NetworkConfiguration = AwsvpcConfiguration:AwsVpcConfiguration
PartnerEventSource = Arn:s Name:s
PartnerEventSourceAccount = Account:s(12..12) CreationTime:s ExpirationTime:s State:EventSourceState
PartnerEventSourceAccountList = [PartnerEventSourceAccount]
PartnerEventSourceList = [PartnerEventSource]
PathParameterList = [s]
PlacementConstraint = Type:PlacementConstraintType Expression:s(..2000)
PlacementConstraintType = distinctInstance|memberOf
PlacementConstraints = [PlacementConstraint]
PlacementStrategies = [PlacementStrategy]
PlacementStrategy = Type:PlacementStrategyType Field:s(..255)
PlacementStrategyType = random|spread|binpack
Primary = HealthCheck!:s(1..1600)
PropagateTags = TASK_DEFINITION
PutEventsResponse = FailedEntryCount:n Entries:PutEventsResultEntryList
PutEventsResultEntry = EventId:s(..64) ErrorCode:s ErrorMessage:s
PutEventsResultEntryList = [PutEventsResultEntry]
PutPartnerEventsResponse = FailedEntryCount:n Entries:PutPartnerEventsResultEntryList
PutPartnerEventsResultEntry = EventId:s(..64) ErrorCode:s ErrorMessage:s
PutPartnerEventsResultEntryList = [PutPartnerEventsResultEntry]
PutRuleResponse = RuleArn:s(1..1600)
PutTargetsResponse = FailedEntryCount:n FailedEntries:PutTargetsResultEntryList
PutTargetsResultEntry = TargetId:s(1..64) ErrorCode:s ErrorMessage:s
PutTargetsResultEntryList = [PutTargetsResultEntry]
QueryStringParametersMap = {s(..512)}
RedshiftDataParameters = SecretManagerArn:s(1..1600) Database!:s(1..64) DbUser:s(1..128) Sql:s(1..100000) StatementName:s(1..500) WithEvent:b Sqls:Sqls
RemoveTargetsResponse = FailedEntryCount:n FailedEntries:RemoveTargetsResultEntryList
RemoveTargetsResultEntry = TargetId:s(1..64) ErrorCode:s ErrorMessage:s
RemoveTargetsResultEntryList = [RemoveTargetsResultEntry]
Replay = ReplayName:s(1..64) EventSourceArn:s(1..1600) State:ReplayState StateReason:s(..512) EventStartTime:s EventEndTime:s EventLastReplayedTime:s ReplayStartTime:s ReplayEndTime:s
ReplayDestination = Arn!:s(1..1600) FilterArns:ReplayDestinationFilters
ReplayDestinationFilters = [s(1..1600)]
ReplayList = [Replay]
ReplayState = STARTING|RUNNING|CANCELLING|COMPLETED|CANCELLED|FAILED
ReplicationConfig = State:ReplicationState
ReplicationState = ENABLED|DISABLED
RetryPolicy = MaximumRetryAttempts:n(0..185) MaximumEventAgeInSeconds:n(60..86400)
RoutingConfig = FailoverConfig!:FailoverConfig
Rule = Name:s(1..64) Arn:s(1..1600) EventPattern:s(..4096) State:RuleState Description:s(..512) ScheduleExpression:s(..256) RoleArn:s(1..1600) ManagedBy:s(1..128) EventBusName:s(1..256)
RuleNameList = [s(1..64)]
RuleResponseList = [Rule]
RuleState = ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
RunCommandParameters = RunCommandTargets!:RunCommandTargets
RunCommandTarget = Key!:s(1..128) Values!:RunCommandTargetValues
RunCommandTargetValues = [s(1..256)]
RunCommandTargets = [RunCommandTarget]
SageMakerPipelineParameter = Name!:s(1..256) Value!:s(..1024)
SageMakerPipelineParameterList = [SageMakerPipelineParameter]
SageMakerPipelineParameters = PipelineParameterList:SageMakerPipelineParameterList
Secondary = Route!:s(9..20)
Sqls = [s(1..100000)]
SqsParameters = MessageGroupId:s(..100)
StartReplayResponse = ReplayArn:s(1..1600) State:ReplayState StateReason:s(..512) ReplayStartTime:s
StringList = [s]
Tag = Key!:s(1..128) Value!:s(0..256)
TagList = [Tag]
TagResourceResponse =
Target = Id!:s(1..64) Arn!:s(1..1600) RoleArn:s(1..1600) Input:s(..8192) InputPath:s(..256) InputTransformer:InputTransformer KinesisParameters:KinesisParameters RunCommandParameters:RunCommandParameters EcsParameters:EcsParameters BatchParameters:BatchParameters SqsParameters:SqsParameters HttpParameters:HttpParameters RedshiftDataParameters:RedshiftDataParameters SageMakerPipelineParameters:SageMakerPipelineParameters DeadLetterConfig:DeadLetterConfig RetryPolicy:RetryPolicy AppSyncParameters:AppSyncParameters
TargetList = [Target]
TestEventPatternResponse = Result:b
TransformerPaths = {s(..256)}
UntagResourceResponse =
UpdateApiDestinationResponse = ApiDestinationArn:s(1..1600) ApiDestinationState:ApiDestinationState CreationTime:s LastModifiedTime:s
UpdateArchiveResponse = ArchiveArn:s(1..1600) State:ArchiveState StateReason:s(..512) CreationTime:s
UpdateConnectionResponse = ConnectionArn:s(1..1600) ConnectionState:ConnectionState CreationTime:s LastModifiedTime:s LastAuthorizedTime:s
UpdateEndpointResponse = Name:s(1..64) Arn:s(1..1600) RoutingConfig:RoutingConfig ReplicationConfig:ReplicationConfig EventBuses:EndpointEventBusList RoleArn:s(1..256) EndpointId:s(1..50) EndpointUrl:s(1..256) State:EndpointState
UpdateEventBusResponse = Arn:s Name:s(1..256) KmsKeyIdentifier:s(..2048) Description:s(..512) DeadLetterConfig:DeadLetterConfig LogConfig:LogConfig
`
