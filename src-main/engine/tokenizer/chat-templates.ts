import { throwFailure } from '../../shared/result';
import type { Message } from '../../shared/data/dataset';
import { naming, withDeadline } from './deadline';
import { readTemplate, type JinjaTemplate } from './jinja/template';
import { Unsupported, fromJson, type Value } from './jinja/values';
import type { RenderOptions, TokenizerFiles } from './types';

/** Chat templates are small programs of strangers: no I/O, a deadline, and a limit on size. */
const longest = 1 << 20;

export interface ChatTemplates {
  readonly usable: boolean;
  /** A template names the role `developer`. */
  readonly knowsDeveloper: boolean;
  readonly notes: readonly string[];
  render(messages: readonly Message[], addGenerationPrompt: boolean, options: RenderOptions): string;
}

/**
 * A model's templates; of several, "tool_use" is for rows with tools and "default" for all others, as in transformers.
 */
export function chatTemplates(files: TokenizerFiles, specialTokens: ReadonlyMap<string, string>): ChatTemplates {
  const { where } = files;
  const sources = templateSources(files);
  const read = new Map(
    [...sources]
      .filter(([name]) => name === 'default' || name === 'tool_use')
      .map(([name, source]) => [name, parse(source, where)]),
  );
  const names = [...sources.keys()];
  const missing = (): never =>
    names.length === 0
      ? throwFailure(
          'bad-model',
          `${where} has no chat template, but the data are conversations.`,
          'Choose an instruction-tuned model, or data whose prompts are plain text.',
          { file: where },
        )
      : throwFailure(
          'bad-model',
          `${where} has the chat templates ${names.join(', ')}, and none named "default".`,
          'Rename the one that is meant to "default".',
          { file: where, templates: names },
        );
  const choose = (tools: unknown): JinjaTemplate =>
    (tools === null ? undefined : read.get('tool_use')) ?? read.get('default') ?? missing();
  return {
    usable: read.has('default'),
    knowsDeveloper: [...sources.values()].some((source) => source.includes('developer')),
    notes:
      names.length < 2
        ? []
        : [
            `Of the chat templates ${names.join(', ')}, "default" is ` +
              `used${read.has('tool_use') ? ', and "tool_use" for rows with tools' : ''}.`,
          ],
    render: (messages, addGenerationPrompt, { tools = null }) => {
      const template = choose(tools);
      const names = new Map<string, Value>([
        ...specialTokens,
        ['messages', messages.map(asTransformersPasses)],
        ['tools', fromJson(tools)],
        ['documents', null],
        ['add_generation_prompt', addGenerationPrompt],
      ]);
      return withDeadline(() => naming(`The chat template of ${where}`, where, () => run(template, names, where)));
    },
  };
}

function run(template: JinjaTemplate, names: Iterable<readonly [string, Value]>, where: string): string {
  try {
    return template.render(names);
  } catch (thrown) {
    if (thrown instanceof Unsupported) return unsupported(where, thrown.message);
    const reason =
      thrown instanceof RangeError
        ? 'it calls itself without end, or is nested too deeply'
        : thrown instanceof Error
          ? thrown.message
          : String(thrown);
    return throwFailure(
      'bad-data',
      `The chat template of ${where} refuses a conversation: ${reason}.`,
      'Check the order and the roles of the messages.',
      { file: where, template: true, reason },
    );
  }
}

const unsupported = (where: string, what: string): never =>
  throwFailure(
    'bad-model',
    `The chat template of ${where} uses ${what}, which is not known here.`,
    'Choose another model, or write that part of the template in another way.',
    { file: where },
  );

function parse(source: string, where: string): JinjaTemplate {
  if (source.length > longest)
    return throwFailure(
      'bad-model',
      `The chat template of ${where} is ${source.length} characters long.`,
      'Templates above one million characters are refused.',
      { file: where },
    );
  try {
    return withDeadline(() => naming(`Reading the chat template of ${where}`, where, () => readTemplate(source)));
  } catch (thrown) {
    if (thrown instanceof Unsupported) return unsupported(where, thrown.message);
    if (!(thrown instanceof Error) || 'error' in thrown) throw thrown;
    const why = thrown instanceof RangeError ? 'it is nested too deeply' : thrown.message;
    return throwFailure(
      'bad-model',
      `The chat template of ${where} cannot be read: ${why}.`,
      'Check chat_template.jinja, or chat_template in tokenizer_config.json.',
      { file: where },
    );
  }
}

/** Files of their own count before tokenizer_config.json, which has one template or a list of named ones. */
function templateSources({ templates, config }: TokenizerFiles): ReadonlyMap<string, string> {
  if (templates.size > 0) return templates;
  const given = config.chat_template;
  if (typeof given === 'string') return new Map([['default', given]]);
  const list = Array.isArray(given)
    ? (given as readonly { readonly name?: unknown; readonly template?: unknown }[])
    : [];
  return new Map(
    list.flatMap((one) =>
      typeof one?.name === 'string' && typeof one.template === 'string' ? [[one.name, one.template] as const] : [],
    ),
  );
}

const reasoning = ['reasoning_content', 'thinking', 'reasoning'];

/** Fields that are null are left out, and thoughts are there under all the names that templates know them by. */
function asTransformersPasses(message: Message): Value {
  const fields = Object.entries(message).filter(([, value]) => value !== null && value !== undefined);
  const given = new Map<string, Value>(fields.map(([name, value]) => [name, fromJson(value)]));
  const thoughts = reasoning.map((name) => given.get(name)).find((value) => value !== undefined);
  return thoughts === undefined
    ? given
    : new Map<Value, Value>([['thinking', thoughts], ...given, ['reasoning_content', thoughts]]);
}
