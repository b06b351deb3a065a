import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compareWithTruth } from "../lab/mod.ts";
import { eachLine } from "../lab/lines.ts";
import { readRunLog } from "../lab/run_log.ts";
import { runTool, toolFolders } from "../lab/tools.ts";
import { truthOf } from "../lab/truth.ts";
import type { Finished } from "./child.ts";

const TOP = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../lab/lab.ts", import.meta.url));
const LAB = [Deno.execPath(), "run", "-A", "--quiet", PROGRAM];

/** Appears in the arguments of every process of these labs, and of no other. */
const MARK = `lab-task-${Deno.pid}`;

const WORLDS: Readonly<Record<string, string>> = {
  good: "prefix 10.32.0.0/30\nport 443 tls\n",
  "unknown-key": "seed 1\nprefix 10.32.0.0/24\ndensty 5%\n",
  overlap: "prefix 10.0.0.0/9\nport 443 tls\n\nprefix 10.1.0.0/16\nport 443 tls\n",
  "too-much": "prefix 10.32.0.0/24\nttl 64 70% 128 60%\n",
  empty: "",
  cable: "prefix 10.96.0.0/12\nport 443 tls\n",
};

/** Runs a command to its end, in a folder that has the worlds. */
async function run(command: readonly string[], folder: string): Promise<Finished> {
  const [program, ...args] = command as [string, ...string[]];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", PATH: toolFolders().join(":") },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What a lab could leave on the host: namespaces, interfaces, processes. */
async function leftovers(): Promise<string[]> {
  const commands: string[] = [];
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    if (command.includes(MARK)) commands.push(command.replaceAll("\0", " "));
  }
  return [await runTool(["ip", "netns", "list"]), await runTool(["ip", "-brief", "link"]), ...commands];
}

async function withWorlds<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: MARK });
  try {
    for (const [name, text] of Object.entries(WORLDS)) {
      await Deno.writeTextFile(`${folder}/${MARK}-${name}.world`, text);
    }
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const world = (name: string) => `${MARK}-${name}.world`;

/** Arguments, how the lab ends, and the last line that it says. */
const REFUSED: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
  [[], 2, "Cannot bring a world up: none is named; try: deno task lab test/lab/worlds/plain.world"],
  [["--fast"], 2, "Cannot read --fast: there is no such option; see deno task lab --help"],
  [[world("good"), "--truth"], 2, "Cannot read --truth: a file must follow"],
  [
    [world("good"), "sh"],
    2,
    `Cannot bring sh up beside ${world("good")}: one world at a time; a command stands behind --`,
  ],
  [["no.world"], 2, "Cannot read no.world: no such file"],
  [["."], 2, "Cannot read .: it is a folder"],
  [
    [world("unknown-key")],
    2,
    `Cannot read ${world("unknown-key")}, line 3: unknown key "densty"; a prefix has hosts, absent, ` +
    "port, ttl, window, options, behavior, tls-version, tls-retry, tls-name, round-trip, loss, duplicate, " +
    "reorder, bandwidth, elsewhere, vlan, mtu, on-link",
  ],
  [
    [world("overlap")],
    2,
    `Cannot read ${world("overlap")}, line 4: prefix 10.1.0.0/16 overlaps 10.0.0.0/9 of line 1`,
  ],
  [
    [world("too-much")],
    2,
    `Cannot read ${world("too-much")}, line 2: shares of ttl add up to 130%: more than 100%`,
  ],
  [
    [world("empty")],
    2,
    `Cannot read ${world("empty")}: it has no prefix; add a line like "prefix 10.32.0.0/16"`,
  ],
  [
    [world("cable"), "--", "true"],
    2,
    "Cannot bring the world up: its prefix 10.96.0.0/12 overlaps 10.99.0.0/30, the lab's own cable; " +
    "choose another one",
  ],
  [
    [world("good"), "--truth", "/run/truth.ndjson", "--", "true"],
    2,
    "Cannot write /run/truth.ndjson: the lab's /run ends with the lab; name a file elsewhere",
  ],
  [
    [world("good"), "--truth", world("good"), "--", "true"],
    2,
    `Cannot write ${world("good")}: it exists already; name a new file`,
  ],
  [
    [world("good"), "--truth", "nowhere/truth.ndjson", "--", "true"],
    1,
    "Cannot write nowhere/truth.ndjson: no such file or directory",
  ],
  [[world("good"), "--", "no-such-command"], 127, "Cannot run no-such-command: there is no such command"],
  [[world("good"), "--", `./${world("good")}`], 126, `Cannot run ./${world("good")}: permission denied`],
];

