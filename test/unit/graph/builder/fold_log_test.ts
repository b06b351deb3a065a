import assert from "node:assert/strict";
import { join } from "node:path";
import { addOrigins, foldLog, type FoldOptions, openForBuilding } from "../../../../src/graph/builder/mod.ts";
import type { Observation } from "../../../../src/observe/mod.ts";
import { formatAddress } from "../../../../src/targets/mod.ts";
import { inFolder, linesOf } from "../../observe/sample_log.ts";
import { canonicalDump, dumpOfFile } from "../canonical.ts";
import { logFolder } from "./log_folder.ts";
import { certificateRecord, runRecord, sha256 } from "./random_runs.ts";

const run = runRecord(0);
const time = "2026-01-01T00:00:01.000Z";
const place = { time, address: "192.0.2.1", port: 443, transport: "wire" } as const;

const host: Observation = { type: "host", ...place, verdict: "open" };

function tls(names: readonly string[], more: Record<string, unknown> = {}): Observation {
  return {
    type: "tls",
    ...place,
    outcome: "captured",
    hello: "tls12",
    chain: names.map(sha256),
    bytes_sent: 1,
    bytes_received: 1,
    duration_ms: 1,
    ...more,
  };
}

/** Folds a log into the graph beside it, and returns what is in there then. */
async function fold(folder: string, options: FoldOptions = {}): Promise<string[]> {
  {
    using graph = openForBuilding(join(folder, "..", "graph.sqlite"))!;
    await foldLog(graph, folder, options);
  }
  return dump(folder);
}

function dump(folder: string): string[] {
  return dumpOfFile(join(folder, "..", "graph.sqlite"));
}

/** The lines of some kinds of facts. */
function kinds(lines: readonly string[], ...names: readonly string[]): string[] {
  return lines.filter((line) => names.includes(line.split(" ")[0]!));
}

const hex = (name: string) => sha256(name).toUpperCase();

Deno.test("fold: what records say becomes facts", async () => {
  await inFolder(async (folder) => {
    const certificate = certificateRecord("www.example.org", {
      subject: {
        text: "CN=www.example.org,O=Example Inc.",
        common_name: "www.example.org",
        organization: "Example Inc.",
      },
      alternative_names: {
        dns: ["www.example.org", "*.Example.co.uk", "not a name"],
        ip: [],
        uri: [],
        mail: [],
        other: [],
      },
    });
    const log = await logFolder(join(folder, "log"), [
      run,
      host,
      { type: "host", ...place, address: "192.0.2.9", verdict: "closed" },
      certificate,
      tls(["www.example.org", "issuer", "root"], { server_name: "www.example.org" }),
      tls([], { address: "192.0.2.3" }),
      { type: "jarm", ...place, jarm: "0".repeat(62) },
      { type: "unheard-of", time } as unknown as Observation,
      { type: "end", time, reason: "done", counters: {} },
    ]);
    assert.deepEqual(await fold(log), [
      `run ${
        JSON.stringify({
          name: run.id,
          digest: hex(JSON.stringify(run)),
          started: run.time,
          ended: time,
          outcome: "done",
          margay_version: "0.1.0",
          targets: 256,
          config: '{"ports":"443"}',
        })
      }`,
      'address {"address":"192.0.2.1"}',
      ...[
        `certificate ${
          JSON.stringify({
            fingerprint: hex("www.example.org"),
            addresses: 1,
            serial_number: certificate.serial_number,
            subject: "CN=www.example.org,O=Example Inc.",
            issuer: "CN=Issuer,O=Example",
            issuer_organization: "Example",
            organization: "example",
            public_key: hex("key of www.example.org"),
            not_before: 1_767_225_600,
            not_after: 1_775_001_600,
            self_signed: 0,
            authority: 0,
            subject_key_identifier: certificate.subject_key_identifier!.toUpperCase(),
            authority_key_identifier: "",
            signature_algorithm: "ECDSA-SHA256",
            validation_level: "DV",
          })
        }`,
        ...["issuer", "root"].map((name) => `certificate ${JSON.stringify(bare(name))}`),
      ].sort(),
      `public_key ${
        JSON.stringify({
          fingerprint: hex("key of www.example.org"),
          certificates: 1,
          algorithm: "ECDSA",
          bits: 256,
          curve: "P-256",
        })
      }`,
      'domain {"name":"*.example.co.uk","registrable":"example.co.uk","wildcard":1}',
      'domain {"name":"www.example.org","registrable":"example.org","wildcard":0}',
      'organization {"name":"example"}',
      'organization_form {"name":"example","form":"Example Inc."}',
      'issuer {"text":"CN=Issuer,O=Example","organization":"Example"}',
      'server_name {"name":"www.example.org"}',
      `serves ${
        JSON.stringify({
          address: "192.0.2.1",
          certificate: hex("www.example.org"),
          port: 443,
          server_name: "www.example.org",
          run: run.id,
        })
      }`,
      ...["*.example.co.uk", "www.example.org"].map((name) =>
        `belongs_to ${JSON.stringify({ certificate: hex("www.example.org"), name })}`
      ),
      `ip_in_run ${JSON.stringify({ address: "192.0.2.1", run: run.id, port: 443 })}`,
      ...["www.example.org", "issuer", "root"].map((name) =>
        `certificate_in_run ${JSON.stringify({ certificate: hex(name), run: run.id })}`
      ).sort(),
      ...[["www.example.org", "issuer"], ["issuer", "root"]].map(([name, next]) =>
        `chained ${JSON.stringify({ certificate: hex(name!), next: hex(next!) })}`
      ).sort(),
    ]);
  });
});

