import { own } from '../readers/whole-file';

/** What a reader did that somebody may want to know, by what it was. */
const sentences = {
  'system-with-text': (rows: string) =>
    `${rows} a system text beside plain text: read as a conversation, the prompt as the user's turn.`,
  'history-with-text': (rows: string) =>
    `${rows} earlier turns beside plain text: read as a conversation, the prompt as the user's turn.`,
  'tools-with-text': (rows: string) =>
    `${rows} tools beside plain text, which has no place for them: the tools are not used.`,
  'prompt-not-used': (rows: string) =>
    `${rows} a prompt that is not among the messages of the answers: the messages are used, the prompt is not.`,
  developer: (rows: string) =>
    `${rows} turns of a developer: a chat template that does not know this role gets them as system turns.`,
} as const;
export type NoteKind = keyof typeof sentences;

/** Names of columns that change what a model should see, where a format does not read them. */
const telling =
  /^(sys(tem)?([ _-]?(prompt|message|text|instruction))?|developer|instructions?|input|context|background|history|messages|conversations?|dialog(ue)?|tools|functions|documents|images?|videos?|audios?|chat_template_kwargs|preference|winner|label)$/i;
const isTelling = (name: string): boolean => telling.test(name);

const isSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0) &&
  !(typeof value === 'object' && Object.keys(value).length === 0);

/** Gathers what a file's rows have to say beside their pairs. */
export class FileNotes {
  private readonly counts = new Map<NoteKind, number>();
  private readonly unread = new Map<string, number>();

  count(kind: NoteKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  /** Columns with something in them that a format passes by although they could matter. */
  look(value: Readonly<Record<string, unknown>>, read: ReadonlySet<string>): void {
    for (const name of Object.keys(value))
      if (!read.has(name) && isTelling(name) && isSomething(own(value, name)))
        this.unread.set(name, (this.unread.get(name) ?? 0) + 1);
  }

  list(): readonly string[] {
    return [
      ...[...this.counts].map(([kind, count]) =>
        sentences[kind](`${count.toLocaleString('en-US')} ${count === 1 ? 'row has' : 'rows have'}`),
      ),
      ...[...this.unread].map(
        ([name, count]) =>
          `The column "${name}" is not read; ${count.toLocaleString('en-US')} ` +
          `${count === 1 ? 'row has' : 'rows have'} something there.${hint(name)}`,
      ),
    ];
  }
}

const hint = (name: string): string =>
  /^sys/i.test(name) && name !== 'system'
    ? ` As the system text it is read with columns {"system": ${JSON.stringify(name)}}.`
    : '';
