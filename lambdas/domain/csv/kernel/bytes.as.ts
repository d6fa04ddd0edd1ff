/** Whether two runs of bytes are equal. Their last bytes, which differ the most often, are looked at first. */
export function equal(a: usize, b: usize, length: usize): bool {
  if (length <= 16) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
    return (~same & ((1 << <u32>length) - 1)) == 0;
  }
  const last = length - 16;
  if (v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)))) return false;
  for (let i: usize = 0; i < last; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return true;
}

/** A bit for each of 64 bytes that equals one of `a`, `b`, `c`, or has bits in common with `flags` in its highest bit. */
@inline
export function marks(at: usize, a: v128, b: v128, c: v128, flags: v128): u64 {
  return (
    marks16(v128.load(at), a, b, c, flags) |
    (marks16(v128.load(at, 16), a, b, c, flags) << 16) |
    (marks16(v128.load(at, 32), a, b, c, flags) << 32) |
    (marks16(v128.load(at, 48), a, b, c, flags) << 48)
  );
}

@inline
function marks16(bytes: v128, a: v128, b: v128, c: v128, flags: v128): u64 {
  const first = v128.or(i8x16.eq(bytes, a), i8x16.eq(bytes, b));
  const second = v128.or(i8x16.eq(bytes, c), v128.and(bytes, flags));
  return <u64>i8x16.bitmask(v128.or(first, second));
}
