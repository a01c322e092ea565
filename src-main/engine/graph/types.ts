import type { Backend } from '../../shared/ipc/engine-events';

// The IR of the engine: static shapes, pure ops, functions with their own gradients, and variables that only entries
// update.

/** Floating-point formats of 16 bits. */
export type Halves = 'bf16' | 'f16';
export type FloatFormat = 'f32' | Halves;
export type DType = FloatFormat | 'i32' | 'bool' | 'u8';
export type Shape = readonly number[];
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Of an op without attributes. */
export type NoAttrs = Readonly<Record<string, never>>;

/** One result of one node. Values are compared by identity. */
export interface Value extends TensorType {
  readonly node: Node;
  /** Which result of the node this is; all ops but `call` have one. */
  readonly index: number;
}

/** `Attrs`: what an op is told beside its inputs, as its definition says; `isOf` (scope.ts) tells whose node it is. */
export interface Node<Attrs = unknown> {
  readonly id: number; // grows in creation order within a scope, so id order is a topological order
  readonly scope: Scope;
  readonly op: OpDefinition<Attrs>;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
}

/** The top graph of one entry, or the body of one function: values never cross scopes. */
export interface Scope {
  readonly name: string;
  readonly nodes: readonly Node[];
}

export interface OpDefinition<Attrs = unknown, Name extends string = string> {
  readonly name: Name;
  /** Throws an Error that names the op, the argument and both shapes when it refuses. */
  infer(inputs: readonly TensorType[], attrs: Attrs): readonly TensorType[];
  /**
   * Given dL/d(outputs) (null: not needed), returns dL/d(inputs), with null for an input that no slope leads to. Null
   * instead of a rule: none leads to any input (integers, masks, stopGradient). A rule that nobody has written down
   * throws (`unwrittenGradient`): a gradient never gets lost in silence.
   */
  readonly gradient: GradientRule<Attrs> | null;
}

/** A method's type, so that definitions of all attributes are definitions. */
export type GradientRule<Attrs> = {
  of(context: GradientContext<Attrs>): readonly (Value | null)[];
}['of'];

export interface GradientContext<Attrs = unknown> {
  readonly g: GraphBuilder;
  readonly node: Node<Attrs>;
  readonly dOutputs: readonly (Value | null)[];
  /** `needs[i]`: somebody wants dL/d(inputs[i]); skip the work otherwise. */
  readonly needs: readonly boolean[];
}

/**
 * State that lives in the session between calls: weights, adapters, optimizer moments, accumulated gradients, KV
 * caches.
 */
export interface Variable extends TensorType {
  readonly name: string;
}

/**
 * What the backward pass of a called function keeps: everything, only matrix products (the rest is recomputed), or
 * nothing (full recomputation).
 */
export type Residuals = 'all' | 'products' | 'none';

/** A function of the IR, shared by many calls (a transformer layer). Parameters carry no values of outer scopes. */
export interface GraphFunction {
  readonly name: string;
  readonly scope: Scope;
  readonly parameters: readonly Value[];
  readonly results: readonly Value[];
  readonly residuals: Residuals;
  /** A lowering may have a kernel of this name that computes the results in one pass; the others run the body. */
  readonly kernel?: string;
}

export type Update =
  | { readonly kind: 'assign'; readonly variable: Variable; readonly value: Value }
  | { readonly kind: 'assign-add'; readonly variable: Variable; readonly value: Value }
  /** variable[row] += value; variable [R, ...], row i32 []. Calls that run at once may add to different rows. */
  | { readonly kind: 'add-row'; readonly variable: Variable; readonly row: Value; readonly value: Value }
  /**
   * Adam in place, equal to torch.optim.AdamW's update: m = b1 m + (1−b1) g; v = b2 v + (1−b2) g²; p = p − rate · m /
   * (sqrt(v) + epsilon). The caller folds bias correction into the scalars (rate = lr · sqrt(1−b2^t) / (1−b1^t),
   * epsilon = eps · sqrt(1−b2^t)) and decoupled weight decay into `decay` (p ← p · decay first; 1 − lr · wd).
   */
  | {
      readonly kind: 'adam';
      readonly variable: Variable;
      readonly m: Variable;
      readonly v: Variable;
      readonly gradient: Value;
      readonly rate: Value;
      readonly beta1: Value;
      readonly beta2: Value;
      readonly epsilon: Value;
      readonly decay: Value;
    };

