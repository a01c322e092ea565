import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { download } from '../../../scripts/lib/download.mjs';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, k) => (k * 31) & 0xff));
const sha256 = createHash('sha256').update(content).digest('hex');

let server: Server;
let url: string;
let target: string;
let ranges: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  ranges = [];
  answer = serveWithRanges;
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.zip`;
  target = join(mkdtempSync(join(tmpdir(), 'sampo-download-')), 'deep', 'file.zip');
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

function serveWithRanges(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length) return void response.writeHead(416).end();
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start });
  response.end(content.subarray(start));
}

const fetchIt = (over: object = {}) => download({ url, target, sha256, name: 'test file', ...over });

describe('download', () => {
  it('brings the file and leaves nothing beside it', async () => {
    await fetchIt();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  it('asks nobody when the file is there', async () => {
    await fetchIt();
    await fetchIt();
    expect(ranges).toHaveLength(1);
  });

  it('continues after a connection that broke in the middle', async () => {
    let broken = false;
    answer = (request, response) => {
      if (broken) return serveWithRanges(request, response);
      broken = true;
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => response.destroy());
    };
    await fetchIt();
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it('continues what an earlier run left', async () => {
    await fetchIt({ tries: 1 });
    const second = `${target}-2`;
    writeFileSync(`${second}.part`, content.subarray(0, 123_456));
    await download({ url, target: second, sha256, name: 'test file' });
    expect(ranges.at(-1)).toBe('bytes=123456-');
    expect(readFileSync(second).equals(content)).toBe(true);
  });

  it('starts over where the server cannot resume', async () => {
    answer = (_request, response) => void response.writeHead(200, { 'content-length': content.length }).end(content);
    const second = `${target}-3`;
    await fetchIt();
    writeFileSync(`${second}.part`, 'something else');
    await download({ url, target: second, sha256, name: 'test file' });
    expect(readFileSync(second).equals(content)).toBe(true);
  });

  it('takes a part that was already whole', async () => {
    await fetchIt();
    const second = `${target}-4`;
    writeFileSync(`${second}.part`, content);
    await download({ url, target: second, sha256, name: 'test file' });
    expect(readFileSync(second).equals(content)).toBe(true);
  });

  it('refuses another content, names both hashes and keeps nothing', async () => {
    await expect(fetchIt({ sha256: '0'.repeat(64) })).rejects.toThrow(new RegExp(`${sha256}.*${'0'.repeat(64)}`));
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  it('says no at once when the server does', async () => {
    answer = (_request, response) => void response.writeHead(404).end();
    await expect(fetchIt()).rejects.toThrow('HTTP 404');
    expect(ranges).toHaveLength(1);
  });

  it('gives up on a server that never answers', async () => {
    answer = () => {};
    await expect(fetchIt({ tries: 1, connectTimeoutMs: 100 })).rejects.toThrow('no answer in time');
    server.closeAllConnections();
  });
});
