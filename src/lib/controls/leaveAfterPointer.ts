/**
 * Gives the focus back after a button was pressed by mouse or touch, so that Space goes on to mean play and stop. Keys
 * keep the focus where it is.
 */
export function leaveAfterPointer(event: MouseEvent): void {
	const byPointer = event.detail > 0;
	if (byPointer && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
}
