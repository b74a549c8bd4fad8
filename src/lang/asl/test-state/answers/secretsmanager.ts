/**
 * What secretsmanager answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
batchGetSecretValue > BatchGetSecretValueResponse
cancelRotateSecret > CancelRotateSecretResponse
createSecret > CreateSecretResponse
deleteResourcePolicy > DeleteResourcePolicyResponse
deleteSecret > DeleteSecretResponse
describeSecret > DescribeSecretResponse
getRandomPassword > GetRandomPasswordResponse
getResourcePolicy > GetResourcePolicyResponse
getSecretValue > GetSecretValueResponse
listSecretVersionIds > ListSecretVersionIdsResponse
listSecrets > ListSecretsResponse
putResourcePolicy > PutResourcePolicyResponse
putSecretValue > PutSecretValueResponse
removeRegionsFromReplication > RemoveRegionsFromReplicationResponse
replicateSecretToRegions > ReplicateSecretToRegionsResponse
restoreSecret > RestoreSecretResponse
rotateSecret > RotateSecretResponse
stopReplicationToReplica > StopReplicationToReplicaResponse
updateSecret > UpdateSecretResponse
updateSecretVersionStage > UpdateSecretVersionStageResponse
validateResourcePolicy > ValidateResourcePolicyResponse
APIErrorListType = [APIErrorType]
APIErrorType = SecretId:s(1..2048) ErrorCode:s Message:s
BatchGetSecretValueResponse = SecretValues:SecretValuesType NextToken:s(1..4096) Errors:APIErrorListType
CancelRotateSecretResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64)
CreateSecretResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64) ReplicationStatus:ReplicationStatusListType
DeleteResourcePolicyResponse = ARN:s(20..2048) Name:s(1..512)
DeleteSecretResponse = ARN:s(20..2048) Name:s(1..256) DeletionDate:s
DescribeSecretResponse = ARN:s(20..2048) Name:s(1..256) Description:s(..2048) KmsKeyId:s(0..2048) RotationEnabled:b RotationLambdaARN:s(0..2048) RotationRules:RotationRulesType LastRotatedDate:s LastChangedDate:s LastAccessedDate:s DeletedDate:s NextRotationDate:s Tags:TagListType VersionIdsToStages:SecretVersionsToStagesMapType OwningService:s(1..128) CreatedDate:s PrimaryRegion:s(1..128) ReplicationStatus:ReplicationStatusListType
GetRandomPasswordResponse = RandomPassword:s(0..4096)
GetResourcePolicyResponse = ARN:s(20..2048) Name:s(1..512) ResourcePolicy:s(1..20480)
GetSecretValueResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64) SecretBinary:s(1..65536) SecretString:s(1..65536) VersionStages:SecretVersionStagesType CreatedDate:s
KmsKeyIdListType = [s(0..2048)]
ListSecretVersionIdsResponse = Versions:SecretVersionsListType NextToken:s(1..4096) ARN:s(20..2048) Name:s(1..256)
ListSecretsResponse = SecretList:SecretListType NextToken:s(1..4096)
PutResourcePolicyResponse = ARN:s(20..2048) Name:s(1..512)
PutSecretValueResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64) VersionStages:SecretVersionStagesType
RemoveRegionsFromReplicationResponse = ARN:s(20..2048) ReplicationStatus:ReplicationStatusListType
ReplicateSecretToRegionsResponse = ARN:s(20..2048) ReplicationStatus:ReplicationStatusListType
ReplicationStatusListType = [ReplicationStatusType]
ReplicationStatusType = Region:s(1..128) KmsKeyId:s(0..2048) Status:StatusType StatusMessage:s(1..4096) LastAccessedDate:s
RestoreSecretResponse = ARN:s(20..2048) Name:s(1..256)
RotateSecretResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64)
RotationRulesType = AutomaticallyAfterDays:n(1..1000) Duration:s(2..3) ScheduleExpression:s(1..256)
SecretListEntry = ARN:s(20..2048) Name:s(1..256) Description:s(..2048) KmsKeyId:s(0..2048) RotationEnabled:b RotationLambdaARN:s(0..2048) RotationRules:RotationRulesType LastRotatedDate:s LastChangedDate:s LastAccessedDate:s DeletedDate:s NextRotationDate:s Tags:TagListType SecretVersionsToStages:SecretVersionsToStagesMapType OwningService:s(1..128) CreatedDate:s PrimaryRegion:s(1..128)
SecretListType = [SecretListEntry]
SecretValueEntry = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64) SecretBinary:s(1..65536) SecretString:s(1..65536) VersionStages:SecretVersionStagesType CreatedDate:s
SecretValuesType = [SecretValueEntry]
SecretVersionStagesType = [s(1..256)]
SecretVersionsListEntry = VersionId:s(32..64) VersionStages:SecretVersionStagesType LastAccessedDate:s CreatedDate:s KmsKeyIds:KmsKeyIdListType
SecretVersionsListType = [SecretVersionsListEntry]
SecretVersionsToStagesMapType = {SecretVersionStagesType}
StatusType = InSync|Failed|InProgress
StopReplicationToReplicaResponse = ARN:s(20..2048)
Tag = Key:s(1..128) Value:s(0..256)
TagListType = [Tag]
UpdateSecretResponse = ARN:s(20..2048) Name:s(1..256) VersionId:s(32..64)
UpdateSecretVersionStageResponse = ARN:s(20..2048) Name:s(1..256)
ValidateResourcePolicyResponse = PolicyValidationPassed:b ValidationErrors:ValidationErrorsType
ValidationErrorsEntry = CheckName:s(1..512) ErrorMessage:s
ValidationErrorsType = [ValidationErrorsEntry]
`
