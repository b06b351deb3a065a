/**
 * OpenSSL's server in every version and with every suite that its build can still speak, with each kind of
 * certificate and group, and with what else it can demand.
 *
 * @module
 */
import { OFFERED_CIPHER_SUITES } from "../../src/tls/cipher_suites.ts";
import { TLS_SERVERS } from "../lab/tls_servers.ts";
import { runTool } from "../lab/tools.ts";
import type { Shown } from "./interoperation_certificates.ts";
import { only, ONLY_NEW, type Speaks, type Version } from "./interoperation_expected.ts";
import { type Row, rowOf } from "./interoperation_rows.ts";

const { openssl } = TLS_SERVERS;

/** Every suite, even those without encryption, and the oldest signatures. */
const EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

/** The server of which every version and suite is known, in its order. */
export const LISTED_ROW = rowOf(openssl, "with a list", {
  settings: [
    ...["-min_protocol", "TLSv1", "-serverpref", "-groups", "P-256:X25519"],
    ...["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"],
    "-cipher",
    "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA:AES128-SHA:@SECLEVEL=0",
  ],
  speaks: { newest: "TLS 1.3", oldest: "TLS 1.0" },
});

/** The server with everything switched on; it leaves the choice to the client. */
export const LAVISH_ROW = rowOf(openssl, "with everything", {
  settings: ["-min_protocol", "TLSv1", "-cipher", EVERYTHING],
  speaks: { newest: "TLS 1.3", oldest: "TLS 1.0" },
});

/** Below TLS 1.3. */
const OLD_VERSIONS: readonly (readonly [version: Version, flag: string])[] = [
  ["TLS 1.2", "-tls1_2"],
  ["TLS 1.1", "-tls1_1"],
  ["TLS 1.0", "-tls1"],
  ["SSL 3.0", "-ssl3"],
];

/** How a suite's name tells which key signs, and what is shown then. */
const SHOWN_BY_SUITE: readonly (readonly [pattern: RegExp, key: string, shown: Shown])[] = [
  [/_DSS_/, "DSA", "dsa"],
  [/_ECDSA_/, "ECDSA", "p256"],
  [/RSA_/, "RSA", "rsa"],
];

const TLS13_SUITES: readonly (readonly [suite: string, isOffered: boolean])[] = [
  ["TLS_AES_128_GCM_SHA256", true],
  ["TLS_AES_256_GCM_SHA384", true],
  ["TLS_CHACHA20_POLY1305_SHA256", true],
  ["TLS_AES_128_CCM_SHA256", false],
  ["TLS_AES_128_CCM_8_SHA256", false],
];

const TLS13_GROUPS: readonly (readonly [group: string, speaks: Partial<Speaks>])[] = [
  ["X25519", {}],
  ["P-256", { retriedGroup: "secp256r1" }],
  ["P-384", { retriedGroup: "secp384r1" }],
  ["P-521", { refuses: true }],
  ["X448", { refuses: true }],
];

const SHOWN: readonly (readonly [name: string, shown: Shown])[] = [
  ["RSA", "rsa"],
  ["RSA-PSS", "rsaPss"],
  ["P-256", "p256"],
  ["P-384", "p384"],
  ["P-521", "p521"],
  ["Ed25519", "ed25519"],
  ["Ed448", "ed448"],
];

