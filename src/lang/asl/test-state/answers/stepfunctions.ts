/**
 * What stepfunctions answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
createActivity > CreateActivityOutput
createStateMachine > CreateStateMachineOutput
createStateMachineAlias > CreateStateMachineAliasOutput
deleteActivity > DeleteActivityOutput
deleteStateMachine > DeleteStateMachineOutput
deleteStateMachineAlias > DeleteStateMachineAliasOutput
deleteStateMachineVersion > DeleteStateMachineVersionOutput
describeActivity > DescribeActivityOutput
describeExecution > DescribeExecutionOutput
describeMapRun > DescribeMapRunOutput
describeStateMachine > DescribeStateMachineOutput
describeStateMachineAlias > DescribeStateMachineAliasOutput
describeStateMachineForExecution > DescribeStateMachineForExecutionOutput
getActivityTask > GetActivityTaskOutput
getExecutionHistory > GetExecutionHistoryOutput
listActivities > ListActivitiesOutput
listExecutions > ListExecutionsOutput
listMapRuns > ListMapRunsOutput
listStateMachineAliases > ListStateMachineAliasesOutput
listStateMachineVersions > ListStateMachineVersionsOutput
listStateMachines > ListStateMachinesOutput
listTagsForResource > ListTagsForResourceOutput
publishStateMachineVersion > PublishStateMachineVersionOutput
redriveExecution > RedriveExecutionOutput
sendTaskFailure > SendTaskFailureOutput
sendTaskHeartbeat > SendTaskHeartbeatOutput
sendTaskSuccess > SendTaskSuccessOutput
startExecution > StartExecutionOutput
startSyncExecution > StartSyncExecutionOutput
stopExecution > StopExecutionOutput
tagResource > TagResourceOutput
testState > TestStateOutput
untagResource > UntagResourceOutput
updateMapRun > UpdateMapRunOutput
updateStateMachine > UpdateStateMachineOutput
updateStateMachineAlias > UpdateStateMachineAliasOutput
validateStateMachineDefinition > ValidateStateMachineDefinitionOutput
ActivityFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
ActivityList = [ActivityListItem]
ActivityListItem = ActivityArn!:s(1..256) Name!:s(1..80) CreationDate!:s
ActivityScheduleFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
ActivityScheduledEventDetails = Resource!:s(1..256) Input:s(..262144) InputDetails:HistoryEventExecutionDataDetails TimeoutInSeconds:n HeartbeatInSeconds:n
ActivityStartedEventDetails = WorkerName:s(..256)
ActivitySucceededEventDetails = Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails
ActivityTimedOutEventDetails = Error:s(0..256) Cause:s(0..32768)
AssignedVariables = {s}
AssignedVariablesDetails = Truncated:b
BillingDetails = BilledMemoryUsedInMB:n(0..) BilledDurationInMilliseconds:n(0..)
CloudWatchEventsExecutionDataDetails = Included:b
CloudWatchLogsLogGroup = LogGroupArn:s(1..256)
CreateActivityOutput = ActivityArn!:s(1..256) CreationDate!:s
CreateStateMachineAliasOutput = StateMachineAliasArn!:s(1..256) CreationDate!:s
CreateStateMachineOutput = StateMachineArn!:s(1..256) CreationDate!:s StateMachineVersionArn:s(1..256)
DeleteActivityOutput =
DeleteStateMachineAliasOutput =
DeleteStateMachineOutput =
DeleteStateMachineVersionOutput =
DescribeActivityOutput = ActivityArn!:s(1..256) Name!:s(1..80) CreationDate!:s EncryptionConfiguration:EncryptionConfiguration
DescribeExecutionOutput = ExecutionArn!:s(1..256) StateMachineArn!:s(1..256) Name:s(1..80) Status!:ExecutionStatus StartDate!:s StopDate:s Input:s(..262144) InputDetails:CloudWatchEventsExecutionDataDetails Output:s(..262144) OutputDetails:CloudWatchEventsExecutionDataDetails TraceHeader:s(0..256) MapRunArn:s(1..2000) Error:s(0..256) Cause:s(0..32768) StateMachineVersionArn:s(1..256) StateMachineAliasArn:s(1..256) RedriveCount:n RedriveDate:s RedriveStatus:ExecutionRedriveStatus RedriveStatusReason:s(..262144)
DescribeMapRunOutput = MapRunArn!:s(1..2000) ExecutionArn!:s(1..256) Status!:MapRunStatus StartDate!:s StopDate:s MaxConcurrency!:n(0..) ToleratedFailurePercentage!:n(0..100) ToleratedFailureCount!:n(0..) ItemCounts!:MapRunItemCounts ExecutionCounts!:MapRunExecutionCounts RedriveCount:n RedriveDate:s
DescribeStateMachineAliasOutput = StateMachineAliasArn:s(1..256) Name:s(1..80) Description:s(..256) RoutingConfiguration:RoutingConfigurationList CreationDate:s UpdateDate:s
DescribeStateMachineForExecutionOutput = StateMachineArn!:s(1..256) Name!:s(1..80) Definition!:s(1..1048576) RoleArn!:s(1..256) UpdateDate!:s LoggingConfiguration:LoggingConfiguration TracingConfiguration:TracingConfiguration MapRunArn:s(1..2000) Label:s RevisionId:s EncryptionConfiguration:EncryptionConfiguration VariableReferences:VariableReferences
DescribeStateMachineOutput = StateMachineArn!:s(1..256) Name!:s(1..80) Status:StateMachineStatus Definition!:s(1..1048576) RoleArn!:s(1..256) Type!:StateMachineType CreationDate!:s LoggingConfiguration:LoggingConfiguration TracingConfiguration:TracingConfiguration Label:s RevisionId:s Description:s(..256) EncryptionConfiguration:EncryptionConfiguration VariableReferences:VariableReferences
EncryptionConfiguration = KmsKeyId:s(1..2048) KmsDataKeyReusePeriodSeconds:n(60..900) Type!:EncryptionType
EncryptionType = AWS_OWNED_KEY|CUSTOMER_MANAGED_KMS_KEY
EvaluationFailedEventDetails = Error:s(0..256) Cause:s(0..32768) Location:s(0..256) State!:s(1..80)
ExecutionAbortedEventDetails = Error:s(0..256) Cause:s(0..32768)
ExecutionFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
ExecutionList = [ExecutionListItem]
ExecutionListItem = ExecutionArn!:s(1..256) StateMachineArn!:s(1..256) Name!:s(1..80) Status!:ExecutionStatus StartDate!:s StopDate:s MapRunArn:s(1..2000) ItemCount:n(0..) StateMachineVersionArn:s(1..256) StateMachineAliasArn:s(1..256) RedriveCount:n RedriveDate:s
ExecutionRedriveStatus = REDRIVABLE|NOT_REDRIVABLE|REDRIVABLE_BY_MAP_RUN
ExecutionRedrivenEventDetails = RedriveCount:n
ExecutionStartedEventDetails = Input:s(..262144) InputDetails:HistoryEventExecutionDataDetails RoleArn:s(1..256) StateMachineAliasArn:s(1..256) StateMachineVersionArn:s(1..256)
ExecutionStatus = RUNNING|SUCCEEDED|FAILED|TIMED_OUT|ABORTED|PENDING_REDRIVE
ExecutionSucceededEventDetails = Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails
ExecutionTimedOutEventDetails = Error:s(0..256) Cause:s(0..32768)
GetActivityTaskOutput = TaskToken:s(1..2048) Input:s(..262144)
GetExecutionHistoryOutput = Events!:HistoryEventList NextToken:s(1..1024)
HistoryEvent = Timestamp!:s Type!:HistoryEventType Id!:n PreviousEventId:n ActivityFailedEventDetails:ActivityFailedEventDetails ActivityScheduleFailedEventDetails:ActivityScheduleFailedEventDetails ActivityScheduledEventDetails:ActivityScheduledEventDetails ActivityStartedEventDetails:ActivityStartedEventDetails ActivitySucceededEventDetails:ActivitySucceededEventDetails ActivityTimedOutEventDetails:ActivityTimedOutEventDetails TaskFailedEventDetails:TaskFailedEventDetails TaskScheduledEventDetails:TaskScheduledEventDetails TaskStartFailedEventDetails:TaskStartFailedEventDetails TaskStartedEventDetails:TaskStartedEventDetails TaskSubmitFailedEventDetails:TaskSubmitFailedEventDetails TaskSubmittedEventDetails:TaskSubmittedEventDetails TaskSucceededEventDetails:TaskSucceededEventDetails TaskTimedOutEventDetails:TaskTimedOutEventDetails ExecutionFailedEventDetails:ExecutionFailedEventDetails ExecutionStartedEventDetails:ExecutionStartedEventDetails ExecutionSucceededEventDetails:ExecutionSucceededEventDetails ExecutionAbortedEventDetails:ExecutionAbortedEventDetails ExecutionTimedOutEventDetails:ExecutionTimedOutEventDetails ExecutionRedrivenEventDetails:ExecutionRedrivenEventDetails MapStateStartedEventDetails:MapStateStartedEventDetails MapIterationStartedEventDetails:MapIterationEventDetails MapIterationSucceededEventDetails:MapIterationEventDetails MapIterationFailedEventDetails:MapIterationEventDetails MapIterationAbortedEventDetails:MapIterationEventDetails LambdaFunctionFailedEventDetails:LambdaFunctionFailedEventDetails LambdaFunctionScheduleFailedEventDetails:LambdaFunctionScheduleFailedEventDetails LambdaFunctionScheduledEventDetails:LambdaFunctionScheduledEventDetails LambdaFunctionStartFailedEventDetails:LambdaFunctionStartFailedEventDetails LambdaFunctionSucceededEventDetails:LambdaFunctionSucceededEventDetails LambdaFunctionTimedOutEventDetails:LambdaFunctionTimedOutEventDetails StateEnteredEventDetails:StateEnteredEventDetails StateExitedEventDetails:StateExitedEventDetails MapRunStartedEventDetails:MapRunStartedEventDetails MapRunFailedEventDetails:MapRunFailedEventDetails MapRunRedrivenEventDetails:MapRunRedrivenEventDetails EvaluationFailedEventDetails:EvaluationFailedEventDetails
HistoryEventExecutionDataDetails = Truncated:b
HistoryEventList = [HistoryEvent]
HistoryEventType = ActivityFailed|ActivityScheduled|ActivityScheduleFailed|ActivityStarted|ActivitySucceeded|ActivityTimedOut|ChoiceStateEntered|ChoiceStateExited|ExecutionAborted|ExecutionFailed|ExecutionStarted|ExecutionSucceeded|ExecutionTimedOut|FailStateEntered|LambdaFunctionFailed|LambdaFunctionScheduled|LambdaFunctionScheduleFailed|LambdaFunctionStarted|LambdaFunctionStartFailed|LambdaFunctionSucceeded|LambdaFunctionTimedOut|MapIterationAborted|MapIterationFailed|MapIterationStarted|MapIterationSucceeded|MapStateAborted|MapStateEntered|MapStateExited|MapStateFailed|MapStateStarted|MapStateSucceeded|ParallelStateAborted|ParallelStateEntered|ParallelStateExited|ParallelStateFailed|ParallelStateStarted|ParallelStateSucceeded|PassStateEntered|PassStateExited|SucceedStateEntered|SucceedStateExited|TaskFailed|TaskScheduled|TaskStarted|TaskStartFailed|TaskStateAborted|TaskStateEntered|TaskStateExited|TaskSubmitFailed|TaskSubmitted|TaskSucceeded|TaskTimedOut|WaitStateAborted|WaitStateEntered|WaitStateExited|MapRunAborted|MapRunFailed|MapRunStarted|MapRunSucceeded|ExecutionRedriven|MapRunRedriven|EvaluationFailed
InspectionData = Input:s(..262144) AfterArguments:s(..262144) AfterInputPath:s(..262144) AfterParameters:s(..262144) Result:s(..262144) AfterResultSelector:s(..262144) AfterResultPath:s(..262144) Request:InspectionDataRequest Response:InspectionDataResponse Variables:s(..262144)
InspectionDataRequest = Protocol:s Method:s Url:s Headers:s Body:s
InspectionDataResponse = Protocol:s StatusCode:s StatusMessage:s Headers:s Body:s
LambdaFunctionFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
LambdaFunctionScheduleFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
LambdaFunctionScheduledEventDetails = Resource!:s(1..256) Input:s(..262144) InputDetails:HistoryEventExecutionDataDetails TimeoutInSeconds:n TaskCredentials:TaskCredentials
LambdaFunctionStartFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
LambdaFunctionSucceededEventDetails = Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails
LambdaFunctionTimedOutEventDetails = Error:s(0..256) Cause:s(0..32768)
ListActivitiesOutput = Activities!:ActivityList NextToken:s(1..1024)
ListExecutionsOutput = Executions!:ExecutionList NextToken:s(1..3096)
ListMapRunsOutput = MapRuns!:MapRunList NextToken:s(1..1024)
ListStateMachineAliasesOutput = StateMachineAliases!:StateMachineAliasList NextToken:s(1..1024)
ListStateMachineVersionsOutput = StateMachineVersions!:StateMachineVersionList NextToken:s(1..1024)
ListStateMachinesOutput = StateMachines!:StateMachineList NextToken:s(1..1024)
ListTagsForResourceOutput = Tags:TagList
LogDestination = CloudWatchLogsLogGroup:CloudWatchLogsLogGroup
LogDestinationList = [LogDestination]
LogLevel = ALL|ERROR|FATAL|OFF
LoggingConfiguration = Level:LogLevel IncludeExecutionData:b Destinations:LogDestinationList
MapIterationEventDetails = Name:s(1..80) Index:n(0..)
MapRunExecutionCounts = Pending!:n(0..) Running!:n(0..) Succeeded!:n(0..) Failed!:n(0..) TimedOut!:n(0..) Aborted!:n(0..) Total!:n(0..) ResultsWritten!:n(0..) FailuresNotRedrivable:n PendingRedrive:n
MapRunFailedEventDetails = Error:s(0..256) Cause:s(0..32768)
MapRunItemCounts = Pending!:n(0..) Running!:n(0..) Succeeded!:n(0..) Failed!:n(0..) TimedOut!:n(0..) Aborted!:n(0..) Total!:n(0..) ResultsWritten!:n(0..) FailuresNotRedrivable:n PendingRedrive:n
MapRunList = [MapRunListItem]
MapRunListItem = ExecutionArn!:s(1..256) MapRunArn!:s(1..2000) StateMachineArn!:s(1..256) StartDate!:s StopDate:s
MapRunRedrivenEventDetails = MapRunArn:s(1..2000) RedriveCount:n
MapRunStartedEventDetails = MapRunArn:s(1..2000)
MapRunStatus = RUNNING|SUCCEEDED|FAILED|ABORTED
MapStateStartedEventDetails = Length:n(0..)
PublishStateMachineVersionOutput = CreationDate!:s StateMachineVersionArn!:s(1..256)
RedriveExecutionOutput = RedriveDate!:s
RoutingConfigurationList = [RoutingConfigurationListItem]
RoutingConfigurationListItem = StateMachineVersionArn!:s(1..256) Weight!:n(0..100)
SendTaskFailureOutput =
SendTaskHeartbeatOutput =
SendTaskSuccessOutput =
StartExecutionOutput = ExecutionArn!:s(1..256) StartDate!:s
StartSyncExecutionOutput = ExecutionArn!:s(1..256) StateMachineArn:s(1..256) Name:s(1..80) StartDate!:s StopDate!:s Status!:SyncExecutionStatus Error:s(0..256) Cause:s(0..32768) Input:s(..262144) InputDetails:CloudWatchEventsExecutionDataDetails Output:s(..262144) OutputDetails:CloudWatchEventsExecutionDataDetails TraceHeader:s(0..256) BillingDetails:BillingDetails
StateEnteredEventDetails = Name!:s(1..80) Input:s(..262144) InputDetails:HistoryEventExecutionDataDetails
StateExitedEventDetails = Name!:s(1..80) Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails AssignedVariables:AssignedVariables AssignedVariablesDetails:AssignedVariablesDetails
StateMachineAliasList = [StateMachineAliasListItem]
StateMachineAliasListItem = StateMachineAliasArn!:s(1..2000) CreationDate!:s
StateMachineList = [StateMachineListItem]
StateMachineListItem = StateMachineArn!:s(1..256) Name!:s(1..80) Type!:StateMachineType CreationDate!:s
StateMachineStatus = ACTIVE|DELETING
StateMachineType = STANDARD|EXPRESS
StateMachineVersionList = [StateMachineVersionListItem]
StateMachineVersionListItem = StateMachineVersionArn!:s(1..2000) CreationDate!:s
StopExecutionOutput = StopDate!:s
SyncExecutionStatus = SUCCEEDED|FAILED|TIMED_OUT
Tag = Key:s(1..128) Value:s(0..256)
TagList = [Tag]
TagResourceOutput =
TaskCredentials = RoleArn:s(1..2000)
TaskFailedEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Error:s(0..256) Cause:s(0..32768)
TaskScheduledEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Region!:s(1..80) Parameters!:s(0..262144) TimeoutInSeconds:n HeartbeatInSeconds:n TaskCredentials:TaskCredentials
TaskStartFailedEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Error:s(0..256) Cause:s(0..32768)
TaskStartedEventDetails = ResourceType!:s(1..80) Resource!:s(1..80)
TaskSubmitFailedEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Error:s(0..256) Cause:s(0..32768)
TaskSubmittedEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails
TaskSucceededEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Output:s(..262144) OutputDetails:HistoryEventExecutionDataDetails
TaskTimedOutEventDetails = ResourceType!:s(1..80) Resource!:s(1..80) Error:s(0..256) Cause:s(0..32768)
TestExecutionStatus = SUCCEEDED|FAILED|RETRIABLE|CAUGHT_ERROR
TestStateOutput = Output:s(..262144) Error:s(0..256) Cause:s(0..32768) InspectionData:InspectionData NextState:s(1..80) Status:TestExecutionStatus
TracingConfiguration = Enabled:b
UntagResourceOutput =
UpdateMapRunOutput =
UpdateStateMachineAliasOutput = UpdateDate!:s
UpdateStateMachineOutput = UpdateDate!:s RevisionId:s StateMachineVersionArn:s(1..256)
ValidateStateMachineDefinitionDiagnostic = Severity!:ValidateStateMachineDefinitionSeverity Code!:s Message!:s Location:s
ValidateStateMachineDefinitionDiagnosticList = [ValidateStateMachineDefinitionDiagnostic]
ValidateStateMachineDefinitionOutput = Result!:ValidateStateMachineDefinitionResultCode Diagnostics!:ValidateStateMachineDefinitionDiagnosticList Truncated:b
ValidateStateMachineDefinitionResultCode = OK|FAIL
ValidateStateMachineDefinitionSeverity = ERROR|WARNING
VariableNameList = [s]
VariableReferences = {VariableNameList}
`
