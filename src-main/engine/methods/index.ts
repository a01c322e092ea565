import type { RunSpec } from '../../shared/run-spec';
import { dpo } from './dpo';
import { sampo } from './sampo';
import { sft } from './sft';
import type { PreferenceMethod } from './types';

const methods: Readonly<Record<RunSpec['method']['id'], PreferenceMethod>> = { dpo, sampo, sft };

export const preferenceMethod = (id: RunSpec['method']['id']): PreferenceMethod => methods[id];
