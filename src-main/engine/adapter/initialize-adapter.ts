import { Random, randomPurpose } from '../../shared/random';
import type { Session } from '../graph/types';
import { initialLora } from '../model/lora';
import type { LoraPlan } from '../model/lora-plan';
import type { ModelSource } from '../source/types';
import type { LoadedAdapter } from './adapter';
import { itself, setPacks } from '../program/pack-tensors';
import type { TrainProgram } from '../program/types';

/** Fresh adapters as peft makes them, or those of the adapter to go on with. */
export function initializeAdapter(
  session: Session,
  { trained }: TrainProgram,
  { config }: ModelSource,
  lora: LoraPlan | null,
  adapter: LoadedAdapter | null,
  seed: number,
): void {
  if (lora === null) return;
  const random = Random.keyed(randomPurpose.loraInit, seed);
  const initial = adapter?.tensors ?? initialLora(config, lora, () => random.next());
  setPacks(session, trained, itself, ({ name }) => initial.get(name)!);
}
