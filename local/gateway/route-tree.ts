/** A resource of an API and what lies below it. */
export interface RouteNode<Method> {
  /** As the template writes it: `/api/jobs/{id}`. */
  readonly path: string;
  readonly methods: Map<string, Method>;
  readonly literals: Map<string, RouteNode<Method>>;
  /** Below `{name}`, one segment. */
  parameter: Variable<Method> | undefined;
  /** Below `{name+}`, all segments that are left. */
  greedy: Variable<Method> | undefined;
}

interface Variable<Method> {
  readonly name: string;
  readonly node: RouteNode<Method>;
}

export interface RouteMatch<Method> {
  readonly node: RouteNode<Method>;
  /** As they stand in the path, percent-encoded: API Gateway decodes the query only. */
  readonly parameters: Readonly<Record<string, string>>;
}

export function routeNode<Method>(path: string): RouteNode<Method> {
  return { path, methods: new Map(), literals: new Map(), parameter: undefined, greedy: undefined };
}

/** Adds a resource below another. @param part `name`, `{name}` or `{name+}` */
export function addRoute<Method>(parent: RouteNode<Method>, part: string): RouteNode<Method> {
  const node = routeNode<Method>(`${parent.path === '/' ? '' : parent.path}/${part}`);
  const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) parent.literals.set(part, node);
  else if (plus === '+') parent.greedy = { name, node };
  else parent.parameter = { name, node };
  return node;
}

/** The most specific resource of a path: a literal part beats a parameter, which beats a greedy one. */
export function matchRoute<Method>(root: RouteNode<Method>, path: string): RouteMatch<Method> | undefined {
  const segments = path.split('/').slice(1);
  // A slash at the end is no segment.
  if (segments.at(-1) === '') segments.pop();
  return match(root, segments, {});
}

function match<Method>(
  node: RouteNode<Method>,
  segments: readonly string[],
  parameters: Readonly<Record<string, string>>,
): RouteMatch<Method> | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return { node, parameters };
  const literal = node.literals.get(segment);
  const byLiteral = literal === undefined ? undefined : match(literal, rest, parameters);
  if (byLiteral !== undefined) return byLiteral;
  const { parameter, greedy } = node;
  if (parameter !== undefined && segment !== '') {
    const found = match(parameter.node, rest, { ...parameters, [parameter.name]: segment });
    if (found !== undefined) return found;
  }
  if (greedy === undefined) return undefined;
  return { node: greedy.node, parameters: { ...parameters, [greedy.name]: segments.join('/') } };
}