/** Those servers; where it is installed. */
export async function opensslRows(): Promise<Row[]> {
  const speaksOf = await spokenVersions();
  const rows: Row[] = [];
  for (const [version, flag] of OLD_VERSIONS) {
    if (!speaksOf(version)) continue;
    const suites = (await opensslSuites(flag)).filter(({ suite }) => !suite.includes("_anon_"));
    rows.push(...suites.map((suite) => suiteRow(version, flag, suite)));
  }
  return [
    ...rows,
    ...TLS13_SUITES.map(([suite, isOffered]) =>
      rowOf(openssl, `1.3 alone, ECDSA${isOffered ? "" : ", rare"}`, {
        settings: ["-tls1_3", "-ciphersuites", suite],
        shown: "p256",
        speaks: { ...ONLY_NEW, suite, refuses: !isOffered },
      })
    ),
    ...TLS13_GROUPS.map(([group, speaks]) =>
      rowOf(openssl, `1.3 alone, RSA, group ${group}`, {
        settings: ["-tls1_3", "-groups", group],
        speaks: { ...ONLY_NEW, ...speaks },
      })
    ),
    ...SHOWN.flatMap(([name, shown]) => certificateRows(name, shown)),
    rowOf(openssl, "1.3 alone, RSA, cookie", {
      settings: ["-tls1_3", "-stateless"],
      speaks: { ...ONLY_NEW, hasCookie: true },
    }),
    rowOf(openssl, "1.2 alone, RSA, client certificate", {
      settings: ["-tls1_2", "-Verify", "1"],
      speaks: { ...only("TLS 1.2"), demandsCertificate: true },
    }),
    rowOf(openssl, "1.3 alone, RSA, client certificate", {
      settings: ["-tls1_3", "-Verify", "1"],
      speaks: { ...ONLY_NEW, demandsCertificate: true },
    }),
    LISTED_ROW,
    LAVISH_ROW,
  ];
}

/** The versions that its build lacks. */
export async function opensslLacks(): Promise<Version[]> {
  const speaks = await spokenVersions();
  return OLD_VERSIONS.map(([version]) => version).filter((version) => !speaks(version));
}

async function spokenVersions(): Promise<(version: Version) => boolean> {
  const help = await runTool(["sh", "-c", "openssl s_server -help 2>&1"]);
  const spoken = OLD_VERSIONS.filter(([, flag]) => help.includes(`\n ${flag} `)).map(([version]) => version);
  return (version) => spoken.includes(version);
}

function suiteRow(version: Version, flag: string, { suite, name, number }: OpensslSuite): Row {
  const [, key, shown] = SHOWN_BY_SUITE.find(([pattern]) => pattern.test(suite))!;
  const isOffered = OFFERED_CIPHER_SUITES.has(number);
  return rowOf(openssl, `${version.slice(4)} alone, ${key}${isOffered ? "" : ", rare"}`, {
    settings: [flag, "-cipher", `${name}:@SECLEVEL=0`],
    shown,
    speaks: { ...only(version), suite, refuses: !isOffered },
  });
}

function certificateRows(name: string, shown: Shown): Row[] {
  // A hello for TLS 1.3 doesn't list its curve.
  const needsTls12Hello = shown === "p521";
  return [
    rowOf(openssl, name, { shown }),
    rowOf(openssl, `${name}, 1.2 alone`, {
      settings: ["-tls1_2"],
      shown,
      speaks: { ...only("TLS 1.2"), needsTls12Hello },
    }),
    rowOf(openssl, `${name}, 1.3 alone`, { settings: ["-tls1_3"], shown, speaks: ONLY_NEW }),
  ];
}

/** A suite by IANA's name and by OpenSSL's. */
export interface OpensslSuite {
  readonly suite: string;
  readonly name: string;
  readonly number: number;
}

/** The suites that a server of one version below TLS 1.3 can speak without a secret in common. */
export async function opensslSuites(flag: string): Promise<OpensslSuite[]> {
  const list = await runTool(["openssl", "ciphers", "-V", "-stdname", "-s", flag, EVERYTHING]);
  return list.trim().split("\n").flatMap((line) => {
    // 0xC0,0x2C - TLS_..., as IANA names it - as OpenSSL names it ...
    const [, high, low, suite, name] = /0x(..),0x(..) - (\S+) +- (\S+)/.exec(line)!;
    if (/_(PSK|SRP)_|^TLS_(AES|CHACHA)/.test(suite!)) return [];
    return [{ suite: suite!, name: name!, number: parseInt(high! + low!, 16) }];
  });
}
