/** Dark or light: what the person chose, else what the system prefers. The layout writes it where theme.css reads it. */
import { MediaQuery } from 'svelte/reactivity';
import { recall, remember } from './remembered';

export type Theme = 'dark' | 'light';

export class ThemeChoice {
	readonly #systemIsLight = new MediaQuery('prefers-color-scheme: light');
	#chosen = $state<Theme | null>(remembered());

	/** The theme in effect. */
	get current(): Theme {
		return this.#chosen ?? (this.#systemIsLight.current ? 'light' : 'dark');
	}

	/** Changes to the other theme and remembers it. */
	toggle(): void {
		this.#chosen = this.current === 'dark' ? 'light' : 'dark';
		remember('theme', this.#chosen);
	}
}

function remembered(): Theme | null {
	const kept = recall('theme');
	return kept === 'dark' || kept === 'light' ? kept : null;
}