/** Declares functions and variables; a program's builder is one. */
export interface FunctionFactory {
  function(
    name: string,
    residuals: Residuals,
    parameters: readonly TensorType[],
    body: (g: GraphBuilder, parameters: readonly Value[]) => readonly Value[],
  ): GraphFunction;
  variable(name: string, dtype: Variable['dtype'], shape: Shape): Variable;
}

/** One callable of a program. All reads of a variable happen before its update; updates run once per call. */
export interface Entry {
  readonly name: string;
  readonly scope: Scope;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly updates: readonly Update[];
}

export interface Program {
  readonly variables: readonly Variable[];
  readonly entries: readonly Entry[];
  /** How many calls its session is to run at once where it can (Session.runLanes). */
  readonly lanes: number;
}

export type HostArray = Float32Array | Int32Array | Uint8Array;
/**
 * A bool tensor travels as Uint8Array of 0/1; bf16 and f16 variables travel as their raw little-endian bytes
 * (Uint8Array).
 */
export type Feeds = Readonly<Record<string, HostArray>>;

/** What to run, with what, and which outputs to bring back (default all); updates always run. */
export interface Call {
  readonly entry: string;
  readonly feeds: Feeds;
  readonly fetch?: readonly string[] | undefined;
}

/** Outputs by name, freshly allocated. */
export type Results = Readonly<Record<string, HostArray>>;

/**
 * A compiled program with its state. One owner; `dispose` gives the memory back. Synchronous but for `runLanes`: it
 * blocks its process.
 */
export interface Session {
  readonly backend: Backend;
  /**
   * Throws when the length does not fit the variable. Unset variables are zeros. `data` may be read as late as in the
   * next call: nobody writes to it before.
   */
  setVariable(name: string, data: HostArray): void;
  getVariable(name: string): HostArray;
  /**
   * Several at once: on TensorFlow each new set of names costs a pass over the whole graph, so ask for all you need in
   * one call.
   */
  getVariables(names: readonly string[]): Readonly<Record<string, HostArray>>;
  /** Validates every feed (name, length) before the call. */
  run(entry: string, feeds: Feeds, fetch?: readonly string[]): Results;
  /**
   * Calls that do not depend on each other: those of a lane one after the other, the lanes at once where the session
   * can. Results as the calls lie; null: `interrupted` said so before the last one ended. Nothing else may use the
   * session meanwhile.
   */
  runLanes(
    lanes: readonly (readonly Call[])[],
    interrupted: () => Promise<boolean>,
  ): Promise<readonly (readonly Results[])[] | null>;
  dispose(): void;
}

/**
 * Compiles a program; the only thing the rest of the engine knows of a lowering. Throws AppFailure('engine-failed').
 */
export type Compile = (program: Program) => Promise<Session>;

/**
 * Builds values into one scope. Binary ops broadcast as NumPy does; a number stands for an f32 scalar constant.
 * Shapes in comments: B rows, T tokens, D width, N rows of a matrix, V vocabulary.
 */
