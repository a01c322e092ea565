import type { StoredType } from './types';

/** Conversions between stored number types and float32. Little-endian, as both formats and all our platforms are. */
const scratch = new DataView(new ArrayBuffer(4));

/** IEEE 754 half to float32. */
function halfToFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// a table is ten times faster than arithmetic
const halves = Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));

/** Nearest half, ties to even; too large becomes infinity. */
export function floatToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds beyond 65504
  if (magnitude < 0x38800000) {
    // subnormal: units of 2^-24, rounded by adding and taking away a number whose last bit is that unit
    const units = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(units);
    const rest = units - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Nearest bfloat16, ties to even. */
export function floatToBfloat(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

interface Storage {
  /** Values in a block and its bytes. */
  readonly block: number;
  readonly bytes: number;
  decode(data: Uint8Array, out: Float32Array): void;
  /** The first value that is not finite, or -1; looks at bits, several times as fast as decoding. */
  nonFinite(data: Uint8Array): number;
}

const view16 = (data: Uint8Array): Uint16Array => new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
const exponentFull = (words: Uint16Array | Uint32Array, mask: number, from = 0): number => {
  for (let i = from; i < words.length; i++) if ((words[i]! & mask) === mask) return i;
  return -1;
};
/** Of numbers of 16 bits, looked at in twos. */
const exponentFull16 = (data: Uint8Array, mask: number): number => {
  const twos = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const high = mask << 16;
  for (let i = 0; i < twos.length; i++) {
    const two = twos[i]!;
    if ((two & mask) === mask || (two & high) === high) return exponentFull(view16(data), mask, 2 * i);
  }
  return exponentFull(view16(data), mask, 2 * twos.length);
};
/** Of blocks that begin with scales as halves. */
const scaleFull = (data: Uint8Array, bytes: number, scales: number): number => {
  for (let at = 0; at < data.length; at += bytes)
    for (let scale = 0; scale < scales; scale++)
      if ((data[at + 2 * scale + 1]! & 0x7c) === 0x7c) return (at / bytes) * 32;
  return -1;
};
const half = (data: Uint8Array, at: number): number => halves[data[at]! | (data[at + 1]! << 8)]!;

/** Quantized blocks as ggml defines them (ggml-quants.c): 32 values share a scale d (and a minimum m). */
export const storages: Readonly<Record<StoredType, Storage>> = {
  F32: {
    block: 1,
    bytes: 4,
    decode: (data, out) => out.set(new Float32Array(data.buffer, data.byteOffset, out.length)),
    nonFinite: (data) => exponentFull(new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4), 0x7f800000),
  },
  F16: {
    block: 1,
    bytes: 2,
    decode: (data, out) => view16(data).forEach((bits, i) => (out[i] = halves[bits]!)),
    nonFinite: (data) => exponentFull16(data, 0x7c00),
  },
  BF16: {
    block: 1,
    bytes: 2,
    decode: (data, out) => {
      const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
      view16(data).forEach((high, i) => (bits[i] = high << 16));
    },
    nonFinite: (data) => exponentFull16(data, 0x7f80),
  },
  Q8_0: {
    block: 32,
    bytes: 34,
    nonFinite: (data) => scaleFull(data, 34, 1),
    decode: (data, out) => {
      const signed = new Int8Array(data.buffer, data.byteOffset, data.byteLength);
      for (let block = 0, at = 0; block < out.length; block += 32, at += 34) {
        const d = half(data, at);
        for (let i = 0; i < 32; i++) out[block + i] = d * signed[at + 2 + i]!;
      }
    },
  },
  Q4_0: {
    block: 32,
    bytes: 18,
    nonFinite: (data) => scaleFull(data, 18, 1),
    decode: (data, out) => {
      for (let block = 0, at = 0; block < out.length; block += 32, at += 18) {
        const d = half(data, at);
        for (let i = 0; i < 16; i++) {
          const pair = data[at + 2 + i]!;
          out[block + i] = d * ((pair & 15) - 8);
          out[block + 16 + i] = d * ((pair >> 4) - 8);
        }
      }
    },
  },
  Q4_1: {
    block: 32,
    bytes: 20,
    nonFinite: (data) => scaleFull(data, 20, 2),
    decode: (data, out) => {
      for (let block = 0, at = 0; block < out.length; block += 32, at += 20) {
        const d = half(data, at);
        const m = half(data, at + 2);
        for (let i = 0; i < 16; i++) {
          const pair = data[at + 4 + i]!;
          out[block + i] = d * (pair & 15) + m;
          out[block + 16 + i] = d * (pair >> 4) + m;
        }
      }
    },
  },
};

export const storedBytes = (type: StoredType, count: number): number =>
  (count / storages[type].block) * storages[type].bytes;

export function decodeTensor(type: StoredType, data: Uint8Array, count: number): Float32Array {
  const out = new Float32Array(count);
  // typed views need aligned starts
  storages[type].decode(data.byteOffset % 4 === 0 ? data : data.slice(), out);
  return out;
}

export function encodeTensor(type: 'F32' | 'F16' | 'BF16', values: Float32Array): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const convert = type === 'F16' ? floatToHalf : floatToBfloat;
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = convert(values[i]!);
  return new Uint8Array(out.buffer);
}
