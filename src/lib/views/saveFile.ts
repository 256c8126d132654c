/** Hands a file to the browser to be saved. */

export function saveFile(file: File): void {
	const address = URL.createObjectURL(file);
	const link = document.createElement('a');
	link.href = address;
	link.download = file.name;
	link.click();
	/** the download has its own hold on the file by then */
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
