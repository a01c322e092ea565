#!/usr/bin/env node
// Draws resources/icons/icon.png: a long bar and the same bar cut to the length of a short one, which is what SamPO
// does.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from './lib/unzip.mjs';
import { root } from './lib/paths.mjs';

const size = 512;
const shapes = [
  { x: 0, y: 0, w: 512, h: 512, r: 112, color: [30, 58, 95] },
  { x: 96, y: 128, w: 320, h: 64, r: 32, color: [245, 158, 66] },
  { x: 96, y: 224, w: 176, h: 64, r: 32, color: [94, 196, 182] },
  { x: 96, y: 320, w: 176, h: 64, r: 32, color: [245, 158, 66] },
  { x: 296, y: 320, w: 120, h: 64, r: 32, color: [66, 92, 128] },
];

/** Signed distance to a rounded rectangle; half a pixel either side of zero makes the edge smooth. */
function coverage({ x, y, w, h, r }, px, py) {
  const dx = Math.abs(px - x - w / 2) - w / 2 + r;
  const dy = Math.abs(py - y - h / 2) - h / 2 + r;
  const distance = Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - r;
  return Math.min(1, Math.max(0, 0.5 - distance));
}

function draw() {
  const rows = Buffer.alloc(size * (1 + size * 4)); // each row starts with its filter type, 0
  for (let py = 0; py < size; py++) {
    for (let px = 0; px < size; px++) {
      const pixel = [0, 0, 0, 0];
      for (const shape of shapes) {
        const a = coverage(shape, px + 0.5, py + 0.5);
        shape.color.forEach((c, k) => (pixel[k] = pixel[k] * (1 - a) + c * a));
        pixel[3] = Math.max(pixel[3], a * 255);
      }
      rows.set(pixel.map(Math.round), py * (1 + size * 4) + 1 + px * 4);
    }
  }
  return rows;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

const header = Buffer.from([0, 0, size >> 8, size & 255, 0, 0, size >> 8, size & 255, 8, 6, 0, 0, 0]);
const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  chunk('IHDR', header),
  chunk('IDAT', deflateSync(draw(), { level: 9 })),
  chunk('IEND', Buffer.alloc(0)),
]);
await mkdir(join(root, 'resources', 'icons'), { recursive: true });
await writeFile(join(root, 'resources', 'icons', 'icon.png'), png);
