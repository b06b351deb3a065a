import assert from "node:assert/strict";
import {
  createFormat,
  defaultFieldNames,
  fieldsOf,
  findField,
  FORMAT_NAMES,
  type FormatName,
  type SweepRecord,
} from "../../../src/results/mod.ts";
import { OctetWriter } from "../../../src/results/octet_writer.ts";
import { address, LINUX_OPTIONS, recordOf, REPLY, silent, unreachableBy } from "./records.ts";

function formatOf(name: FormatName, names: readonly string[]) {
  return createFormat(
    name,
    names.map((wanted) => ({ name: wanted, field: findField(fieldsOf(name), wanted)! })),
  );
}

function text(name: FormatName, record: SweepRecord, names = defaultFieldNames(name, false)): string {
  const out = new OctetWriter();
  formatOf(name, names).write(record, out);
  return new TextDecoder().decode(out.take());
}

/** One record of each kind that a sweep can come to. */
const RECORDS: readonly SweepRecord[] = [
  recordOf(),
  recordOf({ verdict: "closed", reply: { ...REPLY, window: 0, options: new Uint8Array() } }),
  unreachableBy({ type: 3, code: 1, responder: address("192.0.2.1") }),
  recordOf({
    verdict: "unreachable",
    address: address("2001:db8::1"),
    reply: { ...REPLY, options: new Uint8Array(), roundTripUs: undefined, reason: "no_neighbor" },
  }),
  silent(),
  recordOf({ reply: undefined }),
];

Deno.test("ndjson, one line for each kind of record", () => {
  assert.equal(
    RECORDS.map((record) => text("ndjson", record)).join(""),
    `{"address":"198.18.14.189","port":80,"verdict":"open","time":"2026-11-21T12:39:56.198223Z","rtt":12.345,` +
      `"ttl":64,"window":64240,"ip_id":0,"options":"2-4-8-1-3","mss":1460,"window_scale":7}\n` +
      `{"address":"198.18.14.189","port":80,"verdict":"closed","time":"2026-11-21T12:39:56.198223Z","rtt":12.345,` +
      `"ttl":64,"window":0,"ip_id":0}\n` +
      `{"address":"198.18.14.189","port":80,"verdict":"unreachable","time":"2026-11-21T12:39:56.198223Z",` +
      `"rtt":12.345,"ttl":64,"ip_id":0,"icmp_type":3,"icmp_code":1,"icmp_responder":"192.0.2.1"}\n` +
      `{"address":"2001:db8::1","port":80,"verdict":"unreachable","time":"2026-11-21T12:39:56.198223Z",` +
      `"reason":"no_neighbor"}\n` +
      `{"address":"198.18.14.189","port":80,"verdict":"filtered","time":"2026-11-21T12:39:56.198223Z"}\n` +
      `{"address":"198.18.14.189","port":80,"verdict":"open","time":"2026-11-21T12:39:56.198223Z"}\n`,
  );
});

Deno.test("csv has a header and a column for everything", () => {
  assert.equal(
    formatOf("csv", defaultFieldNames("csv", false)).header,
    "address,port,verdict,time,rtt,ttl,window,ip_id,options,mss,window_scale,icmp_type,icmp_code,icmp_responder,reason\n",
  );
  assert.equal(
    text("csv", recordOf()),
    "198.18.14.189,80,open,2026-11-21T12:39:56.198223Z,12.345,64,64240,0,2-4-8-1-3,1460,7,,,,\n",
  );
  assert.equal(
    text("csv", silent()),
    "198.18.14.189,80,filtered,2026-11-21T12:39:56.198223Z,,,,,,,,,,,\n",
  );
  assert.equal(text("csv", recordOf(), ["sack_permitted", "timestamp_echo"]), "true,2\n");
});

/** The fields and the line of ZMap 2.1.1, of the same answer. */
const ZMAP_2_FIELDS =
  "saddr,saddr-raw,daddr,daddr-raw,ipid,ttl,sport,dport,seqnum,acknum,window,classification," +
  "success,repeat,cooldown,timestamp-str,timestamp-ts,timestamp-us";
const ZMAP_2_LINE =
  "198.18.14.189,3171816134,10.77.0.1,16796938,0,64,80,57874,1250963452,3489931005,64240,synack," +
  "1,0,0,2026-11-21T12:39:56.198+0000,1795264796,198223\n";

