import type { Dataset } from '../../lambdas/contracts/dataset.ts';
import { datasetSchema } from '../../lambdas/contracts/dataset.ts';
import type { PortfolioList } from '../../lambdas/contracts/portfolio.ts';
import { portfolioListSchema } from '../../lambdas/contracts/portfolio.ts';
import type { DatasetStore } from '../../lambdas/ports/dataset-store.ts';
import type { PortfolioStore } from '../../lambdas/ports/portfolio-store.ts';
import type { UploadedPart, UploadPromise, UploadStore } from '../../lambdas/ports/upload-store.ts';
import type { MemoryStore } from '../simulation/memory-store.ts';

/** Datasets in memory. */
export function memoryDatasets(): DatasetStore {
  const datasets = new Map<string, Dataset>();
  return {
    get: async ({ tenant, datasetId }) => datasets.get(`${tenant}/${datasetId}`) ?? null,
    async create(dataset) {
      const key = `${dataset.tenant}/${dataset.id}`;
      if (datasets.has(key)) return 'exists';
      datasets.set(key, datasetSchema.parse(dataset));
      return 'created';
    },
    async replace(dataset) {
      const key = `${dataset.tenant}/${dataset.id}`;
      if (datasets.get(key)?.revision !== dataset.revision - 1) return 'conflict';
      datasets.set(key, datasetSchema.parse(dataset));
      return 'replaced';
    },
    async remove(dataset) {
      const key = `${dataset.tenant}/${dataset.id}`;
      const there = datasets.get(key);
      if (there !== undefined && there.revision !== dataset.revision) return 'conflict';
      datasets.delete(key);
      return 'removed';
    },
    list: async (tenant, limit) =>
      [...datasets.values()].filter((one) => one.tenant === tenant).slice(0, limit),
  };
}

/** Portfolios in memory. */
export function memoryPortfolios(): PortfolioStore {
  const lists = new Map<string, PortfolioList>();
  const read = (tenant: string) => lists.get(tenant) ?? { tenant, revision: 0, portfolios: [] };
  return {
    read: async (tenant) => read(tenant),
    async replace(list) {
      if (read(list.tenant).revision !== list.revision - 1) return 'conflict';
      lists.set(list.tenant, portfolioListSchema.parse(list));
      return 'replaced';
    },
  };
}

/** Uploads in memory; `put` is what a client does with a signed address. */
export class MemoryUploads implements UploadStore {
  readonly #store: MemoryStore;
  readonly multipart = new Map<string, Map<number, UploadedPart>>();
  readonly promises = new Map<string, UploadPromise>();
  #begun = 0;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async signPut(key: string, promise: UploadPromise) {
    this.promises.set(key, promise);
    return signed(key);
  }

  async begin() {
    const uploadId = `upload-${++this.#begun}`;
    this.multipart.set(uploadId, new Map());
    return uploadId;
  }

  async signPart({ key, uploadId }: { key: string; uploadId: string }, partNumber: number, bytes: number) {
    return signed(`${key}?uploadId=${uploadId}&partNumber=${partNumber}&bytes=${bytes}`);
  }

  async listParts({ uploadId }: { uploadId: string }) {
    const parts = this.multipart.get(uploadId);
    return parts === undefined ? null : [...parts.values()].sort((a, b) => a.partNumber - b.partNumber);
  }

  async complete({ key, uploadId }: { key: string; uploadId: string }) {
    this.multipart.delete(uploadId);
    this.#store.put(key, new Uint8Array(1));
  }

  async abort({ uploadId }: { uploadId: string }) {
    this.multipart.delete(uploadId);
  }

  arrive(uploadId: string, partNumber: number, bytes: number): void {
    this.multipart.get(uploadId)?.set(partNumber, { partNumber, etag: `e${partNumber}`, bytes });
  }
}

function signed(place: string) {
  return { url: `https://bucket.example/${place}`, headers: {}, expiresAt: '2026-03-02T11:00:00.000Z' };
}
