import * as z from 'zod';
import type { OperationContract } from '../../contracts/api/operation.ts';
import type { Route } from '../../contracts/routes.ts';
import type { Schemas } from './schemas.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
}

const TEXT = { type: 'string' };

/** Everything that an operation takes besides its body. */
export function parametersOf(route: Route, contract: OperationContract, schemas: Schemas): Parameter[] {
  return [...pathParameters(route), ...queryParameters(contract, schemas), ...headers(route, contract)];
}

function pathParameters({ path }: Route): Parameter[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: TEXT,
  }));
}

function queryParameters({ query }: OperationContract, schemas: Schemas): Parameter[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const required = !z.safeParse(z.strictObject({ [name]: schema }), {}).success;
    const description = schema.meta()?.description;
    return {
      name,
      in: 'query',
      required,
      ...(description !== undefined && { description }),
      schema: schemas.output(schema),
    };
  });
}

function headers({ method, scope }: Route, { waits }: OperationContract): Parameter[] {
  const header = (name: string, description: string, schema: object = TEXT): Parameter => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  });
  return [
    ...(method === 'GET'
      ? [header('If-None-Match', 'the `ETag` of an answer that is there already: 304 if it still holds')]
      : []),
    ...(method === 'POST' && scope !== 'none'
      ? [
          header('Idempotency-Key', 'repeats of a request with the same key get its answer', {
            ...TEXT,
            maxLength: 255,
          }),
        ]
      : []),
    ...(waits === true
      ? [header('Prefer', '`wait=20` holds the answer for up to 20 s until something changes')]
      : []),
  ];
}
