import type { FirstResult } from './first-script.ts';

export interface WelcomeFacts {
  url: string;
  /** What the certificates of API and broker are checked against, where a machine does not trust them anyway. */
  caFile?: string;
  tokenFile: string;
  dataDir: string;
  nats: string;
  pcId: string;
  /** The manifest of the PowerShell module. */
  module: string;
  /** Or why there is none. */
  first: FirstResult | string;
  /** What is wrong with the token file, when something is. */
  tokenFault?: string;
  /** The admin sits before Windows. */
  windows: boolean;
}

/** What somebody who has just started Kanade wants to know: what came back, where things are, how to go on. */
export function welcome(facts: WelcomeFacts): string {
  const { url, caFile, tokenFile, dataDir, nats, pcId, first, tokenFault, windows } = facts;
  const lines = ['', 'Kanade is running.'];
  if (typeof first === 'string') lines.push('', `  No first script was run: ${first}.`);
  else {
    lines.push('', `  ${pcId} ran  ${first.script}  and it ${first.state}:`);
    lines.push(...indent(first.stdout), ...indent(first.stderr));
  }
  lines.push(
    '',
    `  API      ${url}/api/v1`,
    ...(caFile === undefined ? [] : [`  CA       ${caFile}`]),
    `  Token    ${tokenFile}`,
    `  Broker   ${nats}`,
    `  Data     ${dataDir}`,
    '',
    ...(tokenFault === undefined ? example(facts) : newTokenAdvice(tokenFile, tokenFault, windows)),
    '',
    'Ctrl-C stops all of it.',
    '',
  );
  return lines.join('\n');
}

function example(facts: WelcomeFacts): string[] {
  const { windows } = facts;
  const inPowerShell = ['To go on, run something on every PC and look at what came back. In PowerShell:', '', ...moduleExample(facts)];
  return windows ? inPowerShell : [...inPowerShell, '', 'or by the API:', '', ...curlExample(facts)];
}

/** In place of an example that would read a token which is not there. */
function newTokenAdvice(tokenFile: string, fault: string, windows: boolean): string[] {
  return [
    `The token file ${tokenFile} ${fault}.`,
    'Put it back, or stop this and get a new token, which revokes the one before:',
    '',
    `  ${windows ? 'npm.cmd' : 'npm'} start -- --new-admin-token`,
  ];
}

function indent(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split(/\r?\n/).map((line) => `    ${line}`);
}

/** All of it works in Windows PowerShell 5.1, which every Windows has, and whose default is to run no script, a module's neither. */
function moduleExample({ url, caFile, tokenFile, module, windows }: WelcomeFacts): string[] {
  return [
    ...(windows ? ['  Set-ExecutionPolicy -Scope Process RemoteSigned -Force'] : []),
    `  Import-Module ${quoted(module)}`,
    `  $env:KANADE_TOKEN = Get-Content ${quoted(tokenFile)}`,
    `  Connect-Kanade -Server ${url}${url.startsWith('https:') && caFile !== undefined ? ` -CaFile ${quoted(caFile)}` : ''}`,
    // The shell of a script is that of Windows PCs unless one is named.
    `  Invoke-KanadeExec -All -ScriptBlock { Get-Date }${windows ? '' : ' -Shell pwsh'} -Wait`,
    '  Get-Command -Module Kanade',
  ];
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

function curlExample({ url, caFile, tokenFile }: WelcomeFacts): string[] {
  const ca = url.startsWith('https:') && caFile !== undefined ? ` --cacert '${caFile}'` : '';
  const call = `curl${ca} -H "Authorization: Bearer $(cat '${tokenFile}')"`;
  return [
    `  ${call} -H 'Content-Type: application/json' \\`,
    `    -d '{"shell":"sh","script":"uptime","target":{"all":true},"run_as":"system","timeout":"60s","expires_in":"7d"}' ${url}/api/v1/executions`,
    `  ${call} ${url}/api/v1/executions`,
  ];
}
