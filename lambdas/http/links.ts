import type { ApiRequest } from './exchange.ts';

/**
 * The path of another operation as the caller reaches it. What precedes the route's own path in the request (a stage, the
 * base path of a domain) precedes the link too.
 *
 * @param path a path of the table of routes; parts in braces come from `parameters`
 */
export function linkTo(
  { path: called, route }: Pick<ApiRequest, 'path' | 'route'>,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const own = segments(route.path).length;
  const all = segments(called);
  const target = segments(path).map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    return name === undefined ? segment : encodeURIComponent(parameters[name] ?? '');
  });
  return `/${[...all.slice(0, all.length - own), ...target].join('/')}`;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
