import type { MonetaryValue, QualifiedStatements } from "../../x509/mod.ts";
import { nonEmpty } from "./json.ts";

/** Object identifiers of the types that have words (ETSI EN 319 412-5, 4.2.3). */
const TYPE_IDENTIFIERS: ReadonlyMap<string, string> = new Map([
  ["esign", "0.4.0.1862.1.6.1"],
  ["eseal", "0.4.0.1862.1.6.2"],
  ["web", "0.4.0.1862.1.6.3"],
]);

/** Statements as zcrypto's `x509.QCStatements`, which has a list for each kind, of one element as a rule. */
export function qualifiedStatementsFields(statements: QualifiedStatements): object {
  const { isCompliant, usesSecureDevice, types, limit, disclosures, retentionYears, legislation } =
    statements;
  const ids = types.map((type) => TYPE_IDENTIFIERS.get(type) ?? type);
  return {
    ids: nonEmpty(statements.statements.map(({ identifier }) => identifier)),
    parsed: {
      etsi_compliance: isCompliant ? [true] : undefined,
      sscd: usesSecureDevice ? [true] : undefined,
      types: ids.length > 0 ? [{ ids }] : undefined,
      limit: limit === null ? undefined : [monetaryFields(limit)],
      pds_locations: disclosures.length > 0 ? [{ locations: disclosures }] : undefined,
      retention_period: retentionYears === null ? undefined : [retentionYears],
      legislation: legislation.length > 0 ? [{ country_codes: legislation }] : undefined,
    },
  };
}

function monetaryFields({ currency, amount, exponent }: MonetaryValue): object {
  const isNumber = /^\d+$/.test(currency);
  return {
    currency: isNumber ? undefined : currency,
    currency_number: isNumber ? Number(currency) : undefined,
    amount: amount || undefined,
    exponent: exponent || undefined,
  };
}
