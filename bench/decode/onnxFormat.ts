/** Writes the parts of the ONNX format that an export needs: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import { PbfWriter } from 'pbf';

export const ElementType = { float: 1, int32: 6, int64: 7 } as const;
type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** A name stands for a size that is known at run time only. */
export type Dimension = number | string;

export interface ValueInfo {
	readonly name: string;
	readonly type: ElementType;
	readonly shape: readonly Dimension[];
}

export interface Node {
	readonly type: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	/** of operators beyond the standard */
	readonly domain?: string;
	readonly integers?: Readonly<Record<string, number>>;
	readonly floats?: Readonly<Record<string, number>>;
}

export interface Initializer {
	readonly name: string;
	readonly type: ElementType;
	readonly shape: readonly number[];
	/** little-endian values, or where they lie in the data file */
	readonly data:
		Uint8Array | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface Graph {
	readonly name: string;
	readonly nodes: readonly Node[];
	readonly initializers: readonly Initializer[];
	readonly inputs: readonly ValueInfo[];
	readonly outputs: readonly ValueInfo[];
}

const IR_VERSION = 8;
const OPSETS = [
	{ domain: '', version: 17 },
	{ domain: 'com.microsoft', version: 1 }
];
const AttributeType = { float: 1, int: 2 } as const;
const EXTERNAL = 1;

export function encodeModel(graph: Graph): Uint8Array<ArrayBuffer> {
	const pbf = new PbfWriter();
	pbf.writeVarintField(1, IR_VERSION);
	pbf.writeStringField(2, 'key-query-voice-bench');
	pbf.writeMessage(7, writeGraph, graph);
	for (const opset of OPSETS) {
		pbf.writeMessage(
			8,
			({ domain, version }, message) => {
				message.writeStringField(1, domain);
				message.writeVarintField(2, version);
			},
			opset
		);
	}
	return pbf.finish().slice();
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
	for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
	pbf.writeStringField(2, graph.name);
	for (const initializer of graph.initializers) pbf.writeMessage(5, writeTensor, initializer);
	for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input);
	for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode(node: Node, pbf: PbfWriter): void {
	for (const input of node.inputs) pbf.writeStringField(1, input);
	for (const output of node.outputs) pbf.writeStringField(2, output);
	pbf.writeStringField(3, `${node.type}:${node.outputs[0]}`);
	pbf.writeStringField(4, node.type);
	for (const [name, value] of Object.entries(node.integers ?? {})) {
		pbf.writeMessage(5, writeInteger, { name, value });
	}
	for (const [name, value] of Object.entries(node.floats ?? {})) {
		pbf.writeMessage(5, writeFloat, { name, value });
	}
	if (node.domain) pbf.writeStringField(7, node.domain);
}

function writeInteger({ name, value }: { name: string; value: number }, pbf: PbfWriter): void {
	pbf.writeStringField(1, name);
	pbf.writeVarintField(3, value);
	pbf.writeVarintField(20, AttributeType.int);
}

function writeFloat({ name, value }: { name: string; value: number }, pbf: PbfWriter): void {
	pbf.writeStringField(1, name);
	pbf.writeFloatField(2, value);
	pbf.writeVarintField(20, AttributeType.float);
}

function writeTensor({ name, type, shape, data }: Initializer, pbf: PbfWriter): void {
	for (const size of shape) pbf.writeVarintField(1, size);
	pbf.writeVarintField(2, type);
	pbf.writeStringField(8, name);
	if (data instanceof Uint8Array) {
		pbf.writeBytesField(9, data);
		return;
	}
	for (const [key, value] of Object.entries(data)) {
		pbf.writeMessage(
			13,
			(entry, message) => {
				message.writeStringField(1, entry.key);
				message.writeStringField(2, entry.value);
			},
			{ key, value: String(value) }
		);
	}
	pbf.writeVarintField(14, EXTERNAL);
}

function writeValueInfo({ name, type, shape }: ValueInfo, pbf: PbfWriter): void {
	pbf.writeStringField(1, name);
	pbf.writeMessage(2, writeType, { type, shape });
}

function writeType(value: Pick<ValueInfo, 'type' | 'shape'>, pbf: PbfWriter): void {
	pbf.writeMessage(
		1,
		({ type, shape }, tensor) => {
			tensor.writeVarintField(1, type);
			tensor.writeMessage(2, writeShape, shape);
		},
		value
	);
}

function writeShape(shape: readonly Dimension[], pbf: PbfWriter): void {
	for (const dimension of shape) {
		pbf.writeMessage(
			1,
			(size, message) => {
				if (typeof size === 'number') message.writeVarintField(1, size);
				else message.writeStringField(2, size);
			},
			dimension
		);
	}
}
