/**
 * What sts answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
assumeRole > AssumeRoleResponse
assumeRoleWithSAML > AssumeRoleWithSAMLResponse
assumeRoleWithWebIdentity > AssumeRoleWithWebIdentityResponse
assumeRoot > AssumeRootResponse
decodeAuthorizationMessage > DecodeAuthorizationMessageResponse
getAccessKeyInfo > GetAccessKeyInfoResponse
getCallerIdentity > GetCallerIdentityResponse
getDelegatedAccessToken > GetDelegatedAccessTokenResponse
getFederationToken > GetFederationTokenResponse
getSessionToken > GetSessionTokenResponse
AssumeRoleResponse = Credentials:Credentials AssumedRoleUser:AssumedRoleUser PackedPolicySize:n(0..) SourceIdentity:s(2..64)
AssumeRoleWithSAMLResponse = Credentials:Credentials AssumedRoleUser:AssumedRoleUser PackedPolicySize:n(0..) Subject:s SubjectType:s Issuer:s Audience:s NameQualifier:s SourceIdentity:s(2..64)
AssumeRoleWithWebIdentityResponse = Credentials:Credentials SubjectFromWebIdentityToken:s(6..255) AssumedRoleUser:AssumedRoleUser PackedPolicySize:n(0..) Provider:s Audience:s SourceIdentity:s(2..64)
AssumeRootResponse = Credentials:Credentials SourceIdentity:s(2..64)
AssumedRoleUser = AssumedRoleId!:s(2..193) Arn!:s(20..2048)
Credentials = AccessKeyId!:s(16..128) SecretAccessKey!:s SessionToken!:s Expiration!:s
DecodeAuthorizationMessageResponse = DecodedMessage:s
FederatedUser = FederatedUserId!:s(2..193) Arn!:s(20..2048)
GetAccessKeyInfoResponse = Account:s
GetCallerIdentityResponse = UserId:s Account:s Arn:s(20..2048)
GetDelegatedAccessTokenResponse = Credentials:Credentials PackedPolicySize:n(0..) AssumedPrincipal:s(20..2048)
GetFederationTokenResponse = Credentials:Credentials FederatedUser:FederatedUser PackedPolicySize:n(0..)
GetSessionTokenResponse = Credentials:Credentials
`
