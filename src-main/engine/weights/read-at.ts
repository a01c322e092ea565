import type { FileHandle } from 'node:fs/promises';

/**
 * Reads exactly `length` bytes, or null where the file ends before, into a buffer that starts aligned, for typed views.
 */
export async function readAt(
  file: FileHandle,
  position: number,
  length: number,
  buffer: Uint8Array<ArrayBuffer> = new Uint8Array(length),
): Promise<Uint8Array | null> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, Math.min(length - done, 1 << 30), position + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return buffer.subarray(0, length);
}
