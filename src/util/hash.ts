/** Content addresses: SHA-256 in plain JavaScript, so that the core hashes the same in Node, a browser and a bare VM. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, type Json } from './json.ts'

/** Lowercase hex of SHA-256, 64 characters. */
export type Hash = string

export const hashBytes = (bytes: Uint8Array): Hash => bytesToHex(sha256(bytes))
export const hashText = (text: string): Hash => hashBytes(utf8ToBytes(text))
export const hashJson = (value: Json): Hash => hashText(canonicalJson(value))
