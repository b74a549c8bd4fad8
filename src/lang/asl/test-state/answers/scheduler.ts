/**
 * What scheduler answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
createSchedule > CreateScheduleOutput
createScheduleGroup > CreateScheduleGroupOutput
deleteSchedule > DeleteScheduleOutput
deleteScheduleGroup > DeleteScheduleGroupOutput
getSchedule > GetScheduleOutput
getScheduleGroup > GetScheduleGroupOutput
listScheduleGroups > ListScheduleGroupsOutput
listSchedules > ListSchedulesOutput
listTagsForResource > ListTagsForResourceOutput
tagResource > TagResourceOutput
untagResource > UntagResourceOutput
updateSchedule > UpdateScheduleOutput
ActionAfterCompletion = NONE|DELETE
AssignPublicIp = ENABLED|DISABLED
AwsVpcConfiguration = AssignPublicIp:AssignPublicIp SecurityGroups:SecurityGroups Subnets!:Subnets
CapacityProviderStrategy = [CapacityProviderStrategyItem]
CapacityProviderStrategyItem = Base:n(0..100000) CapacityProvider!:s(1..255) Weight:n(0..1000)
CreateScheduleGroupOutput = ScheduleGroupArn!:s(1..1224)
CreateScheduleOutput = ScheduleArn!:s(1..1224)
DeadLetterConfig = Arn:s(1..1600)
DeleteScheduleGroupOutput =
DeleteScheduleOutput =
EcsParameters = CapacityProviderStrategy:CapacityProviderStrategy EnableECSManagedTags:b EnableExecuteCommand:b Group:s(1..255) LaunchType:LaunchType NetworkConfiguration:NetworkConfiguration PlacementConstraints:PlacementConstraints PlacementStrategy:PlacementStrategies PlatformVersion:s(1..64) PropagateTags:PropagateTags ReferenceId:s(0..1024) Tags:Tags TaskCount:n(1..10) TaskDefinitionArn!:s(1..1600)
EventBridgeParameters = DetailType!:s(1..128) Source!:s(1..256)
FlexibleTimeWindow = MaximumWindowInMinutes:n(1..1440) Mode!:FlexibleTimeWindowMode
FlexibleTimeWindowMode = OFF|FLEXIBLE
GetScheduleGroupOutput = Arn:s(1..1224) CreationDate:s LastModificationDate:s Name:s(1..64) State:ScheduleGroupState
GetScheduleOutput = ActionAfterCompletion:ActionAfterCompletion Arn:s(1..1224) CreationDate:s Description:s(0..512) EndDate:s FlexibleTimeWindow:FlexibleTimeWindow GroupName:s(1..64) KmsKeyArn:s(1..2048) LastModificationDate:s Name:s(1..64) ScheduleExpression:s(1..256) ScheduleExpressionTimezone:s(1..50) StartDate:s State:ScheduleState Target:Target
KinesisParameters = PartitionKey!:s(1..256)
LaunchType = EC2|FARGATE|EXTERNAL
ListScheduleGroupsOutput = NextToken:s(1..2048) ScheduleGroups!:ScheduleGroupList
ListSchedulesOutput = NextToken:s(1..2048) Schedules!:ScheduleList
ListTagsForResourceOutput = Tags:TagList
NetworkConfiguration = AwsvpcConfiguration:AwsVpcConfiguration
PlacementConstraint = Expression:s(0..2000) Type:PlacementConstraintType
PlacementConstraintType = distinctInstance|memberOf
PlacementConstraints = [PlacementConstraint]
PlacementStrategies = [PlacementStrategy]
PlacementStrategy = Field:s(0..255) Type:PlacementStrategyType
PlacementStrategyType = random|spread|binpack
PropagateTags = TASK_DEFINITION
RetryPolicy = MaximumEventAgeInSeconds:n(60..86400) MaximumRetryAttempts:n(0..185)
SageMakerPipelineParameter = Name!:s(1..256) Value!:s(1..1024)
SageMakerPipelineParameterList = [SageMakerPipelineParameter]
SageMakerPipelineParameters = PipelineParameterList:SageMakerPipelineParameterList
ScheduleGroupList = [ScheduleGroupSummary]
ScheduleGroupState = ACTIVE|DELETING
ScheduleGroupSummary = Arn:s(1..1224) CreationDate:s LastModificationDate:s Name:s(1..64) State:ScheduleGroupState
ScheduleList = [ScheduleSummary]
ScheduleState = ENABLED|DISABLED
ScheduleSummary = Arn:s(1..1224) CreationDate:s GroupName:s(1..64) LastModificationDate:s Name:s(1..64) State:ScheduleState Target:TargetSummary
SecurityGroups = [s(1..1000)]
SqsParameters = MessageGroupId:s(1..128)
Subnets = [s(1..1000)]
Tag = Key!:s(1..128) Value!:s(1..256)
TagList = [Tag]
TagMap = {s(1..256)}
TagResourceOutput =
Tags = [TagMap]
Target = Arn!:s(1..1600) DeadLetterConfig:DeadLetterConfig EcsParameters:EcsParameters EventBridgeParameters:EventBridgeParameters Input:s(1..) KinesisParameters:KinesisParameters RetryPolicy:RetryPolicy RoleArn!:s(1..1600) SageMakerPipelineParameters:SageMakerPipelineParameters SqsParameters:SqsParameters
TargetSummary = Arn!:s(1..1600)
UntagResourceOutput =
UpdateScheduleOutput = ScheduleArn!:s(1..1224)
`
