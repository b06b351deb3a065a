/** `margay graph history` and `margay graph diff` from their arguments to their exit codes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CERTIFICATES_MAX } from "../../../src/graph/history/mod.ts";
import { GraphRows, hexadecimal } from "../graph/graph_rows.ts";
import { inFolder } from "../observe/sample_log.ts";

const [FIRST, SECOND, THIRD] = [
  "20260101T000000Z-00000001",
  "20260108T000000Z-00000002",
  "20260115T000000Z-00000003",
] as const;

/** A domain moves, then a device makes itself a new certificate in a run that has not come to its end. */
function writeGraph(path: string): void {
  const rows = new GraphRows(path);
  rows.run(FIRST, { config: { ports: ["443"] } });
  rows.run(SECOND, { config: { ports: ["443"] } });
  rows.run(THIRD, { ended: false, config: { ports: ["443", "8443"] } });
  for (const address of ["192.0.2.1", "192.0.2.2", "2001:db8::1"]) rows.address(address, { runs: [FIRST] });
  const domains = { domains: ["moved.example"] };
  rows.certificate("old", { ...domains, runs: [FIRST] });
  rows.certificate("new", { ...domains, runs: [SECOND] });
  const device = { domains: ["router.example"], issuer: "CN=ro\u001but\u202eer", selfSigned: true };
  rows.certificate("device", { ...device, runs: [FIRST, SECOND] });
  rows.certificate("device2", { ...device, runs: [THIRD] });
  rows.serves("192.0.2.1", ["old"], { runs: [FIRST] });
  rows.serves("2001:db8::1", ["new"], { runs: [SECOND] });
  rows.serves("192.0.2.2", ["device"], { runs: [FIRST, SECOND], serverName: "router.example" });
  rows.serves("192.0.2.2", ["device2"], { runs: [THIRD], serverName: "router.example" });
  rows.database.close();
}

function short(name: string): string {
  return hexadecimal(name).slice(0, 16);
}

const MOVED = `\
CertRotation  moved.example
  ${FIRST}  ${short("old")}  2026-01-01 to 2026-06-01
    key ${short("key of old")} (EC)
    by CN=Root, O=Sample Trust
  ${SECOND}  ${short("new")}  2026-01-01 to 2026-06-01
    key ${short("key of new")} (EC)
    by the same issuer
  on 2001:db8::1, moved from 192.0.2.1

`;

const RENEWED = `\
CertRotation  router.example
  ${SECOND}  ${short("device")}  2026-01-01 to 2026-06-01
    key ${short("key of device")} (EC)
    by itself, CN=ro\\u{1b}ut\\u{202e}er
  ${THIRD}  ${short("device2")}  2026-01-01 to 2026-06-01
    key ${short("key of device2")} (EC)
    by itself, under the same name
  on 192.0.2.2
  provisional: this run has not come to its end

`;

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

async function graph(folder: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, "graph", ...args],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("graph history: as text, in part, and as JSON", async () => {
  await inFolder(async (folder) => {
    writeGraph(join(folder, "graph.sqlite"));
    assert.deepEqual(await graph(folder, "history"), {
      code: 0,
      stdout: `${MOVED}${RENEWED}2 rotations, 0 migrations, 0 suspicious replacements in 3 runs\n`,
      stderr: "",
    });
    assert.deepEqual(
      await graph(folder, "history", "--domain", "Router.Example.", "--type", "certrotation"),
      {
        code: 0,
        stdout: `${RENEWED}1 rotation in 3 runs\n`,
        stderr: "",
      },
    );
    const { stdout } = await graph(folder, "history", "--json", "--since", "20260115");
    const [event, ...more] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(more, []);
    assert.equal(event.domain, "router.example");
    assert.equal(event.provisional, true);
    assert.equal(event.from.fingerprint, hexadecimal("device"));
  });
});

Deno.test("graph history: what is passed over, and what there is not", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "graph.sqlite");
    writeGraph(path);
    const rows = new GraphRows(join(folder, "crowd.sqlite"));
    rows.database.exec("BEGIN");
    rows.run(FIRST);
    rows.run(SECOND);
    for (let index = 0; index <= CERTIFICATES_MAX; index += 1) {
      rows.certificate(`c${index}`, { domains: ["localhost"], runs: [FIRST] });
    }
    rows.database.exec("COMMIT");
    rows.database.close();
    assert.deepEqual(await graph(folder, "history", "crowd.sqlite"), {
      code: 0,
      stdout: "0 rotations, 0 migrations, 0 suspicious replacements in 2 runs\n",
      stderr:
        "margay: passed over localhost: a name that more than 1,000 certificates bear is nobody's identity\n",
    });
    assert.deepEqual(await graph(folder, "history", "--domain", "nobody.example"), {
      code: 1,
      stdout: "",
      stderr: "margay: Cannot tell the history of nobody.example: no certificate bears the name\n",
    });
  });
});

Deno.test("graph diff: as text with its reservations, and as JSON", async () => {
  await inFolder(async (folder) => {
    writeGraph(join(folder, "graph.sqlite"));
    const [appeared, vanished] = [["device2"], ["old", "device"]].map((names) =>
      names.map((name) => `  ${short(name)}  CN=${name}\n`).sort().join("")
    );
    assert.deepEqual(await graph(folder, "diff", "first", "last"), {
      code: 0,
      stdout: `\
from ${FIRST}
to   ${THIRD}

              appeared  vanished  changed
endpoints            0         1        1
certificates         1         2

endpoints that vanished
  192.0.2.1:443  ${short("old")}

endpoints that changed
  192.0.2.2:443 router.example  ${short("device")} -> ${short("device2")}

certificates that appeared
${appeared}
certificates that vanished
${vanished}`,
      stderr:
        "margay: the runs asked for different things (ports): what only one of them asked for counts as " +
        `appeared or vanished\nmargay: run ${THIRD} has not come to its end: what it did not get to counts as ` +
        "appeared or vanished\n",
    });
    const { stdout, stderr } = await graph(folder, "diff", "previous", "20260101", "graph.sqlite", "--json");
    assert.equal(stderr, "");
    assert.deepEqual(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).slice(0, 1), [{
      type: "endpoint",
      difference: "appeared",
      address: "192.0.2.1",
      port: 443,
      server_name: null,
      from: [],
      to: [hexadecimal("old")],
    }]);
    const limited = await graph(folder, "diff", "first", "last", "graph.sqlite", "--json", "--limit", "1");
    assert.deepEqual(
      limited.stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).map((found) =>
        `${found.type} ${found.difference}`
      ).sort(),
      ["certificate appeared", "certificate vanished", "endpoint changed", "endpoint vanished"],
    );
  });
});

Deno.test("graph history and graph diff: refusals", async () => {
  await inFolder(async (folder) => {
    writeGraph(join(folder, "graph.sqlite"));
    const refusals: readonly (readonly [number, string, ...string[]])[] = [
      [
        2,
        "Cannot use --type x: types are CertRotation, CAMigration, SuspiciousReplacement",
        "history",
        "--type",
        "x",
      ],
      [2, "Cannot compare: margay graph diff needs two runs; margay graph stats lists them", "diff", "first"],
      [1, `Cannot compare ${THIRD} with itself: name two runs`, "diff", "last", "20260115"],
    ];
    for (const [code, message, ...args] of refusals) {
      assert.deepEqual(await graph(folder, ...args), { code, stdout: "", stderr: `margay: ${message}\n` });
    }
  });
});
