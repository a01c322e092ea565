import type * as ops from '../graph/ops';
import type { Node, OpDefinition } from '../graph/types';

/** Names of all ops, and what their nodes are told beside their inputs. */
export type OpName = keyof typeof ops;
export type NodeOf<Name extends OpName> = (typeof ops)[Name] extends OpDefinition<infer Attrs> ? Node<Attrs> : never;

/** What a session does itself: what comes from outside a scope, and calls of functions. */
type OfSession = 'input' | 'parameter' | 'read' | 'call';

/**
 * What a backend makes of each op, from `Args` and a node whose attributes are those of the op. A backend that lacks an
 * op does not compile.
 */
export type OpTable<Args extends readonly unknown[], Result> = {
  readonly [Name in Exclude<OpName, OfSession>]: (...args: [...Args, node: NodeOf<Name>]) => Result;
};

/** A table's way with a node; the only place where an op's name stands for the type of its attributes. */
export const entryFor = <Args extends readonly unknown[], Result>(table: OpTable<Args, Result>, { op }: Node) =>
  (table as Readonly<Record<string, (...args: [...Args, node: Node]) => Result>>)[op.name]!;
