const MIB = 2 ** 20;

/** Sizes of parts, the smallest first. */
const PART_SIZES = [16 * MIB, 64 * MIB, 128 * MIB] as const;
/** S3 takes 10,000; some are left for whoever counts in other units. */
const MAX_PARTS = 9000;

/** How a file is cut for an upload of several parts: as small as the number of parts allows, since parts are sent again. */
export function partsOf(bytes: number): { readonly partBytes: number; readonly parts: number } {
  const fitting = PART_SIZES.find((size) => Math.ceil(bytes / size) <= MAX_PARTS);
  if (fitting === undefined) throw new RangeError(`A file of ${bytes} bytes has too many parts.`);
  return { partBytes: fitting, parts: Math.ceil(bytes / fitting) };
}
