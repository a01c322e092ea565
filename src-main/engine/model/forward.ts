import { elementCount } from '../graph/shapes';
import type {
  FloatFormat,
  FunctionFactory,
  GraphBuilder,
  GraphFunction,
  Residuals,
  TensorType,
  Value,
  Variable,
} from '../graph/types';
import { familyOf, type ModelConfig } from '../families/registry';
import type { LayerInputs } from '../families/family';
import { halfProduct } from './half-product';
import { addLowRank } from '../families/shared/layers';
import { sizeIn, type LoraPlan } from './lora-plan';
import type { Pack } from './packs';

// B rows, T tokens, M = B * T, D width

/**
 * Reads a weight by its Hugging Face name; one read per name and entry is enough. A weight that shares its variable
 * with others comes as a vector.
 */
export type ReadWeight = (name: string) => Value;

export const loraNames = (module: string): { readonly a: string; readonly b: string } => ({
  a: `${module}.lora_A.weight`,
  b: `${module}.lora_B.weight`,
});

/** A variable, and the weights in it. */
export interface PackVariable {
  readonly pack: Pack;
  readonly variable: Variable;
}

/** Reads each variable at most once per scope. */
export function weightReader(g: GraphBuilder, variables: readonly PackVariable[]): ReadWeight {
  const places = new Map(variables.flatMap((place) => place.pack.members.map(({ name }) => [name, place] as const)));
  const values = new Map<string, Value>();
  return (name) => {
    const known = values.get(name);
    if (known) return known;
    const place = places.get(name);
    if (!place) throw new Error(`the graph asks for weight ${name}, which the model does not have`);
    const { members } = place.pack;
    const whole = g.read(place.variable);
    const parts =
      members.length === 1
        ? [whole]
        : g.split(
            whole,
            members.map((m) => elementCount(m.shape)),
            0,
          );
    members.forEach((member, i) => values.set(member.name, parts[i]!));
    return values.get(name)!;
  };
}

/**
 * What a layer function takes beside x and its weights, and how its body attends; training and generation differ only
 * here.
 */
export interface LayerMode {
  readonly name: string;
  /** What the backward pass keeps of a layer. */
  residuals(layer: number): Residuals;
  /** The format that layers multiply by their matrices in; matrices stored as halves are widened for `f32`. */
  readonly products: FloatFormat;
  /** Values of the calling scope that every layer gets (rotary tables, mask, …). */
  readonly shared: readonly Value[];
  /** Values of the calling scope for one layer (its cache). */
  perLayer(layer: number): readonly Value[];
  /**
   * Inside the function: the layer's inputs from the parameters that stand for `shared` and `perLayer`, and what the
   * function returns besides x.
   */
  body(
    g: GraphBuilder,
    shared: readonly Value[],
    perLayer: readonly Value[],
  ): Pick<LayerInputs, 'rotary' | 'attend'> & { readonly extras: () => readonly Value[] };
}

export interface LayersRequest {
  readonly config: ModelConfig;
  readonly lora: LoraPlan | null;
  readonly x: Value;
  readonly rows: number;
  readonly read: ReadWeight;
  readonly mode: LayerMode;
}

/**
 * Runs all layers over x [M, D], each a call of a function that it shares with the layers like it, and returns the last
 * x and each layer's extra results. The final norm is left to the caller, who may gather rows first.
 */
export function runLayers(
  factory: FunctionFactory,
  g: GraphBuilder,
  { config, lora, x, rows, read, mode }: LayersRequest,
): { readonly x: Value; readonly extras: readonly (readonly Value[])[] } {
  const family = familyOf(config);
  const functions = new Map<string, GraphFunction>();
  const extras: (readonly Value[])[] = [];
  const all = family.weights(config);
  let stream = x;
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = family.layerPrefix(layer);
    const names = all.filter((w) => w.layer === layer).map((w) => w.name.slice(prefix.length));
    const adapted = adaptedModules(lora, prefix);
    const args = [
      stream,
      ...mode.shared,
      ...mode.perLayer(layer),
      ...names.map((name) => read(prefix + name)),
      ...adapted.flatMap((module) => [read(prefix + loraNames(module).a), read(prefix + loraNames(module).b)]),
    ];
    // layers of one kind that adapt the same modules alike and keep the same share one function
    const kind = family.layerKind(config, layer);
    const residuals = mode.residuals(layer);
    const sizes = new Map(adapted.map((module) => [module, sizeIn(lora!, prefix + module)] as const));
    const key = JSON.stringify([
      kind,
      residuals,
      ...[...sizes].map(([module, { rank, scale }]) => [module, rank, scale]),
    ]);
    const fn =
      functions.get(key) ??
      layerFunction(factory, `${mode.name}/layer${functions.size}`, {
        config,
        kind,
        residuals,
        rows,
        sizes,
        names,
        mode,
        types: args.map(({ dtype, shape }) => ({ dtype, shape })),
      });
    functions.set(key, fn);
    const [next, ...more] = g.call(fn, args);
    stream = next!;
    extras.push(more);
  }
  return { x: stream, extras };
}