/** A certificate that chains name and no record describes. */
function bare(name: string) {
  return {
    fingerprint: hex(name),
    addresses: 0,
    serial_number: null,
    subject: null,
    issuer: null,
    issuer_organization: null,
    organization: null,
    public_key: "",
    not_before: null,
    not_after: null,
    self_signed: null,
    authority: null,
    subject_key_identifier: "",
    authority_key_identifier: "",
    signature_algorithm: null,
    validation_level: null,
  };
}

Deno.test("fold: a certificate's details come whenever its record does", async () => {
  await inFolder(async (folder) => {
    const records = [tls(["a", "b"]), tls(["b"], { address: "2001:db8::1" })];
    const details = [certificateRecord("a"), certificateRecord("b")];
    const dumps = [];
    for (const [index, logs] of [[records, details], [details, records]].entries()) {
      const place = join(folder, String(index));
      await Deno.mkdir(place);
      for (const [part, log] of logs.entries()) {
        const first = await logFolder(join(place, `log${part}`), [run, ...log]);
        dumps[index] = await fold(first);
      }
    }
    assert.deepEqual(dumps[0], dumps[1]);
    assert.equal(kinds(dumps[0]!, "certificate").filter((line) => line.includes('"subject":"CN=')).length, 2);
  });
});

Deno.test("fold: a log is folded once, and goes on where it was left", async () => {
  await inFolder(async (folder) => {
    const log = await logFolder(join(folder, "log"), [run, host, tls(["a"])]);
    using graph = openForBuilding(join(folder, "graph.sqlite"))!;
    assert.equal((await foldLog(graph, log)).records, 3);
    assert.equal((await foldLog(graph, log)).records, 0);
    await Deno.writeTextFile(join(log, "000001.ndjson"), linesOf([tls(["b"])]), { append: true });
    await Deno.writeTextFile(join(log, "000002.ndjson"), linesOf([tls(["a"], { address: "192.0.2.7" })]));
    const { records, newNodes, position } = await foldLog(graph, log);
    assert.equal(records, 2);
    assert.deepEqual([newNodes.addresses, newNodes.certificates], [1, 1]);
    assert.equal(position.segment, 2);
  });
});

Deno.test("fold: another log of the same run in the same folder is folded from its start", async () => {
  await inFolder(async (folder) => {
    const log = await logFolder(join(folder, "log"), [run, host, tls(["a"])]);
    await fold(log);
    await Deno.remove(log, { recursive: true });
    await logFolder(log, [
      run,
      { type: "host", ...place, address: "203.0.113.250", verdict: "open" },
      tls(["b", "c"]),
    ]);
    assert.equal(kinds(await fold(log), "certificate").length, 3);
  });
});

Deno.test("fold: two runs with one name are refused, and both are named", async () => {
  await inFolder(async (folder) => {
    const first = await logFolder(join(folder, "first"), [run, host]);
    const second = await logFolder(join(folder, "second"), [{ ...run, seed: 8, time }, tls(["a"])]);
    const before = await fold(first);
    await assert.rejects(fold(second), {
      name: "GraphFileError",
      message:
        `Cannot add the log in ${second}: its run ${run.id}, started ${time}, is another one than that in ` +
        `the graph (from ${first}), started ${run.time}; keep them in two graphs`,
    });
    assert.deepEqual(dump(first), before);
  });
});

Deno.test("fold: damage in a log is told with file and line, and what stands before it is kept", async () => {
  await inFolder(async (folder) => {
    const log = await logFolder(join(folder, "log"), [run, host, tls(["a"])]);
    const path = join(log, "000001.ndjson");
    await Deno.writeTextFile(path, "{ no record\n" + linesOf([tls(["b"])]), { append: true });
    await assert.rejects(fold(log), {
      name: "LogReadError",
      message: `Cannot read ${path} line 4: not JSON; without that line the rest can be read`,
    });
    assert.equal(kinds(dump(log), "certificate").length, 1);
  });
});

