import { COMMON_NAME, COUNTRY, LOCALITY, ORGANIZATION } from "./identity.ts";
import { chance, pick, type RandomSource } from "./seeded_random.ts";

const FIRST_WORDS = ["Northwind", "Harbour", "Silver Birch", "Meridian", "Old Mill", "Blue Heron", "Granite"];
const SECOND_WORDS = [
  "Bakery",
  "Logistics",
  "Instruments",
  "Publishing",
  "Savings Bank",
  "Clinics",
  "Robotics",
];
const LEGAL_FORMS = ["GmbH", "Ltd", "Inc.", "S.A.", "Oy", "B.V."];
const PLACES = [["DE", "Bremen"], ["FI", "Turku"], ["FR", "Nantes"], ["US", "Duluth"], [
  "NL",
  "Delft",
]] as const;

/** The subject of a server: its domain, and for two in five who runs it. */
export function serverSubject(random: RandomSource, domain: string): [oid: string, value: string][] {
  const [country, locality] = pick(random, PLACES);
  if (!chance(random, 0.4)) return [[COMMON_NAME, domain]];
  const organization = `${pick(random, FIRST_WORDS)} ${pick(random, SECOND_WORDS)} ${
    pick(random, LEGAL_FORMS)
  }`;
  return [[COUNTRY, country], [LOCALITY, locality], [ORGANIZATION, organization], [COMMON_NAME, domain]];
}

/** The subject of an authority. */
export function authoritySubject(organization: string, name: string): [oid: string, value: string][] {
  return [[COUNTRY, "DE"], [ORGANIZATION, organization], [COMMON_NAME, name]];
}
