import type { Hardware } from '#core/contract/enrolment.ts';

/** What boards have whose maker gave them no number: whole series share them. */
const NO_UUID = /^(?:0[0-]*|f[f-]*|03000200-0400-0500-0006-000700080009|12345678-1234-5678-90ab-cddeefaabbcc)$/i;

/** From what the system says; what it does not say, or says of everything it is installed on, is left out. */
export function hardwareOf(uuid: string | undefined, machineGuid: string | undefined): Hardware {
  const id = uuid?.trim().toLowerCase() ?? '';
  const guid = machineGuid?.trim().toLowerCase() ?? '';
  return {
    ...(id === '' || NO_UUID.test(id) ? {} : { uuid: id.slice(0, 256) }),
    ...(guid === '' ? {} : { machine_guid: guid.slice(0, 256) }),
  };
}
