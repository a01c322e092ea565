import { lengthTells } from '../../../src-main/shared/length/length-profile';
import type { DatasetInspection } from '../../../src-main/shared/data/dataset';

/** The same line the sentence draws (length-profile.ts). */
export const verdictLevel = ({ profile }: DatasetInspection): 'neutral' | 'good' | 'warning' => {
  if (profile === null) return 'neutral';
  const tells = lengthTells(profile);
  return tells === 'tells' ? 'warning' : tells === 'too-few' ? 'neutral' : 'good';
};
