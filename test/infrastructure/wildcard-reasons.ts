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
};
