const ZEROS: u64 = 0x3030303030303030;
const POINT: u8 = 0x2e;
export const NO_DAY: i32 = i32.MIN_VALUE;

/** A number of 1 to 15 digits; -1 for anything else. */
@inline
export function integer(from: usize, length: usize): i64 {
  if (length - 1 >= 8) return longInteger(from, length);
  const digits = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>length);
  return areDigits(digits) ? number8(digits) : -1;
}

function longInteger(from: usize, length: usize): i64 {
  if (length < 9 || length > 15) return -1;
  const rest = length - 8;
  const first = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>rest);
  const last = load<u64>(from + rest) ^ ZEROS;
  return areDigits(first) && areDigits(last) ? number8(first) * 100000000 + number8(last) : -1;
}

/** A number of 1 to 8 digits with at most six more behind a point, in millionths; -1 for anything else. */
@inline
export function micros(from: usize, length: usize): i64 {
  const points = i8x16.bitmask(i8x16.eq(v128.load(from), i8x16.splat(<i8>POINT)));
  const whole = <usize>ctz(points | (1 << 16));
  if (whole >= length) {
    const value = integer(from, length);
    return length <= 8 && value >= 0 ? value * 1000000 : -1;
  }
  const places = length - whole - 1;
  if (whole - 1 >= 8 || places - 1 >= 6) return -1;
  const wholeDigits = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>whole);
  // Two zero digits, the places, and as many zeros as make eight digits.
  const placeDigits = ((load<u64>(from + whole + 1) ^ ZEROS) & ((1 << (8 * <u64>places)) - 1)) << 16;
  if (!areDigits(wholeDigits) || !areDigits(placeDigits)) return -1;
  return number8(wholeDigits) * 1000000 + number8(placeDigits);
}

/** The day number of a YYYY-MM-DD (as `dayNumber` in observation/day.ts), or NO_DAY. */
@inline
export function dayOf(from: usize, length: usize): i32 {
  const date = load<u64>(from) ^ 0x2d30302d30303030;
  const last = load<u16>(from, 8) ^ 0x3030;
  if (length != 10 || (date & 0xff0000ff00000000) != 0 || !areDigits(date) || !areDigits(last)) return NO_DAY;
  const pairs = date * 10 + (date >> 8);
  const year = <u32>(pairs & 0xff) * 100 + (<u32>(pairs >> 16) & 0xff);
  const month = <u32>(pairs >> 40) & 0xff;
  const day = (<u32>last & 0xff) * 10 + (<u32>last >> 8);
  if (month - 1 >= 12 || day - 1 >= monthLength(year, month)) return NO_DAY;
  // Years are counted from March, and from 400 years earlier, which keeps them positive.
  const shifted = year + 400 - <u32>(month <= 2);
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i32>(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear) - (719468 + 146097);
}

@inline
function monthLength(year: u32, month: u32): u32 {
  if (month != 2) return 30 + ((month + (month >> 3)) & 1);
  return 28 + <u32>(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/** Whether every byte is at most 9. */
@inline
function areDigits(bytes: u64): bool {
  return (((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080) == 0;
}

/** The number of eight digits, the first in the lowest byte; D. Lemire, "Quickly parsing eight digits" (2018). */
@inline
function number8(digits: u64): i64 {
  const pairs = digits * 10 + (digits >> 8);
  const low = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const high = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return <i64>((low + high) >> 32);
}
