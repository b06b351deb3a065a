import assert from "node:assert/strict";
import { sampleGraph } from "../graph/sample_graph.ts";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;
const folder = await Deno.makeTempDir();
const graph = `${folder}/graph.sqlite`;
sampleGraph(graph).database.close();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function command(...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, "graph", ...args],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  });
}

async function margay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await command(...args).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** What a question answers, line by line: as text, and the fields of each object that `--json` writes. */
const TRANSCRIPTS:
  readonly (readonly [args: readonly string[], lines: readonly string[], fields: readonly string[]])[] = [
    [["stats"], [
      "nodes",
      "ScanRun       3",
      "ASN           2",
      "IP            5",
      "CA            3",
      "Organization  3",
      "PublicKey     4",
      "Domain        4",
      "Certificate   6",
      "",
      "edges",
      "SERVES        7",
      "ISSUED_BY     6",
      "BELONGS_TO    6",
      "OWNED_BY      4",
      "USES_KEY      6",
      "IN_ASN        4",
      "SEEN_IN_RUN  18",
      "",
      "run                        addresses  certificates  lasted",
      "20260101T000000Z-00000001          3             3  30s",
      "20260201T000000Z-00000002          2             3  30s",
      "20260301T000000Z-00000003          3             4  no end was seen",
    ], ["nodes", "edges", "runs"]],
    [["hubs"], [
      "addresses  domains  fingerprint       certificate",
      "        3        1  ed3c7bc96fed7441  CN=*.hosting.example",
    ], ["id", "fingerprint", "subject", "addresses", "domains"]],
    [["hubs", "--by", "keys", "--limit", "1"], [
      "certificates  addresses  fingerprint       key       one of them",
      "           2          3  1472e2f3f5922ea8  EC P-256  CN=*.hosting.example",
    ], [
      "id",
      "fingerprint",
      "algorithm",
      "bits",
      "curve",
      "certificates",
      "addresses",
      "more_addresses",
      "subject",
    ]],
    [["shared-keys", "--limit", "1"], [
      "1472e2f3f5922ea8  EC P-256, 2 certificates, 2 subjects, 1 organization",
      "  ed3c7bc96fed7441  CN=*.hosting.example",
      "                    192.0.2.1, 198.51.100.7, 2001:db8::1",
      "  968ccf654c356f62  CN=neighbour.example, O=Neighbour",
      "                    2001:db8::1",
    ], [
      "id",
      "fingerprint",
      "algorithm",
      "bits",
      "curve",
      "certificates",
      "subjects",
      "organizations",
      "used_by",
    ]],
    [["expiring", "--at", "2026-03-01"], [
      "2026-03-20  in 19d       afe55619c2ce097c  CN=shop.example, O=Example Shop GmbH",
      "            on 192.0.2.1",
      "            for shop.example, www.shop.example",
    ], [
      "id",
      "fingerprint",
      "subject",
      "not_after",
      "domains",
      "some_domains",
      "addresses",
      "some_addresses",
    ]],
    [["expiring", "--expired", "--at", "2026-03-01"], [
      "2026-02-20  9d ago       ed3c7bc96fed7441  CN=*.hosting.example",
      "            on 192.0.2.1, 198.51.100.7, 2001:db8::1",
      "            for *.hosting.example",
    ], [
      "id",
      "fingerprint",
      "subject",
      "not_after",
      "domains",
      "some_domains",
      "addresses",
      "some_addresses",
    ]],
    [["show", "192.0.2.2", "--depth", "2"], [
      "IP 192.0.2.2",
      "  id                   ip:192.0.2.2",
      "  version              4",
      "  open ports           443, 8443",
      "  first run            20260201T000000Z-00000002",
      "  last run             20260201T000000Z-00000002",
      "",
      "  serves     74c95604043427f0  port 8443  CN=\\u{1b}[31mrouter",
      "               uses key   EC P-256 c7307180f06871a0",
      "               issued by  CN=\\u{1b}[31mrouter",
      "  in         AS64500 EXAMPLE-AS",
      "               holds      192.0.2.1",
    ], ["node", "nodes", "edges", "omitted"]],
    [["query", "SELECT address, id AS number, NULL AS nil FROM ip WHERE ipv6 IS NULL ORDER BY id LIMIT 2"], [
      "address        number  nil",
      "192.0.2.1  3221225985",
      "192.0.2.2  3221225986",
    ], ["address", "number", "nil"]],
  ];

