import { assert, type Struct } from 'superstruct';
import type { Route } from '#backend/http/route.ts';
import { routes } from '#backend/http/routes.ts';

/** The route that takes this request. */
export function routeOf(method: string, path: string): Route {
  const parts = path.split('?')[0]!.split('/');
  const found = routes.find((route) => {
    const pattern = route.path.split('/');
    return (
      route.method === method && pattern.length === parts.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i])
    );
  });
  if (found === undefined) throw new Error(`no route takes ${method} ${path}`);
  return found;
}

/** Fails unless the body is what the route, and so the API's description, says it answers. */
export function checkShape(method: string, path: string, body: unknown): void {
  const { response } = routeOf(method, path);
  if (response === undefined) throw new Error(`${method} ${path} does not say what it answers`);
  assert(body, response as Struct<unknown, unknown>);
}
