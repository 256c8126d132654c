/** Small choices of a person that outlive the page: the theme, hints already read. Text by key, in localStorage. */

/** What was remembered, or null. */
export function recall(key: string): string | null {
	try {
		return localStorage.getItem(`kqv.${key}`);
	} catch {
		return null; // storage is closed to this page (private window, policy): nothing was remembered
	}
}

export function remember(key: string, value: string): void {
	try {
		localStorage.setItem(`kqv.${key}`, value);
	} catch {
		return; // as above: the choice holds until the page is closed
	}
}
