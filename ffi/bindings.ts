// Written by `deno task bindings` from zig/src/root.zig. Do not edit.

export const abiFingerprint = 0xc732b5ea62ae8ff9n;

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
  margay_rules: {
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
    parameters: ["usize", "buffer", "u32", "buffer", "buffer"],
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
    parameters: ["usize", "u32"],
    result: "i32",
  },
  margay_plane_silent: {
    parameters: ["usize", "buffer", "u32", "buffer"],
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
  margay_tls13_share: {
    parameters: ["u32", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  margay_tls13_keys: {
    parameters: ["u32", "u32", "buffer", "buffer", "u32", "buffer", "u32", "buffer", "buffer"],
    result: "i32",
  },
  margay_tls13_open: {
    parameters: ["buffer", "u64", "buffer", "u32", "buffer"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

export const Control = {
  size: 328,
  budget: 0,
  senderEvents: 72,
  eventCounter: 80,
  sweepState: 88,
  failureCode: 92,
  blockedInterface: 96,
  stopSending: 100,
  pass: 104,
  sendMethod: 108,
  cursor: 112,
  targetsSettled: 120,
  repeatCursor: 128,
  repeatPass: 136,
  progressVersion: 144,
  hostsVerified: 152,
  hostsSettled: 160,
  answeredAt: 168,
  probesSent: 176,
  probesRepeated: 184,
  questionsSent: 192,
  targetsDiverted: 200,
  targetsUnrouted: 208,
  resetsSent: 216,
  bytesSent: 224,
  sendShortfalls: 232,
  framesReceived: 240,
  bytesReceived: 248,
  framesDropped: 256,
  repliesForged: 264,
  repliesOutside: 272,
  repliesDuplicate: 280,
  repliesDeferred: 288,
  closed: 296,
  unreachableCount: 304,
  neighborsSilent: 312,
  kernelResets: 320,
} as const;

export const Channel = {
  size: 16,
  events: 0,
  commands: 8,
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
  size: 8,
  written: 0,
  read: 4,
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

export const Reply = {
  size: 128,
  remote: 0,
  local: 16,
  responder: 32,
  timeUs: 48,
  roundTripUs: 56,
  sequence: 60,
  acknowledgment: 64,
  remotePort: 68,
  localPort: 70,
  window: 72,
  identification: 74,
  verdict: 76,
  obstacle: 77,
  timeToLive: 78,
  icmpType: 79,
  icmpCode: 80,
  optionsSize: 81,
  options: 84,
} as const;

export const Open = {
  size: 80,
  facts: 0,
  deadlineNs: 64,
  receiveBytes: 72,
  handshake: 76,
} as const;

export const Ended = {
  size: 24,
  reason: 0,
  sequence: 4,
  bytesSent: 8,
  bytesReceived: 16,
} as const;

export const WalkTarget = {
  size: 24,
  address: 0,
  port: 16,
} as const;

export const Config = {
  size: 312,
  targets: 0,
  order: 56,
  control: 80,
  channels: 88,
  events: 96,
  commands: 104,
  senderEvents: 112,
  eventsSize: 120,
  commandsSize: 128,
  senderEventsSize: 136,
  hops: 144,
  routes: 152,
  sources: 160,
  unowned: 168,
  hopCount: 176,
  routeCount: 180,
  sourceCount: 184,
  unownedCount: 188,
  cookieKey: 192,
  sourcePortFirst: 208,
  sourcePortCount: 210,
  guarded: 212,
  readerCount: 216,
  flowCapacity: 220,
  receiveMemory: 224,
  manner: 232,
  report: 236,
  synOptions: 240,
  timeToLive: 244,
  retries: 248,
  targetsMax: 256,
  progress: 264,
  cooldownNs: 288,
  queueMax: 296,
  blockedNsMax: 304,
} as const;

export const Targets = {
  size: 56,
  ipv4: 0,
  ipv6: 8,
  ports: 16,
  groups: 24,
  ipv4Count: 32,
  ipv6Count: 36,
  portCount: 40,
  groupCount: 44,
  sampleCount: 48,
} as const;

export const Order = {
  size: 24,
  seed: 0,
  cursor: 8,
  shardIndex: 16,
  shardCount: 20,
} as const;

export const Ipv4Interval = {
  size: 8,
  first: 0,
  last: 4,
} as const;

export const Ipv6Interval = {
  size: 32,
  firstHigh: 0,
  firstLow: 8,
  lastHigh: 16,
  lastLow: 24,
} as const;

export const Group = {
  size: 24,
  ipv4Start: 0,
  ipv4Count: 4,
  ipv6Start: 8,
  ipv6Count: 12,
  portStart: 16,
  portCount: 20,
} as const;

export const HopConfig = {
  size: 32,
  localHardware: 0,
  nextHardware: 6,
  interfaceIndex: 12,
  mtu: 16,
  vlan: 20,
  kind: 22,
  sourceStart: 24,
  sourceCount: 28,
} as const;

export const RouteInterval = {
  size: 40,
  first: 0,
  last: 16,
  hop: 32,
} as const;

export const Route = {
  size: 96,
  destination: 0,
  gateway: 16,
  source: 32,
  from: 48,
  prefixLength: 64,
  fromPrefixLength: 68,
  kind: 72,
  interfaceIndex: 76,
  metric: 80,
  table: 84,
  isLinkDown: 88,
} as const;

export const Interface = {
  size: 88,
  name: 0,
  index: 16,
  up: 20,
  hasCarrier: 24,
  resolvesNeighbors: 28,
  isPointToPoint: 32,
  mtu: 36,
  linkType: 40,
  hardwareAddress: 44,
  framesReceived: 56,
  receiveDrops: 64,
  framesSent: 72,
  sendFailures: 80,
} as const;

export const LocalAddress = {
  size: 40,
  address: 0,
  interfaceIndex: 16,
  prefixLength: 20,
  scope: 24,
  isTentative: 28,
  isDeprecated: 32,
  isTemporary: 36,
} as const;

export const Rule = {
  size: 88,
  from: 0,
  to: 16,
  fromPrefixLength: 32,
  toPrefixLength: 36,
  family: 40,
  priority: 44,
  table: 48,
  action: 52,
  conditions: 56,
  isInverted: 60,
  routePrefixLengthMin: 64,
  interfaceName: 72,
} as const;

export const NeighborQuery = {
  size: 56,
  local: 0,
  neighbor: 16,
  interfaceIndex: 32,
  source: 36,
  localHardware: 40,
  hardwareAddress: 46,
  vlan: 52,
  isAnew: 54,
} as const;

export const EventCounter = {
  size: 8,
  value: 0,
  waiters: 4,
} as const;

export const RecordKeys = {
  size: 48,
  suite: 0,
  iv: 4,
  key: 16,
} as const;

export const Progress = {
  size: 24,
  cursor: 0,
  repeatCursor: 8,
  repeatPass: 16,
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
  blocked: 5,
} as const;

export const EventKind = {
  host: 1,
  data: 2,
  ended: 3,
  reply: 4,
  diverted: 5,
} as const;

export const CommandKind = {
  open: 1,
  send: 2,
  allow: 3,
  close: 4,
  reject: 5,
} as const;

export const Verdict = {
  open: 0,
  closed: 1,
  unreachableTarget: 2,
} as const;

export const Obstacle = {
  none: 0,
  icmp: 1,
  noNeighbor: 2,
} as const;

export const Manner = {
  handOver: 0,
  reset: 1,
  leave: 2,
} as const;

export const Preset = {
  linux: 0,
  windows: 1,
  bsd: 2,
  mss: 3,
  none: 4,
} as const;

export const Kind = {
  gateway: 0,
  onLink: 1,
  bare: 2,
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
  pass: 4,
} as const;

export const Source = {
  kernelTable: 0,
  arp: 1,
  ndp: 2,
} as const;

export const Method = {
  measured: 0,
  messages: 1,
  ring: 2,
  xdp: 3,
} as const;

export const RuleAction = {
  lookUp: 0,
  refuse: 1,
  pass: 2,
} as const;

export const RuleConditions = {
  met: 0,
  failed: 1,
  unknown: 2,
} as const;

export const Handshake = {
  continued: 0,
  fresh: 1,
} as const;
