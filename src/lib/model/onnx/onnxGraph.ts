/**
 * Writes an ONNX graph: nodes are added in the order in which they run, each returning the names of its outputs, and
 * `encode` gives the ModelProto. Field numbers are those of onnx.proto3; nothing else of the format is needed.
 */
import { PbfWriter } from 'pbf';

/** Of the tensors that enter and leave a graph. */
export type ElementType = 'float' | 'int64';

/** TensorProto.DataType */
export const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = { float: 1, int64: 7 };

/** A size, or the name of one that is known when the graph runs. */
export type Dimension = number | string;

/** A tensor that enters or leaves the graph. */
export interface GraphValue {
	readonly name: string;
	readonly type: ElementType;
	readonly dimensions: readonly Dimension[];
}

export type Attribute =
	{ readonly int: number } | { readonly float: number } | { readonly ints: readonly number[] };

type Attributes = Readonly<Record<string, Attribute>>;

interface Node {
	readonly operator: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: Attributes;
}

interface Constant {
	readonly name: string;
	readonly type: ElementType;
	readonly dimensions: readonly number[];
	readonly bytes: Uint8Array;
}

/** Operators that ONNX Runtime adds to the standard ones. */
const CONTRIBUTED = new Set(['FastGelu', 'Gelu', 'QuickGelu', 'RotaryEmbedding']);
const CONTRIBUTED_DOMAIN = 'com.microsoft';
const STANDARD_VERSION = 21;
/** ModelProto.ir_version: of the format itself */
const FORMAT_VERSION = 10;

/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPES = { float: 1, int: 2, ints: 7 };

export class OnnxGraph {
	readonly inputs: GraphValue[] = [];
	readonly outputs: GraphValue[] = [];
	readonly #nodes: Node[] = [];
	readonly #constants: Constant[] = [];
	#unnamed = 0;

	/** A tensor that is given to every run; returns its name. */
	input(name: string, type: ElementType, dimensions: readonly Dimension[]): string {
		this.inputs.push({ name, type, dimensions });
		return name;
	}

	/** Hands out `name`, which a node makes, as f32; returns it. */
	output(name: string, dimensions: readonly Dimension[]): string {
		this.outputs.push({ name, type: 'float', dimensions });
		return name;
	}

	floats(dimensions: readonly number[], values: readonly number[]): string {
		return this.#constant('float', dimensions, new Float32Array(values));
	}

	/** A list of sizes or positions. */
	integers(values: readonly number[]): string {
		return this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt));
	}

	/** Adds a node with one output, called `name` where that is given; returns its name. */
	node(
		operator: string,
		inputs: readonly string[],
		attributes: Attributes = {},
		name = this.#freshName()
	): string {
		this.#nodes.push({ operator, inputs, outputs: [name], attributes });
		return name;
	}

	/** Cuts `value` along `axis` into parts of the sizes in `sizes`, the name of an int64 tensor of `count` values. */
	split(value: string, sizes: string, axis: number, count: number): string[] {
		const outputs = Array.from({ length: count }, () => this.#freshName());
		const attributes = { axis: { int: axis } };
		this.#nodes.push({ operator: 'Split', inputs: [value, sizes], outputs, attributes });
		return outputs;
	}

	/** The graph as the bytes of a ModelProto. */
	encode(): Uint8Array {
		const model = new PbfWriter();
		model.writeVarintField(1, FORMAT_VERSION);
		model.writeMessage(7, (graph, writer) => graph.#write(writer), this as OnnxGraph);
		for (const [domain, version] of [
			['', STANDARD_VERSION],
			[CONTRIBUTED_DOMAIN, 1]
		] as const) {
			model.writeMessage(
				8,
				(_, writer) => {
					writer.writeStringField(1, domain);
					writer.writeVarintField(2, version);
				},
				null
			);
		}
		return model.finish();
	}

	/** GraphProto */
	#write(writer: PbfWriter): void {
		for (const node of this.#nodes) writer.writeMessage(1, writeNode, node);
		writer.writeStringField(2, 'decoder');
		for (const constant of this.#constants) writer.writeMessage(5, writeConstant, constant);
		for (const value of this.inputs) writer.writeMessage(11, writeValue, value);
		for (const value of this.outputs) writer.writeMessage(12, writeValue, value);
	}

	#constant(
		type: ElementType,
		dimensions: readonly number[],
		values: Float32Array | BigInt64Array
	): string {
		const name = this.#freshName();
		this.#constants.push({ name, type, dimensions, bytes: new Uint8Array(values.buffer) });
		return name;
	}

	#freshName(): string {
		return `v${this.#unnamed++}`;
	}
}

/** NodeProto */
function writeNode({ operator, inputs, outputs, attributes }: Node, writer: PbfWriter): void {
	for (const input of inputs) writer.writeStringField(1, input);
	for (const output of outputs) writer.writeStringField(2, output);
	writer.writeStringField(3, outputs[0]!);
	writer.writeStringField(4, operator);
	for (const attribute of Object.entries(attributes)) {
		writer.writeMessage(5, writeAttribute, attribute);
	}
	if (CONTRIBUTED.has(operator)) writer.writeStringField(7, CONTRIBUTED_DOMAIN);
}

/** AttributeProto */
function writeAttribute([name, attribute]: [string, Attribute], writer: PbfWriter): void {
	writer.writeStringField(1, name);
	if ('float' in attribute) {
		writer.writeFloatField(2, attribute.float);
		writer.writeVarintField(20, ATTRIBUTE_TYPES.float);
	} else if ('int' in attribute) {
		writer.writeVarintField(3, attribute.int);
		writer.writeVarintField(20, ATTRIBUTE_TYPES.int);
	} else {
		for (const value of attribute.ints) writer.writeVarintField(8, value);
		writer.writeVarintField(20, ATTRIBUTE_TYPES.ints);
	}
}

/** TensorProto */
function writeConstant({ name, type, dimensions, bytes }: Constant, writer: PbfWriter): void {
	for (const size of dimensions) writer.writeVarintField(1, size);
	writer.writeVarintField(2, ELEMENT_TYPES[type]);
	writer.writeStringField(8, name);
	writer.writeBytesField(9, bytes);
}

/** ValueInfoProto, with its TypeProto.Tensor and TensorShapeProto */
function writeValue({ name, type, dimensions }: GraphValue, writer: PbfWriter): void {
	writer.writeStringField(1, name);
	writer.writeMessage(2, (_, outer) => outer.writeMessage(1, writeTensorType, null), null);

	function writeTensorType(_: null, inner: PbfWriter): void {
		inner.writeVarintField(1, ELEMENT_TYPES[type]);
		inner.writeMessage(2, writeShape, null);
	}
	function writeShape(_: null, inner: PbfWriter): void {
		for (const dimension of dimensions) inner.writeMessage(1, writeDimension, dimension);
	}
}

function writeDimension(dimension: Dimension, writer: PbfWriter): void {
	if (typeof dimension === 'number') writer.writeVarintField(1, dimension);
	else writer.writeStringField(2, dimension);
}
