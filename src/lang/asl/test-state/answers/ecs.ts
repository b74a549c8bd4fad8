/**
 * What ecs answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
describeTasks > DescribeTasksResponse
runTask > RunTaskResponse
stopTask > StopTaskResponse
Attachment = Id:s Type:s Status:s Details:AttachmentDetails
AttachmentDetails = [KeyValuePair]
Attachments = [Attachment]
Attribute = Name!:s Value:s TargetType:TargetType TargetId:s
Attributes = [Attribute]
Connectivity = CONNECTED|DISCONNECTED
Container = ContainerArn:s TaskArn:s Name:s Image:s ImageDigest:s RuntimeId:s LastStatus:s ExitCode:n Reason:s NetworkBindings:NetworkBindings NetworkInterfaces:NetworkInterfaces HealthStatus:HealthStatus ManagedAgents:ManagedAgents Cpu:s Memory:s MemoryReservation:s GpuIds:GpuIds
ContainerOverride = Name:s Command:StringList Environment:EnvironmentVariables EnvironmentFiles:EnvironmentFiles Cpu:n Memory:n MemoryReservation:n ResourceRequirements:ResourceRequirements
ContainerOverrides = [ContainerOverride]
Containers = [Container]
DescribeTasksResponse = Tasks:Tasks Failures:Failures
EnvironmentFile = Value!:s Type!:EnvironmentFileType
EnvironmentFileType = s3
EnvironmentFiles = [EnvironmentFile]
EnvironmentVariables = [KeyValuePair]
EphemeralStorage = SizeInGiB!:n
Failure = Arn:s Reason:s Detail:s
Failures = [Failure]
GpuIds = [s]
HealthStatus = HEALTHY|UNHEALTHY|UNKNOWN
InferenceAccelerator = DeviceName!:s DeviceType!:s
InferenceAcceleratorOverride = DeviceName:s DeviceType:s
InferenceAcceleratorOverrides = [InferenceAcceleratorOverride]
InferenceAccelerators = [InferenceAccelerator]
KeyValuePair = Name:s Value:s
LaunchType = EC2|FARGATE|EXTERNAL|MANAGED_INSTANCES
ManagedAgent = LastStartedAt:s Name:ManagedAgentName Reason:s LastStatus:s
ManagedAgentName = ExecuteCommandAgent
ManagedAgents = [ManagedAgent]
NetworkBinding = BindIP:s ContainerPort:n HostPort:n Protocol:TransportProtocol ContainerPortRange:s HostPortRange:s
NetworkBindings = [NetworkBinding]
NetworkInterface = AttachmentId:s PrivateIpv4Address:s Ipv6Address:s
NetworkInterfaces = [NetworkInterface]
ResourceRequirement = Value!:s Type!:ResourceType
ResourceRequirements = [ResourceRequirement]
ResourceType = GPU|InferenceAccelerator
RunTaskResponse = Tasks:Tasks Failures:Failures
StopTaskResponse = Task:Task
StringList = [s]
Tag = Key:s(1..128) Value:s(0..256)
Tags = [Tag]
TargetType = container-instance
Task = Attachments:Attachments Attributes:Attributes AvailabilityZone:s CapacityProviderName:s ClusterArn:s Connectivity:Connectivity ConnectivityAt:s ContainerInstanceArn:s Containers:Containers Cpu:s CreatedAt:s DesiredStatus:s EnableExecuteCommand:b ExecutionStoppedAt:s Group:s HealthStatus:HealthStatus InferenceAccelerators:InferenceAccelerators LastStatus:s LaunchType:LaunchType Memory:s Overrides:TaskOverride PlatformVersion:s PlatformFamily:s PullStartedAt:s PullStoppedAt:s StartedAt:s StartedBy:s StopCode:TaskStopCode StoppedAt:s StoppedReason:s StoppingAt:s Tags:Tags TaskArn:s TaskDefinitionArn:s Version:n EphemeralStorage:EphemeralStorage FargateEphemeralStorage:TaskEphemeralStorage
TaskEphemeralStorage = SizeInGiB:n KmsKeyId:s
TaskOverride = ContainerOverrides:ContainerOverrides Cpu:s InferenceAcceleratorOverrides:InferenceAcceleratorOverrides ExecutionRoleArn:s Memory:s TaskRoleArn:s EphemeralStorage:EphemeralStorage
TaskStopCode = TaskFailedToStart|EssentialContainerExited|UserInitiated|ServiceSchedulerInitiated|SpotInterruption|TerminationNotice
Tasks = [Task]
TransportProtocol = tcp|udp
`