export interface GraphBuilder {
  readonly scope: Scope;
  /** A builder of another scope: gradients of a call are built inside of the called function. */
  inScope(scope: Scope): GraphBuilder;
  // sources
  input(name: string, dtype: DType, shape: Shape): Value;
  read(variable: Variable): Value;
  // small only: it is stored in the graph
  constant(data: number | readonly number[] | HostArray, dtype?: DType, shape?: Shape): Value;
  fill(shape: Shape, value: number, dtype?: DType): Value;
  range(size: number): Value; // i32 [size]: 0, 1, …
  // arithmetic
  add(a: Value | number, b: Value | number): Value;
  sub(a: Value | number, b: Value | number): Value;
  mul(a: Value | number, b: Value | number): Value;
  div(a: Value | number, b: Value | number): Value;
  maximum(a: Value | number, b: Value | number): Value;
  minimum(a: Value | number, b: Value | number): Value;
  neg(x: Value): Value;
  exp(x: Value): Value;
  log(x: Value): Value;
  sqrt(x: Value): Value;
  rsqrt(x: Value): Value;
  square(x: Value): Value;
  abs(x: Value): Value;
  sin(x: Value): Value;
  cos(x: Value): Value;
  tanh(x: Value): Value;
  erf(x: Value): Value;
  sigmoid(x: Value): Value;
  silu(x: Value): Value;
  softplus(x: Value): Value; // log(1 + e^x), stable at both ends
  // comparison and choice (i32 or f32 in, bool out)
  less(a: Value, b: Value): Value;
  lessEqual(a: Value, b: Value): Value;
  equal(a: Value, b: Value): Value;
  and(a: Value, b: Value): Value;
  or(a: Value, b: Value): Value;
  not(a: Value): Value;
  where(condition: Value, a: Value, b: Value): Value; // broadcasts
  // shape
  cast(x: Value, dtype: DType): Value;
  reshape(x: Value, shape: Shape): Value;
  transpose(x: Value, permutation: readonly number[]): Value;
  broadcastTo(x: Value, shape: Shape): Value;
  slice(x: Value, begin: readonly number[], size: readonly number[]): Value;
  concat(values: readonly Value[], axis: number): Value;
  split(x: Value, sizes: readonly number[], axis: number): readonly Value[]; // concat's inverse
  roll(x: Value, shift: number, axis: number): Value; // element i goes to i + shift, around the end
  // reductions
  sum(x: Value, axes: readonly number[], keepDims?: boolean): Value;
  mean(x: Value, axes: readonly number[], keepDims?: boolean): Value;
  max(x: Value, axes: readonly number[], keepDims?: boolean): Value;
  softmax(x: Value): Value; // over the last axis
  logSumExp(x: Value): Value; // over the last axis, which goes away
  // contraction and look-up
  matmul(a: Value, b: Value, options?: { transposeA?: boolean; transposeB?: boolean }): Value; // [N, K] x [K, M]
  batchMatmul(a: Value, b: Value, options?: { transposeA?: boolean; transposeB?: boolean }): Value; // same leading axes
  gather(table: Value, indices: Value): Value; // rows of `table` along axis 0: [R, …] at [I…] -> [I…, …]
  // adds values [I…, …] into zeros [rows, …]: the gradient of gather
  scatterAdd(values: Value, indices: Value, rows: number): Value;
  oneHot(indices: Value, depth: number): Value; // f32
  // control of gradients and calls
  stopGradient(x: Value): Value;
  /**
   * Forward: `y`. Backward: dL/d(wrt[i]) = gradients[i](dy), whatever `y` was made from (that is not differentiated).
   */
  withGradient(
    y: Value,
    wrt: readonly Value[],
    gradients: (g: GraphBuilder, dy: Value) => readonly Value[],
    saved?: readonly Value[],
  ): Value;
  call(fn: GraphFunction, args: readonly Value[]): readonly Value[];
  /**
   * What `body` makes of `inputs`, by the kernel of that name where the lowering has one. It has no gradient of its
   * own: to be the `y` of a withGradient, or part of its rule.
   */
  fused(
    kernel: string,
    inputs: readonly Value[],
    body: (g: GraphBuilder, inputs: readonly Value[]) => readonly Value[],
  ): readonly Value[];
  /**
   * `x`, and a hint: a function with residuals 'products' keeps this value for its backward pass rather than the
   * products it is made of.
   */
  keep(x: Value): Value;
  /**
   * `x`, but computed only after `dependency` has been: bounds memory where independent chunks would otherwise run side
   * by side.
   */
  after(x: Value, dependency: Value): Value;
}
