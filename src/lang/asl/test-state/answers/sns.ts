/**
 * What sns answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
checkIfPhoneNumberIsOptedOut > CheckIfPhoneNumberIsOptedOutResponse
confirmSubscription > ConfirmSubscriptionResponse
createPlatformApplication > CreatePlatformApplicationResponse
createPlatformEndpoint > CreateEndpointResponse
createSMSSandboxPhoneNumber > CreateSMSSandboxPhoneNumberResult
createTopic > CreateTopicResponse
deleteSMSSandboxPhoneNumber > DeleteSMSSandboxPhoneNumberResult
getDataProtectionPolicy > GetDataProtectionPolicyResponse
getEndpointAttributes > GetEndpointAttributesResponse
getPlatformApplicationAttributes > GetPlatformApplicationAttributesResponse
getSMSAttributes > GetSMSAttributesResponse
getSMSSandboxAccountStatus > GetSMSSandboxAccountStatusResult
getSubscriptionAttributes > GetSubscriptionAttributesResponse
getTopicAttributes > GetTopicAttributesResponse
listEndpointsByPlatformApplication > ListEndpointsByPlatformApplicationResponse
listOriginationNumbers > ListOriginationNumbersResult
listPhoneNumbersOptedOut > ListPhoneNumbersOptedOutResponse
listPlatformApplications > ListPlatformApplicationsResponse
listSMSSandboxPhoneNumbers > ListSMSSandboxPhoneNumbersResult
listSubscriptions > ListSubscriptionsResponse
listSubscriptionsByTopic > ListSubscriptionsByTopicResponse
listTagsForResource > ListTagsForResourceResponse
listTopics > ListTopicsResponse
optInPhoneNumber > OptInPhoneNumberResponse
publish > PublishResponse
publishBatch > PublishBatchResponse
setSMSAttributes > SetSMSAttributesResponse
subscribe > SubscribeResponse
tagResource > TagResourceResponse
untagResource > UntagResourceResponse
verifySMSSandboxPhoneNumber > VerifySMSSandboxPhoneNumberResult
BatchResultErrorEntry = Id!:s Code!:s Message:s SenderFault!:b
BatchResultErrorEntryList = [BatchResultErrorEntry]
CheckIfPhoneNumberIsOptedOutResponse = IsOptedOut:b
ConfirmSubscriptionResponse = SubscriptionArn:s
CreateEndpointResponse = EndpointArn:s
CreatePlatformApplicationResponse = PlatformApplicationArn:s
CreateSMSSandboxPhoneNumberResult =
CreateTopicResponse = TopicArn:s
DeleteSMSSandboxPhoneNumberResult =
Endpoint = EndpointArn:s Attributes:MapStringToString
GetDataProtectionPolicyResponse = DataProtectionPolicy:s
GetEndpointAttributesResponse = Attributes:MapStringToString
GetPlatformApplicationAttributesResponse = Attributes:MapStringToString
GetSMSAttributesResponse = Attributes:MapStringToString
GetSMSSandboxAccountStatusResult = IsInSandbox!:b
GetSubscriptionAttributesResponse = Attributes:SubscriptionAttributesMap
GetTopicAttributesResponse = Attributes:TopicAttributesMap
ListEndpointsByPlatformApplicationResponse = Endpoints:ListOfEndpoints NextToken:s
ListOfEndpoints = [Endpoint]
ListOfPlatformApplications = [PlatformApplication]
ListOriginationNumbersResult = NextToken:s PhoneNumbers:PhoneNumberInformationList
ListPhoneNumbersOptedOutResponse = PhoneNumbers:PhoneNumberList NextToken:s
ListPlatformApplicationsResponse = PlatformApplications:ListOfPlatformApplications NextToken:s
ListSMSSandboxPhoneNumbersResult = PhoneNumbers!:SMSSandboxPhoneNumberList NextToken:s
ListSubscriptionsByTopicResponse = Subscriptions:SubscriptionsList NextToken:s
ListSubscriptionsResponse = Subscriptions:SubscriptionsList NextToken:s
ListTagsForResourceResponse = Tags:TagList
ListTopicsResponse = Topics:TopicsList NextToken:s
MapStringToString = {s}
NumberCapability = SMS|MMS|VOICE
NumberCapabilityList = [NumberCapability]
OptInPhoneNumberResponse =
PhoneNumberInformation = CreatedAt:s PhoneNumber:s Status:s Iso2CountryCode:s(..2) RouteType:RouteType NumberCapabilities:NumberCapabilityList
PhoneNumberInformationList = [PhoneNumberInformation]
PhoneNumberList = [s]
PlatformApplication = PlatformApplicationArn:s Attributes:MapStringToString
PublishBatchResponse = Successful:PublishBatchResultEntryList Failed:BatchResultErrorEntryList
PublishBatchResultEntry = Id:s MessageId:s SequenceNumber:s
PublishBatchResultEntryList = [PublishBatchResultEntry]
PublishResponse = MessageId:s SequenceNumber:s
RouteType = Transactional|Promotional|Premium
SMSSandboxPhoneNumber = PhoneNumber:s(..20) Status:SMSSandboxPhoneNumberVerificationStatus
SMSSandboxPhoneNumberList = [SMSSandboxPhoneNumber]
SMSSandboxPhoneNumberVerificationStatus = Pending|Verified
SetSMSAttributesResponse =
SubscribeResponse = SubscriptionArn:s
Subscription = SubscriptionArn:s Owner:s Protocol:s Endpoint:s TopicArn:s
SubscriptionAttributesMap = {s}
SubscriptionsList = [Subscription]
Tag = Key!:s(1..128) Value!:s(0..256)
TagList = [Tag]
TagResourceResponse =
Topic = TopicArn:s
TopicAttributesMap = {s}
TopicsList = [Topic]
UntagResourceResponse =
VerifySMSSandboxPhoneNumberResult =
`
