import { elementCount } from '../../graph/shapes';
import type { DType, HostArray, Shape } from '../../graph/types';
import { loadProto } from './binding';

/** DataType numbers of TensorFlow's types.proto. */
export const dataTypes: Readonly<Record<DType | 'resource', number>> = {
  f32: 1,
  i32: 3,
  u8: 4,
  bool: 10,
  bf16: 14,
  f16: 19,
  resource: 20,
};

/** AttrValue, as the small union that we need. */
export type Attr =
  | { readonly type: DType | 'resource' }
  | { readonly types: readonly (DType | 'resource')[] }
  | { readonly shape: Shape }
  | { readonly bool: boolean }
  | { readonly int: number }
  | { readonly text: string }
  | { readonly func: string }
  | { readonly tensor: { readonly dtype: DType; readonly shape: Shape; readonly data: HostArray } };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attrs: Readonly<Record<string, Attr>>;
}

export interface FunctionDef {
  readonly name: string;
  readonly inputs: readonly DType[]; // named a0, a1, …
  readonly outputs: readonly { readonly dtype: DType; readonly from: string }[]; // named r0, r1, …
  readonly nodes: readonly NodeDef[];
}

type Any = { readonly [method: string]: (...args: readonly unknown[]) => Any };

/**
 * A SavedModel file of one graph: schema 1, tag `serve`, GraphDef producer 1087 (TensorFlow 2.9), which newer libraries
 * accept.
 */
export function encodeSavedModel(nodes: readonly NodeDef[], functions: readonly FunctionDef[]): Uint8Array {
  const api = loadProto() as unknown as { readonly [name: string]: new () => Any };
  const make = (name: string): Any => new api[name]!();
  const nested = (outer: string, inner: string): Any =>
    new (api[outer] as unknown as Record<string, new () => Any>)[inner]!();

  const shapeProto = (shape: Shape): Any => {
    const proto = make('TensorShape');
    for (const size of shape) {
      const dim = nested('TensorShape', 'Dim');
      dim.setSize!(size);
      proto.addDim!(dim);
    }
    return proto;
  };
  const attrValue = (attr: Attr): Any => {
    const value = make('AttrValue');
    if ('type' in attr) value.setType!(dataTypes[attr.type]);
    else if ('types' in attr) {
      const list = nested('AttrValue', 'ListValue');
      list.setTypeList!(attr.types.map((t) => dataTypes[t]));
      value.setList!(list);
    } else if ('shape' in attr) value.setShape!(shapeProto(attr.shape));
    else if ('bool' in attr) value.setB!(attr.bool);
    else if ('int' in attr) value.setI!(attr.int);
    else if ('text' in attr) value.setS!(new TextEncoder().encode(attr.text));
    else if ('func' in attr) {
      const func = make('NameAttrList');
      func.setName!(attr.func);
      value.setFunc!(func);
    } else {
      const { dtype, shape, data } = attr.tensor;
      if (elementCount(shape) !== data.length)
        throw new Error(`constant of ${data.length} numbers for shape [${shape.join(', ')}]`);
      const tensor = make('Tensor');
      tensor.setDtype!(dataTypes[dtype]);
      tensor.setTensorShape!(shapeProto(shape));
      tensor.setTensorContent!(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      value.setTensor!(tensor);
    }
    return value;
  };
  const nodeDef = (node: NodeDef): Any => {
    const proto = make('NodeDef');
    proto.setName!(node.name);
    proto.setOp!(node.op);
    proto.setInputList!([...node.inputs]);
    const attrs = proto.getAttrMap!();
    for (const [name, attr] of Object.entries(node.attrs)) attrs.set!(name, attrValue(attr));
    return proto;
  };
  const functionDef = (fn: FunctionDef): Any => {
    const signature = make('OpDef');
    signature.setName!(fn.name);
    const arg = (name: string, dtype: DType): Any => {
      const proto = nested('OpDef', 'ArgDef');
      proto.setName!(name);
      proto.setType!(dataTypes[dtype]);
      return proto;
    };
    signature.setInputArgList!(fn.inputs.map((dtype, i) => arg(`a${i}`, dtype)));
    signature.setOutputArgList!(fn.outputs.map(({ dtype }, i) => arg(`r${i}`, dtype)));
    const proto = make('FunctionDef');
    proto.setSignature!(signature);
    proto.setNodeDefList!(fn.nodes.map(nodeDef));
    const ret = proto.getRetMap!();
    fn.outputs.forEach(({ from }, i) => ret.set!(`r${i}`, from));
    // without it grappler inlines the body and merges a recomputed forward pass with the first one: no checkpointing
    proto.getAttrMap!().set!('_noinline', attrValue({ bool: true }));
    return proto;
  };

  const library = make('FunctionDefLibrary');
  library.setFunctionList!(functions.map(functionDef));
  const versions = make('VersionDef');
  versions.setProducer!(1087);
  const graph = make('GraphDef');
  graph.setNodeList!(nodes.map(nodeDef));
  graph.setLibrary!(library);
  graph.setVersions!(versions);
  const info = nested('MetaGraphDef', 'MetaInfoDef');
  info.setTagsList!(['serve']);
  const meta = make('MetaGraphDef');
  meta.setMetaInfoDef!(info);
  meta.setGraphDef!(graph);
  const model = make('SavedModel');
  model.setSavedModelSchemaVersion!(1);
  model.setMetaGraphsList!([meta]);
  return (model as unknown as { serializeBinary(): Uint8Array }).serializeBinary();
}
