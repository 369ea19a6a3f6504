import { KanadeError } from '#core/contract/errors.ts';
import { type Route, route } from '../route.ts';

export const certificateRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/ca',
    scope: undefined,
    summary:
      'The CA that this API and the broker are checked against, in PEM. Who asks does not know yet whom it asks: compare its fingerprint',
    produces: ['application/x-pem-file'],
    status: 200,
    handler: ({ ctx }) => {
      const pem = ctx.ca();
      if (pem === undefined) {
        throw new KanadeError(
          'not_found',
          'there is no CA of our own: this API is served without TLS, or by a certificate that machines trust anyway',
        );
      }
      return { content: { type: 'application/x-pem-file', parts: [Buffer.from(pem)] } };
    },
  }),
];
