const TRACES = 'X-Ray has no resources that a permission to send traces could be narrowed to.';
const FOLDER =
  'Objects are named at run time, by tenants and jobs: a folder is as narrow as a permission can be.';

const DATA_BUCKET = `\${Storage.PublishOutputFnGetAttData666C94C7Arn14D6E0D7}`;
const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const WRITE = ['s3:AbortMultipartUpload', 's3:PutObject'];

/** The reasons for the wildcards of a function's role: its traces, and the folders it reads and writes. */
function ofRole(policy: string, folders: { reads?: string[]; writes?: string[] }): Record<string, string> {
  const inFolders = (actions: string[], names: string[] = []) =>
    actions.flatMap((action) =>
      names.map((name) => [`Processing/${policy}: ${action} on ${DATA_BUCKET}/${name}/*`, FOLDER]),
    );
  return Object.fromEntries([
    ...['xray:PutTelemetryRecords', 'xray:PutTraceSegments'].map((action) => [
      `Processing/${policy}: ${action} on *`,
      TRACES,
    ]),
    ...inFolders(READ, folders.reads),
    ...inFolders(WRITE, folders.writes),
  ]);
}

/** Every grant with a `*` in it, as the invariant prints it, and why it is right. */
export const WILDCARD_REASONS: Readonly<Record<string, string>> = {
  'Storage/AccessLogsPolicyABDC4D2D: s3:PutObject on ${AccessLogs8B620ECA}/data/*':
    'S3 names the log objects itself; it may only write them under data/, and only for the data bucket.',
  'Storage/AlertsKey9D05DB5E: kms:* on *':
    'In a key policy * is the key itself. Without the account as its administrator nobody could ever change the key.',
  'Storage/AlertsKey9D05DB5E: kms:Decrypt on *':
    'In a key policy * is the key itself; only alarms of this deployment may use it.',
  'Storage/AlertsKey9D05DB5E: kms:GenerateDataKey on *':
    'In a key policy * is the key itself; only alarms of this deployment may use it.',
  ...ofRole('PipelinePlanUploadRoleDefaultPolicy8AD26F91', {
    reads: ['uploads', 'payloads', 'partials'],
    writes: ['partials', 'reports'],
  }),
  ...ofRole('PipelineScanAndAnalyseRoleDefaultPolicy0AA1B8D1', {
    reads: ['uploads', 'payloads', 'partials'],
    writes: ['partials', 'results'],
  }),
  ...ofRole('PipelineWriteReportRoleDefaultPolicyBCDC2175', {
    reads: ['partials', 'results'],
    writes: ['reports'],
  }),
  ...ofRole('PipelineSweepRoleDefaultPolicyC1849497', { reads: ['uploads'] }),
  ...ofRole('PipelineCancelRoleDefaultPolicy0E4061A3', {}),
  ...ofRole('PipelineRedriveRoleDefaultPolicyFAEE8C25', { reads: ['uploads'] }),
};
