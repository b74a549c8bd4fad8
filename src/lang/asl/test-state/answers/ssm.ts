/**
 * What ssm answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
getParameter > GetParameterResult
getParameters > GetParametersResult
getParametersByPath > GetParametersByPathResult
putParameter > PutParameterResult
sendCommand > SendCommandResult
startAutomationExecution > StartAutomationExecutionResult
Alarm = Name!:s(1..255)
AlarmConfiguration = IgnorePollAlarmFailure:b Alarms!:AlarmList
AlarmList = [Alarm]
AlarmStateInformation = Name!:s(1..255) State!:ExternalAlarmState
AlarmStateInformationList = [AlarmStateInformation]
CloudWatchOutputConfig = CloudWatchLogGroupName:s(1..512) CloudWatchOutputEnabled:b
Command = CommandId:s(36..36) DocumentName:s DocumentVersion:s Comment:s(..100) ExpiresAfter:s Parameters:Parameters InstanceIds:InstanceIdList Targets:Targets RequestedDateTime:s Status:CommandStatus StatusDetails:s(0..100) OutputS3Region:s(3..20) OutputS3BucketName:s(3..63) OutputS3KeyPrefix:s(..500) MaxConcurrency:s(1..7) MaxErrors:s(1..7) TargetCount:n CompletedCount:n ErrorCount:n DeliveryTimedOutCount:n ServiceRole:s NotificationConfig:NotificationConfig CloudWatchOutputConfig:CloudWatchOutputConfig TimeoutSeconds:n(30..2592000) AlarmConfiguration:AlarmConfiguration TriggeredAlarms:AlarmStateInformationList
CommandStatus = Pending|InProgress|Success|Cancelled|Failed|TimedOut|Cancelling
ExternalAlarmState = UNKNOWN|ALARM
GetParameterResult = Parameter:Parameter
GetParametersByPathResult = Parameters:ParameterList NextToken:s
GetParametersResult = Parameters:ParameterList InvalidParameters:ParameterNameList
InstanceIdList = [s]
NotificationConfig = NotificationArn:s NotificationEvents:NotificationEventList NotificationType:NotificationType
NotificationEvent = All|InProgress|Success|TimedOut|Cancelled|Failed
NotificationEventList = [NotificationEvent]
NotificationType = Command|Invocation
Parameter = Name:s(1..2048) Type:ParameterType Value:s Version:n Selector:s(0..128) SourceResult:s LastModifiedDate:s ARN:s DataType:s(0..128)
ParameterList = [Parameter]
ParameterNameList = [s(1..2048)]
ParameterTier = Standard|Advanced|Intelligent-Tiering
ParameterType = String|StringList|SecureString
ParameterValueList = [s]
Parameters = {ParameterValueList}
PutParameterResult = Version:n Tier:ParameterTier
SendCommandResult = Command:Command
StartAutomationExecutionResult = AutomationExecutionId:s(36..36)
Target = Key:s(1..163) Values:TargetValues
TargetValues = [s]
Targets = [Target]
`
