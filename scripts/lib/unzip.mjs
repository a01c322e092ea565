// Reads zip files (Electron's, Python wheels) member by member, so that 270 MB archives never sit in memory or on disk
// twice.
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, symlink } from 'node:fs/promises';
import { dirname, posix, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { SetupError } from './errors.mjs';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** Lists the members of a zip from its central directory. */
export async function listZip(path) {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await readAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557), path);
    const at = lastIndexOfSignature(tail, endSignature);
    if (at < 0) throw malformed(path, 'it has no end record (a truncated download?)');
    const count = tail.readUInt16LE(at + 10);
    const length = tail.readUInt32LE(at + 12);
    const start = tail.readUInt32LE(at + 16);
    if (count === 0xffff || start === 0xffffffff)
      throw malformed(path, 'it is a zip64 archive, which this reader does not support');
    if (start + length > size) throw malformed(path, 'its directory lies beyond its end');
    return parseDirectory(await readAt(file, start, length, path), count, path);
  } finally {
    await file.close();
  }
}

/**
 * Extracts the members for which `place(name)` gives a path relative to `target`.
 * Sizes and CRCs are checked, links and paths that lead out of `target` are refused.
 */
export async function extractZip(path, target, place, onBytes = () => {}) {
  const wanted = (await listZip(path)).map((entry) => ({ entry, to: place(entry.name) })).filter(({ to }) => to);
  const file = await open(path);
  try {
    for (const { entry, to } of wanted) {
      const destination = inside(target, to, path);
      if (entry.name.endsWith('/')) {
        await mkdir(destination, { recursive: true });
        continue;
      }
      await mkdir(dirname(destination), { recursive: true });
      if (entry.isLink) await extractLink(file, entry, target, to, destination, path);
      else await extractFile(file, entry, destination, path, onBytes);
    }
  } finally {
    await file.close();
  }
  return wanted.length;
}

function parseDirectory(directory, count, path) {
  const entries = [];
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== entrySignature)
      throw malformed(path, `entry ${k} of its directory is damaged`);
    const nameLength = directory.readUInt16LE(at + 28);
    const mode = directory.readUInt32LE(at + 38) >>> 16;
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: mode & 0o777,
      isLink: (mode & 0o170000) === 0o120000,
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function extractFile(file, entry, destination, path, onBytes) {
  const check = crcCheck(entry, path, onBytes);
  const output = createWriteStream(destination, { mode: 0o644 });
  await pipeline(await content(file, entry, path), ...inflated(entry, path), check, output);
  if (entry.mode & 0o111) await chmod(destination, 0o755);
}

async function extractLink(file, entry, target, to, destination, path) {
  const chunks = [];
  const collect = async (source) => {
    for await (const chunk of source) chunks.push(chunk);
  };
  await pipeline(
    await content(file, entry, path),
    ...inflated(entry, path),
    crcCheck(entry, path, () => {}),
    collect,
  );
  const link = Buffer.concat(chunks).toString('utf8');
  if (posix.isAbsolute(link)) throw malformed(path, `${entry.name} is a link to ${link}`);
  inside(target, posix.join(posix.dirname(to), link), path);
  await symlink(link, destination);
}

/** The packed bytes. The local header repeats name and extra field with lengths of its own, so it must be read. */
async function content(file, entry, path) {
  if (entry.packedSize === 0) return Readable.from([]);
  const header = await readAt(file, entry.offset, 30, path);
  if (header.readUInt32LE(0) !== localSignature) throw malformed(path, `${entry.name} has a damaged header`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  return createReadStream(path, { start, end: start + entry.packedSize - 1, highWaterMark: 1 << 18 });
}

function inflated(entry, path) {
  if (entry.method === 0) return [];
  if (entry.method === 8) return [zlib.createInflateRaw()];
  throw malformed(path, `${entry.name} uses compression method ${entry.method}`);
}

function crcCheck(entry, path, onBytes) {
  let crc = 0;
  let size = 0;
  return new Transform({
    transform(chunk, _encoding, done) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      onBytes(chunk.length);
      done(size > entry.size ? malformed(path, `${entry.name} is larger than declared`) : null, chunk);
    },
    flush(done) {
      done(size !== entry.size || crc !== entry.crc ? malformed(path, `${entry.name} fails its checksum`) : null);
    },
  });
}

function inside(target, relative, path) {
  const full = resolve(target, relative);
  if (full !== resolve(target) && !full.startsWith(resolve(target) + sep))
    throw malformed(path, `${relative} leads out of the target folder`);
  return full;
}

async function readAt(file, position, length, path) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw malformed(path, 'it ends too early');
  return buffer;
}

function lastIndexOfSignature(buffer, signature) {
  for (let at = buffer.length - 22; at >= 0; at--) if (buffer.readUInt32LE(at) === signature) return at;
  return -1;
}

const malformed = (path, reason) => new SetupError(`${path} is not a zip file that can be used: ${reason}`);

// zlib.crc32 came with Node 20.15; the table serves the versions before it.
const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});
export function crc32(bytes, start = 0) {
  if (zlib.crc32) return zlib.crc32(bytes, start);
  let c = ~start >>> 0;
  for (const byte of bytes) c = table[(c ^ byte) & 0xff] ^ (c >>> 8);
  return ~c >>> 0;
}
