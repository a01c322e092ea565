import { writeFileSync } from 'node:fs';

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
};
const u32 = (value: number): Buffer => Buffer.from(new Uint32Array([value]).buffer);
const u64 = (value: number): Buffer => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const f32 = (value: number): Buffer => Buffer.from(new Float32Array([value]).buffer);
// value types of the format (ggml/docs/gguf.md)
const asU32 = (key: string, value: number): Buffer => Buffer.concat([text(key), u32(4), u32(value)]);
const asF32 = (key: string, value: number): Buffer => Buffer.concat([text(key), u32(6), f32(value)]);
const asText = (key: string, value: string): Buffer => Buffer.concat([text(key), u32(8), text(value)]);

/** A GGUF file of a tiny Llama with one tensor, stored as `type` (the numbers of ggml_type: Q5_0 is 6, Q6_K is 14). */
export function writeGguf(file: string, type: number): string {
  const metadata = [
    asText('general.architecture', 'llama'),
    asU32('llama.block_count', 1),
    asU32('llama.embedding_length', 256),
    asU32('llama.feed_forward_length', 256),
    asU32('llama.attention.head_count', 4),
    asU32('llama.context_length', 64),
    asF32('llama.attention.layer_norm_rms_epsilon', 1e-5),
    asU32('llama.vocab_size', 32),
  ];
  const tensor = Buffer.concat([text('token_embd.weight'), u32(2), u64(256), u64(32), u32(type), u64(0)]);
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(metadata.length), ...metadata, tensor]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  writeFileSync(file, Buffer.concat([head, padding, Buffer.alloc(256 * 32 * 4)]));
  return file;
}
