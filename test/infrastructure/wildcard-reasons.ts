const TRACES = 'X-Ray has no resources that a permission to send traces could be narrowed to.';
const FOLDER =
  'Objects are named at run time, by tenants and jobs: a folder is as narrow as a permission can be.';

const DATA_BUCKET = `\${Storage.PublishOutputFnGetAttData666C94C7Arn14D6E0D7}`;
const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const WRITE = ['s3:AbortMultipartUpload', 's3:PutObject'];

/** The reasons for the wildcards of a function's role: its traces, and the folders it reads and writes. */
function ofRole(
  policy: string,
  folders: { reads?: string[]; writes?: string[]; parts?: string[]; deletes?: string[] },
  stack = 'Processing',
): Record<string, string> {
  const inFolders = (actions: string[], names: string[] = []) =>
    actions.flatMap((action) =>
      names.map((name) => [`${stack}/${policy}: ${action} on ${DATA_BUCKET}/${name}/*`, FOLDER]),
    );
  return Object.fromEntries([
    ...['xray:PutTelemetryRecords', 'xray:PutTraceSegments'].map((action) => [
      `${stack}/${policy}: ${action} on *`,
      TRACES,
    ]),
    ...inFolders(READ, folders.reads),
    ...inFolders(WRITE, folders.writes),
    ...inFolders(['s3:ListMultipartUploadParts'], folders.parts),
    ...inFolders(['s3:DeleteObjectVersion'], folders.deletes),
  ]);
}

const NETWORK_INTERFACES = 'Lambda asks for network interfaces before there are any that could be named.';

/** The reasons for what Lambda does for a function that lives in the network. */
function inNetwork(policy: string, stack: string): Record<string, string> {
  const actions = ['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces'];
  const others = ['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses', 'DescribeSubnets'];
  return Object.fromEntries(
    [...actions, ...others].map((action) => [`${stack}/${policy}: ec2:${action} on *`, NETWORK_INTERFACES]),
  );
}

const OWN_ACCOUNT =
  'An endpoint grants nothing: of what roles may, it lets through what this account owns, which is its condition.';
const ANSWERS = `Network/VpcObjects3837D838: s3:PutObject on arn:\${AWS::Partition}:s3:::cloudformation-custom-resource-response-\${{"Fn::Split":["-",{"Ref":"AWS::Region"}]}}/*`;

const DEPLOYMENTS = 'Api/DeploymentsRoleDefaultPolicyD5B5B1BC';

/** The reasons for what brings new versions of the API's functions into use. */
function ofDeployments(...functions: string[]): Record<string, string> {
  const asked = functions.map((id) => `lambda:GetProvisionedConcurrencyConfig on \${${id}}:*`);
  return {
    ...Object.fromEntries(asked.map((grant) => [`${DEPLOYMENTS}: ${grant}`, VERSIONS])),
    [`${DEPLOYMENTS}: cloudwatch:DescribeAlarms on *`]:
      'It only reads whether alarms ring, and AWS asks for all where it looks for some by their names.',
  };
}

const VERSIONS =
  'Asked of an alias or of a version, which are numbered as they come; always of these functions.';

