/**
 * A GPU for tests in Node: Dawn, on Linux with SwiftShader, the software Vulkan driver that lies beside every Chromium.
 * Importing this file sets up the globals of WebGPU. To test on a graphics card, set VK_ICD_FILENAMES to its driver.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, globals } from 'webgpu';
import { requestGpuDevice, type GpuDevice } from '../../src/lib/gpu/device';

const DRIVER_FILE = 'vk_swiftshader_icd.json';
const LOADER_FILE = 'libvulkan.so.1';
/** glibc's flag that keeps a library after it was closed; Node does not name it */
const RTLD_NODELETE = 0x1000;

if (process.platform === 'linux') await useSwiftShader();
Object.assign(globalThis, globals);

/** What `navigator.gpu` is in a browser. It must be kept, or Dawn drops the devices that came from it. */
export const testGpu: GPU = create([]);

/** A fresh device, which the test destroys. */
export function testDevice(): Promise<GpuDevice> {
	return requestGpuDevice(testGpu);
}

async function useSwiftShader(): Promise<void> {
	process.env['XDG_RUNTIME_DIR'] ??= mkdtempSync(join(tmpdir(), 'kqv-gpu-'));
	const folder = await chromiumFolder();
	/** another driver was named, and the machine's own loader will find it */
	if (!folder && process.env['VK_ICD_FILENAMES']) return;
	if (!folder) {
		throw new Error(
			`The GPU tests need ${DRIVER_FILE}, which comes with Chromium. Install Chromium (npx playwright install chromium), or name one in KQV_CHROMIUM.`
		);
	}
	process.env['VK_ICD_FILENAMES'] ??= join(folder, DRIVER_FILE);
	keepLibrary(join(folder, LOADER_FILE));
}

async function chromiumFolder(): Promise<string | undefined> {
	const { chromium } = await import('playwright');
	const folders = [
		dirname(process.env['KQV_CHROMIUM'] ?? ''),
		'/usr/lib/chromium',
		'/usr/lib/chromium-browser',
		'/opt/google/chrome',
		dirname(chromium.executablePath())
	];
	return folders.find((folder) => existsSync(join(folder, DRIVER_FILE)));
}

/**
 * Loads Chromium's Vulkan loader so that Dawn finds it by name on machines that have none of their own. Node takes it for
 * a broken add-on and lets go of it; the flag makes it stay.
 */
function keepLibrary(path: string): void {
	if (!existsSync(path)) return;
	try {
		process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
	} catch (error) {
		if (!String(error).includes('did not self-register')) throw error;
	}
}
