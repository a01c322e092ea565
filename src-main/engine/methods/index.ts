import type { MethodId } from '../../shared/spec/method-spec';
import { aot, aotUnpaired } from './aot';
import { apoDown, apoZero } from './apo';
import { bco } from './bco';
import { discopop } from './discopop';
import { dpo } from './dpo';
import { dpoSft } from './dpo-sft';
import { dpop } from './dpop';
import { exo } from './exo';
import { hinge } from './hinge';
import { ipo } from './ipo';
import { kto } from './kto';
import { nca } from './nca';
import { orpo } from './orpo';
import { rDpo } from './r-dpo';
import { robust } from './robust';
import { sampo } from './sampo';
import { sft } from './sft';
import { sigmoidNorm } from './sigmoid-norm';
import { simpo } from './simpo';
import { sppo } from './sppo';
import { tdpo } from './tdpo';
import type { PreferenceMethod } from './types';

const methods: Readonly<Record<MethodId, PreferenceMethod>> = {
  sampo,
  dpo,
  ipo,
  hinge,
  robust,
  exo_pair: exo,
  nca_pair: nca,
  sppo_hard: sppo,
  bco_pair: bco,
  kto_pair: kto,
  aot,
  aot_unpaired: aotUnpaired,
  apo_zero: apoZero,
  apo_down: apoDown,
  sigmoid_norm: sigmoidNorm,
  discopop,
  dpop,
  r_dpo: rDpo,
  dpo_sft: dpoSft,
  tdpo,
  simpo,
  orpo,
  sft,
};

export const preferenceMethod = (id: MethodId): PreferenceMethod => methods[id];
