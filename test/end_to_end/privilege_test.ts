import assert from "node:assert/strict";
import { fingerprintOf, makeCertificates, toPem } from "../lab/certificates.ts";
import { compareWithTruth, runInLab, withCapabilities, withLab } from "../lab/mod.ts";
import { margayFromSource } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";
import { scan } from "./child.ts";

const WORLD = { prefix: "10.50.7.0/24", certificateCount: 4, silentPercent: 5 };

const NO_RAW_SOCKETS = "No CAP_NET_RAW: probing through the kernel's sockets, slower and with bounded " +
  "concurrency; for the wire transport run as root";

/** Runs inside: the same scan with fewer and fewer capabilities. */
export function loseCapabilities() {
  return withLab(WORLD, async (lab) => {
    const truth = await lab.readTruth();
    const none = withCapabilities([], margayFromSource());
    const raw = withCapabilities(["net_raw"], margayFromSource());
    const found = async (folder: string) => {
      const { captures, end } = await readRunLog(folder);
      const { captured, live, unexpected, different } = compareWithTruth(truth, captures);
      return { captured, live, wrong: unexpected.length + different.length, reason: end?.reason };
    };
    return {
      insisted: await scan([lab.prefix, "--transport", "wire", "-o", "/run/insisted"], { command: none }),
      insistedLeft: await Deno.stat("/run/insisted").then(() => true, () => false),
      routed: await scan([lab.prefix, "-S", lab.sourceAddress, "-o", "/run/routed"], { command: none }),
      auto: await scan([lab.prefix, "-o", "/run/auto"], { command: none }),
      autoFound: await found("/run/auto"),
      lowPort: await scan([lab.prefix, "-s", "22", "-o", "/run/low"], { command: raw }),
      raw: await scan([lab.prefix, "-o", "/run/raw", "-c", "0.5"], { command: raw }),
      rawFound: await found("/run/raw"),
    };
  });
}

Deno.test("without CAP_NET_RAW the kernel's sockets find the same, and only --transport wire fails", async () => {
  const seen = await runInLab<Awaited<ReturnType<typeof loseCapabilities>>>({
    module: import.meta.url,
    name: "loseCapabilities",
  });
  assert.deepEqual(seen.insisted, {
    code: 3,
    stdout: "",
    stderr: "margay: Cannot use the wire transport: permission denied; run as root, " +
      "or use --transport kernel\n",
  });
  assert.equal(seen.insistedLeft, false);
  assert.deepEqual(seen.routed, {
    code: 2,
    stdout: "",
    stderr: "margay: Cannot use --source-ip without CAP_NET_RAW: the kernel routes its sockets itself; " +
      "run as root, or leave --source-ip out\n",
  });

  assert.equal(seen.auto.code, 0);
  assert.equal(seen.auto.stderr.split(NO_RAW_SOCKETS).length - 1, 1, `said once: ${seen.auto.stderr}`);
  assert.match(seen.auto.stderr, /^ {2}transport +kernel for 256 targets: no CAP_NET_RAW$/m);
  const { live } = seen.autoFound;
  assert.ok(live > 0);
  assert.deepEqual(seen.autoFound, { captured: live, live, wrong: 0, reason: "done" });

  assert.deepEqual(seen.lowPort, {
    code: 2,
    stdout: "",
    stderr: "margay: Cannot send from source port 22: ports below 1024 take CAP_NET_BIND_SERVICE; " +
      "choose others with -s, or leave -s out\n",
  });
  assert.equal(seen.raw.code, 0);
  assert.match(
    seen.raw.stderr,
    /^ {2}transport +wire for 256 targets: routed through 10\.99\.0\.2 on scanner0/m,
  );
  assert.deepEqual(seen.rawFound, { captured: live, live, wrong: 0, reason: "done" });
});

Deno.test("nobody in particular, in no namespace, scans this host's loopback", async () => {
  const [certificate] = await makeCertificates({ count: 1, seed: 1 });
  using listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate!.chain.map((der) => toPem("CERTIFICATE", der)).join(""),
    key: toPem("PRIVATE KEY", certificate!.privateKey),
  });
  const served = (async () => {
    using connection = await listener.accept();
    await connection.handshake().catch(() => {});
  })();

  // Root without a capability is nobody in particular; another user has none anyway.
  const command = Deno.uid() === 0 ? withCapabilities([], margayFromSource()) : margayFromSource();
  const { port } = listener.addr as Deno.NetAddr;
  const { code, stdout, stderr } = await scan([`127.0.0.1:${port}`, "-o", "-", "-q"], { command });
  await served;
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(
    records.filter(({ type }) => type === "tls").map(({ transport, outcome, chain }) => ({
      transport,
      outcome,
      chain,
    })),
    [{ transport: "kernel", outcome: "captured", chain: certificate!.chain.map(fingerprintOf) }],
  );
});
