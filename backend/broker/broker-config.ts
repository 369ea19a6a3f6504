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
  /** More configuration text, such as an `authorization` block. */
  extra?: string;
}

/** The configuration file of the broker: there is no flag for `sync_interval`. */
export function brokerConfig(config: BrokerConfig): string {
  const quoted = (value: string) => JSON.stringify(value);
  const lines = [
    `server_name: ${quoted(config.serverName)}`,
    `host: ${quoted(config.host)}`,
    `port: ${config.port}`,
    `ports_file_dir: ${quoted(config.portsDir)}`,
    `log_file: ${quoted(config.logFile)}`,
    'logfile_size_limit: 16MB',
    'logfile_max_num: 3',
    'jetstream {',
    `  store_dir: ${quoted(config.storeDir)}`,
    `  sync_interval: ${quoted(config.syncInterval)}`,
  ];
  if (config.maxFile !== undefined) lines.push(`  max_file_store: ${config.maxFile}`);
  if (config.maxMemory !== undefined) lines.push(`  max_memory_store: ${config.maxMemory}`);
  lines.push('}', config.extra ?? '', '');
  return lines.join('\n');
}
