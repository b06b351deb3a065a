import {
  GATEWAY,
  IN_WORLD,
  layCable,
  SCANNER_ADDRESS,
  SCANNER_INTERFACE,
  setKernelParameters,
  withRoom,
  WORLD_INTERFACE,
} from "./cable.ts";
import { nextLine } from "./lines.ts";
import { runTool } from "./tools.ts";

/** What the world's kernel answers for. */
export interface AnyIpOptions {
  /** `a.b.c.d/n`: each of its addresses is there. */
  readonly prefix: string;
  /** The port that is open on all of them; every other port is closed. */
  readonly port: number;
  /**
   * Starts what answers there, in the namespace that the command enters; unless given, whoever connects is sent
   * away.
   */
  readonly serve?: (enter: readonly string[]) => Promise<Deno.ChildProcess>;
  /**
   * Whether both ends of the cable hand segments on in batches and larger than a frame, as hardware does
   * (TSO, GRO); they do not unless told.
   */
  readonly hasOffloads?: boolean;
}

/** A world of one kernel. */
export interface AnyIpWorld {
  readonly prefix: string;
  readonly port: number;
  /** The scanner's end of the cable and its address; the way into the prefix is through the gateway. */
  readonly interface: string;
  readonly sourceAddress: string;
  readonly gateway: string;
  readonly gatewayHardwareAddress: string;
}

/**
 * Brings a world up in which one listening socket answers for a whole prefix (AnyIP), calls `use` with it, and takes it
 * down again. One world at a time. Every answer is certain: the kernel answers by SYN cookies, so no backlog is ever
 * full, nothing is repeated, and what a scan does not find was lost on its own way.
 *
 * @throws {Error} outside the lab's namespaces, or when the world can't be made.
 */
export function withAnyIp<Result>(
  { prefix, port, serve, hasOffloads = false }: AnyIpOptions,
  use: (world: AnyIpWorld) => Result | Promise<Result>,
): Promise<Result> {
  return withRoom(async () => {
    await layCable({ hasIpv6: false });
    if (hasOffloads) await switchOffloadsOn();
    await runTool(
      ["ip", "-netns", "world", "-batch", "-"],
      [
        "link set lo up",
        `address add ${GATEWAY}/30 dev ${WORLD_INTERFACE}`,
        `route add local ${prefix} dev lo`,
      ].join("\n"),
    );
    // 2: a cookie for each, whether or not there is room.
    await setKernelParameters(IN_WORLD, [["net/ipv4/tcp_syncookies", 2]]);
    await runTool(["ip", "route", "add", prefix, "via", GATEWAY]);
    const server = await (serve?.(IN_WORLD) ?? listen(IN_WORLD, port));
    try {
      return await use({
        prefix,
        port,
        interface: SCANNER_INTERFACE,
        sourceAddress: SCANNER_ADDRESS,
        gateway: GATEWAY,
        gatewayHardwareAddress: await hardwareAddressOfGateway(),
      });
    } finally {
      server.kill("SIGKILL");
      await server.status;
    }
  });
}

/**
 * Opens a port on every address of a namespace; whoever connects is sent away.
 *
 * @param enter the command that enters the namespace; empty for this one.
 * @param hostname `0.0.0.0`, or `::` for both families.
 * @throws {Error} when it can't.
 */
export async function listen(
  enter: readonly string[],
  port: number,
  hostname: "0.0.0.0" | "::" = "0.0.0.0",
): Promise<Deno.ChildProcess> {
  const script = `const listener = Deno.listen({ hostname: "${hostname}", port: ${port} }); ` +
    'console.log("ready"); for await (const connection of listener) connection.close()';
  const [command, ...args] = [...enter, Deno.execPath(), "eval", script];
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") throw new Error(`Cannot listen on port ${port} of the world`);
  return child;
}

/** veth receives in batches (NAPI) from when GRO is switched on. */
async function switchOffloadsOn(): Promise<void> {
  const ends = [[[], SCANNER_INTERFACE], [IN_WORLD, WORLD_INTERFACE]] as const;
  for (const [enter, name] of ends) {
    await runTool([...enter, "ip", "link", "set", "dev", name, "gso_max_segs", "65535"]);
    await runTool([...enter, "ethtool", "-K", name, "gro", "on", "gso", "on", "tso", "on"]);
  }
}

async function hardwareAddressOfGateway(): Promise<string> {
  const answer = await runTool(["ip", "-netns", "world", "-json", "link", "show", "dev", WORLD_INTERFACE]);
  const [link] = JSON.parse(answer) as [{ address: string }];
  return link.address;
}