Deno.test("lab task: what cannot be done is said in one line, and nothing is left behind", async (t) => {
  await withWorlds(async (folder) => {
    const before = await leftovers();
    for (const [args, code, message] of REFUSED) {
      await t.step(`lab ${args.join(" ").replaceAll(`${MARK}-`, "")}`, async () => {
        const finished = await run([...LAB, ...args], folder);
        assert.deepEqual(lastLineOf(finished), { code, stdout: "", line: `lab: ${message}` });
        assert.deepEqual(await leftovers(), before);
      });
    }
  });
});

function lastLineOf({ code, stdout, stderr }: Finished): { code: number; stdout: string; line: string } {
  return { code, stdout, line: stderr.trimEnd().split("\n").at(-1) ?? "" };
}

/** The command in a user namespace of its own, behind some shell commands. */
function behind(prepare: string, command: readonly string[]): string[] {
  return [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "sh",
    "-ec",
    `${prepare}; exec "$@"`,
    "sh",
    ...command,
  ];
}

Deno.test("lab task: a machine without user namespaces, or without a tool, is told so", async () => {
  await withWorlds(async (folder) => {
    const command = [...LAB, world("good"), "--", "true"];
    const forbidden = await run(behind("echo 0 > /proc/sys/user/max_user_namespaces", command), folder);
    assert.deepEqual(forbidden, {
      code: 1,
      stdout: "",
      stderr: "lab: Cannot enter a user namespace: the kernel refused it; allow it with " +
        "`sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1`, " +
        "where AppArmor restricts it with `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, " +
        "or run as root outside a container\n",
    });
    const hide = 'for nft in $(which -a nft); do mount --bind /dev/null "$nft"; done';
    assert.deepEqual(await run(behind(hide, command), folder), {
      code: 1,
      stdout: "",
      stderr: "lab: Cannot bring the lab up: nft not found; on Debian: apt-get install nftables\n",
    });
  });
});

Deno.test("lab task: inside a lab there is no room for another, and the first goes on", async () => {
  await withWorlds(async (folder) => {
    const script = '"$@"; echo "ended with $?"; ip netns list; ip -brief route';
    const inner = [...LAB, world("good"), "--", "true"];
    const finished = await run([...LAB, world("good"), "--", "sh", "-c", script, "sh", ...inner], folder);
    assert.match(
      finished.stderr,
      /^lab: Cannot bring the world up: a network namespace named world exists already: a lab is running here; leave it first$/m,
    );
    assert.equal(finished.code, 0);
    assert.match(finished.stdout, /^ended with 1\nworld.*\n10\.32\.0\.0\/30 via 10\.99\.0\.2 dev scanner0/);
  });
});

Deno.test("lab task: a scan in it finds what the world says is there", async () => {
  await withWorlds(async (folder) => {
    const before = await leftovers();
    const script =
      `margay scan 10.32.0.0/24 -c 1 -q -o ${folder}/run; code=$?; echo scanned; exit $((code + 40))`;
    const args = [
      "--truth",
      `${folder}/truth.ndjson`,
      "test/lab/worlds/plain.world",
      "--",
      "sh",
      "-c",
      script,
    ];
    const finished = await run([Deno.execPath(), "task", "--quiet", "lab", ...args], TOP);
    assert.deepEqual([finished.code, finished.stdout], [40, "scanned\n"], finished.stderr);
    const { captures } = await readRunLog(`${folder}/run`);
    using file = await Deno.open(`${folder}/truth.ndjson`);
    const { certificates, targets } = await truthOf(eachLine(file.readable));
    const asked = [...targets].filter(([, { address }]) => address.startsWith("10.32.0."));
    const truth = { certificates, targets: new Map(asked) };
    const { live, captured, missing, unexpected, different } = compareWithTruth(truth, captures);
    assert.ok(live > 50, `${live} targets speak TLS`);
    assert.deepEqual({ captured, missing, unexpected, different }, {
      captured: live,
      missing: [],
      unexpected: [],
      different: [],
    });
    assert.match(finished.stderr, /^lab: plain\.world is up$/m);
    assert.match(finished.stderr, /^ {2}SYNs +(2[5-9]\d|[3-9]\d\d) to 256 addresses$/m);
    assert.match(finished.stderr, /^ {2}outside +0 packets to no prefix of the world$/m);
    assert.match(finished.stderr, / from the scanner, 0 of them by its kernel$/m);
    assert.deepEqual(await leftovers(), before);
  });
});
