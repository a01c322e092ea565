import { methodById } from '../../src-main/shared/method-catalogue';
import type { RunSpec } from '../../src-main/shared/run-spec';
import { formatCount, formatShort, formatPercent, none } from './format';
import { readField, wizardFields, type FieldGroup, type FieldSpec } from './wizard-fields';

interface SpecFact {
  readonly label: string;
  readonly value: string;
}

/** A spec as labelled values in the wizard's own words and order. */
export function specFacts(spec: RunSpec): readonly { readonly title: string; readonly facts: readonly SpecFact[] }[] {
  const method = methodById(spec.method.id);
  const ofGroups = (...groups: readonly FieldGroup[]): readonly SpecFact[] =>
    wizardFields.filter((field) => groups.includes(field.group) && (field.isShown?.(spec) ?? true)).map((field) => ({ label: field.label, value: fieldText(field, readField(spec, field.path)) }));
  return [
    {
      title: 'Method',
      facts: [
        { label: 'Method', value: method?.name ?? spec.method.id },
        ...(method?.parameters ?? []).map((p) => {
          const value = (spec.method as Readonly<Record<string, unknown>>)[p.name] ?? p.default;
          return { label: p.label, value: typeof value === 'number' ? formatShort(value) : String(value) };
        }),
        { label: 'Trained', value: spec.adapter.kind === 'lora' ? 'LoRA adapter' : 'all weights' },
        ...ofGroups('adapter'),
      ],
    },
    { title: 'Training', facts: ofGroups('length-of-training', 'optimizer') },
    { title: 'Data and length', facts: ofGroups('data', 'length', 'probes') },
    { title: 'Order and saving', facts: ofGroups('saving') },
  ];
}

export function fieldText(field: FieldSpec, value: unknown): string {
  if (field.kind === 'choice') return field.options.find((option) => option.value === value)?.label ?? (Array.isArray(value) ? value.join(', ') : String(value));
  if (field.kind === 'switch') return value === true ? 'yes' : 'no';
  if (field.kind === 'lines') return Array.isArray(value) && value.length > 0 ? `${formatCount(value.length)} own` : 'held-out prompts';
  if (typeof value !== 'number') return field.nullText ?? none;
  if (field.isPercent) return formatPercent(value);
  const isPlain = field.isWhole === true && field.unit === undefined;
  return `${isPlain ? String(value) : formatShort(value)}${field.unit === undefined ? '' : ` ${field.unit}`}`;
}
