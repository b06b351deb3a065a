import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { hasTool, toolFolders } from "../lab/tools.ts";
import { type Sight, SIGHTS } from "./sights.ts";

/** What a client printed, on both streams. */
type Report = string;

/** No look takes nearly as long. */
const LOOK_SECONDS_MAX = 30;
const HOST_NUMBER = 7;
const PINGED = "10.40.255.7";

/** Runs inside: one world with a prefix for each sight, and each sight's client in turn. */
export function look(): Promise<Report[]> {
  return withSimulation({ world: { text: worldText() } }, async (internet) => {
    const reports: Report[] = [];
    for (const [index, sight] of SIGHTS.entries()) {
      reports.push(hasTool(sight.client) ? await run(sight, index, internet.gatewayHardwareAddress) : "");
    }
    return reports;
  });
}

function worldText(): string {
  const sections = SIGHTS.map((sight, index) =>
    [`prefix ${prefixOf(sight, index)}`, ...sight.world.map((line) => `  ${line}`)].join("\n")
  );
  return ["seed 5", "certificates 64", ...sections, `prefix ${PINGED}/32`].join("\n\n");
}

/** Each sight has a prefix of 256 addresses. */
function prefixOf({ family }: Sight, index: number): string {
  return family === "ipv6" ? `2001:db8:40:${index.toString(16)}::/120` : `10.40.${index}.0/24`;
}

async function run(sight: Sight, index: number, gateway: string): Promise<Report> {
  const prefix = prefixOf(sight, index);
  const network = prefix.replace(/(?:0\/24|\/120)$/, "");
  const output = await new Deno.Command("timeout", {
    args: [`${LOOK_SECONDS_MAX}`, "sh", "-c", `{ ${sight.look}; } 2>&1`],
    env: {
      PATH: toolFolders().join(delimiter),
      LC_ALL: "C",
      PREFIX: prefix,
      HOST: `${network}${HOST_NUMBER}`,
      OTHER: `${network}${HOST_NUMBER + 1}`,
      GATEWAY: gateway,
      PINGED,
    },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(output.stdout);
}

Deno.test("simulated hosts: each thing a world file says is seen by a client that isn't margay", async (test) => {
  const reports = await runInLab<Report[]>({ module: import.meta.url, name: "look" });
  for (const [index, sight] of SIGHTS.entries()) {
    await test.step({
      name: `${sight.what} (${sight.client})`,
      ignore: !hasTool(sight.client),
      fn() {
        const report = reports[index]!;
        for (const pattern of sight.seen) assert.match(report, pattern);
        for (const pattern of sight.unseen ?? []) assert.doesNotMatch(report, pattern);
        assert.notEqual(report, "");
      },
    });
  }
});
