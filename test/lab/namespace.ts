import { basename } from "node:path";
import { requireTools, runTool, toolFolders } from "./tools.ts";

/** Set for everything that runs inside, so that a program started from inside doesn't nest another. */
const MARKER = "MARGAY_LAB_NAMESPACE";

/**
 * The lab always lives in its own user, network, mount and process namespaces, for root as for anybody else:
 * the host's network is never touched, and when the first process inside dies, for whatever reason, the
 * kernel kills the rest and takes interfaces, firewall rules and files (all in a tmpfs on /run) away.
 * `setpriv` makes that death follow from the death of the process outside.
 */
const UNSHARE = [
  ...["setpriv", "--pdeathsig", "KILL", "--"],
  ...["unshare", "--user", "--map-root-user", "--net", "--mount"],
  ...["--pid", "--fork", "--kill-child", "--mount-proc", "--"],
];

/** $1 is a file that is still read where /run is the host's, and $2 the name that it gets; the command follows. */
const PREPARE = 'exec 9< "$1" && mount -t tmpfs lab /run && mkdir /run/netns /run/brought && ' +
  'cat <&9 > "/run/brought/$2" && exec 9<&- && shift 2 && ip link set lo up && ' +
  // Where it is refused (in a container) /sys goes on to show the host's interfaces.
  '{ mount -t sysfs sysfs /sys 2>/dev/null || true; } && exec "$@"';

/** Whether this process already runs inside the lab's namespaces. */
export function isInsideNamespace(): boolean {
  return Deno.env.get(MARKER) !== undefined;
}

/**
 * The command that runs another command inside new lab namespaces; run it with {@link namespaceEnvironment}.
 *
 * @param command the program and its arguments.
 * @param file one to take along, to where {@link broughtFile} says.
 */
export function inNamespace(command: readonly string[], file = "/dev/null"): string[] {
  return [...UNSHARE, "sh", "-c", PREPARE, "sh", file, basename(file), ...command];
}

/** Where a file that was taken along is inside. What the host has in /run can't be seen there. */
export function broughtFile(file: string): string {
  return `/run/brought/${basename(file)}`;
}

/** The environment additions that {@link inNamespace} needs. */
export function namespaceEnvironment(): Record<string, string> {
  return { [MARKER]: "1", PATH: toolFolders().join(":") };
}

/**
 * The command that runs another command with only these capabilities, as a user would start margay with
 * `setcap`; call it inside the lab.
 *
 * @param capabilities names without `cap_`, such as `net_raw`; none leaves none.
 * @param command the program and its arguments.
 */
export function withCapabilities(capabilities: readonly string[], command: readonly string[]): string[] {
  // Root inside gets the whole bounding set back at every exec, so that is the set to cut.
  const bounding = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
  return ["setpriv", "--bounding-set", bounding, "--inh-caps=-all", "--no-new-privs", "--", ...command];
}

/** How a program enters. */
export interface EntranceOptions {
  /** The program's arguments inside; those that it was started with unless told. */
  readonly args?: readonly string[];
  /** A file to take along, to where {@link broughtFile} says. */
  readonly file?: string;
  /**
   * What an interrupt (Ctrl-C) does: end everything, unless told; or nothing, because what runs inside in the
   * foreground of the same terminal gets it as well and decides.
   */
  readonly onInterrupt?: "end" | "ignore";
}

/**
 * For programs: continues this program inside the lab's namespaces.
 *
 * Outside, it starts the program again inside with the same standard streams, and returns that copy's exit code,
 * with which the caller should exit. Inside, it returns undefined at once.
 *
 * @throws {Error} when a tool is missing or the kernel refuses user namespaces.
 */
export async function enterNamespace(options: EntranceOptions = {}): Promise<number | undefined> {
  if (isInsideNamespace()) return undefined;
  await requireNamespaces();
  const program = [Deno.execPath(), "run", "-A", "--quiet", Deno.mainModule, ...options.args ?? Deno.args];
  const [command, ...args] = inNamespace(program, options.file) as [string, ...string[]];
  const child = new Deno.Command(command, {
    args,
    env: namespaceEnvironment(),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // The first process of a namespace ignores what it doesn't handle, so a Ctrl-C has to end it from here.
  let interrupted: number | undefined;
  const interrupt = () => {
    if (options.onInterrupt === "ignore") return;
    interrupted = 130;
    killQuietly(child);
  };
  const terminate = () => {
    interrupted = 143;
    killQuietly(child);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", terminate);
  try {
    const status = await child.status;
    return interrupted ?? status.code;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener("SIGTERM", terminate);
  }
}

/**
 * Checks that the lab's namespaces can be made here.
 *
 * @throws {Error} when a tool is missing or the kernel refuses user namespaces.
 */
export async function requireNamespaces(): Promise<void> {
  requireTools();
  try {
    await runTool([...UNSHARE, "true"]);
  } catch (error) {
    throw new Error(
      "Cannot enter a user namespace: the kernel refused it; allow it with " +
        "`sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1`, " +
        "where AppArmor restricts it with `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, " +
        "or run as root outside a container",
      { cause: error },
    );
  }
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
