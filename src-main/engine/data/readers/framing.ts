// Finds where JSON values begin and end in a stream of bytes, so that each is parsed alone: neither an array nor a file
// has to be one string. All that decides is ASCII, and bytes of longer UTF-8 characters are never ASCII.

export interface Frame {
  readonly bytes: Buffer;
  readonly at: number; // offset in the text
}

export interface Framing {
  /** Values that a chunk completes. */
  push(chunk: Buffer): readonly Frame[];
  /** What stands after the last complete value; null: nothing but white space. */
  end(): Frame | null;
  /** Values so far. */
  readonly completed: number;
}

/** Lines; the blank ones too, so that they can be numbered. */
export class LineFraming implements Framing {
  private readonly parts: Buffer[] = [];
  private at = 0;
  private held = 0;
  completed = 0;

  push(chunk: Buffer): readonly Frame[] {
    const lines: Frame[] = [];
    let start = 0;
    for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, start)) {
      lines.push(this.take(chunk.subarray(start, newline)));
      this.at += 1;
      start = newline + 1;
    }
    if (start < chunk.length) this.hold(chunk.subarray(start));
    return lines;
  }

  end(): Frame | null {
    return this.held === 0 ? null : this.take(Buffer.alloc(0));
  }

  private hold(bytes: Buffer): void {
    this.parts.push(bytes);
    this.held += bytes.length;
    refuseTooLong(this.held, this.at);
  }

  private take(bytes: Buffer): Frame {
    const whole = this.held === 0 ? bytes : Buffer.concat([...this.parts, bytes]);
    const at = this.at;
    this.parts.length = 0;
    this.held = 0;
    this.at += whole.length;
    this.completed++;
    return { bytes: whole, at };
  }
}

/** Characters after which a value cannot follow, and their place. */
export class BadSeparator extends Error {
  constructor(
    readonly found: string,
    readonly at: number,
  ) {
    super(`"${found}" at byte ${at}`);
  }
}

export class TooLong extends Error {
  constructor(readonly at: number) {
    super(`a value at byte ${at} is too long`);
  }
}

/** V8's strings end a little above 536 million characters. */
const longestValue = 500 << 20;
const refuseTooLong = (bytes: number, at: number): void => {
  if (bytes > longestValue) throw new TooLong(at);
};

const [quote, backslash, open, close, openList, closeList, comma] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c];
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Values one after the other, with or without commas; in a list up to the bracket that ends it. */
export class ValueFraming implements Framing {
  private depth = 0;
  private inString = false;
  private escaped = false;
  private readonly parts: Buffer[] = []; // of the value that goes on
  private held = 0;
  private started = -1; // offset of the value that goes on; -1: none
  private wantsComma = false;
  private offset: number;
  /** What came after the list's end. */
  after = '';
  ended = false;
  endedAt = 0;
  completed = 0;

  constructor(
    private readonly inList: boolean,
    start = 0,
  ) {
    this.offset = start;
  }

  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    let start = this.started < 0 ? -1 : 0; // where the value that goes on begins in this chunk
    const done = (end: number): void => {
      const piece = chunk.subarray(start, end);
      frames.push({ bytes: this.held === 0 ? piece : Buffer.concat([...this.parts, piece]), at: this.started });
      this.parts.length = this.held = 0;
      this.started = start = -1;
      this.completed++;
      this.wantsComma = this.inList;
    };
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.ended) {
        if (this.after.length < 200) this.after += String.fromCharCode(byte);
        continue;
      }
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) {
          this.inString = false;
          if (this.depth === 0) done(i + 1);
        }
        continue;
      }
      if (this.depth === 0) {
        const isEnd = byte === comma || byte === closeList || isSpace(byte);
        if (isEnd) {
          if (this.started >= 0) done(i); // a number or a word
          if (byte === comma) this.wantsComma = false;
          if (byte === closeList) {
            if (!this.inList) throw new BadSeparator(']', this.offset + i);
            this.ended = true;
            this.endedAt = this.offset + i + 1;
          }
          continue;
        }
        if (this.started < 0) {
          if (this.wantsComma) throw new BadSeparator(String.fromCharCode(byte), this.offset + i);
          this.started = this.offset + i;
          start = i;
        }
      }
      if (byte === quote) this.inString = true;
      else if (byte === open || byte === openList) this.depth++;
      else if (byte === close || byte === closeList) {
        if (this.depth === 0) throw new BadSeparator(String.fromCharCode(byte), this.offset + i);
        this.depth--;
        if (this.depth === 0) done(i + 1);
      }
    }
    if (this.started >= 0) {
      this.parts.push(chunk.subarray(start));
      this.held += chunk.length - start;
      refuseTooLong(this.held, this.started);
    }
    this.offset += chunk.length;
    return frames;
  }

  end(): Frame | null {
    return this.started < 0 ? null : { bytes: Buffer.concat(this.parts), at: this.started };
  }
}
