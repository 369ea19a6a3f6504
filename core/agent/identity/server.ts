import { type Struct, union } from 'superstruct';
import { Challenge, Enrolled, type EnrolRequest, Pending, type RenewRequest } from '#core/contract/enrolment.ts';
import { type ServerOptions, serverLine } from '#core/http/server-line.ts';

export type { ServerOptions };

/** What is asked of the server without any connection to the broker. */
export interface IdentityServer {
  challenge(): Promise<Challenge>;
  enrol(request: EnrolRequest): Promise<Enrolled | Pending>;
  renew(request: RenewRequest): Promise<Enrolled | Pending>;
  /** The CA that was believed in the end; undefined where those of this machine were. */
  readonly ca: string | undefined;
  close(): void;
}

const EnrolAnswer: Struct<Enrolled | Pending, unknown> = union([Enrolled, Pending]) as never;

export function identityServer(options: ServerOptions): IdentityServer {
  const line = serverLine(options);
  return {
    challenge: () => line.post('/api/v1/enrol/challenge', {}, Challenge),
    enrol: (request) => line.post('/api/v1/enrol', request, EnrolAnswer),
    renew: (request) => line.post('/api/v1/renew', request, EnrolAnswer),
    get ca() {
      return line.ca;
    },
    close: line.close,
  };
}
