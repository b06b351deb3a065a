import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";
import { listen } from "./any_ip.ts";
import { IN_WORLD, setKernelParameters, withRoom } from "./cable.ts";
import { nextLine } from "./lines.ts";
import { runTool } from "./tools.ts";

/** What is at the other end of the tunnel. */
export interface TunnelOptions {
  /** Prefixes of both families that the world's kernel answers for, each address of them. */
  readonly prefixes: readonly string[];
  /** The port that is open on all of them; every other port is closed. */
  readonly port: number;
}

/** A tunnel into a world: a device without a link header, on which nobody has a hardware address. */
export interface Tunnel {
  readonly interface: string;
  readonly sourceAddress: string;
  readonly sourceAddressIpv6: string;
}

const SCANNER_DEVICE = "tunnel0";
const WORLD_DEVICE = "tunnel1";
const SCANNER_ADDRESS = "10.97.0.1";
const SCANNER_ADDRESS_IPV6 = "fd97::1";

/** Whether this user may make tun devices. */
export function hasTunnels(): boolean {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Brings a world up that is reached through a tun device, calls `use` with it, and takes it down again. One world at a
 * time.
 *
 * @throws {Error} outside the lab's namespaces, or when the world can't be made.
 */
export function withTunnel<Result>(
  { prefixes, port }: TunnelOptions,
  use: (tunnel: Tunnel) => Result | Promise<Result>,
): Promise<Result> {
  return withRoom(async () => {
    await runTool(["ip", "netns", "add", "world"]);
    const bridge = await startBridge();
    try {
      await runTool(
        ["ip", "-batch", "-"],
        [
          `link set ${SCANNER_DEVICE} up`,
          `address add ${SCANNER_ADDRESS}/32 dev ${SCANNER_DEVICE}`,
          `address add ${SCANNER_ADDRESS_IPV6}/128 dev ${SCANNER_DEVICE} nodad`,
          ...prefixes.map((prefix) => `route add ${prefix} dev ${SCANNER_DEVICE}`),
        ].join("\n"),
      );
      await runTool(
        ["ip", "-netns", "world", "-batch", "-"],
        [
          "link set lo up",
          `link set ${WORLD_DEVICE} up`,
          `route add ${SCANNER_ADDRESS}/32 dev ${WORLD_DEVICE}`,
          `route add ${SCANNER_ADDRESS_IPV6}/128 dev ${WORLD_DEVICE}`,
          ...prefixes.map((prefix) => `route add local ${prefix} dev lo`),
        ].join("\n"),
      );
      await setKernelParameters(IN_WORLD, [["net/ipv4/tcp_syncookies", 2]]);
      const listener = await listen(IN_WORLD, port, "::");
      try {
        return await use({
          interface: SCANNER_DEVICE,
          sourceAddress: SCANNER_ADDRESS,
          sourceAddressIpv6: SCANNER_ADDRESS_IPV6,
        });
      } finally {
        listener.kill("SIGKILL");
        await listener.status;
      }
    } finally {
      bridge.kill("SIGKILL");
      await bridge.status;
    }
  });
}

async function startBridge(): Promise<Deno.ChildProcess> {
  const program = fileURLToPath(new URL("./tunnel_bridge.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", program, SCANNER_DEVICE, WORLD_DEVICE],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  if (await nextLine(child.stdout) !== "ready") {
    throw new Error("Cannot make a tunnel: its bridge has ended; is there a /dev/net/tun?");
  }
  return child;
}
