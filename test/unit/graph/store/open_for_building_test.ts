import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openForBuilding } from "../../../../src/graph/store/open_for_building.ts";
import { openForReading } from "../../../../src/graph/store/open_for_reading.ts";
import { migrate } from "../../../../src/graph/store/migrations.ts";
import { SCHEMA_VERSION } from "../../../../src/graph/store/schema.ts";
import { canMount } from "../../observe/full_disk.ts";
import { inFolder } from "../../observe/sample_log.ts";

Deno.test("builder's graph: made where there is none or an empty file, and opened again", async () => {
  await inFolder((folder) => {
    Deno.writeFileSync(join(folder, "empty.sqlite"), new Uint8Array());
    for (const name of ["new.sqlite", "empty.sqlite"]) {
      for (const count of [0, 1]) {
        using graph = openForBuilding(join(folder, name))!;
        assert.equal(graph.database.prepare("SELECT count(*) AS count FROM domain").get()!["count"], count);
        graph.database.exec(`INSERT INTO domain (name) VALUES ('${count}.example')`);
      }
    }
    return Promise.resolve();
  });
});

Deno.test("builder's graph: one file is left", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    openForBuilding(path)!.close();
    // Whoever reads it leaves nothing either.
    openForReading(path).close();
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["graph.sqlite"]);
    return Promise.resolve();
  });
});

Deno.test("builder's graph: one builder at a time, readers whenever they like", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    const graph = openForBuilding(path)!;
    assert.equal(openForBuilding(path), undefined);
    graph.database.exec("BEGIN IMMEDIATE; INSERT INTO domain (name) VALUES ('example.org')");
    const reader = openForReading(path);
    assert.equal(reader.prepare("SELECT count(*) AS count FROM domain").get()!["count"], 0);
    graph.database.exec("COMMIT");
    assert.equal(reader.prepare("SELECT count(*) AS count FROM domain").get()!["count"], 1);
    graph.close();
    reader.close();
    openForBuilding(path)!.close();
    return Promise.resolve();
  });
});

Deno.test("builder's graph: one builder at a time, by whatever name", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    const link = join(folder, "link.sqlite");
    openForBuilding(path)!.close();
    Deno.symlinkSync(path, link);
    const graph = openForBuilding(link)!;
    assert.equal(openForBuilding(path), undefined);
    graph.close();
    return Promise.resolve();
  });
});

Deno.test({
  name: "builder's graph: a disk that is full at the end is told of, and nothing is lost",
  ignore: !canMount(),
  fn: () =>
    inFolder(async (folder) => {
      const child = new URL("full_disk_child.ts", import.meta.url).pathname;
      const script = `
        mount -t tmpfs -o size=2m tmpfs "$1"
        "$2" run -A --no-check --quiet "$3" "$1/graph.sqlite" "$1/other"`;
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: ["-Urm", "sh", "-ec", script, "sh", folder, Deno.execPath(), child],
      }).output();
      assert.equal(new TextDecoder().decode(stderr), "");
      assert.deepEqual(new TextDecoder().decode(stdout).trimEnd().split("\n"), [
        `Cannot write ${folder}/graph.sqlite: the disk is full; make room, and start it again`,
        "4000 domains in graph.sqlite alone",
      ]);
    }),
});

Deno.test("a link that leads to no file is no graph", async () => {
  await inFolder((folder) => {
    const link = join(folder, "graph.sqlite");
    Deno.symlinkSync("absent.sqlite", link);
    const wayOut = "it is a link to absent.sqlite, where there is no file; remove it, or name another file";
    assert.throws(() => openForBuilding(link), { message: `Cannot write ${link}: ${wayOut}` });
    assert.throws(() => openForReading(folder), { message: `Cannot open ${link}: ${wayOut}` });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["graph.sqlite"]);
    return Promise.resolve();
  });
});

Deno.test("builder's graph: the lock of a builder that was killed is gone", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "graph.sqlite");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", new URL("lock_child.ts", import.meta.url).pathname, path],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    assert.equal(openForBuilding(path), undefined);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    const graph = openForBuilding(path);
    assert(graph !== undefined);
    assert.equal(graph.database.prepare("SELECT count(*) AS count FROM domain").get()!["count"], 0);
    graph.close();
  });
});

Deno.test("builder's graph: what is none is refused, and stays as it was", async () => {
  await inFolder((folder) => {
    const text = join(folder, "text");
    Deno.writeTextFileSync(text, "a text of somebody's own\n".repeat(10));
    const other = join(folder, "other.sqlite");
    const database = new DatabaseSync(other);
    database.exec("CREATE TABLE mine (a)");
    database.close();
    const newer = join(folder, "newer.sqlite");
    const graph = openForBuilding(newer)!;
    graph.database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    graph.close();
    const before = [text, other, newer].map((path) => Deno.readFileSync(path));
    for (
      const [path, reason] of [
        [text, "it is no graph; name another file"],
        [other, "it is a database, but no graph; name another file"],
        [
          newer,
          `a newer margay wrote it (schema ${
            SCHEMA_VERSION + 1
          }, this one knows ${SCHEMA_VERSION}); use that margay`,
        ],
        [folder, "it is no file; name a graph"],
        [
          join(folder, "none", "graph.sqlite"),
          "the folder does not exist, or cannot be written to; name another file",
        ],
      ] as const
    ) {
      assert.throws(() => openForBuilding(path), { message: `Cannot write ${path}: ${reason}` });
    }
    assert.deepEqual([text, other, newer].map((path) => Deno.readFileSync(path)), before);
    for (const path of [text, other]) {
      assert.throws(() => openForBuilding(path, { anew: true }));
      assert.throws(() => Deno.statSync(`${path}-lock`), Deno.errors.NotFound);
    }
    return Promise.resolve();
  });
});

