import type { RunSpec } from '../../src-main/shared/spec/run-spec';
import { methodFacts, methodName } from './method-words';
import { referenceText } from './reference-words';
import { completeSpec, effectiveSpec } from './spec-effect';
import { fieldText, isShown, readField, wizardFields, type FieldGroup } from './wizard-fields';

interface SpecFact {
  readonly label: string;
  readonly value: string;
}

/** A spec, of today or older, as labelled values in the wizard's own words and order. */
export function specFacts(kept: RunSpec): readonly { readonly title: string; readonly facts: readonly SpecFact[] }[] {
  const spec = effectiveSpec(completeSpec(kept));
  const ofGroups = (...groups: readonly FieldGroup[]): readonly SpecFact[] =>
    wizardFields
      .filter((field) => groups.includes(field.group) && isShown(field, spec))
      .map((field) => ({ label: field.label, value: fieldText(field, readField(spec, field.path)) }));
  return [
    {
      title: 'Method',
      facts: [
        { label: 'Method', value: methodName(spec.method.id) },
        ...methodFacts(spec).filter(({ name }) => !name.startsWith('reference')),
        { label: 'Reference', value: referenceText(spec) },
        { label: 'Trained', value: spec.adapter.kind === 'lora' ? 'LoRA adapter' : 'all weights' },
        ...ofGroups('adapter'),
      ],
    },
    { title: 'Training', facts: ofGroups('length-of-training', 'optimizer') },
    { title: 'Data and length', facts: ofGroups('data', 'length', 'probes') },
    { title: 'Order and saving', facts: ofGroups('saving') },
  ];
}
