/**
 * What sqs answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
cancelMessageMoveTask > CancelMessageMoveTaskResult
changeMessageVisibilityBatch > ChangeMessageVisibilityBatchResult
createQueue > CreateQueueResult
deleteMessageBatch > DeleteMessageBatchResult
getQueueAttributes > GetQueueAttributesResult
getQueueUrl > GetQueueUrlResult
listDeadLetterSourceQueues > ListDeadLetterSourceQueuesResult
listMessageMoveTasks > ListMessageMoveTasksResult
listQueueTags > ListQueueTagsResult
listQueues > ListQueuesResult
receiveMessage > ReceiveMessageResult
sendMessage > SendMessageResult
sendMessageBatch > SendMessageBatchResult
startMessageMoveTask > StartMessageMoveTaskResult
BatchResultErrorEntry = Id!:s SenderFault!:b Code!:s Message:s
BatchResultErrorEntryList = [BatchResultErrorEntry]
BinaryList = [s]
CancelMessageMoveTaskResult = ApproximateNumberOfMessagesMoved:n
ChangeMessageVisibilityBatchResult = Successful!:ChangeMessageVisibilityBatchResultEntryList Failed!:BatchResultErrorEntryList
ChangeMessageVisibilityBatchResultEntry = Id!:s
ChangeMessageVisibilityBatchResultEntryList = [ChangeMessageVisibilityBatchResultEntry]
CreateQueueResult = QueueUrl:s
DeleteMessageBatchResult = Successful!:DeleteMessageBatchResultEntryList Failed!:BatchResultErrorEntryList
DeleteMessageBatchResultEntry = Id!:s
DeleteMessageBatchResultEntryList = [DeleteMessageBatchResultEntry]
GetQueueAttributesResult = Attributes:QueueAttributeMap
GetQueueUrlResult = QueueUrl:s
ListDeadLetterSourceQueuesResult = QueueUrls!:QueueUrlList NextToken:s
ListMessageMoveTasksResult = Results:ListMessageMoveTasksResultEntryList
ListMessageMoveTasksResultEntry = TaskHandle:s Status:s SourceArn:s DestinationArn:s MaxNumberOfMessagesPerSecond:n ApproximateNumberOfMessagesMoved:n ApproximateNumberOfMessagesToMove:n FailureReason:s StartedTimestamp:n
ListMessageMoveTasksResultEntryList = [ListMessageMoveTasksResultEntry]
ListQueueTagsResult = Tags:TagMap
ListQueuesResult = QueueUrls:QueueUrlList NextToken:s
Message = MessageId:s ReceiptHandle:s MD5OfBody:s Body:s Attributes:MessageSystemAttributeMap MD5OfMessageAttributes:s MessageAttributes:MessageBodyAttributeMap
MessageAttributeValue = StringValue:s BinaryValue:s StringListValues:StringList BinaryListValues:BinaryList DataType!:s
MessageBodyAttributeMap = {MessageAttributeValue}
MessageList = [Message]
MessageSystemAttributeMap = {s}
QueueAttributeMap = {s}
QueueUrlList = [s]
ReceiveMessageResult = Messages:MessageList
SendMessageBatchResult = Successful!:SendMessageBatchResultEntryList Failed!:BatchResultErrorEntryList
SendMessageBatchResultEntry = Id!:s MessageId!:s MD5OfMessageBody!:s MD5OfMessageAttributes:s MD5OfMessageSystemAttributes:s SequenceNumber:s
SendMessageBatchResultEntryList = [SendMessageBatchResultEntry]
SendMessageResult = MD5OfMessageBody:s MD5OfMessageAttributes:s MD5OfMessageSystemAttributes:s MessageId:s SequenceNumber:s
StartMessageMoveTaskResult = TaskHandle:s
StringList = [s]
TagMap = {s}
`
