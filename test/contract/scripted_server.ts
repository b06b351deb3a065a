// The peers of the transport contract, one process in the world's namespace: real kernel TCP, one port for each way a
// server may behave. It says "ready" on stdout and serves until it is killed.

/** Where each behaviour listens. */
export const PORTS = {
  /** Sends back what it gets. */
  echo: 7001,
  /** Speaks first, and closes at once. */
  banner: 7002,
  /** Answers with {@linkcode LARGE} and closes. */
  large: 7003,
  /** Answers with {@linkcode DRIBBLE} in pieces, one every few milliseconds, and closes. */
  dribble: 7004,
  /** Speaks first; the contract's world answers a packet longer than {@linkcode RESET_LENGTH} with a reset. */
  reset: 7005,
  /** Reads and says nothing. */
  silence: 7006,
  /** Listens and never takes a connection from the kernel, which answers for it. */
  deaf: 7007,
  /** Speaks, closes its sending side only, and goes on reading. */
  halfClose: 7008,
  /** Like silence; the contract's world drops everything behind its SYN-ACK. */
  unacknowledging: 7009,
  /** Like echo; the contract's world answers every SYN behind its first connection with a reset. */
  refusing: 7010,
  /** Like echo; the contract's world drops every SYN behind its first connection. */
  withdrawn: 7011,
  /** Like echo; the contract's world calls it unreachable behind its first connection. */
  cutOff: 7012,
  /** Like silence; the contract's world drops the first reset. */
  holding: 7013,
} as const;

/** In octets of IPv4. */
export const RESET_LENGTH = 500;

export const BANNER: Uint8Array = new TextEncoder().encode("220 ready when you are\r\n");
export const DRIBBLE: Uint8Array = pattern(400);
/** Many windows and round trips. */
export const LARGE: Uint8Array = pattern(400_000);

const DRIBBLE_PIECE = 20;
const PAUSE_MILLISECONDS = 15;

/** Octets of which no two neighbouring segments are alike. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 17) & 0xff);
}

type Behaviour = (connection: Deno.TcpConn) => Promise<void>;

const BEHAVIOURS: Readonly<Record<keyof typeof PORTS, Behaviour | undefined>> = {
  echo,
  banner: (connection) => writeAll(connection, BANNER),
  async large(connection) {
    await connection.read(new Uint8Array(1024));
    await writeAll(connection, LARGE);
  },
  async dribble(connection) {
    await connection.read(new Uint8Array(1024));
    for (let at = 0; at < DRIBBLE.length; at += DRIBBLE_PIECE) {
      await writeAll(connection, DRIBBLE.subarray(at, at + DRIBBLE_PIECE));
      await pause();
    }
  },
  async reset(connection) {
    await writeAll(connection, BANNER);
    await readToEnd(connection);
  },
  silence: readToEnd,
  deaf: undefined,
  async halfClose(connection) {
    await writeAll(connection, BANNER);
    await connection.closeWrite();
    await readToEnd(connection);
  },
  unacknowledging: readToEnd,
  refusing: echo,
  withdrawn: echo,
  cutOff: echo,
  holding: readToEnd,
};

function echo(connection: Deno.TcpConn): Promise<void> {
  return connection.readable.pipeTo(connection.writable);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}

async function readToEnd(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}

async function serve(port: number, behaviour: Behaviour | undefined): Promise<void> {
  const listener = Deno.listen({ hostname: "0.0.0.0", port });
  while (behaviour !== undefined) {
    try {
      const connection = await listener.accept();
      void behaviour(connection).finally(() => closeQuietly(connection)).catch(() => {});
    } catch {
      // Peers of a transport's tests leave in the middle of anything, also before they were accepted.
    }
  }
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

if (import.meta.main) {
  for (const [name, port] of Object.entries(PORTS)) {
    void serve(port, BEHAVIOURS[name as keyof typeof PORTS]);
  }
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
  // A listener whose connections nobody takes keeps no process alive.
  setInterval(() => {}, 60_000);
}
