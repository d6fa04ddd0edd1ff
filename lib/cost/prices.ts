/** A price of AWS, before any free tier and any discount, in US dollars. */
export interface Price {
  readonly dollars: number;
  readonly per: string;
  /** When the source said so, or null where it gives no date. */
  readonly asOf: string | null;
  /** Nobody here could ask AWS: `transcribed` copies its price list, `told` is what is commonly written about it. */
  readonly source: 'transcribed' | 'told';
}

/** All prices are of this Region. Others differ by some tenths. */
export const PRICED_REGION = 'us-east-1';

/** What AWS calculates a month with. */
export const HOURS_A_MONTH = 730;

const LAMBDA = { asOf: '2026-09-19', source: 'transcribed' } as const;
const CLOUDWATCH = { asOf: '2026-10', source: 'transcribed' } as const;
const VPC = { asOf: '2026-10', source: 'transcribed' } as const;
const FIREWALL = { asOf: '2026-06-18', source: 'told' } as const;
const UNDATED = { asOf: null, source: 'told' } as const;

/** Prices of what is paid for by being there. Look them up again before anybody is told a sum. */
export const PRICES = {
  auroraCapacity: { dollars: 0.12, per: 'capacity unit and hour', asOf: '2026-08-13', source: 'transcribed' },
  proxyCapacity: { dollars: 0.015, per: 'capacity unit of the database and hour', ...UNDATED },
  cacheStorage: { dollars: 0.084, per: 'GB and hour', asOf: '2026-09-14', source: 'transcribed' },
  lambdaRequest: { dollars: 0.2e-6, per: 'request', ...LAMBDA },
  lambdaDuration: { dollars: 0.0000133334, per: 'GB and second, arm64', ...LAMBDA },
  lambdaReady: { dollars: 0.0000033334, per: 'GB and second kept ready, arm64', ...LAMBDA },
  lambdaPoller: { dollars: 0.00925, per: 'ready poller and hour', ...LAMBDA },
  queueRequest: { dollars: 0.4e-6, per: 'request', ...UNDATED },
  alarmMetric: { dollars: 0.1, per: 'metric of an alarm and month', ...CLOUDWATCH },
  alarmMetricHighResolution: { dollars: 0.3, per: 'metric of an alarm under a minute and month', ...UNDATED },
  alarmComposite: { dollars: 0.5, per: 'composite alarm and month', ...UNDATED },
  dashboard: { dollars: 3, per: 'dashboard and month', ...UNDATED },
  encryptionKey: { dollars: 1, per: 'key and month, until its first rotation', ...UNDATED },
  firewall: { dollars: 5, per: 'web ACL and month', ...FIREWALL },
  firewallRule: { dollars: 1, per: 'rule and month', ...FIREWALL },
  secret: { dollars: 0.4, per: 'secret and month', ...CLOUDWATCH },
  interfaceEndpoint: { dollars: 0.01, per: 'interface endpoint, zone and hour', ...VPC },
  natGateway: { dollars: 0.045, per: 'NAT gateway and hour', ...VPC },
} as const satisfies Record<string, Price>;

/** RDS Proxy is charged for so many capacity units of the database at least. */
export const LEAST_PROXY_UNITS = 8;
/** ElastiCache Serverless for Valkey is charged for so many gigabytes at least. */
export const LEAST_CACHE_GIGABYTES = 0.1;
/** Lambda asks a queue so many times at once, each time for so many seconds, also when it is empty. */
export const LEAST_POLLERS = 5;
export const SECONDS_A_POLL = 20;
