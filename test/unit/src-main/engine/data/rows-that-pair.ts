import type { KnownFormat } from '../../../../../src-main/engine/data/shapes/formats';
import { a, answers, conversation, hh, s, t, text, turnAnswers, u, type Row } from './row-parts';

/** What a row is, the format it is found to have, and the pair it makes. */
export const pairs: readonly (readonly [name: string, value: Row, format: KnownFormat, pair: Row])[] = [
  ['text', { prompt: 'p', ...answers }, 'pairs', text('p')],
  [
    'text with columns that nobody needs',
    { prompt: 'p', ...answers, score: 3, margin: '\u0000number NaN' },
    'pairs',
    text('p'),
  ],
  ['message prompt, text answers', { prompt: [u('p')], ...answers }, 'pairs', conversation([u('p')])],
  ['one message as prompt', { prompt: u('p'), ...answers }, 'pairs', conversation([u('p')])],
  [
    'one message as each answer',
    { prompt: [u('p')], chosen: a('yes'), rejected: a('no') },
    'pairs',
    conversation([u('p')]),
  ],
  [
    'text prompt, one message as each answer',
    { prompt: 'p', chosen: a('yes'), rejected: a('no') },
    'pairs',
    conversation([u('p')]),
  ],
  ['text prompt, lists without it', { prompt: 'p', ...turnAnswers }, 'messages', conversation([u('p')])],
  [
    'text prompt, lists with it',
    { prompt: 'p', chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([u('p')]),
  ],
  [
    'message prompt, lists with it',
    { prompt: [s('b'), u('p')], chosen: [s('b'), u('p'), a('yes')], rejected: [s('b'), u('p'), a('no')] },
    'messages',
    conversation([s('b'), u('p')]),
  ],
  [
    'a system prompt, lists go on',
    { prompt: [s('b')], chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([s('b'), u('p')]),
  ],
  [
    'prompt and answers of several turns',
    { prompt: [u('p')], chosen: [a('1'), u('q'), a('2')], rejected: [a('3'), u('q'), a('4')] },
    'messages',
    conversation([u('p')], { chosen: [a('1'), u('q'), a('2')], rejected: [a('3'), u('q'), a('4')] }),
  ],
  [
    'whole conversations',
    { chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([u('p')]),
  ],
  [
    'whole conversations that part early',
    { chosen: [u('p'), a('1'), u('q'), a('2')], rejected: [u('p'), a('3'), u('q'), a('4')] },
    'messages',
    conversation([u('p')], { chosen: [a('1'), u('q'), a('2')], rejected: [a('3'), u('q'), a('4')] }),
  ],
  [
    'whole conversations of different length',
    { chosen: [u('p'), a('1')], rejected: [u('p'), a('1'), u('q'), a('2')] },
    'messages',
    conversation([u('p')], { chosen: [a('1')], rejected: [a('1'), u('q'), a('2')] }),
  ],
  [
    'messages with ids of their own',
    { chosen: [{ ...u('p'), id: 1 }, a('yes')], rejected: [{ ...u('p'), id: 2 }, a('no')] },
    'messages',
    conversation([{ ...u('p'), id: 1 }]),
  ],
  [
    'ShareGPT',
    {
      conversations: [
        { from: 'system', value: 'b' },
        { from: 'human', value: 'p' },
      ],
      chosen: { from: 'gpt', value: 'yes' },
      rejected: { from: 'gpt', value: 'no' },
    },
    'sharegpt',
    conversation([s('b'), u('p')]),
  ],
  [
    'ShareGPT with a system column',
    {
      conversations: [{ from: 'human', value: 'p' }],
      system: 'b',
      chosen: { from: 'gpt', value: 'yes' },
      rejected: { from: 'gpt', value: 'no' },
    },
    'sharegpt',
    conversation([s('b'), u('p')]),
  ],
  [
    'ShareGPT with a function call',
    {
      conversations: [
        { from: 'human', value: 'p' },
        { from: 'function_call', value: '{"name": "f", "arguments": {"x": 1}}' },
        { from: 'observation', value: '2' },
      ],
      ...answers,
    },
    'sharegpt',
    conversation([
      u('p'),
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ type: 'function', function: { name: 'f', arguments: { x: 1 } } }],
      },
      t('2'),
    ]),
  ],
  [
    'a system column beside messages',
    { system: 'b', prompt: [u('p')], ...turnAnswers },
    'messages',
    conversation([s('b'), u('p')]),
  ],
  [
    'a system column beside whole conversations',
    { system: 'b', chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([s('b'), u('p')]),
  ],
  [
    'a system column that says what the messages say',
    { system: 'b ', prompt: [s('b'), u('p')], ...turnAnswers },
    'messages',
    conversation([s('b'), u('p')]),
  ],
  ['a system column beside text', { system: 'b', prompt: 'p', ...answers }, 'pairs', conversation([s('b'), u('p')])],
  ['an empty system column beside text', { system: '', prompt: 'p', ...answers }, 'pairs', text('p')],
  ['no system text, as pandas writes it', { system: '\u0000number NaN', prompt: 'p', ...answers }, 'pairs', text('p')],
  [
    'tools',
    { tools: [{ name: 'f' }], prompt: [u('p')], ...answers },
    'pairs',
    { ...turnAnswers, prompt: { kind: 'messages', messages: [u('p')], tools: [{ name: 'f' }] } },
  ],
  [
    'tools as text',
    { tools: '[{"name": "f"}]', prompt: [u('p')], ...answers },
    'pairs',
    { ...turnAnswers, prompt: { kind: 'messages', messages: [u('p')], tools: [{ name: 'f' }] } },
  ],
  [
    'tool turns and calls in an answer',
    {
      prompt: [u('p')],
      chosen: [
        { role: 'assistant', content: null, tool_calls: [{ id: '1' }] },
        { ...t('2'), tool_call_id: '1' },
        a('yes'),
      ],
      rejected: [a('no')],
    },
    'messages',
    conversation([u('p')], {
      chosen: [
        { role: 'assistant', content: '', tool_calls: [{ id: '1' }] },
        { ...t('2'), tool_call_id: '1' },
        a('yes'),
      ],
      rejected: [a('no')],
    }),
  ],
  [
    'an answer that is a call alone',
    {
      prompt: [u('p')],
      chosen: [{ role: 'assistant', content: '', tool_calls: [{ id: '1' }] }],
      rejected: [a('no')],
    },
    'messages',
    conversation([u('p')], {
      chosen: [{ role: 'assistant', content: '', tool_calls: [{ id: '1' }] }],
      rejected: [a('no')],
    }),
  ],
  [
    'capital roles',
    {
      prompt: [{ role: 'User', content: 'p' }],
      chosen: [{ role: 'ASSISTANT', content: 'yes' }],
      rejected: [{ role: ' Assistant ', content: 'no' }],
    },
    'messages',
    conversation([u('p')]),
  ],
  [
    'developer',
    { prompt: [{ role: 'developer', content: 'b' }, u('p')], ...turnAnswers },
    'messages',
    conversation([{ role: 'developer', content: 'b' }, u('p')]),
  ],
  [
    'content as parts',
    { prompt: [{ role: 'user', content: [{ type: 'text', text: 'a' }, 'b', { text: 'c' }] }], ...turnAnswers },
    'messages',
    conversation([u('abc')]),
  ],
  [
    'fields that are null',
    { prompt: [{ ...u('p'), name: null, tool_calls: null }], ...turnAnswers },
    'messages',
    conversation([u('p')]),
  ],
  ['Alpaca', { instruction: 'i', input: 'x', ...answers }, 'alpaca', text('i\nx')],
  ['Alpaca with empty input', { instruction: 'i', input: '', ...answers }, 'alpaca', text('i')],
  [
    'Alpaca with history',
    { instruction: 'i', input: '', history: [['q', 'r']], ...answers },
    'alpaca',
    conversation([u('q'), a('r'), u('i')]),
  ],
  ['Alpaca with system', { instruction: 'i', system: 'b', ...answers }, 'alpaca', conversation([s('b'), u('i')])],
  [
    'HH',
    { chosen: hh('p', ' yes'), rejected: hh('p', ' no') },
    'hh',
    text('\n\nHuman: p\n\nAssistant:', { chosen: '  yes', rejected: '  no' }),
  ],
  [
    'HH of several turns: parted at the last answer',
    { chosen: hh('p', 'r', 'q', 'yes'), rejected: hh('p', 'r', 'q', 'no') },
    'hh',
    text('\n\nHuman: p\n\nAssistant: r\n\nHuman: q\n\nAssistant:', { chosen: ' yes', rejected: ' no' }),
  ],
  [
    'HH that begins with the answer',
    { chosen: '\n\nAssistant: yes', rejected: '\n\nAssistant: no' },
    'hh',
    text('\n\nAssistant:', { chosen: ' yes', rejected: ' no' }),
  ],
  [
    'HH whose answers speak of an assistant',
    { chosen: hh('p', 'yes'), rejected: hh('p', 'no\n\nAssistant: or') },
    'hh',
    text('\n\nHuman: p\n\nAssistant:', { chosen: ' yes', rejected: ' no\n\nAssistant: or' }),
  ],
  [
    'one answer as a list, the other as text',
    { prompt: 'p', chosen: [a('yes')], rejected: 'no' },
    'pairs',
    conversation([u('p')]),
  ],
  [
    'Alpaca with answers as lists',
    { instruction: 'i', input: 'x', ...turnAnswers },
    'alpaca',
    conversation([u('i\nx')]),
  ],
  [
    'an instruction beside a prompt',
    { instruction: 'i', prompt: 'p', ...turnAnswers },
    'messages',
    conversation([u('p')]),
  ],
  [
    'Alpaca with a history of messages',
    { instruction: 'i', history: [u('q'), a('r')], ...answers },
    'alpaca',
    conversation([u('q'), a('r'), u('i')]),
  ],
  ['Alpaca with an empty history', { instruction: 'i', history: '', ...answers }, 'alpaca', text('i')],
  ['Alpaca with no turns of history', { instruction: 'i', history: [], ...answers }, 'alpaca', text('i')],
  ['Alpaca with no input', { instruction: 'i', input: null, ...answers }, 'alpaca', text('i')],
  [
    'a history before answers that repeat the prompt',
    { prompt: 'p', history: [['q', 'r']], chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([u('q'), a('r'), u('p')]),
  ],
  [
    'a text prompt that its answers write with other white space',
    { prompt: ' p\n', chosen: [s('b'), u('p '), a('yes')], rejected: [s('b'), u('p '), a('no')] },
    'messages',
    conversation([s('b'), u('p ')]),
  ],
  [
    'answers that ask again what the prompt asked',
    { prompt: [u('p'), a('r')], chosen: [u('p'), a('yes')], rejected: [u('p'), a('no')] },
    'messages',
    conversation([u('p'), a('r'), u('p')]),
  ],
  [
    'answers that begin with what a tool said',
    { prompt: [u('p')], chosen: [t('1'), a('yes')], rejected: [t('2'), a('no')] },
    'messages',
    conversation([u('p')], { chosen: [t('1'), a('yes')], rejected: [t('2'), a('no')] }),
  ],
  [
    'a system column beside a developer who says the same',
    { system: 'b', prompt: [{ role: 'developer', content: ' b\n' }, u('p')], ...turnAnswers },
    'messages',
    conversation([{ role: 'developer', content: ' b\n' }, u('p')]),
  ],
  ['tools that are white space', { tools: ' \n', prompt: 'p', ...answers }, 'pairs', text('p')],
  ['tools of none', { tools: [], prompt: [u('p')], ...answers }, 'pairs', conversation([u('p')])],
  [
    'content as one part',
    { prompt: [{ role: 'user', content: { type: 'text', text: 'a' } }], ...turnAnswers },
    'messages',
    conversation([u('a')]),
  ],
  [
    'an answer that is a function call of the old kind',
    { prompt: [u('p')], chosen: { role: 'assistant', content: '', function_call: { name: 'f' } }, rejected: a('no') },
    'pairs',
    conversation([u('p')], {
      chosen: [{ role: 'assistant', content: '', function_call: { name: 'f' } }],
      rejected: [a('no')],
    }),
  ],
  [
    'several function calls of one turn',
    {
      conversations: [
        { from: 'human', value: 'p' },
        { from: 'function_call', value: [{ name: 'f' }, { name: 'g' }] },
        { from: 'observation', value: '2' },
      ],
      ...answers,
    },
    'sharegpt',
    conversation([
      u('p'),
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { type: 'function', function: { name: 'f' } },
          { type: 'function', function: { name: 'g' } },
        ],
      },
      t('2'),
    ]),
  ],
  ...(
    [
      ['prompter', u('x')],
      ['human', u('x')],
      ['system', s('x')],
      ['developer', { role: 'developer', content: 'x' }],
      ['function', t('x')],
      ['observation', t('x')],
      ['ipython', t('x')],
      ['tool', t('x')],
    ] as const
  ).map(
    ([role, turn]) =>
      [
        `a turn by ${role}`,
        { prompt: [{ role, content: 'x' }, u('p')], ...turnAnswers },
        'messages',
        conversation([turn, u('p')]),
      ] as const,
  ),
  ...['model', 'bot', 'chatgpt', 'ai', 'gpt'].map(
    (role) =>
      [
        `an answer by ${role}`,
        { prompt: 'p', chosen: { role, content: 'yes' }, rejected: { role, content: 'no' } },
        'pairs',
        conversation([u('p')]),
      ] as const,
  ),
];
