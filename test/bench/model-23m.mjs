// A Llama of 23.2 M parameters (tied head) with random weights: large enough that matrix products rule, small enough
// for a processor.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const starter = join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'resources', 'starter');

/** Writes it into a folder, with the starter's tokenizer; always the same weights. Returns the folder. */
export async function make23m(folder) {
  await cp(join(starter, 'model'), folder, { recursive: true });
  const [D, F, V, layers] = [512, 1376, 8192, 6];
  const settings = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({
      ...settings,
      vocab_size: V,
      hidden_size: D,
      intermediate_size: F,
      num_hidden_layers: layers,
      num_attention_heads: 8,
      num_key_value_heads: 8,
      head_dim: 64,
      max_position_embeddings: 2048,
    }),
  );
  const shapes = { 'model.embed_tokens.weight': [V, D], 'model.norm.weight': [D] };
  for (let l = 0; l < layers; l++) {
    const p = `model.layers.${l}.`;
    for (const name of ['q', 'k', 'v', 'o']) shapes[`${p}self_attn.${name}_proj.weight`] = [D, D];
    for (const name of ['gate', 'up']) shapes[`${p}mlp.${name}_proj.weight`] = [F, D];
    shapes[`${p}mlp.down_proj.weight`] = [D, F];
    for (const name of ['input', 'post_attention']) shapes[`${p}${name}_layernorm.weight`] = [D];
  }
  await writeSafetensors(join(folder, 'model.safetensors'), shapes);
  return folder;
}

async function writeSafetensors(file, shapes) {
  const header = {};
  const parts = [];
  let offset = 0;
  let seed = 1;
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, () =>
      shape.length === 1 ? 1 : 0.04 * ((seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5),
    );
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * size] };
    offset += 4 * size;
    parts.push(Buffer.from(values.buffer));
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([length, json, ...parts]));
}
