import type { DatasetInspection } from '../../../src-main/shared/dataset';

/** The same line the sentence draws (length-profile.ts): the interval of the length-only rule leaves out a coin's 50 %. */
export const verdictLevel = ({ profile }: DatasetInspection): 'neutral' | 'good' | 'warning' => {
  if (profile === null) return 'neutral';
  return profile.lengthOnlyInterval[0] > 0.5 ? 'warning' : 'good';
};