for (const [args, lines, fields] of TRANSCRIPTS) {
  Deno.test(`margay graph ${args.join(" ")}`, async () => {
    const text = await margay(...args);
    assert.deepEqual([text.code, text.stderr], [0, ""]);
    assert.deepEqual(text.stdout.split("\n"), [...lines, ""]);
    assert(lines.every(({ length }) => length <= 80), "80 columns");
    const json = await margay(...args, "--json", folder);
    assert.deepEqual([json.code, json.stderr], [0, ""]);
    for (const line of json.stdout.trimEnd().split("\n")) {
      assert.deepEqual(Object.keys(JSON.parse(line)), fields);
    }
  });
}

Deno.test("a query writes numbers with all digits, octets in hexadecimal, and CSV", async () => {
  const sql = "SELECT 9007199254740993 AS n, x'00ff' AS o, 'a,\"b' AS t, NULL AS nil";
  assert.equal(
    (await margay("query", sql, "--json")).stdout,
    '{"n":9007199254740993,"o":"00ff","t":"a,\\"b","nil":null}\n',
  );
  assert.equal(
    (await margay("query", sql, "--format", "csv")).stdout,
    'n,o,t,nil\n9007199254740993,00ff,"a,""b",\n',
  );
});

Deno.test("a neighbourhood is drawn for Graphviz and as a picture", async () => {
  const dot = await margay("show", "192.0.2.1", "--format", "dot");
  assert.match(dot.stdout, /^digraph [^]*"ip:192\.0\.2\.1" -> "as:64500"[^]*\}\n$/);
  const svg = await margay("show", "192.0.2.1", "--depth", "2", "--limit", "2", "--format", "svg");
  // What docs/GRAPH.md shows. Where pictures have changed, look at the new one, and put it there.
  assert.equal(svg.stdout, await Deno.readTextFile(new URL("../../../docs/graph.svg", import.meta.url)));
});

Deno.test("no text of a graph reaches the terminal as it is", async () => {
  const hostile = sampleGraph(`${folder}/hostile.sqlite`).database;
  const texts = {
    run: ["name", "outcome", "margay_version"],
    certificate: ["subject", "serial_number", "signature_algorithm", "validation_level"],
    public_key: ["algorithm", "curve"],
    domain: ["name"],
    organization: ["name"],
    organization_form: ["form"],
    autonomous_system: ["name"],
    distinguished_name: ["text", "organization"],
    server_name: ["name"],
  };
  for (const [table, columns] of Object.entries(texts)) {
    for (const column of columns) {
      hostile.exec(`UPDATE ${table} SET ${column} = char(27) || '[2J' || char(8238) || ${column}`);
    }
  }
  hostile.close();
  const questions = [
    "stats",
    "hubs",
    "hubs --by keys",
    "shared-keys",
    "expiring",
    "history",
    "diff first last",
  ];
  const answers = await Promise.all([
    ...questions.map((question) => margay(...question.split(" "), "hostile.sqlite")),
    margay("show", "192.0.2.1", "--depth", "2", "hostile.sqlite"),
    margay("show", "CN=", "hostile.sqlite"),
    margay("query", "SELECT * FROM run, public_key", "hostile.sqlite"),
  ]);
  for (const { stdout, stderr } of answers) {
    assert(stdout + stderr !== "");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout + stderr, /[\x1b\u202e]/);
  }
});

