import type { ServerResponse } from 'node:http';
import type { AwsError } from '../auth/errors.ts';
import { sendXml } from '../s3/request.ts';
import { escapeXml } from '../s3/xml.ts';

/** How a service words its errors. */
export type Dialect = 's3' | 'json' | 'query' | 'sns' | 'rest-json';

const DIALECTS: Readonly<Record<string, Dialect>> = {
  cloudformation: 'query',
  dynamodb: 'json',
  elasticache: 'query',
  lambda: 'rest-json',
  logs: 'json',
  monitoring: 'json',
  sns: 'sns',
  sqs: 'json',
};

/** The dialect of a service, by the name in a signature; S3's for anybody else. */
export function dialectOf(service: string): Dialect {
  return DIALECTS[service] ?? 's3';
}

/** Answers with an error as the service would. */
export function sendError(
  response: ServerResponse,
  dialect: Dialect,
  error: AwsError,
  request: { readonly method: string; readonly id: string },
): void {
  response.setHeader('x-amzn-requestid', request.id);
  if (request.method === 'HEAD') {
    response.writeHead(error.status).end();
    return;
  }
  if (dialect === 's3') {
    const details = Object.entries(error.details).map(
      ([name, value]) => `<${name}>${escapeXml(value)}</${name}>`,
    );
    const body = `${code(error, dialect)}${details.join('')}<RequestId>${request.id}</RequestId>`;
    sendXml(response, error.status, `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body}</Error>`);
  } else if (dialect === 'query' || dialect === 'sns') {
    const inner = `<Error><Type>Sender</Type>${code(error, dialect)}</Error><RequestId>${request.id}</RequestId>`;
    sendXml(response, error.status, `<ErrorResponse>${inner}</ErrorResponse>`);
  } else {
    const name = error.code === 'AccessDenied' ? 'AccessDeniedException' : error.code;
    response.writeHead(error.status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-errortype': name,
    });
    response.end(JSON.stringify({ __type: name, message: error.message, Message: error.message }));
  }
}

function code(error: AwsError, dialect: Dialect): string {
  const name = dialect === 'sns' && error.code === 'AccessDenied' ? 'AuthorizationError' : error.code;
  return `<Code>${name}</Code><Message>${escapeXml(error.message)}</Message>`;
}
