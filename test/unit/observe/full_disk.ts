import { join } from "node:path";

/** Whether this user may make mounts of their own. */
export function canMount(): boolean {
  try {
    return new Deno.Command("unshare", { args: ["-Urm", "true"], stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * Writes records to a disk of 64 KiB until it is full: to a `log` or to one `file`.
 *
 * @param folder an empty one, which gets a copy of what was on the disk.
 * @returns what was thrown, as text, and the path of the copy.
 */
export async function fillDisk(
  kind: "log" | "file",
  folder: string,
): Promise<{ readonly thrown: string; readonly copy: string }> {
  const child = new URL("./full_disk_child.ts", import.meta.url).pathname;
  const script = `
    mkdir "$1/disk" && mount -t tmpfs -o size=64k tmpfs "$1/disk"
    "$2" run -A --no-check --quiet "$3" "$1/disk/run" "$4"
    cp -r "$1/disk/run" "$1/copy"`;
  const args = ["-Urm", "sh", "-ec", script, "sh", folder, Deno.execPath(), child, kind];
  const { stdout, stderr } = await new Deno.Command("unshare", { args }).output();
  const thrown = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return { thrown, copy: join(folder, "copy") };
}
