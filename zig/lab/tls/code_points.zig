//! The numbers of the TLS wire format that the lab's server knows, each with the clause that
//! defines it.

/// ProtocolVersion (RFC 5246, A.1; RFC 8446, 4.1.2).
pub const Version = struct {
    pub const tls12: u16 = 0x0303;
    pub const tls13: u16 = 0x0304;
};

/// RFC 8446, 5.1.
pub const ContentType = enum(u8) {
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23,
};

/// RFC 5246, 7.4 and RFC 8446, 4.
pub const HandshakeType = enum(u8) {
    client_hello = 1,
    server_hello = 2,
    encrypted_extensions = 8,
    certificate = 11,
    server_key_exchange = 12,
    server_hello_done = 14,
    certificate_verify = 15,
    client_key_exchange = 16,
    finished = 20,
    /// Stands for the first hello in a transcript with a HelloRetryRequest (RFC 8446, 4.4.1).
    message_hash = 254,
    _,
};

/// RFC 8446, 4.2, and the RFC named at each.
pub const ExtensionType = enum(u16) {
    /// RFC 6066, 3.
    server_name = 0,
    supported_groups = 10,
    /// RFC 8422, 5.1.2.
    ec_point_formats = 11,
    signature_algorithms = 13,
    /// RFC 7627, 5.1.
    extended_master_secret = 23,
    supported_versions = 43,
    key_share = 51,
    /// RFC 5746, 3.2.
    renegotiation_info = 0xff01,
    _,
};

/// NamedGroup, those that the server has keys of (RFC 8446, 4.2.7).
pub const Group = enum(u16) {
    secp256r1 = 23,
    secp384r1 = 24,
    x25519 = 29,
};

/// RFC 8446, 4.2.3.
pub const SignatureScheme = enum(u16) {
    rsa_pkcs1_sha256 = 0x0401,
    ecdsa_secp256r1_sha256 = 0x0403,
    rsa_pss_rsae_sha256 = 0x0804,
};

/// In octets (RFC 8446, 4.1.2).
pub const random_size = 32;
pub const session_id_size_max = 32;
/// Type and length (RFC 8446, 4).
pub const handshake_header_size = 4;
