import type { ServerResponse } from 'node:http';
import { REGION } from '../account.ts';
import { AwsError } from '../auth/errors.ts';
import { listObjects } from './list.ts';
import { listVersions } from './list-versions.ts';
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from './multipart.ts';
import { readObject } from './read-object.ts';
import { isObjectRequest, notImitated, type ObjectRequest, type S3Request, sendXml } from './request.ts';
import { ObjectStore } from './store.ts';
import { Uploads } from './uploads.ts';
import { deleteObject, deleteObjects, putObject } from './write-object.ts';
import { element, xmlDocument } from './xml.ts';

// Sub-resources that change what a request means; one that is not routed below is refused, not taken for another.
const SUB_RESOURCES = [
  ...[
    'accelerate',
    'acl',
    'analytics',
    'attributes',
    'cors',
    'encryption',
    'inventory',
    'legal-hold',
    'lifecycle',
  ],
  ...['logging', 'metrics', 'notification', 'object-lock', 'ownershipControls', 'policy', 'policyStatus'],
  ...[
    'publicAccessBlock',
    'replication',
    'requestPayment',
    'restore',
    'retention',
    'select',
    'tagging',
    'torrent',
  ],
  ...['versioning', 'website', 'renameObject'],
];

/** S3 over a directory: the operations on objects and multipart uploads, and as much on buckets as clients need. */
export class S3Service {
  readonly store: ObjectStore;
  readonly #uploads: Uploads;

  constructor(directory: string) {
    this.store = new ObjectStore(directory);
    this.#uploads = new Uploads(this.store);
  }

  /** @throws AwsError for the answer to a request that cannot be served */
  async handle(request: S3Request, response: ServerResponse): Promise<void> {
    const refused = SUB_RESOURCES.find((name) => request.query.has(name));
    if (refused !== undefined) throw notImitated(`?${refused}`);
    if (isObjectRequest(request)) return this.#handleObject(request, response);
    if (request.bucket !== undefined)
      return this.#handleBucket({ ...request, bucket: request.bucket }, response);
    if (request.method !== 'GET') throw notImitated(`${request.method} without a bucket`);
    await request.authorise('s3:ListAllMyBuckets', '*');
    const buckets = this.store.bucketNames().map((name) => element('Bucket', [element('Name', name)]));
    sendXml(response, 200, xmlDocument('ListAllMyBucketsResult', [element('Buckets', buckets)]));
  }

  async #handleObject(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { method, query } = request;
    if (query.has('versions')) throw notImitated('?versions of an object');
    const { store } = this;
    const uploads = this.#uploads;
    if (method === 'POST' && query.has('uploads')) return createUpload(store, uploads, request, response);
    if (query.has('uploadId')) {
      if (method === 'PUT') return uploadPart(store, uploads, request, response);
      if (method === 'POST') return completeUpload(store, uploads, request, response);
      if (method === 'DELETE') return abortUpload(store, uploads, request, response);
      if (method === 'GET') return listParts(store, uploads, request, response);
    }
    if (method === 'GET' || method === 'HEAD') return readObject(store, request, response);
    if (method === 'PUT') return putObject(store, request, response);
    if (method === 'DELETE') return deleteObject(store, request, response);
    throw notImitated(`${method} of an object`);
  }

  async #handleBucket(
    request: S3Request & { readonly bucket: string },
    response: ServerResponse,
  ): Promise<void> {
    const { method, query, bucket } = request;
    if (method === 'GET' && query.get('list-type') === '2') return listObjects(this.store, request, response);
    if (method === 'GET' && query.has('versions')) return listVersions(this.store, request, response);
    if (method === 'POST' && query.has('delete')) return deleteObjects(this.store, request, response);
    if (method === 'HEAD') {
      await request.authorise('s3:ListBucket', bucket);
      this.store.bucket(bucket);
      response.writeHead(200, { 'x-amz-bucket-region': REGION }).end();
      return;
    }
    if (method === 'GET' && query.has('location')) {
      await request.authorise('s3:GetBucketLocation', bucket);
      this.store.bucket(bucket);
      sendXml(response, 200, xmlDocument('LocationConstraint', []));
      return;
    }
    if (method === 'PUT' || method === 'DELETE') {
      throw new AwsError(
        403,
        'AccessDenied',
        'Buckets come from the templates and cannot be created or deleted here.',
      );
    }
    throw notImitated(`${method} of a bucket with ${[...query.keys()].join(', ') || 'no parameters'}`);
  }
}
