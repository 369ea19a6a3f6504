import { LOG_LEVELS, OUTBOX_MB_LEAST, OUTBOX_MB_MOST, OUTPUT_KB_LEAST, OUTPUT_KB_MOST, PARALLEL_RUNS_MOST } from '#core/settings/table.ts';

export const LANGUAGES = ['en-US', 'ja-JP'] as const;
export type Language = (typeof LANGUAGES)[number];
/** In each language, in its order. */
export type Words = readonly [english: string, japanese: string];

export const CATEGORIES = {
  Kanade: ['Kanade Agent', 'Kanade エージェント'],
  KanadeConnection: ['Connection', '接続'],
  KanadeWork: ['Scripts and inventory', 'スクリプトとインベントリ'],
  KanadeUpdates: ['Updates', '更新'],
} as const satisfies Record<string, Words>;
export type Category = keyof typeof CATEGORIES;

/** How a value is asked for. */
export type Asked =
  | { kind: 'text'; label: Words; maxLength: number }
  | { kind: 'number'; label: Words; least: number; most: number; preset: number }
  | { kind: 'choice'; label: Words; values: readonly string[]; preset: string }
  /** Enabled is 1, disabled is 0. */
  | { kind: 'switch' };

export interface Policy {
  /** Key of the setting in the table, which says the name of its value. */
  key: string;
  category: Category;
  title: Words;
  /** Paragraphs. */
  explain: readonly Words[];
  asked: Asked;
}

const DEFAULT: Words = [
  'If you disable or do not configure this policy, what the installation was given counts, else the settings file, else the default.',
  'このポリシーを無効にした場合または構成しなかった場合は、インストール時に指定した値、設定ファイル、既定値の順で使用されます。',
];
const LIVE: Words = [
  'The agent applies a change within seconds, without a restart. A malformed value is reported and does not count.',
  '変更は再起動なしで数秒以内に適用されます。形式に誤りのある値は報告され、使用されません。',
];