/** Adapted modules of one layer, by their names in it. */
type AdaptedSizes = ReadonlyMap<string, ReturnType<typeof sizeIn>>;

const adaptedModules = (lora: LoraPlan | null, prefix: string): readonly string[] =>
  lora ? lora.modules.filter((m) => m.startsWith(prefix)).map((m) => m.slice(prefix.length)) : [];

interface LayerBody extends Pick<LayersRequest, 'config' | 'rows' | 'mode'> {
  readonly kind: string;
  readonly residuals: Residuals;
  readonly sizes: AdaptedSizes;
  /** Its weights, after the layer's prefix. */
  readonly names: readonly string[];
  /** Of x, the mode's values, the weights and the adapters', in this order. */
  readonly types: readonly TensorType[];
}

function layerFunction(
  factory: FunctionFactory,
  name: string,
  { config, kind, residuals, rows, sizes, names, mode, types }: LayerBody,
): GraphFunction {
  const adapted = [...sizes.keys()];
  const perLayerCount = types.length - 1 - mode.shared.length - names.length - 2 * adapted.length;
  return factory.function(name, residuals, types, (g, parameters) => {
    // parameters in the order of `types`
    let taken = 0;
    const take = (count: number): readonly Value[] => parameters.slice(taken, (taken += count));
    const [x] = take(1) as readonly [Value];
    const shared = take(mode.shared.length);
    const { rotary, attend, extras } = mode.body(g, shared, take(perLayerCount));
    const loraWeights = adapted.flatMap((module) => [loraNames(module).a, loraNames(module).b]);
    const weights = new Map([...names, ...loraWeights].map((weightName) => [weightName, take(1)[0]!] as const));
    // frozen matrices may be stored as halves: widened here, so that one layer's worth exists in full at a time
    const weight = (weightName: string): Value => g.cast(weights.get(weightName) ?? missing(weightName), 'f32');
    const base = (input: Value, module: string): Value => {
      const name = `${module}.weight`;
      const plain =
        mode.products === 'f32'
          ? g.matmul(input, weight(name), { transposeB: true })
          : halfProduct(g, input, weights.get(name) ?? missing(name), mode.products); // [M, in] x [out, in]ᵀ
      const bias = weights.get(`${module}.bias`);
      return bias ? g.add(plain, bias) : plain;
    };
    const linears = (input: Value, modules: readonly string[]): readonly Value[] => {
      const plain = modules.map((module) => base(input, module));
      const own = modules.flatMap((module) => (sizes.has(module) ? [{ module, ...sizes.get(module)! }] : []));
      if (own.length === 0) return plain;
      // the A of all of them at once: +3.4 % of a step (RESULTS.md, "What each change gave")
      const a = g.concat(
        own.map(({ module, rank }) => g.reshape(weight(loraNames(module).a), [rank, input.shape[1]!])),
        0,
      );
      const products = g.matmul(input, a, { transposeB: true }); // [M, rank of all]
      const same = own.every(({ scale }) => scale === own[0]!.scale);
      const low = same ? g.mul(products, own[0]!.scale) : products;
      const lows = new Map(
        g
          .split(
            low,
            own.map(({ rank }) => rank),
            1,
          )
          .map((part, i) => [own[i]!.module, same ? part : g.mul(part, own[i]!.scale)]),
      );
      return modules.map((module, i) => {
        const part = lows.get(module);
        const out = plain[i]!;
        return part
          ? g.keep(addLowRank(g, out, part, g.reshape(weight(loraNames(module).b), [out.shape[1]!, part.shape[1]!])))
          : out;
      });
    };
    const out = familyOf(config).layer(g, x, { config, kind, rows, rotary, weight, linears, attend });
    return [out, ...extras()];
  });
}

function missing(name: string): never {
  throw new Error(`the layer asks for weight ${name}, which its family does not list`);
}
