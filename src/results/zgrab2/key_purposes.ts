/** Members of zcrypto's `x509.ExtendedKeyUsageExtension`, in its order, by our word or by object identifier. */
const MEMBERS: readonly (readonly [purpose: string, member: string])[] = [
  ["1.2.840.113635.100.4.1", "apple_code_signing"],
  ["1.2.840.113635.100.4.1.1", "apple_code_signing_development"],
  ["1.2.840.113635.100.4.1.2", "apple_software_update_signing"],
  ["1.2.840.113635.100.4.1.3", "apple_code_signing_third_party"],
  ["1.2.840.113635.100.4.1.4", "apple_resource_signing"],
  ["1.2.840.113635.100.4.2", "apple_ichat_signing"],
  ["1.2.840.113635.100.4.3", "apple_ichat_encryption"],
  ["1.2.840.113635.100.4.4", "apple_system_identity"],
  ["1.2.840.113635.100.4.5", "apple_crypto_env"],
  ["1.2.840.113635.100.4.5.1", "apple_crypto_production_env"],
  ["1.2.840.113635.100.4.5.2", "apple_crypto_maintenance_env"],
  ["1.2.840.113635.100.4.5.3", "apple_crypto_test_env"],
  ["1.2.840.113635.100.4.5.4", "apple_crypto_development_env"],
  ["1.2.840.113635.100.4.6", "apple_crypto_qos"],
  ["1.2.840.113635.100.4.6.1", "apple_crypto_tier0_qos"],
  ["1.2.840.113635.100.4.6.2", "apple_crypto_tier1_qos"],
  ["1.2.840.113635.100.4.6.3", "apple_crypto_tier2_qos"],
  ["1.2.840.113635.100.4.6.4", "apple_crypto_tier3_qos"],
  ["1.3.6.1.4.1.311.10.3.1", "microsoft_cert_trust_list_signing"],
  ["1.3.6.1.4.1.311.10.3.10", "microsoft_qualified_subordinate"],
  ["1.3.6.1.4.1.311.10.3.11", "microsoft_key_recovery_3"],
  ["1.3.6.1.4.1.311.10.3.12", "microsoft_document_signing"],
  ["1.3.6.1.4.1.311.10.3.13", "microsoft_lifetime_signing"],
  ["1.3.6.1.4.1.311.10.3.14", "microsoft_mobile_device_software"],
  ["1.3.6.1.4.1.311.10.3.15", "microsoft_smart_display"],
  ["1.3.6.1.4.1.311.10.3.16", "microsoft_csp_signature"],
  ["1.3.6.1.4.1.311.10.3.2", "microsoft_timestamp_signing"],
  ["1.3.6.1.4.1.311.10.3.3", "microsoft_server_gated_crypto"],
  ["1.3.6.1.4.1.311.10.3.3.1", "microsoft_sgc_serialized"],
  ["1.3.6.1.4.1.311.10.3.4", "microsoft_encrypted_file_system"],
  ["1.3.6.1.4.1.311.10.3.4.1", "microsoft_efs_recovery"],
  ["1.3.6.1.4.1.311.10.3.5", "microsoft_whql_crypto"],
  ["1.3.6.1.4.1.311.10.3.6", "microsoft_nt5_crypto"],
  ["1.3.6.1.4.1.311.10.3.7", "microsoft_oem_whql_crypto"],
  ["1.3.6.1.4.1.311.10.3.8", "microsoft_embedded_nt_crypto"],
  ["1.3.6.1.4.1.311.10.3.9", "microsoft_root_list_signer"],
  ["1.3.6.1.4.1.311.10.5.1", "microsoft_drm"],
  ["1.3.6.1.4.1.311.10.5.2", "microsoft_drm_individualization"],
  ["1.3.6.1.4.1.311.10.5.3", "microsoft_licenses"],
  ["1.3.6.1.4.1.311.10.5.4", "microsoft_license_server"],
  ["1.3.6.1.4.1.311.20.2.1", "microsoft_enrollment_agent"],
  ["1.3.6.1.4.1.311.20.2.2", "microsoft_smartcard_logon"],
  ["1.3.6.1.4.1.311.21.5", "microsoft_ca_exchange"],
  ["1.3.6.1.4.1.311.21.6", "microsoft_key_recovery_21"],
  ["1.3.6.1.4.1.311.47.1.1", "microsoft_system_health"],
  ["1.3.6.1.4.1.311.47.1.3", "microsoft_system_health_loophole"],
  ["1.3.6.1.4.1.311.61.1.1", "microsoft_kernel_mode_code_signing"],
  ["serverAuth", "server_auth"],
  ["1.3.6.1.5.5.7.3.10", "dvcs"],
  ["1.3.6.1.5.5.7.3.11", "sbgp_cert_aa_service_auth"],
  ["1.3.6.1.5.5.7.3.13", "eap_over_ppp"],
  ["1.3.6.1.5.5.7.3.14", "eap_over_lan"],
  ["clientAuth", "client_auth"],
  ["codeSigning", "code_signing"],
  ["emailProtection", "email_protection"],
  ["1.3.6.1.5.5.7.3.5", "ipsec_end_system"],
  ["1.3.6.1.5.5.7.3.6", "ipsec_tunnel"],
  ["1.3.6.1.5.5.7.3.7", "ipsec_user"],
  ["timeStamping", "time_stamping"],
  ["OCSPSigning", "ocsp_signing"],
  ["2.16.840.1.113730.4.1", "netscape_server_gated_crypto"],
  ["anyExtendedKeyUsage", "any"],
];

const KNOWN: ReadonlySet<string> = new Set(MEMBERS.map(([purpose]) => purpose));

/** Purposes as zcrypto's `x509.ExtendedKeyUsageExtension`. */
export function keyPurposesFields(
  purposes: readonly string[],
): Record<string, true | readonly string[] | undefined> {
  const fields: Record<string, true | readonly string[]> = {};
  for (const [purpose, member] of MEMBERS) {
    if (purposes.includes(purpose)) fields[member] = true;
  }
  const unknown = purposes.filter((purpose) => !KNOWN.has(purpose));
  return unknown.length > 0 ? { ...fields, unknown } : fields;
}
