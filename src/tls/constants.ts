/**
 * The numbers of the TLS wire format that a capture needs, each with the clause that defines it.
 *
 * @module
 */

/** ProtocolVersion (RFC 5246, A.1; RFC 6101, A.1 for SSL 3.0 and E for 2.0; RFC 8446, 4.1.2 for 1.3). */
export const Version = {
  SSL_2_0: 0x0002,
  SSL_3_0: 0x0300,
  TLS_1_0: 0x0301,
  TLS_1_1: 0x0302,
  TLS_1_2: 0x0303,
  TLS_1_3: 0x0304,
} as const;

/** ContentType (RFC 5246, 6.2.1; heartbeat: RFC 6520, 3). */
export const ContentType = {
  CHANGE_CIPHER_SPEC: 20,
  ALERT: 21,
  HANDSHAKE: 22,
  APPLICATION_DATA: 23,
  HEARTBEAT: 24,
} as const;

/**
 * HandshakeType (RFC 5246, 7.4; RFC 8446, 4), those that a server may send before or instead of Certificate.
 */
export const HandshakeType = {
  HELLO_REQUEST: 0,
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  ENCRYPTED_EXTENSIONS: 8,
  CERTIFICATE: 11,
  SERVER_KEY_EXCHANGE: 12,
  CERTIFICATE_REQUEST: 13,
  SERVER_HELLO_DONE: 14,
  FINISHED: 20,
  /** RFC 8879, 4. */
  COMPRESSED_CERTIFICATE: 25,
  /** Stands for the first hello in the transcript after a retry; never on the wire (RFC 8446, 4.4.1). */
  MESSAGE_HASH: 254,
} as const;

/** ExtensionType (RFC 5246, 7.4.1.4, and the RFC named at each). */
export const ExtensionType = {
  /** RFC 6066, 3. */
  SERVER_NAME: 0,
  /** RFC 8422, 5.1.1. */
  SUPPORTED_GROUPS: 10,
  /** RFC 8422, 5.1.2. */
  EC_POINT_FORMATS: 11,
  /** RFC 5246, 7.4.1.4.1. */
  SIGNATURE_ALGORITHMS: 13,
  /** RFC 7301, 3.1. */
  APPLICATION_LAYER_PROTOCOL_NEGOTIATION: 16,
  /** RFC 7685, 3. */
  PADDING: 21,
  /** RFC 7627, 5.1. */
  EXTENDED_MASTER_SECRET: 23,
  /** RFC 8446, 4.2.1. */
  SUPPORTED_VERSIONS: 43,
  /** RFC 8446, 4.2.2. */
  COOKIE: 44,
  /** RFC 8446, 4.2.8. */
  KEY_SHARE: 51,
  /** RFC 5746, 3.2. */
  RENEGOTIATION_INFO: 0xff01,
} as const;

/** NamedGroup (RFC 8446, 4.2.7; RFC 8422, 5.1.1; IANA TLS Supported Groups for X25519MLKEM768). */
export const NamedGroup = {
  SECP256R1: 23,
  SECP384R1: 24,
  SECP521R1: 25,
  X25519: 29,
  X448: 30,
  X25519MLKEM768: 0x11ec,
} as const;

/** The cipher suites of TLS 1.3 that are offered (RFC 8446, B.4). */
export const Tls13Suite = {
  AES_128_GCM_SHA256: 0x1301,
  AES_256_GCM_SHA384: 0x1302,
  CHACHA20_POLY1305_SHA256: 0x1303,
} as const;

/** AlertLevel (RFC 5246, 7.2). */
export const AlertLevel = { WARNING: 1, FATAL: 2 } as const;

/** AlertDescription (RFC 8446, 6; RFC 7301, 3.2), those that steer a capture; the others only have names. */
export const AlertDescription = {
  CLOSE_NOTIFY: 0,
  HANDSHAKE_FAILURE: 40,
  ILLEGAL_PARAMETER: 47,
  PROTOCOL_VERSION: 70,
  INSUFFICIENT_SECURITY: 71,
  NO_APPLICATION_PROTOCOL: 120,
} as const;

/** Octets of a record header: type, version, length (RFC 5246, 6.2.1). */
export const RECORD_HEADER_BYTES = 5;

/** Octets a plaintext record may carry (RFC 5246, 6.2.1). */
export const RECORD_PAYLOAD_BYTES_MAX = 16_384;

/** Octets that encryption may add to a record in TLS 1.3: padding, content type, tag (RFC 8446, 5.2). */
export const RECORD_EXPANSION_BYTES_MAX = 256;

/** Octets of a handshake message header: type, length (RFC 5246, 7.4). */
export const HANDSHAKE_HEADER_BYTES = 4;

/** Octets of ClientHello.random and ServerHello.random (RFC 5246, 7.4.1.2). */
export const RANDOM_BYTES = 32;

/** Octets a session id may have (RFC 5246, 7.4.1.3). */
export const SESSION_ID_BYTES_MAX = 32;

/** Octets at the end of ServerHello.random that carry the downgrade sentinel (RFC 8446, 4.1.3). */
export const SENTINEL_BYTES = 8;
