import assert from "node:assert/strict";
import { NativeError } from "../../../ffi/mod.ts";
import { chooseSourcePorts, freeWindows, portUse, type PortWindow } from "../../../src/scan/source_ports.ts";
import { runInLab } from "../../lab/mod.ts";

/** Opens windows that touch none of the ports that are taken, and writes down what was tried. */
function opener(
  isTaken: (port: number) => boolean,
): { tried: PortWindow[]; open(window: PortWindow): string } {
  const tried: PortWindow[] = [];
  return {
    tried,
    open(window) {
      tried.push(window);
      for (let port = window.first; port < window.first + window.count; port++) {
        if (isTaken(port)) throw new NativeError("inUse", "prepare the packet plane");
      }
      return `${window.first}+${window.count}`;
    },
  };
}

async function ephemeralRange(): Promise<[first: number, last: number]> {
  const text = await Deno.readTextFile("/proc/sys/net/ipv4/ip_local_port_range");
  return text.trim().split(/\s+/).map(Number) as [number, number];
}

Deno.test("ports that were given are used as they are", () => {
  const { tried, open } = opener(() => false);
  assert.equal(chooseSourcePorts({ first: 40_000, last: 40_063 }, 0, open), "40000+64");
  assert.equal(chooseSourcePorts({ first: 7, last: 7 }, 0, open), "7+1");
  assert.equal(tried.length, 2);
});

Deno.test("ports that were given and are taken are the user's to change", () => {
  const { tried, open } = opener((port) => port === 40_001);
  assert.throws(() => chooseSourcePorts({ first: 40_000, last: 40_063 }, 0, open), {
    name: "UsageError",
    message: "Cannot send from source ports 40000-40063: another program has it; choose others with -s, " +
      "or leave -s out",
  });
  assert.throws(() => chooseSourcePorts({ first: 40_001, last: 40_001 }, 0, open), {
    name: "UsageError",
    message: /^Cannot send from source port 40001: /,
  });
  assert.equal(tried.length, 2);
});

Deno.test("else a free window is found, outside what the kernel gives to others", async () => {
  const [first, last] = await ephemeralRange();
  const { tried, open } = opener((port) => tried.length <= 3 || port % 1024 > 200);
  chooseSourcePorts(undefined, 0, open);
  assert(tried.length > 3);
  for (const window of tried) {
    const end = window.first + window.count;
    assert(window.first >= 1024 && end <= 65_536 && window.count > 1, `${window.first}`);
    assert(end <= first || window.first > last, `${window.first} is in ${first}-${last}`);
  }
  assert.equal(new Set(tried.map((window) => window.first)).size, tried.length);
});

Deno.test("a process that goes on with a run begins at other ports, and finds the same ones in the end", () => {
  const [first, second, tenth] = [0, 1, 10].map((before) => {
    const { tried, open } = opener(() => true);
    assert.throws(() => chooseSourcePorts(undefined, before, open));
    return tried.map((window) => window.first);
  });
  assert.notEqual(second![0], first![0]);
  assert.notEqual(tenth![0], second![0]);
  for (const tried of [second!, tenth!]) assert.deepEqual(tried.toSorted(), first!.toSorted());
});

Deno.test("when every window is taken, it says so", () => {
  const { tried, open } = opener(() => true);
  assert.throws(() => chooseSourcePorts(undefined, 0, open), {
    message: /^Cannot find \d+ free source ports in a row: every window is taken; name some with -s$/,
  });
  assert(tried.length > 10);
});

Deno.test("any other failure is not about ports", () => {
  const failing = () => {
    throw new NativeError("noPermission", "prepare the packet plane");
  };
  for (const given of [undefined, { first: 40_000, last: 40_000 }]) {
    assert.throws(() => chooseSourcePorts(given, 0, failing), { status: "noPermission" });
  }
});

function firstPorts(ephemeral: [first: number, last: number], ...taken: number[]): number[] {
  const use = { ephemeral: { first: ephemeral[0], last: ephemeral[1] }, taken: new Set(taken) };
  return [...freeWindows(use)].map(({ first }) => first);
}

Deno.test("windows with a port that is taken are no windows", () => {
  assert.deepEqual(firstPorts([32_768, 60_999]).slice(0, 2), [65_520, 65_504]);
  assert.deepEqual(firstPorts([32_768, 60_999], 65_535, 65_504, 65_487).slice(0, 2), [65_488, 65_456]);
});

Deno.test("where the kernel may give every port to others, their windows will do", () => {
  const [first, ...others] = firstPorts([1024, 65_535]);
  assert.equal(first, 65_520);
  assert.equal(others.at(-1), 1024);
  assert.deepEqual(firstPorts([2000, 65_535]).slice(0, 2), [1984, 1968]);
});

/** What is found in use after a socket of each family listens and some ports are set aside. */
export async function lookAtUse(): Promise<{ ephemeral: unknown; taken: number[] }> {
  await Deno.writeTextFile("/proc/sys/net/ipv4/ip_local_port_range", "40000 41000");
  await Deno.writeTextFile("/proc/sys/net/ipv4/ip_local_reserved_ports", "0,5000-5002,65535");
  using _ipv4 = Deno.listen({ hostname: "127.0.0.1", port: 7001 });
  using _ipv6 = Deno.listen({ hostname: "::1", port: 7002 });
  const { ephemeral, taken } = portUse();
  return { ephemeral, taken: [...taken].sort((a, b) => a - b) };
}

Deno.test("ports in use and ports set aside are known from the kernel", async () => {
  assert.deepEqual(await runInLab({ module: import.meta.url, name: "lookAtUse" }), {
    ephemeral: { first: 40_000, last: 41_000 },
    taken: [0, 5000, 5001, 5002, 7001, 7002, 65_535],
  });
});