/** Every grant with a `*` in it, as the invariant prints it, and why it is right. */
export const WILDCARD_REASONS: Readonly<Record<string, string>> = {
  'Network/VpcObjects3837D838: for everyone': OWN_ACCOUNT,
  'Network/VpcObjects3837D838: s3:* on *': OWN_ACCOUNT,
  [ANSWERS]: 'CloudFormation names the object that a custom resource answers with, and signs the link to it.',
  'Network/VpcTables1400EF80: for everyone': OWN_ACCOUNT,
  'Network/VpcTables1400EF80: dynamodb:* on *': OWN_ACCOUNT,
  'Storage/AccessLogsPolicyABDC4D2D: s3:PutObject on ${AccessLogs8B620ECA}/data/*':
    'S3 names the log objects itself; it may only write them under data/, and only for the data bucket.',
  'Storage/AlertsKey9D05DB5E: kms:* on *':
    'In a key policy * is the key itself. Without the account as its administrator nobody could ever change the key.',
  'Storage/AlertsKey9D05DB5E: kms:Decrypt on *':
    'In a key policy * is the key itself; only alarms of this deployment may use it.',
  'Storage/AlertsKey9D05DB5E: kms:GenerateDataKey on *':
    'In a key policy * is the key itself; only alarms of this deployment may use it.',
  ...ofRole('PipelinePlanUploadRoleDefaultPolicy8AD26F91', {
    reads: ['uploads', 'payloads', 'partials', 'results'],
    writes: ['partials', 'results', 'reports'],
  }),
  ...ofRole('PipelineScanAndAnalyseRoleDefaultPolicy0AA1B8D1', {
    reads: ['uploads', 'payloads', 'partials', 'results'],
    writes: ['partials', 'results'],
  }),
  ...ofRole('PipelineWriteReportRoleDefaultPolicyBCDC2175', {
    reads: ['partials', 'results'],
    writes: ['reports'],
  }),
  ...ofRole('PipelineSweepRoleDefaultPolicyC1849497', { reads: ['uploads'] }),
  ...ofRole('SchemaMigrateRoleDefaultPolicyE31A9607', {}, 'Storage'),
  ...inNetwork('SchemaMigrateRoleDefaultPolicyE31A9607', 'Storage'),
  ...ofRole('StoreResultsRoleDefaultPolicy17414A64', {}),
  ...inNetwork('StoreResultsRoleDefaultPolicy17414A64', 'Processing'),
  [`Processing/StoreResultsRoleDefaultPolicy17414A64: s3:GetObject on ${DATA_BUCKET}/reports/*`]: FOLDER,
  [`Processing/StoreResultsRoleDefaultPolicy17414A64: s3:GetObject on ${DATA_BUCKET}/results/*`]: FOLDER,
  [`Processing/StoreResultsRoleDefaultPolicy17414A64: s3:GetObject on ${DATA_BUCKET}/payloads/*`]: FOLDER,
  [`Processing/StoreResultsRoleDefaultPolicy17414A64: s3:PutObject on ${DATA_BUCKET}/payloads/*`]: FOLDER,
  [`Processing/StoreResultsRoleDefaultPolicy17414A64: s3:AbortMultipartUpload on ${DATA_BUCKET}/payloads/*`]:
    FOLDER,
  ...ofRole('PurgeRoleDefaultPolicy6ACD14CE', {
    deletes: ['uploads', 'payloads', 'partials', 'results', 'reports'],
  }),
  ...inNetwork('PurgeRoleDefaultPolicy6ACD14CE', 'Processing'),
  ...ofRole('CapacityRoleDefaultPolicyCFA9CDBD', {}),
  'Processing/CapacityRoleDefaultPolicyCFA9CDBD: cloudwatch:GetMetricData on *':
    'Metrics are no resources that a permission to read them could be narrowed to.',
  ...ofRole(
    'FunctionsControlRoleDefaultPolicy7B9778F4',
    { reads: ['uploads', 'payloads'], writes: ['uploads', 'payloads'], parts: ['uploads'] },
    'Api',
  ),
  ...ofRole('FunctionsQueryRoleDefaultPolicyDC094ACF', { reads: ['reports'], writes: ['reports'] }, 'Api'),
  ...inNetwork('FunctionsQueryRoleDefaultPolicyDC094ACF', 'Api'),
  ...ofRole('FunctionsAnalyzeRoleDefaultPolicyBC612ADB', {}, 'Api'),
  ...inNetwork('FunctionsAnalyzeRoleDefaultPolicyBC612ADB', 'Api'),
  [`Api/FunctionsAnalyzeRoleDefaultPolicyBC612ADB: s3:PutObject on ${DATA_BUCKET}/uploads/*`]: FOLDER,
  ...ofRole('FunctionsAuthorizeRoleDefaultPolicy7A587990', {}, 'Api'),
  ...ofDeployments(
    'FunctionsAnalyzeFunction70CE7CE8',
    'FunctionsAuthorizeFunction3A51B368',
    'FunctionsControlFunction0308424F',
    'FunctionsQueryFunctionAEA5911E',
  ),
  ...ofRole('CanaryRoleDefaultPolicy520A9F8E', {}, 'Canary'),
  ...ofRole('WebhooksDeliverRoleDefaultPolicyFE277B7F', {}),
  ...ofRole('PipelineCancelRoleDefaultPolicy0E4061A3', {}),
  ...ofRole('PipelineRedriveRoleDefaultPolicyFAEE8C25', { reads: ['uploads'] }),
};
