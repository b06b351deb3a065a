import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toPem } from "../test/lab/certificates.ts";
import { basicConstraints, keyUsage, subjectAlternativeName } from "../test/lab/extensions.ts";
import {
  COMMON_NAME,
  DAY_MILLISECONDS,
  type Identity,
  issue,
  serialFrom,
  TODAY,
} from "../test/lab/identity.ts";
import { generateKeys } from "../test/lab/keys.ts";
import { seededRandom } from "../test/lab/seeded_random.ts";

/** An nginx of one worker that serves TLS on every address of its namespace. */
export interface Nginx {
  readonly process: Deno.ChildProcess;
  /** What its worker has been busy for, user space and kernel. */
  cpuSeconds(): Promise<number>;
}

/** Where each version is served. */
export interface NginxPorts {
  /** TLS 1.2 and 1.3. */
  readonly both: number;
  /** TLS 1.3 alone. */
  readonly tls13: number;
}

/** The name on the certificate. */
export const SERVER_NAME = "bench.example";

/** In the folder: the root that its chain leads to. */
export const ROOT_FILE = "root.pem";

/** Ticks of /proc/PID/stat in a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Starts nginx with one ECDSA P-256 certificate, no tickets, no sessions, no log.
 *
 * @param enter the command that enters its namespace.
 * @param folder where its files go.
 */
export async function startNginx(
  enter: readonly string[],
  folder: string,
  ports: NginxPorts,
): Promise<Nginx> {
  await mkdir(folder, { recursive: true });
  const root = await issueOne("Bench Root");
  const leaf = await issueOne(SERVER_NAME, root);
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leaf.keys.privateKey));
  await writeFile(join(folder, ROOT_FILE), toPem("CERTIFICATE", root.der));
  await writeFile(join(folder, "leaf.pem"), toPem("CERTIFICATE", leaf.der));
  await writeFile(join(folder, "key.pem"), toPem("PRIVATE KEY", key));
  await writeFile(join(folder, "nginx.conf"), configuration(folder, ports));
  const [command, ...args] = [...enter, "nginx", "-p", folder, "-c", join(folder, "nginx.conf")];
  const process = new Deno.Command(command!, { args, stdin: "null", stdout: "null", stderr: "inherit" })
    .spawn();
  const worker = await workerOf(process);
  return { process, cpuSeconds: () => cpuSecondsOf(worker) };
}

async function issueOne(name: string, issuer?: Identity): Promise<Identity> {
  const isAuthority = issuer === undefined;
  const extensions = [basicConstraints(isAuthority), keyUsage(isAuthority)];
  const blueprint = {
    serial: serialFrom(seededRandom(1)),
    subject: [[COMMON_NAME, name]] as const,
    notBefore: new Date(TODAY - DAY_MILLISECONDS),
    notAfter: new Date(TODAY + 30 * DAY_MILLISECONDS),
    extensions: isAuthority ? extensions : [...extensions, subjectAlternativeName([name])],
  };
  return await issue(blueprint, await generateKeys("p256"), issuer);
}

function configuration(folder: string, { both, tls13 }: NginxPorts): string {
  const server = (port: number, versions: string) => `
    server {
      listen ${port} ssl backlog=4096;
      ssl_protocols ${versions};
      ssl_certificate ${join(folder, "leaf.pem")};
      ssl_certificate_key ${join(folder, "key.pem")};
      ssl_session_tickets off;
      ssl_session_cache off;
      return 204;
    }`;
  return `
  user root;
  daemon off;
  worker_processes 1;
  error_log stderr crit;
  pid ${join(folder, "nginx.pid")};
  events { worker_connections 16384; }
  http {
    access_log off;
    client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
    uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
    ${server(both, "TLSv1.2 TLSv1.3")}
    ${server(tls13, "TLSv1.3")}
  }
  `;
}

/** Tries this often before it gives up: five seconds. */
const ATTEMPTS_MAX = 250;

async function workerOf({ pid }: Deno.ChildProcess): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    for (const entry of await readdir("/proc")) {
      if (/^\d+$/.test(entry) && await parentOf(entry) === pid) return Number(entry);
    }
    await delay(20);
  }
  throw new Error("Cannot start nginx: it has no worker");
}

async function parentOf(process: string): Promise<number | undefined> {
  return Number((await statOf(process))?.[1]);
}

async function cpuSecondsOf(process: number): Promise<number> {
  const fields = await statOf(String(process));
  if (fields === undefined) throw new Error("Cannot measure nginx: it has ended");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** proc_pid_stat(5), the fields behind the name: state, parent, ... */
async function statOf(process: string): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${process}/stat`, "utf8").catch(() => undefined);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}
