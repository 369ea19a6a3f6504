export interface BrokerConfig {
  host: string;
  /** -1 lets the server choose. */
  port: number;
  serverName: string;
  storeDir: string;
  /** `always`, or a duration such as `2m`: how long a stored message may wait for the disk. */
  syncInterval: string;
  /** Bytes; left to the server when undefined. */
  maxFile?: number;
  maxMemory?: number;
  /** Where the server writes `nats-server_<pid>.ports`. */
  portsDir: string;
  logFile: string;
  /** Without it everything goes in the clear. */
  tls?: BrokerTls;
  /** In place of BROKER_LIMITS. */
  limits?: Partial<typeof BROKER_LIMITS>;
  /** More configuration text: whom it trusts. */
  extra?: string;
}

/**
 * What whoever is not known yet can make it hold. A handshake has 10 s, for nats-server's own 2 s are too little when a whole fleet comes
 * back at once, and a second more until it is known who it is; beyond so many handshakes a second connections are closed before theirs.
 */
export const BROKER_LIMITS = { connections: 20_000, controlLine: 4096, payload: 1_048_576, tlsSeconds: 10, handshakesPerSecond: 1000 };

export interface BrokerTls {
  /** Key and certificate, in one file. */
  file: string;
  /** Whether a client may begin with its TLS handshake; one that waits for the server's greeting gets it a moment later then. */
  handshakeFirst: boolean;
}

/** On the port of HTTPS a client may begin with TLS at once: firewalls that look into that port know nothing else. */
export function handshakesFirst({ port }: { port: number }): boolean {
  return port === 443;
}

/** The configuration file of the broker: there is no flag for `sync_interval`. */
export function brokerConfig(config: BrokerConfig): string {
  const limits = { ...BROKER_LIMITS, ...config.limits };
  const quoted = (value: string) => JSON.stringify(value);
  const lines = [
    `server_name: ${quoted(config.serverName)}`,
    `host: ${quoted(config.host)}`,
    `port: ${config.port}`,
    `ports_file_dir: ${quoted(config.portsDir)}`,
    `log_file: ${quoted(config.logFile)}`,
    'logfile_size_limit: 16MB',
    'logfile_max_num: 3',
    `max_connections: ${limits.connections}`,
    `max_control_line: ${limits.controlLine}`,
    `max_payload: ${limits.payload}`,
    'jetstream {',
    `  store_dir: ${quoted(config.storeDir)}`,
    `  sync_interval: ${quoted(config.syncInterval)}`,
  ];
  if (config.maxFile !== undefined) lines.push(`  max_file_store: ${config.maxFile}`);
  if (config.maxMemory !== undefined) lines.push(`  max_memory_store: ${config.maxMemory}`);
  lines.push('}');
  if (config.tls !== undefined) {
    lines.push(
      'tls {',
      `  cert_file: ${quoted(config.tls.file)}`,
      `  key_file: ${quoted(config.tls.file)}`,
      `  timeout: ${limits.tlsSeconds}`,
    );
    lines.push('  min_version: "1.2"', `  connection_rate_limit: ${limits.handshakesPerSecond}`);
    if (config.tls.handshakeFirst) lines.push('  handshake_first: "auto"');
    lines.push('}');
  }
  lines.push(config.extra ?? '', '');
  return lines.join('\n');
}
