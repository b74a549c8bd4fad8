/**
 * What kms answers: the shapes in its model, in a form of our own. Written by scripts/aws-answers.mjs; not to be edited.
 *
 * Derived from botocore (https://github.com/boto/botocore), Copyright Amazon.com, Inc. or its affiliates, licensed under the
 * Apache License, Version 2.0: NOTICE.
 */
export const answers = `
cancelKeyDeletion > CancelKeyDeletionResponse
connectCustomKeyStore > ConnectCustomKeyStoreResponse
createCustomKeyStore > CreateCustomKeyStoreResponse
createGrant > CreateGrantResponse
createKey > CreateKeyResponse
decrypt > DecryptResponse
deleteCustomKeyStore > DeleteCustomKeyStoreResponse
deleteImportedKeyMaterial > DeleteImportedKeyMaterialResponse
deriveSharedSecret > DeriveSharedSecretResponse
describeCustomKeyStores > DescribeCustomKeyStoresResponse
describeKey > DescribeKeyResponse
disconnectCustomKeyStore > DisconnectCustomKeyStoreResponse
encrypt > EncryptResponse
generateDataKey > GenerateDataKeyResponse
generateDataKeyPair > GenerateDataKeyPairResponse
generateDataKeyPairWithoutPlaintext > GenerateDataKeyPairWithoutPlaintextResponse
generateDataKeyWithoutPlaintext > GenerateDataKeyWithoutPlaintextResponse
generateMac > GenerateMacResponse
generateRandom > GenerateRandomResponse
getKeyPolicy > GetKeyPolicyResponse
getKeyRotationStatus > GetKeyRotationStatusResponse
getParametersForImport > GetParametersForImportResponse
getPublicKey > GetPublicKeyResponse
importKeyMaterial > ImportKeyMaterialResponse
listAliases > ListAliasesResponse
listGrants > ListGrantsResponse
listKeyPolicies > ListKeyPoliciesResponse
listKeyRotations > ListKeyRotationsResponse
listKeys > ListKeysResponse
listResourceTags > ListResourceTagsResponse
listRetirableGrants > ListGrantsResponse
reEncrypt > ReEncryptResponse
replicateKey > ReplicateKeyResponse
rotateKeyOnDemand > RotateKeyOnDemandResponse
scheduleKeyDeletion > ScheduleKeyDeletionResponse
sign > SignResponse
updateCustomKeyStore > UpdateCustomKeyStoreResponse
verify > VerifyResponse
verifyMac > VerifyMacResponse
AliasList = [AliasListEntry]
AliasListEntry = AliasName:s(1..256) AliasArn:s(20..2048) TargetKeyId:s(1..2048) CreationDate:s LastUpdatedDate:s
CancelKeyDeletionResponse = KeyId:s(1..2048)
ConnectCustomKeyStoreResponse =
ConnectionErrorCodeType = INVALID_CREDENTIALS|CLUSTER_NOT_FOUND|NETWORK_ERRORS|INTERNAL_ERROR|INSUFFICIENT_CLOUDHSM_HSMS|USER_LOCKED_OUT|USER_NOT_FOUND|USER_LOGGED_IN|SUBNET_NOT_FOUND|INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET|XKS_PROXY_ACCESS_DENIED|XKS_PROXY_NOT_REACHABLE|XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND|XKS_PROXY_INVALID_RESPONSE|XKS_PROXY_INVALID_CONFIGURATION|XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION|XKS_PROXY_TIMED_OUT|XKS_PROXY_INVALID_TLS_CONFIGURATION
ConnectionStateType = CONNECTED|CONNECTING|FAILED|DISCONNECTED|DISCONNECTING
CreateCustomKeyStoreResponse = CustomKeyStoreId:s(1..64)
CreateGrantResponse = GrantToken:s(1..8192) GrantId:s(1..128)
CreateKeyResponse = KeyMetadata:KeyMetadata
CustomKeyStoreType = AWS_CLOUDHSM|EXTERNAL_KEY_STORE
CustomKeyStoresList = [CustomKeyStoresListEntry]
CustomKeyStoresListEntry = CustomKeyStoreId:s(1..64) CustomKeyStoreName:s(1..256) CloudHsmClusterId:s(19..24) TrustAnchorCertificate:s(1..5000) ConnectionState:ConnectionStateType ConnectionErrorCode:ConnectionErrorCodeType CreationDate:s CustomKeyStoreType:CustomKeyStoreType XksProxyConfiguration:XksProxyConfigurationType
CustomerMasterKeySpec = RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2
DataKeyPairSpec = RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SM2|ECC_NIST_EDWARDS25519
DecryptResponse = KeyId:s(1..2048) Plaintext:s(1..4096) EncryptionAlgorithm:EncryptionAlgorithmSpec CiphertextForRecipient:s(1..6144) KeyMaterialId:s(64..64)
DeleteCustomKeyStoreResponse =
DeleteImportedKeyMaterialResponse = KeyId:s(1..2048) KeyMaterialId:s(0..64)
DeriveSharedSecretResponse = KeyId:s(1..2048) SharedSecret:s(1..4096) CiphertextForRecipient:s(1..6144) KeyAgreementAlgorithm:KeyAgreementAlgorithmSpec KeyOrigin:OriginType
DescribeCustomKeyStoresResponse = CustomKeyStores:CustomKeyStoresList NextMarker:s(1..1024) Truncated:b
DescribeKeyResponse = KeyMetadata:KeyMetadata
DisconnectCustomKeyStoreResponse =
EncryptResponse = CiphertextBlob:s(1..6144) KeyId:s(1..2048) EncryptionAlgorithm:EncryptionAlgorithmSpec
EncryptionAlgorithmSpec = SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE
EncryptionAlgorithmSpecList = [EncryptionAlgorithmSpec]
EncryptionContextType = {s}
ExpirationModelType = KEY_MATERIAL_EXPIRES|KEY_MATERIAL_DOES_NOT_EXPIRE
GenerateDataKeyPairResponse = PrivateKeyCiphertextBlob:s(1..6144) PrivateKeyPlaintext:s(1..4096) PublicKey:s(1..8192) KeyId:s(1..2048) KeyPairSpec:DataKeyPairSpec CiphertextForRecipient:s(1..6144) KeyMaterialId:s(64..64)
GenerateDataKeyPairWithoutPlaintextResponse = PrivateKeyCiphertextBlob:s(1..6144) PublicKey:s(1..8192) KeyId:s(1..2048) KeyPairSpec:DataKeyPairSpec KeyMaterialId:s(64..64)
GenerateDataKeyResponse = CiphertextBlob:s(1..6144) Plaintext:s(1..4096) KeyId:s(1..2048) CiphertextForRecipient:s(1..6144) KeyMaterialId:s(64..64)
GenerateDataKeyWithoutPlaintextResponse = CiphertextBlob:s(1..6144) KeyId:s(1..2048) KeyMaterialId:s(64..64)
GenerateMacResponse = Mac:s(1..6144) MacAlgorithm:MacAlgorithmSpec KeyId:s(1..2048)
GenerateRandomResponse = Plaintext:s(1..4096) CiphertextForRecipient:s(1..6144)
GetKeyPolicyResponse = Policy:s(1..131072) PolicyName:s(1..128)
GetKeyRotationStatusResponse = KeyRotationEnabled:b KeyId:s(1..2048) RotationPeriodInDays:n(90..2560) NextRotationDate:s OnDemandRotationStartDate:s
GetParametersForImportResponse = KeyId:s(1..2048) ImportToken:s(1..6144) PublicKey:s(1..4096) ParametersValidTo:s
GetPublicKeyResponse = KeyId:s(1..2048) PublicKey:s(1..8192) CustomerMasterKeySpec:CustomerMasterKeySpec KeySpec:KeySpec KeyUsage:KeyUsageType EncryptionAlgorithms:EncryptionAlgorithmSpecList SigningAlgorithms:SigningAlgorithmSpecList KeyAgreementAlgorithms:KeyAgreementAlgorithmSpecList
GrantConstraints = EncryptionContextSubset:EncryptionContextType EncryptionContextEquals:EncryptionContextType
GrantList = [GrantListEntry]
GrantListEntry = KeyId:s(1..2048) GrantId:s(1..128) Name:s(1..256) CreationDate:s GranteePrincipal:s(1..256) RetiringPrincipal:s(1..256) IssuingAccount:s(1..256) Operations:GrantOperationList Constraints:GrantConstraints
GrantOperation = Decrypt|Encrypt|GenerateDataKey|GenerateDataKeyWithoutPlaintext|ReEncryptFrom|ReEncryptTo|Sign|Verify|GetPublicKey|CreateGrant|RetireGrant|DescribeKey|GenerateDataKeyPair|GenerateDataKeyPairWithoutPlaintext|GenerateMac|VerifyMac|DeriveSharedSecret
GrantOperationList = [GrantOperation]
ImportKeyMaterialResponse = KeyId:s(1..2048) KeyMaterialId:s(64..64)
ImportState = IMPORTED|PENDING_IMPORT
KeyAgreementAlgorithmSpec = ECDH
KeyAgreementAlgorithmSpecList = [KeyAgreementAlgorithmSpec]
KeyList = [KeyListEntry]
KeyListEntry = KeyId:s(1..2048) KeyArn:s(20..2048)
KeyManagerType = AWS|CUSTOMER
KeyMaterialState = NON_CURRENT|CURRENT|PENDING_ROTATION
KeyMetadata = AWSAccountId:s KeyId!:s(1..2048) Arn:s(20..2048) CreationDate:s Enabled:b Description:s(0..8192) KeyUsage:KeyUsageType KeyState:KeyState DeletionDate:s ValidTo:s Origin:OriginType CustomKeyStoreId:s(1..64) CloudHsmClusterId:s(19..24) ExpirationModel:ExpirationModelType KeyManager:KeyManagerType CustomerMasterKeySpec:CustomerMasterKeySpec KeySpec:KeySpec EncryptionAlgorithms:EncryptionAlgorithmSpecList SigningAlgorithms:SigningAlgorithmSpecList KeyAgreementAlgorithms:KeyAgreementAlgorithmSpecList MultiRegion:b MultiRegionConfiguration:MultiRegionConfiguration PendingDeletionWindowInDays:n(1..365) MacAlgorithms:MacAlgorithmSpecList XksKeyConfiguration:XksKeyConfigurationType CurrentKeyMaterialId:s(64..64)
KeySpec = RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519
KeyState = Creating|Enabled|Disabled|PendingDeletion|PendingImport|PendingReplicaDeletion|Unavailable|Updating
KeyUsageType = SIGN_VERIFY|ENCRYPT_DECRYPT|GENERATE_VERIFY_MAC|KEY_AGREEMENT
ListAliasesResponse = Aliases:AliasList NextMarker:s(1..1024) Truncated:b
ListGrantsResponse = Grants:GrantList NextMarker:s(1..1024) Truncated:b
ListKeyPoliciesResponse = PolicyNames:PolicyNameList NextMarker:s(1..1024) Truncated:b
ListKeyRotationsResponse = Rotations:RotationsList NextMarker:s(1..1024) Truncated:b
ListKeysResponse = Keys:KeyList NextMarker:s(1..1024) Truncated:b
ListResourceTagsResponse = Tags:TagList NextMarker:s(1..1024) Truncated:b
MacAlgorithmSpec = HMAC_SHA_224|HMAC_SHA_256|HMAC_SHA_384|HMAC_SHA_512
MacAlgorithmSpecList = [MacAlgorithmSpec]
MultiRegionConfiguration = MultiRegionKeyType:MultiRegionKeyType PrimaryKey:MultiRegionKey ReplicaKeys:MultiRegionKeyList
MultiRegionKey = Arn:s(20..2048) Region:s(1..32)
MultiRegionKeyList = [MultiRegionKey]
MultiRegionKeyType = PRIMARY|REPLICA
OriginType = AWS_KMS|EXTERNAL|AWS_CLOUDHSM|EXTERNAL_KEY_STORE
PolicyNameList = [s(1..128)]
ReEncryptResponse = CiphertextBlob:s(1..6144) SourceKeyId:s(1..2048) KeyId:s(1..2048) SourceEncryptionAlgorithm:EncryptionAlgorithmSpec DestinationEncryptionAlgorithm:EncryptionAlgorithmSpec SourceKeyMaterialId:s(64..64) DestinationKeyMaterialId:s(64..64)
ReplicateKeyResponse = ReplicaKeyMetadata:KeyMetadata ReplicaPolicy:s(1..131072) ReplicaTags:TagList
RotateKeyOnDemandResponse = KeyId:s(1..2048)
RotationType = AUTOMATIC|ON_DEMAND
RotationsList = [RotationsListEntry]
RotationsListEntry = KeyId:s(1..2048) KeyMaterialId:s(64..64) KeyMaterialDescription:s(0..256) ImportState:ImportState KeyMaterialState:KeyMaterialState ExpirationModel:ExpirationModelType ValidTo:s RotationDate:s RotationType:RotationType
ScheduleKeyDeletionResponse = KeyId:s(1..2048) DeletionDate:s KeyState:KeyState PendingWindowInDays:n(1..365)
SignResponse = KeyId:s(1..2048) Signature:s(1..6144) SigningAlgorithm:SigningAlgorithmSpec
SigningAlgorithmSpec = RSASSA_PSS_SHA_256|RSASSA_PSS_SHA_384|RSASSA_PSS_SHA_512|RSASSA_PKCS1_V1_5_SHA_256|RSASSA_PKCS1_V1_5_SHA_384|RSASSA_PKCS1_V1_5_SHA_512|ECDSA_SHA_256|ECDSA_SHA_384|ECDSA_SHA_512|SM2DSA|ML_DSA_SHAKE_256|ED25519_SHA_512|ED25519_PH_SHA_512
SigningAlgorithmSpecList = [SigningAlgorithmSpec]
Tag = TagKey!:s(1..128) TagValue!:s(0..256)
TagList = [Tag]
UpdateCustomKeyStoreResponse =
VerifyMacResponse = KeyId:s(1..2048) MacValid:b MacAlgorithm:MacAlgorithmSpec
VerifyResponse = KeyId:s(1..2048) SignatureValid:b SigningAlgorithm:SigningAlgorithmSpec
XksKeyConfigurationType = Id:s(1..128)
XksProxyConfigurationType = Connectivity:XksProxyConnectivityType AccessKeyId:s(20..30) UriEndpoint:s(10..128) UriPath:s(10..128) VpcEndpointServiceName:s(20..64) VpcEndpointServiceOwner:s(12..12)
XksProxyConnectivityType = PUBLIC_ENDPOINT|VPC_ENDPOINT_SERVICE
`
