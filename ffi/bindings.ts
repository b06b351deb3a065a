// Written by `deno task bindings` from zig/src/root.zig. Do not edit.

export const abiFingerprint = 0x29820c6bd516bb57n;

export const symbols = {
  margay_abi: {
    parameters: ["buffer"],
    result: "i32",
  },
  margay_last_code: {
    parameters: ["buffer"],
    result: "i32",
  },
  margay_interfaces: {
    parameters: ["buffer", "u32", "buffer"],
    result: "i32",
  },
  margay_local_addresses: {
    parameters: ["buffer", "u32", "buffer"],
    result: "i32",
  },
  margay_routes: {
    parameters: ["buffer", "u32", "buffer"],
    result: "i32",
  },
  margay_neighbor_resolve: {
    parameters: ["buffer"],
    result: "i32",
    nonblocking: true,
  },
  margay_bucket_set: {
    parameters: ["buffer", "u64", "u64"],
    result: "i32",
  },
  margay_bucket_take: {
    parameters: ["buffer", "u64", "u64", "buffer"],
    result: "i32",
  },
  margay_bucket_spend: {
    parameters: ["buffer", "u64", "u64"],
    result: "i32",
  },
  margay_bucket_refund: {
    parameters: ["buffer", "u64"],
    result: "i32",
  },
  margay_walk_open: {
    parameters: ["buffer", "buffer", "buffer"],
    result: "i32",
  },
  margay_walk_next: {
    parameters: ["usize", "buffer", "u32", "buffer"],
    result: "i32",
  },
  margay_walk_close: {
    parameters: ["usize"],
    result: "i32",
  },
  margay_plane_open: {
    parameters: ["buffer", "buffer"],
    result: "i32",
  },
  margay_plane_start: {
    parameters: ["usize"],
    result: "i32",
  },
  margay_plane_kick: {
    parameters: ["usize"],
    result: "i32",
  },
  margay_plane_wait: {
    parameters: ["usize", "u32", "u64"],
    result: "i32",
    nonblocking: true,
  },
  margay_plane_close: {
    parameters: ["usize"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

export const Control = {
  size: 248,
  budget: 0,
  events: 72,
  commands: 88,
  eventCounter: 104,
  sweepState: 112,
  failureCode: 116,
  stopSending: 120,
  cursor: 128,
  hostsVerified: 136,
  hostsSettled: 144,
  probesSent: 152,
  bytesSent: 160,
  sendShortfalls: 168,
  bytesReceived: 176,
  framesDropped: 184,
  repliesForged: 192,
  repliesOutside: 200,
  repliesDuplicate: 208,
  hostsDeferred: 216,
  closed: 224,
  unreachableCount: 232,
  resetsSent: 240,
} as const;

export const Budget = {
  size: 72,
  probes: 0,
  wire: 24,
  commitment: 48,
} as const;

export const Bucket = {
  size: 24,
  arrival: 0,
  rate: 8,
  depthNs: 16,
} as const;

export const Positions = {
  size: 16,
  written: 0,
  read: 8,
} as const;

export const RecordHeader = {
  size: 16,
  payloadSize: 0,
  kind: 4,
  connection: 8,
} as const;

export const HostFacts = {
  size: 64,
  remote: 0,
  local: 16,
  remotePort: 32,
  localPort: 34,
  sequence: 36,
  acknowledgment: 40,
  window: 44,
  segmentSizeMax: 46,
  windowScale: 48,
  timeToLive: 49,
  hasTimestamps: 50,
  timestamp: 52,
  roundTripMs: 56,
} as const;

export const Open = {
  size: 80,
  facts: 0,
  deadlineNs: 64,
  receiveBytes: 72,
} as const;

export const Ended = {
  size: 24,
  reason: 0,
  bytesSent: 8,
  bytesReceived: 16,
} as const;

export const Config = {
  size: 192,
  targets: 0,
  order: 40,
  control: 56,
  events: 64,
  commands: 72,
  eventsSize: 80,
  commandsSize: 88,
  cookieKey: 96,
  local: 112,
  localHardware: 128,
  gatewayHardware: 134,
  interfaceIndex: 140,
  mtu: 144,
  sourcePortFirst: 148,
  sourcePortCount: 150,
  guarded: 152,
  flowCapacity: 156,
  retries: 160,
  targetsMax: 168,
  cooldownNs: 176,
  queueMax: 184,
} as const;

export const Targets = {
  size: 40,
  intervals: 0,
  ports: 8,
  groups: 16,
  intervalCount: 24,
  portCount: 28,
  groupCount: 32,
} as const;

export const Order = {
  size: 16,
  seed: 0,
  shardIndex: 8,
  shardCount: 12,
} as const;

export const Interval = {
  size: 32,
  first: 0,
  last: 16,
} as const;

export const Group = {
  size: 16,
  intervalStart: 0,
  intervalCount: 4,
  portStart: 8,
  portCount: 12,
} as const;

export const WalkTarget = {
  size: 24,
  address: 0,
  port: 16,
} as const;

export const Route = {
  size: 64,
  destination: 0,
  gateway: 16,
  source: 32,
  prefixLength: 48,
  kind: 52,
  interfaceIndex: 56,
  metric: 60,
} as const;

export const Interface = {
  size: 40,
  name: 0,
  index: 16,
  up: 20,
  mtu: 24,
  linkType: 28,
  hardwareAddress: 32,
} as const;

export const LocalAddress = {
  size: 24,
  address: 0,
  interfaceIndex: 16,
  prefixLength: 20,
} as const;

export const NeighborQuery = {
  size: 56,
  local: 0,
  neighbor: 16,
  interfaceIndex: 32,
  source: 36,
  localHardware: 40,
  hardwareAddress: 46,
} as const;

export const EventCounter = {
  size: 8,
  value: 0,
  waiters: 4,
} as const;

export const Status = {
  ok: 0,
  invalidArgument: 1,
  invalidTargets: 2,
  noPermission: 3,
  inUse: 4,
  noInterface: 5,
  interfaceDown: 6,
  noNeighbor: 7,
  outOfMemory: 8,
  noSpace: 9,
  systemCall: 10,
} as const;

export const SweepState = {
  idle: 0,
  sending: 1,
  cooling: 2,
  done: 3,
  failed: 4,
} as const;

export const EventKind = {
  host: 1,
  data: 2,
  ended: 3,
} as const;

export const CommandKind = {
  open: 1,
  send: 2,
  allow: 3,
  close: 4,
  reject: 5,
} as const;

export const EndReason = {
  closed: 0,
  end: 1,
  reset: 2,
  timeout: 3,
  overflow: 4,
  unreachable: 5,
  exhausted: 6,
} as const;

export const RouteKind = {
  local: 0,
  onLink: 1,
  gateway: 2,
  none: 3,
} as const;

export const Source = {
  kernelTable: 0,
  arp: 1,
} as const;
