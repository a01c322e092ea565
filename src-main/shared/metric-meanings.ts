/**
 * What each number of a step means, in a sentence: shown beside it wherever it stands (style: every length number next
 * to its meaning). docs/methods.md, "Metrics of a step", has them all.
 */
export interface MetricMeaning {
  readonly title: string;
  readonly unit: string; // '' for a pure number
  readonly sentence: string;
}

const meaning = (title: string, unit: string, sentence: string): MetricMeaning => ({ title, unit, sentence });

const meanings: Readonly<Record<string, MetricMeaning>> = {
  loss: meaning('Loss', '', 'What training lowers: the mean of the method’s loss over the pairs of a step.'),
  grad_norm: meaning('Gradient norm', '', 'Length of the whole gradient before clipping; a sudden rise is a warning.'),
  learning_rate: meaning('Learning rate', '', 'Step size of the optimizer at this step.'),
  epoch: meaning('Epoch', '', 'Passes over the training pairs so far.'),
  num_tokens: meaning('Tokens seen', 'tokens', 'Tokens of both sequences of every pair so far, counted as TRL does.'),
  entropy: meaning(
    'Entropy',
    'nats',
    'How undecided the model is at each token of the responses; falling towards 0 means it repeats itself ever more surely.',
  ),
  mean_token_accuracy: meaning(
    'Token accuracy',
    '',
    'Share of the chosen responses’ tokens that the model finds the likeliest.',
  ),
  'logits/chosen': meaning(
    'Logits, chosen',
    '',
    'Mean logit over the vocabulary at the chosen responses’ tokens; only its drift says something.',
  ),
  'logits/rejected': meaning(
    'Logits, rejected',
    '',
    'Mean logit over the vocabulary at the rejected responses’ tokens; only its drift says something.',
  ),
  'logps/chosen': meaning(
    'Log-prob, chosen',
    'nats',
    'Log-probability of whole chosen responses, mean over pairs; longer responses have lower ones.',
  ),
  'logps/rejected': meaning(
    'Log-prob, rejected',
    'nats',
    'Log-probability of whole rejected responses, mean over pairs; longer responses have lower ones.',
  ),
  'rewards/chosen': meaning(
    'Implicit reward, chosen',
    '',
    'Beta times how much likelier the chosen response became against the reference.',
  ),
  'rewards/rejected': meaning(
    'Implicit reward, rejected',
    '',
    'Beta times how much likelier the rejected response became against the reference.',
  ),
  'rewards/accuracies': meaning(
    'Accuracy',
    '',
    'Share of pairs whose chosen response has the higher reward; ties count as wrong.',
  ),
  'rewards/margins': meaning('Margin', '', 'Chosen minus rejected reward, as the loss used it.'),
  'length/chosen_tokens': meaning('Length, chosen', 'tokens', 'Mean tokens of the chosen responses of the step.'),
  'length/rejected_tokens': meaning('Length, rejected', 'tokens', 'Mean tokens of the rejected responses of the step.'),
  'length/kept_tokens': meaning(
    'Tokens kept',
    'tokens',
    'Tokens of each side that enter the loss: SamPO keeps as many as the shorter response has.',
  ),
  'length/full_margins': meaning(
    'Margin from all tokens',
    '',
    'The margin that DPO would have seen on the same pairs, for comparison with the one that was used.',
  ),
  'length/drift_chosen': meaning(
    'Drift, chosen',
    'nats',
    'How much likelier the whole chosen responses became against the reference; below 0 even good answers are being unlearned.',
  ),
  'length/drift_rejected': meaning(
    'Drift, rejected',
    'nats',
    'How much likelier the whole rejected responses became against the reference.',
  ),
  'length/kl_chosen': meaning(
    'Sequential KL, chosen',
    'nats',
    'Sum over the chosen response’s tokens of the divergence from the reference; grows with length.',
  ),
  'length/kl_rejected': meaning(
    'Sequential KL, rejected',
    'nats',
    'Sum over the rejected response’s tokens of the divergence from the reference; grows with length.',
  ),
  'length/logp_rank_correlation': meaning(
    'Log-prob per token against length',
    'ρ',
    'Rank correlation of the mean log-prob of a token with the response’s length: above 0 the model finds long responses easier.',
  ),
  'length/likelihood_agreement': meaning(
    'Reward and likelihood agree',
    '',
    'Of the pairs whose reward is right, the share whose chosen response is also the likelier one per token; about one half under DPO.',
  ),
  'length/sampling_noise': meaning(
    'Sampling noise',
    '',
    'Standard deviation of the margin that comes from which tokens SamPO happened to draw; small against the margin is good.',
  ),
  'length/margin_correlation': meaning(
    'Margin against Δ length',
    'r',
    'Correlation of the margin with chosen minus rejected tokens: near 0 the reward does not follow length.',
  ),
  'length/margin_rank_correlation': meaning(
    'Margin against Δ length, by rank',
    'ρ',
    'The same by ranks, which single extreme pairs cannot move.',
  ),
  'length/margin_r2': meaning(
    'Margin explained by Δ length',
    'R²',
    'Share of the margins’ variance that the length difference alone explains.',
  ),
  'length/margin_slope': meaning(
    'Margin per extra token',
    'per token',
    'How much the margin grows for every token by which chosen is longer.',
  ),
  'length/full_margin_correlation': meaning(
    'All-token margin against Δ length',
    'r',
    'The correlation that DPO would have had on the same pairs.',
  ),
  'length/reward_correlation': meaning(
    'Reward against length',
    'r',
    'Correlation of a response’s reward with its length, both sides together.',
  ),
  'length/reward_rank_correlation': meaning('Reward against length, by rank', 'ρ', 'The same by ranks.'),
  'length/reward_r2': meaning(
    'Reward explained by length',
    'R²',
    'Share of the rewards’ variance that length alone explains.',
  ),
  'length/reward_slope': meaning(
    'Reward per token',
    'per token',
    'How much a response’s reward grows with every token it has.',
  ),
  'length/accuracy_chosen_longer': meaning(
    'Accuracy where chosen is longer',
    '',
    'Share of right pairs among those whose chosen response is the longer one.',
  ),
  'length/accuracy_chosen_shorter': meaning(
    'Accuracy where chosen is shorter',
    '',
    'Share of right pairs among those whose chosen response is the shorter one: what length bias costs shows here.',
  ),
  'length/accuracy_gap': meaning(
    'Accuracy gap',
    '',
    'Accuracy where chosen is longer minus accuracy where it is shorter: near 0 the model does not judge by length.',
  ),
  'perf/step_ms': meaning('Step time', 'ms', 'Time of one optimizer step.'),
  'perf/pairs_per_second': meaning('Speed', 'pairs/s', 'Pairs trained on per second.'),
  'perf/rss_bytes': meaning('Memory', 'bytes', 'Memory of the engine’s process.'),
};

/** Null for a name that no step reports. */
export function metricMeaning(name: string): MetricMeaning | null {
  const isHeldOut = name.startsWith('eval_');
  const known = isHeldOut ? name.slice('eval_'.length) : name;
  if (!Object.hasOwn(meanings, known)) return null;
  const found = meanings[known]!;
  return isHeldOut
    ? { ...found, title: `${found.title} (held-out)`, sentence: `${found.sentence} On pairs that training never saw.` }
    : found;
}
