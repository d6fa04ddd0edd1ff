/**
 * Maps raw bytes to small integers without making strings of them: open addressing over pairs of a hash and the address
 * of a key. A key that would need a long search is not learned, so that an input made to collide costs only the slow way.
 */
import { equal } from './bytes.as';
import { FIRST_CAPACITY, FIRST_ENTRIES, HEAP, MAX_HEAP } from './layout.as';

/** A key is the length of its bytes with its kind, its value, and its bytes. */
const KEY_BYTES: usize = 8;
const ENTRY_SHIFT: u32 = 3;
const MAX_PROBES: u32 = 32;
const MAX_KEY_BYTES: usize = 4096;
/** Bytes behind the last allocation, which loads may reach. */
const SPARE: usize = 64;

let entries: usize = FIRST_ENTRIES;
let entryMask: u32 = FIRST_CAPACITY - 1;
let learned: u32 = 0;
let heapTop: usize = HEAP;

export function forgetKeys(): void {
  entries = FIRST_ENTRIES;
  entryMask = FIRST_CAPACITY - 1;
  learned = 0;
  heapTop = HEAP;
  memory.fill(FIRST_ENTRIES, 0, <usize>FIRST_CAPACITY << ENTRY_SHIFT);
}

/** The value of a key, or -1. Keys of different kinds are different. */
export function find(from: usize, length: usize, kind: u32): i32 {
  const hash = hashOf(from, length, kind);
  let index = hash & entryMask;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const entry = load<u64>(entries + (<usize>index << ENTRY_SHIFT));
    if (entry == 0) return -1;
    const key = <usize>(entry >> 32);
    if (<u32>entry == hash && load<u32>(key) == (<u32>length | kind) && equal(key + KEY_BYTES, from, length)) {
      return load<i32>(key, 4);
    }
    index = (index + 1) & entryMask;
  }
  return -1;
}

/** Remembers the value of a key that is not known; false where the key is too long or its search would be. */
export function learn(from: usize, to: usize, kind: u32, value: i32): bool {
  const length = to - from;
  if (length == 0 || length > MAX_KEY_BYTES) return false;
  if (learned * 2 > entryMask && !enlarge()) return false;
  const hash = hashOf(from, length, kind);
  const entry = freeEntry(hash);
  if (entry == 0) return false;
  const key = allocate(KEY_BYTES + length);
  if (key == 0) return false;
  store<u32>(key, <u32>length | kind);
  store<i32>(key, value, 4);
  memory.copy(key + KEY_BYTES, from, length);
  store<u64>(entry, <u64>hash | (<u64>key << 32));
  learned++;
  return true;
}

/** The entry in which a key with this hash belongs, or 0 where its search would get long. */
function freeEntry(hash: u32): usize {
  let index = hash & entryMask;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const entry = entries + (<usize>index << ENTRY_SHIFT);
    if (load<u64>(entry) == 0) return entry;
    index = (index + 1) & entryMask;
  }
  return 0;
}

function enlarge(): bool {
  const old = entries;
  const end = old + ((<usize>entryMask + 1) << ENTRY_SHIFT);
  const bytes = (end - old) * 4;
  const address = allocate(bytes);
  if (address == 0) return false;
  memory.fill(address, 0, bytes);
  entries = address;
  entryMask = entryMask * 4 + 3;
  learned = 0;
  for (let entry = old; entry < end; entry += 1 << ENTRY_SHIFT) {
    const content = load<u64>(entry);
    const moved = content == 0 ? 0 : freeEntry(<u32>content);
    if (moved == 0) continue;
    store<u64>(moved, content);
    learned++;
  }
  return true;
}

/** Room for so many bytes, or 0. */
function allocate(bytes: usize): usize {
  const address = heapTop;
  const top = address + ((bytes + 15) & ~15);
  if (bytes > MAX_HEAP || top > MAX_HEAP) return 0;
  const missing = <i32>((top + SPARE + 0xffff) >> 16) - memory.size();
  if (missing > 0 && memory.grow(max(missing, 16)) < 0) return 0;
  heapTop = top;
  return address;
}

/** Eight bytes at a time, the last eight overlapping: multiply, and fold the high half, which is the well mixed one. */
@inline
function hashOf(from: usize, length: usize, kind: u32): u32 {
  let hash: u64 = length | kind;
  let last: u64;
  if (length < 8) last = load<u64>(from) << (64 - 8 * <u64>length);
  else {
    const end = from + length - 8;
    for (let at = from; at < end; at += 8) hash = mix(hash ^ load<u64>(at));
    last = load<u64>(end);
  }
  return <u32>mix(mix(hash ^ last));
}

@inline
function mix(bits: u64): u64 {
  const product = bits * 0x9e3779b97f4a7c15;
  return product ^ (product >> 32);
}
