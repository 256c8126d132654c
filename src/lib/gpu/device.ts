/**
 * Asks for a GPU device and says what it is. `gpu` is injected (navigator.gpu, or Dawn in Node), so nothing here knows
 * where it runs. Only default limits are asked for, which every adapter has, and of the optional features subgroups.
 */

export interface GpuDevice {
	readonly device: GPUDevice;
	/** the adapter in words, for the page */
	readonly name: string;
	/** the adapter computes on the CPU */
	readonly software: boolean;
	/** invocations that surely share a subgroup; 1 where the device has no subgroups */
	readonly subgroupSize: number;
}

/** WebGPU can't be used here: what happened and what to do. */
export class GpuError extends Error {
	override readonly name = 'GpuError';
}

/** Emulated adapters that some browsers do not mark as such. */
const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/**
 * The fastest adapter's device, with default limits, and subgroups where it has them.
 * Throws a GpuError when there is no adapter or it gives no device.
 */
export async function requestGpuDevice(gpu: GPU): Promise<GpuDevice> {
	const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) {
		throw new GpuError(
			'The browser offers WebGPU but found no graphics adapter for it. Update the graphics driver, or go on with the CPU.'
		);
	}
	try {
		const hasSubgroups = adapter.features.has('subgroups');
		const device = await adapter.requestDevice({
			label: 'key query voice',
			requiredFeatures: hasSubgroups ? ['subgroups'] : []
		});
		const name = nameOf(adapter.info);
		return {
			device,
			name,
			software: isSoftware(adapter.info, name),
			subgroupSize: hasSubgroups ? smallestSubgroup(adapter.info) : 1
		};
	} catch (error) {
		throw new GpuError(
			'The graphics adapter refused a device; another program may hold it. Close other programs that use the graphics card, or go on with the CPU.',
			{ cause: error }
		);
	}
}

function nameOf({ description, vendor, architecture, device }: GPUAdapterInfo): string {
	return description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed';
}

/** `subgroupMinSize` is absent in older browsers, and four is the least that WebGPU allows. */
function smallestSubgroup(info: GPUAdapterInfo): number {
	return (info as { subgroupMinSize?: number }).subgroupMinSize ?? 4;
}

/** `isFallbackAdapter` is absent in older browsers. */
function isSoftware(info: GPUAdapterInfo, name: string): boolean {
	const { isFallbackAdapter } = info as { isFallbackAdapter?: boolean };
	return (
		isFallbackAdapter === true || SOFTWARE_NAMES.test(`${name} ${info.architecture} ${info.device}`)
	);
}