Deno.test("what cannot be answered is one message, with exit code 1", async () => {
  await Deno.writeTextFile(
    `${folder}/notes`,
    "These notes are no database, though they are long enough for its header.",
  );
  const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [["stats", "missing"], /^margay: Cannot open missing: there is no such file; /],
    [["stats", "notes"], /^margay: Cannot open notes: file is not a database; /],
    [
      ["show", "nowhere.example"],
      /^margay: Cannot show nowhere\.example: no node of this graph is called so; /,
    ],
    [
      ["show", "hosting"],
      /^margay: Cannot show hosting: .*\n {2}domain:\*\.hosting\.example {2}Domain \*\.hosting/,
    ],
    [
      ["show", "2026"],
      /^margay: Cannot show 2026: it names several nodes; .*\n {2}run:20260101T\S+ {2}ScanRun 20260101T/,
    ],
    [["query", "DELETE FROM ip"], /^margay: Cannot run this query: a graph is only read here; /],
    [
      ["query", "SELECT * FROM ips"],
      /^margay: Cannot run this query: no such table: ips\nThe tables and views are\n/,
    ],
  ];
  for (const [args, message] of REFUSED) {
    const { code, stdout, stderr } = await margay(...args);
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, message);
  }
});

Deno.test("a graph of a newer margay, or of somebody else's program, is refused", async () => {
  const { database } = sampleGraph(`${folder}/other.sqlite`);
  for (
    const [pragma, message] of [
      ["user_version = 1000", /a newer margay wrote it \(schema 1000, /],
      ["application_id = 7", /it is a database, but no graph of margay/],
    ] as const
  ) {
    database.exec(`PRAGMA ${pragma}`);
    const { code, stderr } = await margay("stats", "other.sqlite");
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
  database.close();
});

Deno.test("a damaged graph is told from one that ends", async () => {
  const path = `${folder}/damaged.sqlite`;
  const { database } = sampleGraph(path);
  const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'ip'").get()!;
  const { page_size } = database.prepare("PRAGMA page_size").get()!;
  database.close();
  const file = await Deno.open(path, { write: true });
  await file.seek((Number(rootpage) - 1) * Number(page_size), Deno.SeekMode.Start);
  await file.write(new Uint8Array(Number(page_size)).fill(0xff));
  file.close();
  for (const args of [["stats"], ["show", "192.0.2.1"], ["query", "SELECT * FROM ip"]]) {
    const { code, stderr } = await margay(...args, "damaged.sqlite");
    assert.equal(code, 1);
    assert.match(stderr, /database disk image is malformed/);
  }
});

Deno.test("a graph with values that no builder writes is told from a fault of margay", async () => {
  const path = `${folder}/crafted.sqlite`;
  const { database } = sampleGraph(path);
  database.exec("UPDATE certificate SET subject = x'ff'; UPDATE run SET config = '{'");
  database.close();
  for (const args of [["hubs"], ["history"]]) {
    const { code, stderr } = await margay(...args, "crafted.sqlite");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^margay: Cannot read crafted\.sqlite: a value in it is not what a graph holds \(.+\); build it anew from the logs\n$/,
    );
  }
});

Deno.test("a graph in a read-only folder can be asked", async () => {
  const sealed = await Deno.makeTempDir({ dir: folder });
  const { database } = sampleGraph(`${sealed}/graph.sqlite`);
  // As the builder leaves it.
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
  const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"`;
  const question = [Deno.execPath(), "run", "-A", "--no-check", "--quiet", main, "graph", "stats", sealed];
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", sealed, ...question],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /^nodes\nScanRun +3\n/);
});

Deno.test("Ctrl-C ends a query that would take for ever", async () => {
  const sql = "WITH RECURSIVE n (v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM n) SELECT count(*) FROM n";
  const child = command("query", sql).spawn();
  // Started for certain: the file is open.
  const files = `/proc/${child.pid}/fd`;
  const isOpen = () =>
    [...Deno.readDirSync(files)].some(({ name }) => {
      try {
        return Deno.readLinkSync(`${files}/${name}`) === graph;
      } catch {
        return false;
      }
    });
  while (!isOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  const { success, signal, stdout } = await child.output();
  assert.equal(success, false);
  assert.equal(signal, "SIGINT");
  assert.equal(stdout.length, 0);
});