Deno.test("zmap-csv is what ZMap 2.1.1 wrote of this answer", () => {
  const names = ZMAP_2_FIELDS.split(",");
  assert.equal(formatOf("zmap-csv", names).header, `${ZMAP_2_FIELDS}\n`);
  assert.equal(text("zmap-csv", recordOf(), names), ZMAP_2_LINE);
});

Deno.test("ZMap's own default is the address alone, without a header", () => {
  assert.equal(formatOf("zmap-csv", defaultFieldNames("zmap-csv", false)).header, "");
  assert.equal(text("zmap-csv", recordOf()), "198.18.14.189\n");
  assert.deepEqual(defaultFieldNames("zmap-csv", true), ["saddr", "sport"]);
  assert.equal(text("zmap-json", recordOf()), `{"saddr":"198.18.14.189"}\n`);
});

Deno.test("ZMap's newer fields", () => {
  const names = [
    "tcpopt_mss",
    "tcpopt_wscale",
    "tcpopt_sack_perm",
    "tcpopt_ts_val",
    "tcpopt_ts_ecr",
    "success",
  ];
  assert.equal(
    text("zmap-json", recordOf({ cooling: true }), [...names, "cooldown", "rtt"]),
    `{"tcpopt_mss":1460,"tcpopt_wscale":128,"tcpopt_sack_perm":1,"tcpopt_ts_val":1,"tcpopt_ts_ecr":2,` +
      `"success":true,"cooldown":true,"rtt":12.345}\n`,
  );
  const unreachable = unreachableBy({ type: 3, code: 3, responder: address("192.0.2.1") });
  assert.equal(
    text("zmap-json", unreachable, [
      "saddr",
      "seqnum",
      "classification",
      "success",
      "icmp_responder",
      "icmp_unreach_str",
    ]),
    `{"saddr":"198.18.14.189","classification":"icmp","success":false,"icmp_responder":"192.0.2.1",` +
      `"icmp_unreach_str":"port unreachable"}\n`,
  );
  const shift = Uint8Array.of(3, 3, 255, 0);
  assert.equal(
    text("zmap-csv", recordOf({ reply: { ...REPLY, options: shift } }), ["tcpopt_wscale"]),
    "16384\n",
    "RFC 7323 knows no shift above 14",
  );
});

Deno.test("an ICMP classification has an ICMP error behind it", () => {
  const classified = RECORDS.map((record) => text("zmap-csv", record, ["classification"]).trimEnd());
  assert.deepEqual(classified, ["synack", "rst", "icmp", "unreachable", "filtered", "synack"]);
});

Deno.test("every format writes every field of every record so that it can be read back", () => {
  for (const name of FORMAT_NAMES) {
    const fields = fieldsOf(name);
    const names = fields.map((field) => field.name);
    assert.equal(new Set(names).size, names.length);
    for (const record of RECORDS) {
      const line = text(name, record, names);
      const values = fields.map((field) => field.value(record));
      if (name.endsWith("csv")) {
        const cells = line.trimEnd().split(",");
        assert.equal(cells.length, fields.length, line);
        cells.forEach((cell, index) => assert.equal(cell === "", values[index] === undefined, line));
      } else {
        const members = JSON.parse(line) as Record<string, unknown>;
        fields.forEach(({ kind, decimals = 0 }, index) => {
          const [value, member] = [values[index], members[names[index]!]];
          if (kind === "number" && value !== undefined) assert.equal(member, Number(value) / 10 ** decimals);
          else if (kind === "address" && value !== undefined) assert.equal(address(member as string), value);
          else assert.equal(member, value);
        });
      }
    }
  }
});

Deno.test("a record is written as it is at the call: its object may be used again", () => {
  const options = LINUX_OPTIONS.slice();
  const record = { ...recordOf({ reply: { ...REPLY, options } }) };
  const out = new OctetWriter();
  const format = formatOf("csv", ["address", "mss"]);
  format.write(record, out);
  Object.assign(record, { address: address("192.0.2.1") });
  options[3] = 0;
  format.write(record, out);
  assert.equal(new TextDecoder().decode(out.take()), "198.18.14.189,1460\n192.0.2.1,1280\n");
});

Deno.test("no text that a format writes needs quotes", () => {
  for (const name of FORMAT_NAMES) {
    for (const field of fieldsOf(name).filter(({ kind }) => kind === "text")) {
      for (const record of RECORDS) assert.doesNotMatch(String(field.value(record)), /[",\\\n]/, field.name);
    }
  }
});
