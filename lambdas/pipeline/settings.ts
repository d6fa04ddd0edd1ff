const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What a deployment decides about its pipeline. */
export interface PipelineSettings {
  /** Bytes of a chunk. An input no longer than this, unpacked, is done by one worker in one go. */
  readonly chunkBytes: number;
  /** Unpacked bytes of input for each shard of the analysis. */
  readonly shardBytes: number;
  readonly maxShards: number;
  /** Most bytes of a packed file, which is one stream and has to be read by one worker in its time. */
  readonly maxPackedBytes: number;
  /** Most bytes of an input, unpacked. */
  readonly maxBytes: number;
  /** Above this an analysis takes a token of its tenant. */
  readonly heavyBytes: number;
  readonly heavyPerMinute: number;
  /** Most jobs of a tenant that run at a time, and most bytes of them together, as they were uploaded. */
  readonly inFlightJobs: number;
  readonly inFlightBytes: number;
  /** After so long a job counts no more as running, should its end have been missed. */
  readonly inFlightLeaseSeconds: number;
  /** Days that reports are kept. */
  readonly resultDays: number;
  /** A running job that has not been written for so long is looked at by the sweeper. */
  readonly strandedAfterSeconds: number;
  /** How often the sweeper sends the messages of a job again while nothing of it moves. */
  readonly maxResends: number;
  /** An announced upload that has not come by then is given up. */
  readonly uploadExpiresAfterSeconds: number;
}

/** Exports compress 5 to 30 times; taking the middle only decides how many workers share the analysis. */
export const USUAL_COMPRESSION = 10;

export const DEFAULT_SETTINGS: PipelineSettings = {
  chunkBytes: 64 * MIB,
  shardBytes: 128 * MIB,
  maxShards: 64,
  maxPackedBytes: 40 * GIB,
  maxBytes: 1024 * GIB,
  heavyBytes: 256 * MIB,
  heavyPerMinute: 10,
  inFlightJobs: 50,
  inFlightBytes: 1024 * GIB,
  inFlightLeaseSeconds: 6 * 60 * 60,
  resultDays: 30,
  strandedAfterSeconds: 20 * 60,
  maxResends: 3,
  uploadExpiresAfterSeconds: 24 * 60 * 60,
};