Deno.test("builder's graph: a damaged one is refused, and can be made anew", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    openForBuilding(path)!.close();
    const file = Deno.openSync(path, { read: true, write: true });
    file.seekSync(100, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(3000).fill(0xaa));
    file.close();
    assert.throws(() => openForBuilding(path), {
      message: `Cannot write ${path}: the graph is damaged; build it anew from the logs with --rebuild`,
    });
    openForBuilding(path, { anew: true })!.close();
    openForReading(path).close();
    return Promise.resolve();
  });
});

for (
  const [what, sql, fault] of [
    [
      "a view that never ends for a table",
      `ALTER TABLE domain RENAME TO other;
      CREATE VIEW domain AS WITH RECURSIVE n (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n) SELECT id FROM n`,
      "its domain is not that of a graph",
    ],
    [
      "a column that is worked out",
      "ALTER TABLE domain ADD COLUMN more TEXT AS (hex(zeroblob(400000000)))",
      "its domain is not that of a graph",
    ],
    [
      "a trigger",
      "CREATE TRIGGER added AFTER INSERT ON domain BEGIN DELETE FROM certificate; END",
      "it has triggers, and a graph has none",
    ],
  ] as const
) {
  Deno.test(`a graph with ${what} is neither read nor written, and can be made anew`, async () => {
    await inFolder((folder) => {
      const path = join(folder, "graph.sqlite");
      openForBuilding(path)!.close();
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
      const wayOut = "build it anew from the logs with --rebuild";
      const refusal = (action: string) => ({ message: `Cannot ${action} ${path}: ${fault}; ${wayOut}` });
      assert.throws(() => openForReading(path), refusal("open"));
      assert.throws(() => openForBuilding(path), refusal("write"));
      openForBuilding(path, { anew: true })!.close();
      openForReading(path).close();
      return Promise.resolve();
    });
  });
}

Deno.test("a journal beside a graph that has SQLite delete another file is not followed", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    openForBuilding(path)!.close();
    const precious = join(folder, "precious");
    Deno.writeTextFileSync(precious, "text");
    Deno.writeFileSync(`${path}-journal`, journalNaming(precious, Deno.readFileSync(path)));
    // A file that makes a reader tidy up.
    Deno.writeTextFileSync(`${path}-wal`, "");
    assert.throws(() => openForBuilding(path), {
      message: `Cannot write ${path}: ${path}-journal is not of a graph; remove it`,
    });
    try {
      openForReading(path).close();
    } catch {
      // SQLite refuses what it would have to undo first.
    }
    assert.equal(Deno.readTextFileSync(precious), "text");
    return Promise.resolve();
  });
});

/** A journal that undoes nothing in a database and names a file as that of all databases that were changed with it. */
function journalNaming(name: string, database: Uint8Array): Uint8Array {
  const magic = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
  const sectorSize = 512;
  const pageSize = new DataView(database.buffer).getUint16(16);
  const text = new TextEncoder().encode(name);
  const journal = new Uint8Array(sectorSize + 4 + text.length + 8 + magic.length);
  const view = new DataView(journal.buffer);
  journal.set(magic);
  [0, 0, database.length / pageSize, sectorSize, pageSize].forEach((word, index) =>
    view.setUint32(8 + 4 * index, word)
  );
  view.setUint32(sectorSize, 2 ** 30 / pageSize + 1);
  journal.set(text, sectorSize + 4);
  const end = sectorSize + 4 + text.length;
  view.setUint32(end, text.length);
  view.setUint32(end + 4, text.reduce((sum, octet) => sum + octet, 0));
  journal.set(magic, end + 8);
  return journal;
}

Deno.test("what somebody adds to a graph beside its tables is no fault", async () => {
  await inFolder((folder) => {
    const path = join(folder, "graph.sqlite");
    openForBuilding(path)!.close();
    const database = new DatabaseSync(path);
    database.exec(
      "CREATE VIEW mine AS SELECT name FROM domain; CREATE INDEX faster ON domain (wildcard); ANALYZE",
    );
    database.close();
    openForReading(path).close();
    openForBuilding(path)!.close();
    return Promise.resolve();
  });
});

Deno.test("a graph of an older schema is brought up to date step by step, or stays as it was", () => {
  const steps = [
    { from: 1, sql: "CREATE TABLE added (a); INSERT INTO added VALUES (1)" },
    { from: 2, sql: "ALTER TABLE added RENAME COLUMN a TO b" },
  ];
  const database = new DatabaseSync(":memory:");
  const version = () => database.prepare("PRAGMA user_version").get()!["user_version"];
  database.exec("PRAGMA user_version = 1");
  assert.throws(() => migrate(database, [...steps, { from: 3, sql: "DROP TABLE none" }], 4), /no such table/);
  assert.equal(version(), 1);
  const undone =
    "CREATE TABLE one (a UNIQUE); INSERT INTO one VALUES (1); INSERT OR ROLLBACK INTO one VALUES (1)";
  assert.throws(() => migrate(database, [{ from: 1, sql: undone }], 2), /UNIQUE constraint failed/);
  assert.throws(() => migrate(database, steps, 4), { message: "nothing leads on from schema 3" });
  assert.equal(version(), 1);
  migrate(database, steps, 3);
  assert.equal(version(), 3);
  assert.equal(database.prepare("SELECT b FROM added").get()!["b"], 1);
  database.close();
});