/** Every setting that Group Policy offers, in the order in which the editor shows them. */
export const POLICIES: readonly Policy[] = [
  {
    key: 'server',
    category: 'KanadeConnection',
    title: ['Server', 'サーバー'],
    explain: [
      [
        'Where PCs enrol and renew their identity: https://host:port.',
        'PC が登録と ID の更新を行うサーバーです。https://ホスト:ポート の形式で指定します。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Address (https://...)', 'アドレス (https://...)'], maxLength: 1024 },
  },
  {
    key: 'nats',
    category: 'KanadeConnection',
    title: ['Broker', 'ブローカー'],
    explain: [
      [
        'The broker to use in place of the one that the server names: tls://host:port, or several with commas between. PCs move to another broker as soon as they run no script.',
        'サーバーが指定するブローカーの代わりに使用するブローカーです。tls://ホスト:ポート の形式で指定し、複数の場合はコンマで区切ります。PC は、実行中のスクリプトがなくなり次第、新しいブローカーに接続します。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Addresses (tls://...)', 'アドレス (tls://...)'], maxLength: 2048 },
  },
  {
    key: 'enrolment_token',
    category: 'KanadeConnection',
    title: ['Enrolment token', '登録トークン'],
    explain: [
      [
        'What a PC enrols with. Every user of a PC can read policies, and so this token: give it few uses, a short life and a pattern for names, or have each PC wait for approval. Take the policy back once the PCs are enrolled.',
        'PC の登録に使用するトークンです。ポリシーの内容は、このトークンを含めて PC のすべてのユーザーが読み取れます。使用回数、有効期間、PC 名のパターンを制限するか、登録ごとに承認を必要とするトークンを使用し、PC の登録が終わったらこのポリシーを元に戻してください。',
      ],
      [
        'A PC that is enrolled needs no token. If you disable or do not configure this policy, the token counts that the installation was given.',
        '登録済みの PC にトークンは必要ありません。このポリシーを無効にした場合または構成しなかった場合は、インストール時に指定したトークンが使用されます。',
      ],
    ],
    asked: { kind: 'text', label: ['Token (ket_...)', 'トークン (ket_...)'], maxLength: 1024 },
  },
  {
    key: 'proxy',
    category: 'KanadeConnection',
    title: ['HTTPS proxy', 'HTTPS プロキシ'],
    explain: [
      [
        'The proxy on the way to the server: http://host:port. The connection to the broker does not go through it. Every user of a PC can read policies, so write no password here.',
        'サーバーへの接続に使用するプロキシです。http://ホスト:ポート の形式で指定します。ブローカーへの接続には使用されません。ポリシーの内容は PC のすべてのユーザーが読み取れるため、パスワードを含めないでください。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Address (http://...)', 'アドレス (http://...)'], maxLength: 1024 },
  },
  {
    key: 'tls_ca',
    category: 'KanadeConnection',
    title: ['CA certificate', 'CA 証明書'],
    explain: [
      [
        'Path of a PEM file on the PC: the only CA that server and broker are checked against. Without this policy the PC takes the CA that its enrolment token names, or those that Windows trusts.',
        'PC 上の PEM ファイルのパスです。サーバーとブローカーの証明書は、この CA だけを信頼して検証されます。このポリシーがない場合は、登録トークンが示す CA、または Windows が信頼する CA が使用されます。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['File', 'ファイル'], maxLength: 1024 },
  },
  {
    key: 'groups',
    category: 'KanadeWork',
    title: ['Groups', 'グループ'],
    explain: [
      [
        'Names with commas between that PCs report as "groups" in the section agent_settings of their inventory. Filters and dynamic groups can ask for them. They make a PC a member of no static group: who administers a PC could otherwise be sent what is meant for others.',
        'コンマで区切った名前です。PC はこれをインベントリの agent_settings セクションに "groups" として報告し、検索条件と動的グループで使用できます。静的グループのメンバーにはなりません。PC の管理者が、ほかの PC 向けの内容を受け取れないようにするためです。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Names', '名前'], maxLength: 4096 },
  },
  {
    key: 'inventory_interval',
    category: 'KanadeWork',
    title: ['Inventory interval', 'インベントリの収集間隔'],
    explain: [
      [
        'How often PCs collect their inventory: from 5m to 30d, such as 4h, or off. Default: 4h.',
        'PC がインベントリを収集する間隔です。5m から 30d までの値 (例: 4h) または off を指定します。既定値は 4h です。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Interval', '間隔'], maxLength: 32 },
  },
  {
    key: 'parallel_runs',
    category: 'KanadeWork',
    title: ['Scripts at once', 'スクリプトの同時実行数'],
    explain: [
      [
        'How many scripts a PC runs at once; others wait for their turn. Default: as many as it has processors.',
        '1 台の PC が同時に実行するスクリプトの数です。超えた分は順番を待ちます。既定値はプロセッサの数です。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'number', label: ['Scripts', 'スクリプト数'], least: 1, most: PARALLEL_RUNS_MOST, preset: 4 },
  },
  {
    key: 'output_limit_kb',
    category: 'KanadeWork',
    title: ['Output of scripts', 'スクリプトの出力'],
    explain: [
      [
        'How much is kept of what a script writes to each of its streams, in KB: its beginning and its end. Default: 8192, which is also the most.',
        'スクリプトの各出力ストリームのうち、保存する量 (KB) です。先頭と末尾が保存されます。既定値は上限でもある 8192 です。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'number', label: ['KB', 'KB'], least: OUTPUT_KB_LEAST, most: OUTPUT_KB_MOST, preset: OUTPUT_KB_MOST },
  },
  {
    key: 'outbox_limit_mb',
    category: 'KanadeWork',
    title: ['Disk space for what waits to be sent', '送信待ちデータのディスク容量'],
    explain: [
      [
        'With that much waiting for the server, in MB, a PC takes no more commands until it has sent some of it. Default: 2048.',
        'サーバーへの送信待ちデータがこの量 (MB) に達すると、PC は一部を送信し終えるまで新しいコマンドを受け付けません。既定値は 2048 です。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'number', label: ['MB', 'MB'], least: OUTBOX_MB_LEAST, most: OUTBOX_MB_MOST, preset: 2048 },
  },
  {
    key: 'log_level',
    category: 'KanadeWork',
    title: ['Log level', 'ログ レベル'],
    explain: [
      ['How much the agent writes to its log. Default: info.', 'エージェントがログに記録する詳細さです。既定値は info です。'],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'choice', label: ['Level', 'レベル'], values: LOG_LEVELS, preset: 'info' },
  },
  {
    key: 'update_ring',
    category: 'KanadeUpdates',
    title: ['Update ring', '更新リング'],
    explain: [
      [
        'The name of the ring in which PCs get new versions of the agent, such as pilot or broad. A dynamic group can ask for it.',
        'エージェントの新しいバージョンを受け取る順序を表すリングの名前です (例: pilot、broad)。動的グループの条件として使えます。',
      ],
      LIVE,
      DEFAULT,
    ],
    asked: { kind: 'text', label: ['Ring', 'リング'], maxLength: 64 },
  },
  {
    key: 'update_on_metered',
    category: 'KanadeUpdates',
    title: ['Update over metered connections', '従量制課金接続での更新'],
    explain: [
      [
        'If you enable this policy, PCs also download updates of the agent over connections that are paid by their volume. If you disable it, they wait for another connection.',
        'このポリシーを有効にすると、従量制課金接続でもエージェントの更新をダウンロードします。無効にすると、ほかの接続が使用できるまで待ちます。',
      ],
      [
        'If you do not configure this policy, what the installation or the settings file says counts; by default PCs wait.',
        'このポリシーを構成しなかった場合は、インストール時または設定ファイルの値が使用されます。既定では待ちます。',
      ],
    ],
    asked: { kind: 'switch' },
  },
];
