/** What the broker lets one agent do, to the letter of section 7 of the design; the same list every agent will get. */
export function agentPermissions(pc: string): { publish: string[]; subscribe: string[] } {
  const durable = `agent_replay_${pc}`;
  const get = (bucket: string, ...keys: string[]) => keys.map((key) => `$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${key}`);
  return {
    subscribe: ['commands.all', 'commands.all.*', `commands.pc.${pc}`, `commands.pc.${pc}.*`, `control.${pc}.*`, `_INBOX_${pc}.>`],
    publish: [
      `events.started.*.${pc}`,
      `events.agent.*.${pc}`,
      `results.*.${pc}`,
      `output.${pc}.>`,
      `inventory.${pc}.*`,
      `heartbeat.${pc}`,
      `reply.${pc}.>`,
      `$JS.API.CONSUMER.INFO.EXEC.${durable}`,
      `$JS.API.CONSUMER.MSG.NEXT.EXEC.${durable}`,
      `$JS.ACK.EXEC.${durable}.>`,
      `$JS.ACK.*.*.EXEC.${durable}.>`,
      ...get('agents', pc),
      ...get('agent_groups', pc),
      ...get('config', '>'),
      ...get('script_status', '*'),
      ...get('script_current', '*'),
      ...get('blobs', '*'),
      ...get('cancelled', '*', `*.${pc}`),
    ],
  };
}

/** nats-server configuration: one user per agent, named after it, with just that; who says no name may do everything. */
export function restrictedTo(...pcs: string[]): string {
  const list = (subjects: string[]) => `[${subjects.map((subject) => JSON.stringify(subject)).join(', ')}]`;
  const users = pcs.map((pc) => {
    const { publish, subscribe } = agentPermissions(pc);
    return `{ user: ${pc}, password: ${pc}, permissions: { publish: { allow: ${list(publish)} }, subscribe: { allow: ${list(subscribe)} } } }`;
  });
  return `authorization { users: [ { user: backend, password: backend }, ${users.join(', ')} ] }\nno_auth_user: backend`;
}