for (
  const [what, record, reason] of [
    ["a port", { ...host, port: 65_536 }, "its port is none"],
    ["an address", { ...host, address: "192.0.2.1.example" }, "its address is none"],
    [
      "names",
      { ...certificateRecord("a"), alternative_names: { dns: "none" } },
      "something else stands where it has a list",
    ],
    ["a fingerprint", tls([], { chain: ["00"] }), "a fingerprint in it is none"],
    [
      "a subject",
      { ...certificateRecord("a"), subject: { text: {} } },
      "something else stands where it has a text",
    ],
  ] as const
) {
  Deno.test(`fold: a record with something else for ${what} is refused, and the ones before it are kept`, async () => {
    await inFolder(async (folder) => {
      const log = await logFolder(join(folder, "log"), [run, tls(["x"]), record as Observation]);
      await assert.rejects(fold(log), {
        name: "LogReadError",
        message: `Cannot use the "${record.type}" record of ${record.time} in ${log}: ${reason}`,
      });
      assert.equal(kinds(dump(log), "certificate", "address").length, 2);
    });
  });
}

Deno.test("fold: on a full disk the graph stays as it was, and goes on when there is room", async () => {
  await inFolder(async (folder) => {
    const details = Array.from({ length: 200 }, (_, index) => certificateRecord(`c${index}.example.org`));
    const log = await logFolder(join(folder, "log"), [run, host, ...details]);
    const path = join(folder, "graph.sqlite");
    {
      using graph = openForBuilding(path)!;
      const { pages } = graph.database.prepare("SELECT page_count + 5 AS pages FROM pragma_page_count")
        .get()!;
      graph.database.exec(`PRAGMA max_page_count = ${pages}`);
      await assert.rejects(foldLog(graph, log), {
        name: "GraphFileError",
        message: `Cannot write ${path}: the disk is full; make room, and start it again`,
      });
    }
    assert.deepEqual(kinds(dump(log), "address", "certificate"), []);
    assert.equal(kinds(await fold(log), "certificate").length, 200);
  });
});

Deno.test("fold: the AS of addresses, also of those that came before anybody knew them", async () => {
  await inFolder(async (folder) => {
    const findSystems = (address: bigint) =>
      formatAddress(address) === "192.0.2.1" ? [{ number: 64500, name: "EXAMPLE" }, { number: 64501 }] : [];
    const log = await logFolder(join(folder, "log"), [run, host, tls(["a"], { address: "2001:db8::1" })]);
    const known = await fold(log, { findSystems });
    assert.deepEqual(kinds(known, "autonomous_system", "in_asn"), [
      'autonomous_system {"number":64500,"name":"EXAMPLE"}',
      'autonomous_system {"number":64501,"name":null}',
      'in_asn {"address":"192.0.2.1","number":64500}',
      'in_asn {"address":"192.0.2.1","number":64501}',
    ]);
    using graph = openForBuilding(join(folder, "later.sqlite"))!;
    await foldLog(graph, log);
    assert.equal(await addOrigins(graph, findSystems), 2);
    assert.equal(await addOrigins(graph, findSystems), 0);
    assert.deepEqual(canonicalDump(graph.database), known);
  });
});

Deno.test("fold: what is read of a log that is being written is in the graph before more comes", async () => {
  await inFolder(async (folder) => {
    const log = await logFolder(join(folder, "log"), [run, host]);
    const path = join(folder, "graph.sqlite");
    const writerGone = new AbortController();
    const told = Promise.withResolvers<void>();
    using graph = openForBuilding(path)!;
    const folding = foldLog(graph, log, { writerGone: writerGone.signal, onProgress: () => told.resolve() });
    await told.promise;
    assert.equal(kinds(dump(log), "address").length, 1);
    await Deno.writeTextFile(join(log, "000001.ndjson"), linesOf([tls(["a"], { address: "192.0.2.8" })]), {
      append: true,
    });
    writerGone.abort();
    assert.equal((await folding).records, 3);
    assert.equal(kinds(dump(log), "address").length, 2);
  });
});

Deno.test("fold: ends when it is told to, also while it waits for a log to begin or to go on", async () => {
  await inFolder(async (folder) => {
    const begun = await logFolder(join(folder, "begun"), [run, host]);
    const empty = await logFolder(join(folder, "empty"), []);
    using graph = openForBuilding(join(folder, "graph.sqlite"))!;
    for (const [log, records] of [[begun, 2], [empty, 0]] as const) {
      const stopped = new AbortController();
      const folding = foldLog(graph, log, {
        writerGone: new AbortController().signal,
        signal: stopped.signal,
      });
      setTimeout(() => stopped.abort(), 50);
      assert.equal((await folding).records, records);
    }
  });
});

Deno.test("fold: a graph that cannot be written ends it, also while the log is being written", async () => {
  await inFolder(async (folder) => {
    const details = Array.from({ length: 200 }, (_, index) => certificateRecord(`c${index}.example.org`));
    const log = await logFolder(join(folder, "log"), [run, ...details]);
    using graph = openForBuilding(join(folder, "graph.sqlite"))!;
    const { pages } = graph.database.prepare("SELECT page_count + 5 AS pages FROM pragma_page_count").get()!;
    graph.database.exec(`PRAGMA max_page_count = ${pages}`);
    const folding = foldLog(graph, log, { writerGone: new AbortController().signal });
    await assert.rejects(folding, /the disk is full/);
  });
});
