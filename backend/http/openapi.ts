import { isOptional, type JsonSchema, toJsonSchema } from '../schema/json-schema.ts';
import { CONDITIONS_PARAMETER } from './conditions.ts';
import type { Route } from './route.ts';

type Properties = Record<string, JsonSchema>;

/** The API's description, OpenAPI 3.1, from the routes alone. */
export function openApi(routes: readonly Route[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Kanade', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'What went wrong, with a stable code.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(route: Route): JsonSchema {
  const parameters = [
    ...properties(route.params).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
    ...properties(route.query).map(([name, schema, required]) => ({ name, in: 'query', required, schema, ...explode(schema) })),
    ...(route.conditions ? [CONDITIONS_PARAMETER] : []),
    ...(route.headers ?? []).map(({ name, description }) => ({ name, in: 'header', description, schema: { type: 'string' } })),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.scope === undefined ? { security: [] } : { security: [{ token: [] }], 'x-scope': route.scope }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route) }),
    ...(route.uploads === undefined ? {} : { requestBody: { required: true, content: { [route.uploads]: {} } } }),
    responses: { [route.status]: success(route), default: { $ref: '#/components/responses/Problem' } },
  };
}

/** `POST /api/v1/executions/:id/cancel` -> `postExecutionsIdCancel`. */
function operationId({ method, path }: Route): string {
  const words = path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function properties(struct: unknown): [name: string, schema: JsonSchema, required: boolean][] {
  const schema = (struct as { schema?: Record<string, unknown> } | undefined)?.schema ?? {};
  return Object.entries(schema).map(([name, value]) => [name, toJsonSchema(value), !isOptional(value)]);
}

/** Lists in a query are written with commas. */
function explode(schema: JsonSchema): Properties | { style: string; explode: boolean } {
  return schema.type === 'array' ? { style: 'form', explode: false } : {};
}

function requestBody(route: Route): JsonSchema {
  const schema = toJsonSchema(route.body);
  const types = ['application/json', ...Object.keys(route.parsers ?? {})];
  return { required: !route.bodyOptional, content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}

function success(route: Route): JsonSchema {
  if (route.response === undefined && route.produces === undefined) return { description: 'Done.' };
  const schema = route.response === undefined ? {} : { schema: toJsonSchema(route.response) };
  const types = route.produces ?? ['application/json'];
  return { description: 'Done.', content: Object.fromEntries(types.map((type) => [type, schema])) };
}

const PROBLEM: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message', 'code'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' }, code: { type: 'string' }, value: { type: 'string' } },
      },
    },
  },
};
